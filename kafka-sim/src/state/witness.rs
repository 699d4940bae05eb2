//! Noticing what became of a partition, for the record of what really happened.

use crate::truth::Truth;

use super::{Partition, State};

/// What the record says of a partition already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    leader_epoch: i32,
    start: i64,
    end: i64,
    high_watermark: i64,
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
            high_watermark: partition.log.end(),
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

    fn witness_count(&mut self, name: &str, event: impl FnOnce(kafka_proto::Uuid, i32) -> Truth) {
        let Some(topic) = self.topics.get(name) else {
            return;
        };
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        self.truth.add(self.now, event(topic.id, count));
        for index in 0..count {
            self.witness(name, index);
        }
    }

    /// Records whatever is different about a partition since the last look: leader, end (when cut
    /// back), start, high watermark, in this order.
    pub(crate) fn witness(&mut self, name: &str, index: i32) {
        let Self { topics, truth, now, .. } = self;
        let Some((topic, partition)) = topics.get_mut(name).and_then(|topic| {
            let at = usize::try_from(index).ok()?;
            Some((topic.id, topic.partitions.get_mut(at)?))
        }) else {
            return;
        };
        let new = Told::of(partition);
        let old = std::mem::replace(&mut partition.told, new);
        let Told { leader_epoch, start, end, high_watermark } = new;
        if leader_epoch != old.leader_epoch {
            let node = partition.leader;
            truth.add(*now, Truth::Leader { topic, partition: index, node, leader_epoch });
        }
        if end < old.end {
            truth.add(*now, Truth::Truncated { topic, partition: index, to: end, leader_epoch });
        }
        if start != old.start {
            truth.add(*now, Truth::LogStart { topic, partition: index, offset: start });
        }
        if high_watermark != old.high_watermark {
            let offset = high_watermark;
            truth.add(*now, Truth::HighWatermark { topic, partition: index, offset });
        }
    }
}
