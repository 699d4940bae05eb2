//! AlterPartitionReassignments (key 45), versions 0 to 1, flexible from 0: move partitions to other brokers (KIP-455).
//!
//! - The answer says that moving has begun; ListPartitionReassignments shows what is under way.
//! - Null in place of brokers cancels a reassignment; without one, that is NO_REASSIGNMENT_IN_PROGRESS.
//! - Version 1 can keep the number of replicas from being changed by mistake (KIP-860).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Moves partitions, or stops moving them.
    AlterPartitionReassignmentsRequest -> AlterPartitionReassignmentsResponse = key 45, versions 0..=1, flexible 0..,
        kips [0: 455, 1: 860] {
        /// Milliseconds to wait for the answer.
        timeout_ms: i32 [0..] = 60000,
        /// Whether a partition may have more or fewer replicas afterwards.
        allow_replication_factor_change: bool [1..] = true,
        /// The topics.
        topics: Vec<ReassignableTopic> [0..],
    }

    /// A topic.
    ReassignableTopic {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<ReassignablePartition> [0..],
    }

    /// A partition.
    ReassignablePartition {
        /// Its number.
        partition_index: i32 [0..],
        /// Brokers to hold it, the first one preferred as leader; null to cancel.
        replicas: Option<Vec<i32>> [0.., null 0..],
    }

    /// What became of each partition.
    AlterPartitionReassignmentsResponse = key 45, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// What the request said of the number of replicas.
        allow_replication_factor_change: bool [1.., ignorable] = true,
        /// 0, or why the whole request was refused.
        error_code: i16 [0..],
        /// Why the whole request was refused.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The topics.
        responses: Vec<ReassignableTopicResponse> [0..],
    }

    /// A topic's outcomes.
    ReassignableTopicResponse {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<ReassignablePartitionResponse> [0..],
    }

    /// A partition's outcome.
    ReassignablePartitionResponse {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why it is not being moved.
        error_code: i16 [0..],
        /// Why it is not being moved.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
