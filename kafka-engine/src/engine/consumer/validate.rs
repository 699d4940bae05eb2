//! Whether the log still has what a position stands behind (KIP-320).
//!
//! A broker that speaks Fetch 12 says so itself: the request names the epoch of the last record, and a log that
//! departed from it is answered with where. Older ones are asked by OffsetForLeaderEpoch after every change of leaders
//! before anything is fetched, those before 2.3, which refuse that to consumers, not at all.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use kafka_proto::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_proto::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};
use kafka_proto::{ErrorCode, Str};

use super::Consumer;
use super::cursor::{Cursor, Place};
use crate::engine::lane::{LaneKey, Line, Peer};
use crate::engine::metadata::is_stale;
use crate::engine::purpose::{FetchSpot, Purpose};
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::{PartitionKey, TopicKey};
use crate::transitions::EngineState;

impl Consumer {
    /// Asks a leader whether it has what was fetched before it led.
    pub(super) fn ask_epochs(&mut self, world: &mut World, node: i32, partitions: Vec<FetchSpot>) {
        if partitions.is_empty() {
            return;
        }
        for spot in &partitions {
            if let Some(cursor) = self.cursors.get_mut(&spot.partition) {
                cursor.validating = true;
                world.ctx.enter(EngineState::PositionValidating);
            }
        }
        let lane = LaneKey { peer: Peer::Node(node), line: Line::Control };
        let purpose = Purpose::EpochEnds { consumer: self.key, partitions };
        world.net.queue(&mut world.ctx, lane, purpose);
    }

    pub(crate) fn epochs_request(
        &self,
        world: &World,
        partitions: &[FetchSpot],
    ) -> OffsetForLeaderEpochRequest {
        let mut topics: BTreeMap<TopicKey, Vec<OffsetForLeaderPartition>> = BTreeMap::new();
        for spot in partitions {
            topics.entry(spot.partition.topic).or_default().push(OffsetForLeaderPartition {
                partition: spot.partition.partition,
                current_leader_epoch: spot.leader_epoch,
                leader_epoch: spot.last_epoch,
                ..Default::default()
            });
        }
        let topic = |(topic, partitions)| OffsetForLeaderTopic {
            topic: Str::from(&*world.metadata.name(topic)),
            partitions,
            ..Default::default()
        };
        OffsetForLeaderEpochRequest {
            replica_id: -1,
            topics: topics.into_iter().map(topic).collect(),
            ..Default::default()
        }
    }

    pub(crate) fn handle_epochs(
        &mut self,
        world: &mut World,
        partitions: &[FetchSpot],
        response: &OffsetForLeaderEpochResponse,
    ) {
        let mut answers: BTreeMap<PartitionKey, &EpochEndOffset> = BTreeMap::new();
        for topic in &response.topics {
            let Some(key) = world.metadata.key_of(&topic.topic) else {
                continue;
            };
            for answer in &topic.partitions {
                let partition = PartitionKey { topic: key, partition: answer.partition };
                answers.entry(partition).or_insert(answer);
            }
        }
        for spot in partitions {
            if self.was_doubted(spot) {
                match answers.get(&spot.partition) {
                    Some(answer) => self.handle_epoch_end(world, spot, answer),
                    None => self.back_off(world, spot.partition),
                }
            }
        }
        self.want_everything(world);
    }

    /// The question will not be answered, or with `unknown` could not be put to such an old broker.
    pub(crate) fn handle_epochs_lost(
        &mut self,
        world: &mut World,
        partitions: &[FetchSpot],
        unknown: bool,
    ) {
        for spot in partitions {
            if !self.was_doubted(spot) {
                continue;
            }
            match self.cursors.get_mut(&spot.partition) {
                Some(cursor) if unknown => cursor.validated = spot.leader_epoch,
                _ => {
                    world.metadata.refresh(&mut world.ctx);
                    self.back_off(world, spot.partition);
                }
            }
        }
        self.want_everything(world);
    }

    /// Whether the question still stands; it may be put again from here on.
    fn was_doubted(&mut self, spot: &FetchSpot) -> bool {
        let cursor = self.cursors.get_mut(&spot.partition);
        cursor.filter(|cursor| cursor.generation == spot.generation).is_some_and(|cursor| {
            core::mem::take(&mut cursor.validating)
                && matches!(cursor.place, Place::Known { fetch_at, .. } if fetch_at == spot.offset)
        })
    }

    fn handle_epoch_end(&mut self, world: &mut World, spot: &FetchSpot, answer: &EpochEndOffset) {
        match ErrorCode::from(answer.error_code) {
            ErrorCode::NONE if answer.leader_epoch < 0 || answer.end_offset < 0 => {
                self.out_of_range(world, spot)
            }
            ErrorCode::NONE
                if (answer.leader_epoch < spot.last_epoch || answer.end_offset < spot.offset)
                    && !mutant!("divergence_ignored") =>
            {
                self.diverged(world, spot, answer.leader_epoch, answer.end_offset)
            }
            code if code.is_retriable() => {
                if is_stale(code) || code == ErrorCode::UNKNOWN_LEADER_EPOCH {
                    world.metadata.refresh(&mut world.ctx);
                }
                self.back_off(world, spot.partition);
            }
            // Whatever else is wrong the fetch will tell.
            _ => {
                if let Some(cursor) = self.cursors.get_mut(&spot.partition) {
                    cursor.validated = spot.leader_epoch;
                    cursor.failures = 0;
                }
            }
        }
    }

    /// The leader has nothing of what lies behind `end` in the log of `epoch`: what was fetched from there on is gone, and
    /// other records may have its offsets. What the application has not seen is fetched anew; if it has seen some of it, it
    /// is told.
    pub(super) fn diverged(&mut self, world: &mut World, spot: &FetchSpot, epoch: i32, end: i64) {
        let reset = self.reset_start().is_some();
        self.generations += 1;
        let generation = self.generations;
        let topic = world.metadata.name(spot.partition.topic);
        let Some(cursor) = self.cursors.get_mut(&spot.partition) else {
            return;
        };
        let Some(position) = cursor.position() else {
            return;
        };
        world.ctx.enter(EngineState::PositionTruncated);
        let at = cursor.epochs.diverge(spot.offset, epoch, end);
        // Where to go on is for the application to say, if there is no policy.
        let dropped = cursor.give_up(generation, if reset { at.min(position) } else { position });
        self.buffered_bytes = self.buffered_bytes.saturating_sub(dropped);
        if at < position && reset {
            cursor.truncated = Some((position, at));
            self.list(world, spot.partition);
        } else if at < position {
            let partition = spot.partition.partition;
            let kind = ErrorKind::LogTruncated { topic, partition, offset: position, end: at };
            self.fail(world, spot.partition, Error::new(kind));
        }
        // The next answer may be the same, and would be for ever without a pause.
        self.back_off(world, spot.partition);
        self.offer_room(world);
    }
}

impl Cursor {
    /// Whether another broker leads than when it was last known to have what was fetched.
    pub(super) fn is_in_doubt(&self, last_epoch: i32, leader_epoch: i32) -> bool {
        last_epoch >= 0 && leader_epoch > self.validated
    }

    /// Goes back to a position and drops what was fetched. Gives its bytes.
    fn give_up(&mut self, generation: u64, position: i64) -> usize {
        self.generation = generation;
        self.place = Place::Known { position, fetch_at: position };
        self.refetched = None;
        self.end = super::cursor::End::NotReached;
        self.in_flight = false;
        self.validating = false;
        self.drop_runs()
    }
}
