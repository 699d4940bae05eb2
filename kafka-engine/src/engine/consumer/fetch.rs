//! Fetch requests: one long poll a broker, armed while there is room, whether or not the application polls.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use kafka_proto::messages::FetchRequest;
use kafka_proto::messages::fetch::{FetchPartition, FetchTopic};
use kafka_proto::{ApiKey, Str, Uuid};

use super::Consumer;
use super::cursor::Cursor;
use crate::engine::lane::{LaneKey, Peer, State};
use crate::engine::metadata::Metadata;
use crate::engine::purpose::{FetchSpot, Purpose};
use crate::engine::send::Call;
use crate::engine::world::World;
use crate::id::{PartitionKey, TopicKey};

/// The first version that names topics by id alone (KIP-516).
const BY_ID: i16 = 13;

/// Answers of this size, two of them queued, keep a processor's caches warm; far larger ones take several times
/// as long a record.
const RESPONSE_BYTES: usize = 4 << 20;

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
        if !lane.can_send(now, IN_FLIGHT_MAX) {
            return;
        }
        if !self.has_room() {
            self.short_of_room.insert(node);
            return;
        }
        let versions = alloc::sync::Arc::clone(&talk.versions);
        let Some(spots) = self.spots(world, node) else {
            return;
        };
        let by_name =
            spots.iter().any(|spot| topic_id(&world.metadata, spot.partition.topic) == Uuid::ZERO);
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
        let body = self.request(&world.metadata, &spots, version);
        for spot in &spots {
            if let Some(cursor) = self.cursors.get_mut(&spot.partition) {
                cursor.in_flight = true;
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
    }

    /// What the next fetch from a node asks for, `None` if it has to wait. While a partition that could be handed out has its
    /// queue full, nothing is fetched: a long poll without it would park while its queue runs empty, and what is queued
    /// keeps the application busy until there is room.
    fn spots(&self, world: &World, node: i32) -> Option<Vec<FetchSpot>> {
        let mut spots = Vec::new();
        for partition in self.by_leader.get(&node)? {
            let Some(cursor) = self.cursors.get(partition) else {
                continue;
            };
            let Some(offset) = cursor.wants_fetch(world.ctx.now) else {
                continue;
            };
            if !self.takes_more(cursor) {
                return None;
            }
            spots.push(FetchSpot { partition: *partition, generation: cursor.generation, offset });
        }
        (!spots.is_empty()).then_some(spots)
    }

    fn request(&self, metadata: &Metadata, spots: &[FetchSpot], version: i16) -> FetchRequest {
        let mut topics: BTreeMap<TopicKey, Vec<FetchPartition>> = BTreeMap::new();
        for spot in spots {
            topics
                .entry(spot.partition.topic)
                .or_default()
                .push(self.fetch_partition(metadata, spot));
        }
        let topic = |(topic, partitions): (TopicKey, Vec<FetchPartition>)| {
            if version >= BY_ID {
                return FetchTopic {
                    topic_id: topic_id(metadata, topic),
                    partitions,
                    ..Default::default()
                };
            }
            FetchTopic {
                topic: Str::from(&*metadata.name(topic)),
                partitions,
                ..Default::default()
            }
        };
        FetchRequest {
            max_wait_ms: millis(self.config.fetch_max_wait),
            min_bytes: to_i32(self.config.fetch_min_bytes),
            max_bytes: to_i32(self.response_bytes()),
            isolation_level: 0,
            topics: topics.into_iter().map(topic).collect(),
            ..Default::default()
        }
    }

    fn fetch_partition(&self, metadata: &Metadata, spot: &FetchSpot) -> FetchPartition {
        let PartitionKey { topic, partition } = spot.partition;
        FetchPartition {
            partition,
            current_leader_epoch: metadata.leader(topic, partition).map_or(-1, |(_, epoch)| epoch),
            fetch_offset: spot.offset,
            partition_max_bytes: to_i32(self.config.max_partition_fetch_bytes),
            ..Default::default()
        }
    }

    /// How long an answer may be.
    fn response_bytes(&self) -> usize {
        RESPONSE_BYTES.max(self.config.max_partition_fetch_bytes).min(self.config.fetch_max_bytes)
    }
}

fn topic_id(metadata: &Metadata, topic: TopicKey) -> Uuid {
    metadata.topic(topic).map_or(Uuid::ZERO, |topic| topic.id)
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

fn to_i32(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}
