//! What the record of what really happened says of topics and partitions.

use kafka_proto::Uuid;

use super::{Partition, State};
use crate::log::StoredBatch;
use crate::truth::Truth;

/// What the record says of a partition already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(super) leader_epoch: i32,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) high_watermark: i64,
}

impl Default for Told {
    fn default() -> Self {
        Self { leader_epoch: -1, start: 0, end: 0, high_watermark: 0 }
    }
}

impl Told {
    pub(super) fn of(partition: &Partition) -> Self {
        Self {
            leader_epoch: partition.leader_epoch,
            start: partition.log.start(),
            end: partition.log.end(),
            high_watermark: partition.high_watermark(),
        }
    }
}

impl State {
    /// Records a topic that is new, with the leaders of its partitions.
    pub(crate) fn witness_topic(&mut self, name: &str) {
        self.witness_count(name, |topic, partitions| Truth::TopicCreated {
            topic,
            name: name.into(),
            partitions,
        });
    }

    /// Records partitions that are new.
    pub(crate) fn witness_growth(&mut self, name: &str) {
        self.witness_count(name, |topic, partitions| Truth::PartitionsAdded { topic, partitions });
    }

    fn witness_count(&mut self, name: &str, event: impl FnOnce(Uuid, i32) -> Truth) {
        let Some(topic) = self.topics.get(name) else {
            return;
        };
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        self.past.outdated = true;
        self.truth.add(self.now, event(topic.id, count));
        for index in 0..count {
            if let Some(mut site) = self.site(name, index) {
                site.witness();
            }
        }
    }
}

pub(super) fn appended(topic: Uuid, partition: i32, batch: &StoredBatch) -> Truth {
    let header = batch.header();
    Truth::Append {
        topic,
        partition,
        base_offset: batch.base_offset,
        last_offset: batch.last_offset,
        leader_epoch: header.partition_leader_epoch,
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
    }
}
