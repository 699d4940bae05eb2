//! What really happened in the logs, as the brokers themselves know it: the ground truth that
//! histories of clients are checked against.
//!
//! Recorded only once it is switched on, by
//! [`Cluster::record_truth`](crate::Cluster::record_truth), in the order in which it happened.

use kafka_proto::{Str, Uuid};

use crate::Time;

/// One thing that happened to a topic or a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Truth {
    /// A topic was created. Its partitions' first leaders follow.
    TopicCreated {
        /// Its id.
        topic: Uuid,
        /// Its name.
        name: Str,
        /// How many partitions it has.
        partitions: i32,
    },
    /// A topic has more partitions now. The new ones' first leaders follow.
    PartitionsAdded {
        /// The topic's id.
        topic: Uuid,
        /// How many partitions it has now.
        partitions: i32,
    },
    /// A topic was deleted with all its records.
    TopicDeleted {
        /// Its id.
        topic: Uuid,
    },
    /// A batch was appended to a partition's log by its leader.
    Append {
        /// The topic's id.
        topic: Uuid,
        /// The partition's index.
        partition: i32,
        /// Offset of its first record.
        base_offset: i64,
        /// Offset of its last record.
        last_offset: i64,
        /// Epoch of the leader that appended it.
        leader_epoch: i32,
        /// Id of its producer, -1 when not idempotent.
        producer_id: i64,
        /// Epoch of its producer, -1 when not idempotent.
        producer_epoch: i16,
        /// Its first sequence number, -1 when not idempotent.
        base_sequence: i32,
    },
    /// Consumers can read up to another offset.
    HighWatermark {
        /// The topic's id.
        topic: Uuid,
        /// The partition's index.
        partition: i32,
        /// The first offset that can't be read yet.
        offset: i64,
    },
    /// A log was cut back: everything from an offset on is gone.
    Truncated {
        /// The topic's id.
        topic: Uuid,
        /// The partition's index.
        partition: i32,
        /// The first offset that is gone.
        to: i64,
        /// Epoch of the leader under which it was cut.
        leader_epoch: i32,
    },
    /// A log begins later than before, by retention or DeleteRecords.
    LogStart {
        /// The topic's id.
        topic: Uuid,
        /// The partition's index.
        partition: i32,
        /// Its first offset now.
        offset: i64,
    },
    /// A scripted fault has had its way with an answer: it went out spoilt or late, or its connection
    /// was closed. A request that was never answered is troubled until its connection ends.
    Faulted {
        /// When the answer was due.
        since: Time,
    },
    /// A leader epoch began.
    Leader {
        /// The topic's id.
        topic: Uuid,
        /// The partition's index.
        partition: i32,
        /// Who leads, -1 for nobody.
        node: i32,
        /// The epoch.
        leader_epoch: i32,
    },
}

/// What was recorded and not taken yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) on: bool,
    events: Vec<(Time, Truth)>,
}

impl Record {
    /// Writes an event down, if that is wanted.
    pub(crate) fn add(&mut self, now: Time, event: Truth) {
        if self.on {
            self.events.push((now, event));
        }
    }

    pub(crate) fn take(&mut self) -> Vec<(Time, Truth)> {
        core::mem::take(&mut self.events)
    }
}
