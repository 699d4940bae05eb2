//! Consumers of assigned partitions: positions, background fetching, and what a poll takes.

mod cursor;
mod epochs;
mod fetch;
mod fetched;
mod session;
mod start;
mod take;
mod validate;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use kafka_proto::Uuid;

use crate::command::StartAt;
use crate::config::ConsumerConfig;
use crate::engine::lane::{LaneKey, Line, Peer};
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::{ConsumerKey, PartitionKey, TopicKey};
use crate::io::Event;
use crate::time::Instant;
use crate::transitions::EngineState;

use cursor::Cursor;
use session::Session;
pub(crate) use start::{EARLIEST, LATEST};

/// A consumer.
#[derive(Debug)]
pub(crate) struct Consumer {
    key: ConsumerKey,
    config: Arc<ConsumerConfig>,
    cursors: BTreeMap<PartitionKey, Cursor>,
    /// Assigned partitions by the node that leads them.
    by_leader: BTreeMap<i32, BTreeSet<PartitionKey>>,
    leaders: BTreeMap<PartitionKey, i32>,
    /// What each node was told of what is wanted.
    sessions: BTreeMap<i32, Session>,
    /// Partitions with something to take, the one whose turn it is first.
    listed: VecDeque<PartitionKey>,
    /// Bytes fetched and not handed out in full.
    buffered_bytes: usize,
    /// Nodes that are not asked because there is no room for an answer.
    short_of_room: BTreeSet<i32>,
    /// Nodes that lead a partition whose queue is full, when they are asked for the rest, and how long that took.
    rest_at: BTreeMap<i32, (Instant, Duration)>,
    generations: u64,
    /// When a partition last failed, how often it had by then, and until when it waits.
    last_backoff: Option<((Instant, u32), Instant)>,
    /// The application was told that there is something, and has not looked since.
    told_readable: bool,
}

/// What an assignment begins with: a partition whose topic is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assigned {
    pub(crate) partition: PartitionKey,
    pub(crate) start: StartAt,
}

impl Consumer {
    pub(crate) fn new(key: ConsumerKey, config: Arc<ConsumerConfig>) -> Self {
        Self {
            key,
            config,
            cursors: BTreeMap::new(),
            by_leader: BTreeMap::new(),
            leaders: BTreeMap::new(),
            sessions: BTreeMap::new(),
            listed: VecDeque::new(),
            buffered_bytes: 0,
            short_of_room: BTreeSet::new(),
            rest_at: BTreeMap::new(),
            generations: 0,
            last_backoff: None,
            told_readable: false,
        }
    }

    /// Replaces the assignment; a partition that stays keeps its position unless told otherwise.
    pub(crate) fn assign(&mut self, world: &mut World, assigned: &[Assigned]) {
        let wanted: BTreeSet<PartitionKey> = assigned.iter().map(|entry| entry.partition).collect();
        let dropped: Vec<PartitionKey> =
            self.cursors.keys().filter(|key| !wanted.contains(key)).copied().collect();
        for partition in dropped {
            self.unassign(world, partition);
        }
        for Assigned { partition, start } in assigned.iter().copied() {
            match self.cursors.get(&partition) {
                Some(_) if start == StartAt::Default => {}
                Some(_) => self.move_to(world, partition, start),
                None => self.begin(world, partition, start),
            }
        }
        self.want_everything(world);
    }

    /// Moves the position of a partition.
    pub(crate) fn seek(&mut self, world: &mut World, partition: PartitionKey, to: StartAt) {
        self.move_to(world, partition, to);
        self.want(world, partition);
        self.offer_room(world);
    }

    pub(crate) fn pause(&mut self, world: &mut World, partition: PartitionKey, paused: bool) {
        let Some(cursor) = self.cursors.get_mut(&partition) else {
            return;
        };
        cursor.paused = paused;
        if paused {
            world.ctx.enter(EngineState::FetchPaused);
            self.make_room(partition);
        } else {
            self.list(world, partition);
        }
        // A fetch that waited for this partition's queue waits no more, whichever way.
        self.want(world, partition);
        self.offer_room(world);
    }

    /// What is queued of a paused partition is given up, to be fetched again, if others could not be fetched for it.
    fn make_room(&mut self, partition: PartitionKey) {
        if self.has_room() {
            return;
        }
        if let Some(cursor) = self.cursors.get_mut(&partition).filter(|cursor| cursor.paused) {
            let dropped = cursor.give_up_queue();
            self.buffered_bytes = self.buffered_bytes.saturating_sub(dropped);
        }
    }

    pub(crate) fn may_create_topics(&self) -> bool {
        self.config.allow_auto_create_topics
    }

    pub(crate) fn is_assigned(&self, partition: PartitionKey) -> bool {
        self.cursors.contains_key(&partition)
    }

    pub(crate) fn assignment(&self) -> impl Iterator<Item = PartitionKey> {
        self.cursors.keys().copied()
    }

    pub(crate) fn position(&self, partition: PartitionKey) -> Option<i64> {
        self.cursors.get(&partition)?.position()
    }

    pub(crate) fn lag(&self, partition: PartitionKey) -> Option<i64> {
        let cursor = self.cursors.get(&partition)?;
        Some(cursor.high_watermark?.saturating_sub(cursor.position()?).max(0))
    }

    /// Bytes that were fetched and not handed out in full.
    pub(crate) fn fetched_bytes(&self) -> usize {
        self.cursors.values().map(Cursor::held_bytes).sum()
    }

    /// Ends everything that the consumer has begun.
    pub(crate) fn close(&mut self, world: &mut World) {
        let partitions: Vec<PartitionKey> = self.cursors.keys().copied().collect();
        for partition in partitions {
            self.unassign(world, partition);
        }
        world.ctx.enter(EngineState::ConsumerClosed);
        let key = self.key;
        world.net.drop_lanes(&mut world.ctx, |lane| lane.line == Line::Fetch(key));
    }

    /// Leaders or partitions of these topics have changed.
    pub(crate) fn handle_topics_changed(&mut self, world: &mut World, topics: &[TopicKey]) {
        for topic in topics {
            let first = PartitionKey { topic: *topic, partition: i32::MIN };
            let last = PartitionKey { topic: *topic, partition: i32::MAX };
            let partitions: Vec<PartitionKey> =
                self.cursors.range(first..=last).map(|(key, _)| *key).collect();
            for partition in partitions {
                self.judge_topic(world, partition);
                self.follow_leader(world, partition);
                self.heed_news(world, partition);
                self.want(world, partition);
            }
        }
    }

    /// Who was refused for not asking the leader waits no more once another is known.
    fn heed_news(&mut self, world: &mut World, partition: PartitionKey) {
        let known = world.metadata.leader(partition.topic, partition.partition);
        let Some(cursor) = self.cursors.get_mut(&partition) else {
            return;
        };
        if cursor.news.heed(known) {
            // The timer stays, for it may be what ends a failure.
            cursor.not_before = world.ctx.now;
        }
    }

    /// A partition's backoff is over.
    pub(crate) fn handle_cursor_due(&mut self, world: &mut World, partition: PartitionKey) {
        if let Some(cursor) = self.cursors.get_mut(&partition)
            && matches!(cursor.failed.as_ref().map(Error::kind), Some(ErrorKind::Broker { .. }))
        {
            // What a broker refused, it may grant by now.
            cursor.failed = None;
        }
        self.follow_leader(world, partition);
        self.want(world, partition);
    }

    /// Whether a lane has something to carry.
    pub(crate) fn wants(&self, key: LaneKey) -> bool {
        match key.peer {
            Peer::Node(node) => {
                self.by_leader.get(&node).is_some_and(|partitions| !partitions.is_empty())
            }
            Peer::Bootstrap => false,
        }
    }

    fn begin(&mut self, world: &mut World, partition: PartitionKey, start: StartAt) {
        self.generations += 1;
        let mut cursor = Cursor::new(self.generations, self.resolve(start));
        world.ctx.enter(cursor.state());
        if let Some(topic) = world.metadata.topic(partition.topic) {
            cursor.note_topic(topic.id);
        }
        self.cursors.insert(partition, cursor);
        world.metadata.use_topic(&mut world.ctx, partition.topic, true);
        self.follow_leader(world, partition);
    }

    fn unassign(&mut self, world: &mut World, partition: PartitionKey) {
        let Some(mut cursor) = self.cursors.remove(&partition) else {
            return;
        };
        self.buffered_bytes = self.buffered_bytes.saturating_sub(cursor.drop_runs());
        self.forget_leader(world, partition);
        world.metadata.use_topic(&mut world.ctx, partition.topic, false);
        world.ctx.timers.clear(Timer::Cursor(self.key, partition));
    }

    fn move_to(&mut self, world: &mut World, partition: PartitionKey, start: StartAt) {
        let start = match start {
            StartAt::Default if self.position(partition).is_some() => return,
            start => self.resolve(start),
        };
        self.generations += 1;
        let generation = self.generations;
        let Some(cursor) = self.cursors.get_mut(&partition) else {
            return;
        };
        let dropped = cursor.go_to(generation, start);
        world.ctx.enter(cursor.state());
        self.buffered_bytes = self.buffered_bytes.saturating_sub(dropped);
        world.ctx.timers.clear(Timer::Cursor(self.key, partition));
    }

    /// What "default" means for a partition without a position.
    fn resolve(&self, start: StartAt) -> StartAt {
        match start {
            StartAt::Default => self.reset_start().unwrap_or(StartAt::Default),
            start => start,
        }
    }

    /// Notes who leads a partition.
    fn follow_leader(&mut self, world: &mut World, partition: PartitionKey) {
        let leader =
            world.metadata.leader(partition.topic, partition.partition).map(|(leader, _)| leader);
        if self.leaders.get(&partition).copied() == leader {
            if leader.is_none() {
                world.metadata.refresh(&mut world.ctx);
            }
            return;
        }
        let former = self.leaders.get(&partition).copied();
        self.forget_leader(world, partition);
        match leader {
            Some(node) => {
                self.leaders.insert(partition, node);
                self.by_leader.entry(node).or_default().insert(partition);
            }
            None => world.metadata.refresh(&mut world.ctx),
        }
        if let Some(former) = former.filter(|node| self.by_leader.contains_key(node)) {
            // Its other partitions may have waited for the queue of this one.
            self.want_fetch(world, former);
        }
    }

    fn forget_leader(&mut self, world: &mut World, partition: PartitionKey) {
        if let Some(node) = self.leaders.remove(&partition)
            && let Some(led) = self.by_leader.get_mut(&node)
        {
            led.remove(&partition);
            if led.is_empty() {
                self.by_leader.remove(&node);
                self.no_rest(world, node);
            }
        }
    }

    /// Sees to it that a partition's position is looked up, or that its leader's fetch takes it in.
    fn want(&mut self, world: &mut World, partition: PartitionKey) {
        let Some(node) = self.leaders.get(&partition).copied() else {
            return;
        };
        let now = world.ctx.now;
        if self.cursors.get(&partition).is_some_and(|cursor| cursor.wants_start(now).is_some()) {
            self.ask_start(world, node);
        }
        self.want_fetch(world, node);
    }

    /// Asks the nodes that there was no room for, if there is now.
    fn offer_room(&mut self, world: &mut World) {
        if self.short_of_room.is_empty() || !self.has_room() {
            return;
        }
        if mutant!("waits_for_slowest") && self.cursors.values().any(|cursor| cursor.in_flight) {
            return;
        }
        for node in core::mem::take(&mut self.short_of_room) {
            if self.by_leader.contains_key(&node) {
                self.want_fetch(world, node);
            }
        }
    }

    fn want_everything(&mut self, world: &mut World) {
        let nodes: Vec<i32> = self.by_leader.keys().copied().collect();
        for node in nodes {
            self.ask_start(world, node);
            self.want_fetch(world, node);
        }
    }

    /// Asks a node for what it leads as soon as the connection to it is free.
    pub(crate) fn want_fetch(&mut self, world: &mut World, node: i32) {
        let shared = mutant!("one_connection");
        let line = if shared { Line::Control } else { Line::Fetch(self.key) };
        world.net.want(&mut world.ctx, LaneKey { peer: Peer::Node(node), line });
    }

    /// The topic of a partition may have gone, or come back.
    fn judge_topic(&mut self, world: &mut World, partition: PartitionKey) {
        let topic = world.metadata.topic(partition.topic).cloned();
        let name = world.metadata.name(partition.topic);
        let id = topic.as_ref().map_or(Uuid::ZERO, |topic| topic.id);
        if self.cursors.get_mut(&partition).is_some_and(|cursor| cursor.note_topic(id)) {
            self.start_over(world, partition);
        }
        let Some(cursor) = self.cursors.get_mut(&partition) else {
            return;
        };
        let exists = topic.as_ref().is_some_and(|topic| {
            usize::try_from(partition.partition).is_ok_and(|index| index < topic.partitions.len())
        });
        let gone = matches!(
            cursor.failed.as_ref().map(Error::kind),
            Some(ErrorKind::UnknownTopic { .. } | ErrorKind::UnknownPartition { .. })
        );
        if exists && gone {
            cursor.failed = None;
        } else if !exists && cursor.failed.is_none() {
            cursor.failed = Some(Error::new(match topic {
                None => ErrorKind::UnknownTopic { topic: name },
                Some(topic) => ErrorKind::UnknownPartition {
                    topic: name,
                    partition: partition.partition,
                    partitions: topic.partitions.len(),
                },
            }));
            self.list(world, partition);
        }
    }

    /// The topic was deleted and made again: the position says nothing of it.
    fn start_over(&mut self, world: &mut World, partition: PartitionKey) {
        let offset = self.position(partition);
        let start = self.reset_start();
        self.move_to(world, partition, start.unwrap_or(StartAt::Default));
        if let (None, Some(offset)) = (start, offset) {
            let topic = world.metadata.name(partition.topic);
            let number = partition.partition;
            let kind = ErrorKind::OffsetOutOfRange { topic, partition: number, offset };
            self.fail(world, partition, Error::new(kind));
        }
    }

    /// Lists a partition that has something to take, and tells the application.
    fn list(&mut self, world: &mut World, partition: PartitionKey) {
        let tell_end = self.config.enable_partition_eof;
        let Some(cursor) = self.cursors.get_mut(&partition) else {
            return;
        };
        if !cursor.has_something(tell_end) {
            return;
        }
        if !cursor.listed {
            cursor.listed = true;
            self.listed.push_back(partition);
        }
        if !self.told_readable {
            self.told_readable = true;
            world.ctx.event(Event::Readable { consumer: self.key });
        }
    }

    /// A partition can't go on until something changes.
    fn fail(&mut self, world: &mut World, partition: PartitionKey, error: Error) {
        if let Some(cursor) = self.cursors.get_mut(&partition) {
            cursor.failed = Some(error);
            world.ctx.enter(EngineState::FetchFailed);
            self.list(world, partition);
        }
    }

    /// A partition tries again after a backoff. What fails together tries again together, in one request.
    fn back_off(&mut self, world: &mut World, partition: PartitionKey) {
        let Some(cursor) = self.cursors.get_mut(&partition) else {
            return;
        };
        cursor.failures = cursor.failures.saturating_add(1);
        cursor.news.forget_refusal();
        world.ctx.enter(EngineState::FetchBackingOff);
        let failure = (world.ctx.now, cursor.failures);
        let until = match self.last_backoff {
            Some((same, until)) if same == failure => until,
            _ => world.ctx.now + world.ctx.retry_backoff(cursor.failures),
        };
        self.last_backoff = Some((failure, until));
        cursor.not_before = until;
        world.ctx.timers.set(Timer::Cursor(self.key, partition), cursor.not_before);
    }
}
