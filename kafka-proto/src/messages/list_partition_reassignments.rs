//! ListPartitionReassignments (key 46), version 0, flexible from 0: partitions on their way to other brokers (KIP-455).
//!
//! - Partitions that don't move are left out, even when asked for.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for reassignments under way.
    ListPartitionReassignmentsRequest -> ListPartitionReassignmentsResponse = key 46, versions 0..=0, flexible 0..,
        kips [0: 455] {
        /// Milliseconds to wait for the answer.
        timeout_ms: i32 [0..] = 60000,
        /// The topics; null for all.
        topics: Option<Vec<ListPartitionReassignmentsTopics>> [0.., null 0..],
    }

    /// A topic.
    ListPartitionReassignmentsTopics {
        /// Its name.
        name: Str [0..],
        /// Numbers of the partitions.
        partition_indexes: Vec<i32> [0..],
    }

    /// Reassignments under way.
    ListPartitionReassignmentsResponse = key 46, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or why there is no answer.
        error_code: i16 [0..],
        /// Why there is no answer.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The topics.
        topics: Vec<OngoingTopicReassignment> [0..],
    }

    /// A topic.
    OngoingTopicReassignment {
        /// Its name.
        name: Str [0..],
        /// The partitions that move.
        partitions: Vec<OngoingPartitionReassignment> [0..],
    }

    /// A partition that moves.
    OngoingPartitionReassignment {
        /// Its number.
        partition_index: i32 [0..],
        /// Ids of all brokers that hold it now, those to come and to go included.
        replicas: Vec<i32> [0..],
        /// Ids of those to come.
        adding_replicas: Vec<i32> [0..],
        /// Ids of those to go.
        removing_replicas: Vec<i32> [0..],
    }
}
