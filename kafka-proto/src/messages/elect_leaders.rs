//! ElectLeaders (key 43), versions 0 to 2, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    ElectLeadersRequest -> ElectLeadersResponse = key 43, versions 0..=2, flexible 2.. {
        /// TODO.
        election_type: i8 [1..],
        /// TODO.
        topic_partitions: Option<Vec<TopicPartitions>> [0.., null 0..],
        /// TODO.
        timeout_ms: i32 [0..] = 60000,
    }

    /// TODO.
    TopicPartitions {
        /// TODO.
        topic: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    ElectLeadersResponse = key 43, versions 0..=2, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [1..],
        /// TODO.
        replica_election_results: Vec<ReplicaElectionResult> [0..],
    }

    /// TODO.
    ReplicaElectionResult {
        /// TODO.
        topic: Str [0..],
        /// TODO.
        partition_result: Vec<PartitionResult> [0..],
    }

    /// TODO.
    PartitionResult {
        /// TODO.
        partition_id: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
