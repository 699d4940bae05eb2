//! Producers: from pending partitions to acknowledged batches.

mod close;
mod fill;
mod identity;
mod outbox;
mod outcome;
mod verdict;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::batch::{Batch, DeliveryReport, Outcome, Pending};
use crate::config::{Acks, ProducerConfig};
use crate::engine::ctx::Ctx;
use crate::engine::lane::{LaneKey, Line, Peer};
use crate::engine::net::Net;
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::{OpId, PartitionKey, ProducerKey, TopicKey};
use crate::io::{Event, Output};
use crate::time::Instant;
use crate::transitions::EngineState;

use identity::Identity;
use outbox::{Outbox, Outcomes, Staged};

/// A producer.
#[derive(Debug)]
pub(crate) struct Producer {
    key: ProducerKey,
    config: Arc<ProducerConfig>,
    identity: Identity,
    outboxes: BTreeMap<PartitionKey, Outbox>,
    /// Partitions that may have something to send, by leader.
    ready: BTreeMap<i32, VecDeque<PartitionKey>>,
    /// Collects that are out, by the node that their batches are for.
    collecting: BTreeMap<i32, u32>,
    topics: BTreeSet<TopicKey>,
    /// Batches in the engine's hands, and partitions with something in the accumulator.
    staged: usize,
    waiting: usize,
    /// Every batch fails with this from now on.
    failed: Option<Error>,
    /// What waits for its end.
    closing: Vec<OpId>,
    /// It is to end by then, if it is closing.
    closes_at: Option<Instant>,
    /// It was closed and has told so.
    gone: bool,
}

impl Producer {
    pub(crate) fn new(key: ProducerKey, config: Arc<ProducerConfig>) -> Self {
        let identity = if config.idempotent() { Identity::Wanted } else { Identity::NotNeeded };
        Self {
            key,
            config,
            identity,
            outboxes: BTreeMap::new(),
            ready: BTreeMap::new(),
            collecting: BTreeMap::new(),
            topics: BTreeSet::new(),
            staged: 0,
            waiting: 0,
            failed: None,
            closing: Vec::new(),
            closes_at: None,
            gone: false,
        }
    }

    /// The accumulator has something for a partition.
    pub(crate) fn handle_pending(
        &mut self,
        world: &mut World,
        partition: PartitionKey,
        pending: Pending,
    ) {
        if self.topics.insert(partition.topic) {
            world.metadata.use_topic(&mut world.ctx, partition.topic, true);
            self.take_up(world, partition.topic);
        }
        if self.take_pending(&mut world.ctx, partition, pending) {
            self.mark_ready(world, partition);
        }
    }

    /// There is something for a topic that was gone, or never heard of. If it is known by now, it may be another than before.
    fn take_up(&mut self, world: &mut World, topic: TopicKey) {
        if world.metadata.topic(topic).is_none() {
            for (_, outbox) in self.outboxes.range_mut(all_of(topic)) {
                outbox.doomed = None;
            }
            return;
        }
        let partitions: Vec<PartitionKey> =
            self.outboxes.range(all_of(topic)).map(|(key, _)| *key).collect();
        for partition in partitions {
            self.judge_topic(world, partition);
        }
    }

    /// A batch has come out of the accumulator.
    pub(crate) fn handle_batch(
        &mut self,
        world: &mut World,
        partition: PartitionKey,
        batch: Option<Box<Batch>>,
        rest: Pending,
    ) {
        self.end_collect(world, partition);
        self.take_pending(&mut world.ctx, partition, rest);
        if let Some(batch) = batch {
            self.stage(world, partition, batch);
        }
        self.mark_ready(world, partition);
        self.finish_close(world);
    }

    /// Leaders or partitions of these topics have changed.
    pub(crate) fn handle_topics_changed(&mut self, world: &mut World, topics: &[TopicKey]) {
        for topic in topics {
            if !self.topics.contains(topic) {
                continue;
            }
            let partitions: Vec<PartitionKey> =
                self.outboxes.range(all_of(*topic)).map(|(key, _)| *key).collect();
            for partition in partitions {
                self.judge_topic(world, partition);
                self.heed_news(world, partition);
                self.mark_ready(world, partition);
            }
            if world.metadata.topic(*topic).is_none() {
                // It is asked for again when there is something for it.
                self.topics.remove(topic);
                world.metadata.use_topic(&mut world.ctx, *topic, false);
            }
        }
        self.finish_close(world);
    }

    /// Linger or a backoff is over.
    pub(crate) fn handle_outbox_due(&mut self, world: &mut World, partition: PartitionKey) {
        self.mark_ready(world, partition);
    }

    /// Whether a lane has something to carry. What has moved to another leader since it was listed is not that.
    pub(crate) fn wants(&mut self, key: LaneKey) -> bool {
        let Peer::Node(node) = key.peer else {
            return false;
        };
        let Self { ready, outboxes, .. } = self;
        let Some(listed) = ready.get_mut(&node) else {
            return false;
        };
        let is_there = |key: &PartitionKey| {
            outboxes.get(key).is_some_and(|outbox| outbox.listed_at == Some(node))
        };
        listed.retain(is_there);
        !listed.is_empty()
    }

    /// Whether its requests have no answers.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.config.acks == Acks::None
    }

    /// Bytes of batches on their way whose outcome has been told.
    pub(crate) fn overdue_bytes(&self) -> usize {
        let in_flight = self.outboxes.values().flat_map(|outbox| &outbox.in_flight);
        in_flight.filter(|staged| staged.reported).map(|staged| staged.batch.body_bytes).sum()
    }

    /// Lists a partition that has something to send with its leader.
    fn mark_ready(&mut self, world: &mut World, partition: PartitionKey) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        if !outbox.has_work() {
            return;
        }
        if self.failed.is_some() || outbox.doomed.is_some() {
            self.collect_to_fail(&mut world.ctx, partition);
            return;
        }
        let Some((leader, _)) = world.metadata.leader(partition.topic, partition.partition) else {
            world.metadata.refresh(&mut world.ctx);
            return;
        };
        if outbox.listed_at != Some(leader) {
            outbox.listed_at = Some(leader);
            self.ready.entry(leader).or_default().push_back(partition);
        }
        let lane = LaneKey { peer: Peer::Node(leader), line: Line::Produce(self.key) };
        world.net.want(&mut world.ctx, lane);
    }

    /// Notes what waits in the accumulator. Gives whether that is newer than what was known.
    fn take_pending(&mut self, ctx: &mut Ctx, partition: PartitionKey, pending: Pending) -> bool {
        let outbox = self.outboxes.entry(partition).or_default();
        if pending.version <= outbox.pending.version {
            return false;
        }
        match (outbox.pending.since.is_some(), pending.since.is_some()) {
            (false, true) => self.waiting += 1,
            (true, false) => self.waiting -= 1,
            _ => {}
        }
        outbox.pending = pending;
        if let Some(since) = pending.since {
            ctx.timers
                .set_by(Timer::Expiry(self.key, partition), since + self.config.delivery_timeout);
        }
        true
    }

    fn stage(&mut self, world: &mut World, partition: PartitionKey, batch: Box<Batch>) {
        let expires = batch.opened + self.config.delivery_timeout;
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        self.staged += 1;
        world.ctx.enter(EngineState::BatchStaged);
        let verdict = match (&self.failed, &outbox.doomed) {
            (Some(error), _) | (None, Some(error)) => Some(error.clone()),
            (None, None) if expires <= world.ctx.now => {
                Some(timed_out("a leader that takes the batch", &world.net))
            }
            (None, None) => None,
        };
        match verdict {
            Some(error) => self.fail(&mut world.ctx, partition, Staged::new(batch), error),
            None => {
                outbox.requeue(Staged::new(batch));
                world.ctx.timers.set_by(Timer::Expiry(self.key, partition), expires);
            }
        }
    }

    /// Asks for what the accumulator holds of a partition only to fail it.
    fn collect_to_fail(&mut self, ctx: &mut Ctx, partition: PartitionKey) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        if outbox.pending.since.is_some() && !outbox.collecting {
            outbox.collecting = true;
            ctx.emit(Output::Collect { producer: self.key, partition, conn: None });
        }
    }

    /// A Collect was answered. What waited for it to go with it in one request waits no more, wherever that batch goes.
    fn end_collect(&mut self, world: &mut World, partition: PartitionKey) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        outbox.collecting = false;
        let Some(node) = outbox.collecting_for.take() else {
            return;
        };
        if let Some(count) = self.collecting.get_mut(&node) {
            *count = count.saturating_sub(1);
        }
        if self.ready.get(&node).is_some_and(|ready| !ready.is_empty()) {
            let lane = LaneKey { peer: Peer::Node(node), line: Line::Produce(self.key) };
            world.net.want(&mut world.ctx, lane);
        }
    }

    /// A batch has failed: its sequence, if it has one, is given up.
    fn fail(&mut self, ctx: &mut Ctx, partition: PartitionKey, staged: Staged, error: Error) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        outbox.give_up_sequence(&staged);
        self.end(ctx, partition, staged, Outcome::Failed(Arc::new(error)));
    }

    /// A batch has ended: tells the application, once.
    fn end(&mut self, ctx: &mut Ctx, partition: PartitionKey, staged: Staged, outcome: Outcome) {
        let range = staged.range();
        self.end_with(ctx, partition, staged, vec![(range, outcome)]);
    }

    fn end_with(
        &mut self,
        ctx: &mut Ctx,
        partition: PartitionKey,
        staged: Staged,
        outcomes: Outcomes,
    ) {
        self.staged = self.staged.saturating_sub(1);
        ctx.enter(match outcomes.first() {
            Some((_, Outcome::Appended { .. })) => EngineState::BatchAppended,
            _ => EngineState::BatchFailed,
        });
        if staged.reported || (staged.attempts > 1 && mutant!("outcome_lost_after_retry")) {
            return;
        }
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        if let Some(report) = outbox.report(staged.batch.id, outcomes, staged.batch.body) {
            self.tell(ctx, report);
        }
    }

    fn tell(&self, ctx: &mut Ctx, report: DeliveryReport) {
        ctx.event(Event::Delivered { producer: self.key, report: Box::new(report) });
    }
}

/// The range of the keys of a topic's partitions.
fn all_of(topic: TopicKey) -> RangeInclusive<PartitionKey> {
    PartitionKey { topic, partition: i32::MIN }..=PartitionKey { topic, partition: i32::MAX }
}

/// An error for something whose time was over, with what stood in the way.
fn timed_out(waiting_for: &'static str, net: &Net) -> Error {
    Error::new(ErrorKind::TimedOut { waiting_for, causes: net.causes.list() })
}

/// Whether what waits in the accumulator should be sent at `now`.
fn is_due(pending: &Pending, now: Instant, linger: core::time::Duration, closing: bool) -> bool {
    pending.since.is_some_and(|since| pending.full || closing || since + linger <= now)
}
