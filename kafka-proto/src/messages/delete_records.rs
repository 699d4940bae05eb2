//! DeleteRecords (key 21), versions 0 to 2, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DeleteRecordsRequest -> DeleteRecordsResponse = key 21, versions 0..=2, flexible 2.. {
        /// TODO.
        topics: Vec<DeleteRecordsTopic> [0..],
        /// TODO.
        timeout_ms: i32 [0..],
    }

    /// TODO.
    DeleteRecordsTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<DeleteRecordsPartition> [0..],
    }

    /// TODO.
    DeleteRecordsPartition {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        offset: i64 [0..],
    }

    /// TODO.
    DeleteRecordsResponse = key 21, versions 0..=2, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        topics: Vec<DeleteRecordsTopicResult> [0..],
    }

    /// TODO.
    DeleteRecordsTopicResult {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<DeleteRecordsPartitionResult> [0..],
    }

    /// TODO.
    DeleteRecordsPartitionResult {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        low_watermark: i64 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
