//! Fetch requests: one long poll a broker, armed while there is room, whether or not the application polls.
//!
//! A poll does not outlast the time at which another partition of its broker is due. What comes unforeseen while it is
//! parked, a seek or a change of leaders, waits for its end, as with Kafka's own consumer: `fetch.max.wait.ms` at most. On
//! the same connection a second request would wait in line all the same, and one on another connection would split the
//! partitions between two sessions for good.
//!
//! What a broker leads is asked for together. While a partition that could be handed out has its queue full, a long poll for
//! the others would park while that queue runs empty; so there is none, and an application that keeps up has room again
//! soon. If it does not, the others are asked for every now and then, by polls that do not park.

use alloc::vec::Vec;
use core::time::Duration;

use kafka_proto::messages::FetchRequest;
use kafka_proto::messages::fetch::{FetchPartition, FetchTopic, ForgottenTopic};
use kafka_proto::{ApiKey, Str, Uuid};

use super::Consumer;
use super::cursor::Cursor;
use super::session::{Ask, Step};
use crate::engine::lane::{LaneKey, Peer, State};
use crate::engine::metadata::Metadata;
use crate::engine::purpose::{FetchSpot, Purpose};
use crate::engine::send::Call;
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::id::{PartitionKey, TopicKey};
use crate::transitions::EngineState;

/// The first version that names topics by id alone (KIP-516).
const BY_ID: i16 = 13;

/// The first version in which a broker tells a client that its log departed from what was fetched.
const VALIDATES: i16 = 12;

/// Answers of this size, two of them queued, keep a processor's caches warm; far larger ones take several times
/// as long a record.
const RESPONSE_BYTES: usize = 4 << 20;

/// As many nodes may lead nothing any more and have their session remembered.
const OLD_SESSIONS_MAX: usize = 8;

/// How long an application may leave a queue full before the other partitions of its leader are asked for without it, and
/// how long until they are again: twice as long each time, up to the second.
const REST_AFTER: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// A long poll asks for one answer at a time.
const IN_FLIGHT_MAX: usize = 1;

impl Consumer {
    /// The lane to a leader can take a fetch.
    pub(crate) fn fill(&mut self, world: &mut World, key: LaneKey) {
        let Peer::Node(node) = key.peer else { return };
        let now = world.ctx.now;
        let Some(lane) = world.net.lane(key) else {
            return;
        };
        let State::Ready(talk) = &lane.state else {
            return;
        };
        if !lane.can_send(now, IN_FLIGHT_MAX + usize::from(mutant!("fetched_twice"))) {
            return;
        }
        if !self.has_room() {
            if self.short_of_room.insert(node) {
                world.ctx.enter(EngineState::FetchShortOfRoom);
            }
            return;
        }
        let versions = alloc::sync::Arc::clone(&talk.versions);
        let conn = talk.conn;
        // In older versions nobody says what has become of what was fetched before.
        let in_doubt = versions.pick(ApiKey::Fetch, BY_ID).is_ok_and(|version| version < VALIDATES);
        let Some((spots, wait)) = self.spots(world, node, in_doubt) else {
            return;
        };
        let by_name =
            spots.iter().any(|spot| world.metadata.topic_id(spot.partition.topic) == Uuid::ZERO);
        let version =
            match versions.pick(ApiKey::Fetch, if by_name { BY_ID - 1 } else { BY_ID + 4 }) {
                Ok(version) => version,
                Err(error) => {
                    for spot in spots {
                        self.fail(world, spot.partition, error.clone());
                    }
                    return;
                }
            };
        let by_id = version >= BY_ID;
        let asks = spots.iter().map(|spot| self.ask(&world.metadata, spot, version)).collect();
        self.drop_old_sessions();
        let step = self.sessions.entry(node).or_default().step(conn, version, by_id, asks);
        world.ctx.enter(match step.session_epoch {
            ..=0 => EngineState::SessionFull,
            _ => EngineState::SessionIncremental,
        });
        let body = self.request(&world.metadata, step, wait);
        for spot in &spots {
            if let Some(cursor) = self.cursors.get_mut(&spot.partition) {
                cursor.in_flight = true;
                cursor.held = false;
                world.ctx.enter(EngineState::FetchAsked);
            }
        }
        let call = Call {
            purpose: Purpose::Fetch { consumer: self.key, partitions: spots },
            version,
            timeout: world.ctx.config.request_timeout.saturating_add(self.config.fetch_max_wait),
            bytes_hint: self.response_bytes(),
            answered: true,
        };
        if let Err((_, error)) = world.net.send(&mut world.ctx, key, call, &body) {
            // It was not sent, so it is not what the broker knows.
            self.sessions.remove(&node);
            for partition in self.by_leader.get(&node).cloned().unwrap_or_default() {
                self.fail(world, partition, error.clone());
            }
        }
    }

    /// Whether another answer would fit into what may be buffered.
    pub(super) fn has_room(&self) -> bool {
        self.buffered_bytes == 0
            || self.buffered_bytes + self.response_bytes() <= self.config.fetch_max_bytes
    }

    /// Whether a partition's queue takes another run.
    pub(super) fn takes_more(&self, cursor: &Cursor) -> bool {
        cursor.queued_bytes < self.config.max_partition_fetch_bytes
            || mutant!("fetched_without_room")
    }

    /// What the next fetch from a node asks for, and how long it may be parked; `None` if it has to wait.
    /// `in_doubt`: but those not that the leader has to be asked about first.
    fn spots(
        &mut self,
        world: &mut World,
        node: i32,
        in_doubt: bool,
    ) -> Option<(Vec<FetchSpot>, Duration)> {
        let mut spots = Vec::new();
        let mut doubtful = Vec::new();
        let mut is_whole = true;
        if mutant!("waits_for_slowest") && self.short_of_room.contains(&node) {
            return None;
        }
        for partition in self.by_leader.get(&node)? {
            let Some(cursor) = self.cursors.get(partition) else {
                continue;
            };
            let Some(offset) = cursor.wants_fetch(world.ctx.now) else {
                continue;
            };
            if !self.takes_more(cursor) {
                is_whole = false;
                continue;
            }
            let PartitionKey { topic, partition: index } = *partition;
            let leader_epoch = world.metadata.leader(topic, index).map_or(-1, |leader| leader.1);
            let (generation, last_epoch) = (cursor.generation, cursor.epochs.before(offset));
            let spot =
                FetchSpot { partition: *partition, generation, offset, last_epoch, leader_epoch };
            if in_doubt && cursor.is_in_doubt(last_epoch, leader_epoch) {
                doubtful.push(spot);
            } else {
                spots.push(spot);
            }
        }
        self.ask_epochs(world, node, doubtful);
        if spots.is_empty() {
            return None;
        }
        if is_whole {
            self.no_rest(world, node);
            return Some((spots, self.longest_wait(world, node)));
        }
        self.is_rest_due(world, node).then_some((spots, Duration::ZERO))
    }

    /// Whether a node may be asked without a partition whose queue is full. If not, it will be later.
    fn is_rest_due(&mut self, world: &mut World, node: i32) -> bool {
        let (now, (first, longest)) = (world.ctx.now, REST_AFTER);
        let (at, after) = *self.rest_at.entry(node).or_insert((now + first, first));
        if now < at {
            world.ctx.timers.set(Timer::Rest(self.key, node), at);
            return false;
        }
        let next = longest.min(after * 2);
        self.rest_at.insert(node, (now + next, next));
        true
    }

    /// All that a node leads is asked for together again, or it leads nothing more.
    pub(super) fn no_rest(&mut self, world: &mut World, node: i32) {
        if self.rest_at.remove(&node).is_some() {
            world.ctx.timers.clear(Timer::Rest(self.key, node));
        }
    }

    /// How long a node may wait for records: what it leads and was not asked for this time should not wait with it.
    fn longest_wait(&self, world: &World, node: i32) -> Duration {
        let led = self.by_leader.get(&node).into_iter().flatten();
        let cursors = led.filter_map(|partition| self.cursors.get(partition));
        let due = cursors.filter_map(|cursor| cursor.is_due_in(world.ctx.now));
        due.min().map_or(self.config.fetch_max_wait, |due| due.min(self.config.fetch_max_wait))
    }

    fn request(&self, metadata: &Metadata, step: Step, wait: Duration) -> FetchRequest {
        let by_name = |id: Uuid, topic: TopicKey| match id {
            Uuid::ZERO => Str::from(&*metadata.name(topic)),
            _ => Str::default(),
        };
        let mut topics: Vec<FetchTopic> = Vec::new();
        for Ask { partition: PartitionKey { topic, .. }, topic_id, entry } in step.asks {
            let topic = by_name(topic_id, topic);
            match topics.last_mut() {
                Some(last) if last.topic == topic && last.topic_id == topic_id => {
                    last.partitions.push(entry)
                }
                _ => topics.push(FetchTopic {
                    topic,
                    topic_id,
                    partitions: alloc::vec![entry],
                    ..Default::default()
                }),
            }
        }
        let mut forgotten: Vec<ForgottenTopic> = Vec::new();
        for (PartitionKey { topic, partition }, topic_id) in step.forgotten {
            let topic = by_name(topic_id, topic);
            match forgotten.last_mut() {
                Some(last) if last.topic == topic && last.topic_id == topic_id => {
                    last.partitions.push(partition)
                }
                _ => forgotten.push(ForgottenTopic {
                    topic,
                    topic_id,
                    partitions: alloc::vec![partition],
                    ..Default::default()
                }),
            }
        }
        FetchRequest {
            max_wait_ms: if mutant!("long_poll_zero") { 0 } else { millis(wait) },
            min_bytes: to_i32(if mutant!("waits_for_bytes") {
                10_000
            } else {
                self.config.fetch_min_bytes
            }),
            max_bytes: to_i32(self.response_bytes()),
            isolation_level: 0,
            session_id: step.session_id,
            session_epoch: step.session_epoch,
            topics,
            forgotten_topics_data: forgotten,
            ..Default::default()
        }
    }

    fn ask(&self, metadata: &Metadata, spot: &FetchSpot, version: i16) -> Ask {
        let PartitionKey { topic, partition } = spot.partition;
        let validates = version >= VALIDATES && !mutant!("last_epoch_not_told");
        let entry = FetchPartition {
            partition,
            current_leader_epoch: spot.leader_epoch,
            last_fetched_epoch: if validates { spot.last_epoch } else { -1 },
            fetch_offset: spot.offset,
            partition_max_bytes: to_i32(self.config.max_partition_fetch_bytes),
            ..Default::default()
        };
        let topic_id = if version >= BY_ID { metadata.topic_id(topic) } else { Uuid::ZERO };
        Ask { partition: spot.partition, topic_id, entry }
    }

    /// Sessions with nodes that lead nothing any more are kept for their return, but not without end.
    fn drop_old_sessions(&mut self) {
        if self.sessions.len() > self.by_leader.len() + OLD_SESSIONS_MAX {
            self.sessions.retain(|node, _| self.by_leader.contains_key(node));
        }
    }

    /// How long an answer may be.
    fn response_bytes(&self) -> usize {
        RESPONSE_BYTES.max(self.config.max_partition_fetch_bytes).min(self.config.fetch_max_bytes)
    }
}

/// Not less than the duration: what is due then would not be due yet.
fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
}

fn to_i32(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}
