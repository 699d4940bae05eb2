//! What is in a partition at the end of a run.

use super::ids::{Partition, RecordId};

/// The log of one partition when the run was over, as its leader has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FinalLog {
    /// The partition, by name or by incarnation.
    pub partition: Partition,
    /// First offset that was not trimmed.
    pub log_start: i64,
    /// Whether records may be missing because a later one has their key.
    pub compacted: bool,
    /// What is in it, by ascending offset.
    pub records: Vec<FinalRecord>,
}

impl FinalLog {
    /// A log that is not compacted.
    #[must_use]
    pub fn new(partition: Partition, log_start: i64, records: Vec<FinalRecord>) -> Self {
        Self { partition, log_start, compacted: false, records }
    }
}

/// A record in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FinalRecord {
    /// Where it is.
    pub offset: i64,
    /// Which it is; `None` if its value is none of ours, or no longer as it was sent.
    pub rid: Option<RecordId>,
    /// [`content::hash`](super::content::hash) of it.
    pub hash: u64,
    /// Of its batch, or -1.
    pub producer_id: i64,
    /// Of its batch, or -1.
    pub producer_epoch: i16,
    /// Its own sequence, or -1.
    pub sequence: i32,
}

impl FinalRecord {
    /// A record of no idempotent producer.
    #[must_use]
    pub fn new(offset: i64, rid: Option<RecordId>, hash: u64) -> Self {
        Self { offset, rid, hash, producer_id: -1, producer_epoch: -1, sequence: -1 }
    }
}
