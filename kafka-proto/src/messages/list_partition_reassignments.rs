//! ListPartitionReassignments (key 46), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    ListPartitionReassignmentsRequest -> ListPartitionReassignmentsResponse = key 46, versions 0..=0, flexible 0.. {
        /// TODO.
        timeout_ms: i32 [0..] = 60000,
        /// TODO.
        topics: Option<Vec<ListPartitionReassignmentsTopics>> [0.., null 0..],
    }

    /// TODO.
    ListPartitionReassignmentsTopics {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partition_indexes: Vec<i32> [0..],
    }

    /// TODO.
    ListPartitionReassignmentsResponse = key 46, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        topics: Vec<OngoingTopicReassignment> [0..],
    }

    /// TODO.
    OngoingTopicReassignment {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<OngoingPartitionReassignment> [0..],
    }

    /// TODO.
    OngoingPartitionReassignment {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        replicas: Vec<i32> [0..],
        /// TODO.
        adding_replicas: Vec<i32> [0..],
        /// TODO.
        removing_replicas: Vec<i32> [0..],
    }
}
