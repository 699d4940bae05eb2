//! Where to start: ListOffsets for partitions without a position.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use kafka_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsTopic,
};
use kafka_proto::messages::{ListOffsetsRequest, ListOffsetsResponse};
use kafka_proto::{ErrorCode, Str};

use super::Consumer;
use super::cursor::Place;
use crate::command::StartAt;
use crate::engine::lane::{LaneKey, Line, Peer};
use crate::engine::metadata::{Metadata, is_stale};
use crate::engine::purpose::Purpose;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::{PartitionKey, TopicKey};
use crate::transitions::EngineState;

/// ListOffsets' timestamp for "behind the last record".
pub(crate) const LATEST: i64 = -1;
/// ListOffsets' timestamp for "the first record that is still there".
pub(crate) const EARLIEST: i64 = -2;

impl Consumer {
    /// Asks a leader where its partitions without a position start.
    pub(super) fn ask_start(&mut self, world: &mut World, node: i32) {
        let now = world.ctx.now;
        let Some(led) = self.by_leader.get(&node) else {
            return;
        };
        let mut partitions = Vec::new();
        let mut homeless = Vec::new();
        for partition in led {
            let Some(cursor) = self.cursors.get_mut(partition) else {
                continue;
            };
            match cursor.wants_start(now) {
                Some(StartAt::Default) => homeless.push(*partition),
                Some(start) => {
                    cursor.place = Place::Unknown { start, asked: true };
                    world.ctx.enter(EngineState::PositionAsked);
                    partitions.push((*partition, cursor.generation));
                }
                None => {}
            }
        }
        for partition in homeless {
            let topic: Arc<str> = world.metadata.name(partition.topic);
            let kind = ErrorKind::NoOffset { topic, partition: partition.partition };
            self.fail(world, partition, Error::new(kind));
        }
        if !partitions.is_empty() {
            let lane = LaneKey { peer: Peer::Node(node), line: Line::Control };
            world.net.queue(
                &mut world.ctx,
                lane,
                Purpose::StartOffsets { consumer: self.key, partitions },
            );
        }
    }

    pub(crate) fn start_request(
        &self,
        metadata: &Metadata,
        partitions: &[(PartitionKey, u64)],
    ) -> ListOffsetsRequest {
        let mut topics: BTreeMap<TopicKey, Vec<ListOffsetsPartition>> = BTreeMap::new();
        for (partition, generation) in partitions {
            let Some(cursor) =
                self.cursors.get(partition).filter(|cursor| cursor.generation == *generation)
            else {
                continue;
            };
            let Place::Unknown { start, .. } = cursor.place else {
                continue;
            };
            let entry = ListOffsetsPartition {
                partition_index: partition.partition,
                current_leader_epoch: metadata
                    .leader(partition.topic, partition.partition)
                    .map_or(-1, |leader| leader.1),
                timestamp: timestamp_of(start),
                ..Default::default()
            };
            topics.entry(partition.topic).or_default().push(entry);
        }
        let topic = |(topic, partitions)| ListOffsetsTopic {
            name: Str::from(&*metadata.name(topic)),
            partitions,
            ..Default::default()
        };
        ListOffsetsRequest {
            replica_id: -1,
            topics: topics.into_iter().map(topic).collect(),
            ..Default::default()
        }
    }

    pub(crate) fn handle_start(
        &mut self,
        world: &mut World,
        partitions: &[(PartitionKey, u64)],
        response: &ListOffsetsResponse,
    ) {
        let mut answers: BTreeMap<PartitionKey, &ListOffsetsPartitionResponse> = BTreeMap::new();
        for topic in &response.topics {
            let Some(key) = world.metadata.key_of(&topic.name) else {
                continue;
            };
            for answer in &topic.partitions {
                answers
                    .entry(PartitionKey { topic: key, partition: answer.partition_index })
                    .or_insert(answer);
            }
        }
        for (partition, generation) in partitions {
            if self.was_asked(*partition, *generation) {
                match answers.get(partition) {
                    Some(answer) => self.handle_start_answer(world, *partition, answer),
                    None => self.back_off(world, *partition),
                }
            }
        }
        self.want_everything(world);
    }

    /// The question will not be answered, or could not be put.
    pub(crate) fn handle_start_lost(
        &mut self,
        world: &mut World,
        partitions: &[(PartitionKey, u64)],
        error: Option<&Error>,
    ) {
        world.metadata.refresh(&mut world.ctx);
        for (partition, generation) in partitions {
            if self.was_asked(*partition, *generation) {
                match error {
                    Some(error) => self.fail(world, *partition, error.clone()),
                    None => self.back_off(world, *partition),
                }
            }
        }
    }

    /// Whether the question still stands; it may be put again from here on.
    fn was_asked(&mut self, partition: PartitionKey, generation: u64) -> bool {
        let Some(cursor) =
            self.cursors.get_mut(&partition).filter(|cursor| cursor.generation == generation)
        else {
            return false;
        };
        match &mut cursor.place {
            Place::Unknown { asked, .. } => core::mem::take(asked),
            Place::Known { .. } => false,
        }
    }

    fn handle_start_answer(
        &mut self,
        world: &mut World,
        partition: PartitionKey,
        answer: &ListOffsetsPartitionResponse,
    ) {
        let Some(cursor) = self.cursors.get_mut(&partition) else {
            return;
        };
        let Place::Unknown { start, .. } = cursor.place else {
            return;
        };
        match ErrorCode::from(answer.error_code) {
            ErrorCode::NONE if answer.offset >= 0 => {
                cursor.failures = 0;
                cursor.place = Place::Known { position: answer.offset, fetch_at: answer.offset };
                cursor.begin_epochs(answer.leader_epoch, answer.leader_epoch);
                world.ctx.enter(EngineState::PositionKnown);
            }
            // No record is as young as the timestamp: the end is where the next one will be.
            ErrorCode::NONE if matches!(start, StartAt::Timestamp(_)) => {
                cursor.place = Place::Unknown { start: StartAt::End, asked: false };
            }
            ErrorCode::NONE => self.back_off(world, partition),
            code if code.is_retriable() => {
                if is_stale(code) || code == ErrorCode::UNKNOWN_LEADER_EPOCH {
                    world.metadata.refresh(&mut world.ctx);
                }
                self.back_off(world, partition);
            }
            code => {
                let context = format!(
                    "offsets of {}-{}",
                    world.metadata.name(partition.topic),
                    partition.partition
                );
                self.fail(
                    world,
                    partition,
                    Error::new(ErrorKind::Broker { code, context, message: None }),
                );
                self.back_off(world, partition);
            }
        }
    }
}

fn timestamp_of(start: StartAt) -> i64 {
    match start {
        StartAt::Beginning => EARLIEST,
        StartAt::Timestamp(timestamp) => timestamp,
        StartAt::End | StartAt::Default | StartAt::Offset(_) => LATEST,
    }
}
