//! AlterPartitionReassignments (key 45), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    AlterPartitionReassignmentsRequest -> AlterPartitionReassignmentsResponse = key 45, versions 0..=1, flexible 0.. {
        /// TODO.
        timeout_ms: i32 [0..] = 60000,
        /// TODO.
        allow_replication_factor_change: bool [1..] = true,
        /// TODO.
        topics: Vec<ReassignableTopic> [0..],
    }

    /// TODO.
    ReassignableTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<ReassignablePartition> [0..],
    }

    /// TODO.
    ReassignablePartition {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        replicas: Option<Vec<i32>> [0.., null 0..],
    }

    /// TODO.
    AlterPartitionReassignmentsResponse = key 45, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        allow_replication_factor_change: bool [1.., ignorable] = true,
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        responses: Vec<ReassignableTopicResponse> [0..],
    }

    /// TODO.
    ReassignableTopicResponse {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<ReassignablePartitionResponse> [0..],
    }

    /// TODO.
    ReassignablePartitionResponse {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
