//! DeleteRecords (key 21), versions 0 to 2, flexible from 2: drop the beginning of partitions (KIP-107).
//!
//! - Each partition's leader must be asked. Offset -1 stands for the high watermark: everything that is committed.
//! - Whole segments are deleted later; what consumers see starts at the new low watermark at once.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Deletes records in front of offsets.
    DeleteRecordsRequest -> DeleteRecordsResponse = key 21, versions 0..=2, flexible 2..,
        kips [0: 107, 1: 219, 2: 482] {
        /// The topics.
        topics: Vec<DeleteRecordsTopic> [0..],
        /// Milliseconds to wait for the followers to delete them too.
        timeout_ms: i32 [0..],
    }

    /// A topic.
    DeleteRecordsTopic {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<DeleteRecordsPartition> [0..],
    }

    /// A partition to cut.
    DeleteRecordsPartition {
        /// Its number.
        partition_index: i32 [0..],
        /// First offset to keep; -1 for the high watermark.
        offset: i64 [0..],
    }

    /// What became of each partition.
    DeleteRecordsResponse = key 21, versions 0..=2, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The topics.
        topics: Vec<DeleteRecordsTopicResult> [0..],
    }

    /// A topic's outcomes.
    DeleteRecordsTopicResult {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<DeleteRecordsPartitionResult> [0..],
    }

    /// A partition's outcome.
    DeleteRecordsPartitionResult {
        /// Its number.
        partition_index: i32 [0..],
        /// First offset that any replica still has, or -1.
        low_watermark: i64 [0..],
        /// 0, or why nothing was deleted.
        error_code: i16 [0..],
    }
}
