//! ElectLeaders (key 43), versions 0 to 2, flexible from 2: make other replicas leaders.
//!
//! - Version 0 elects the preferred replicas, those that stand first (KIP-183). Version 1 can elect a replica that is
//!   out of sync where no other lives, which can lose records, and has an error for the whole request (KIP-460).
//! - A partition that has its leader already is answered ELECTION_NOT_NEEDED, and is left out when null asked for all.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Elects leaders.
    ElectLeadersRequest -> ElectLeadersResponse = key 43, versions 0..=2, flexible 2.., kips [0: 183, 1: 460, 2: 482] {
        /// 0 elects preferred replicas, 1 any that lives where no replica in sync does.
        election_type: i8 [1..],
        /// The topics; null for all.
        topic_partitions: Option<Vec<TopicPartitions>> [0.., null 0..],
        /// Milliseconds to wait for the leaders.
        timeout_ms: i32 [0..] = 60000,
    }

    /// A topic.
    TopicPartitions {
        /// Its name.
        topic: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }

    /// What became of each partition.
    ElectLeadersResponse = key 43, versions 0..=2, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or why the whole request was refused.
        error_code: i16 [1..],
        /// The topics.
        replica_election_results: Vec<ReplicaElectionResult> [0..],
    }

    /// A topic's outcomes.
    ReplicaElectionResult {
        /// Its name.
        topic: Str [0..],
        /// The partitions.
        partition_result: Vec<PartitionResult> [0..],
    }

    /// A partition's outcome.
    PartitionResult {
        /// Its number.
        partition_id: i32 [0..],
        /// 0, or why nobody was elected.
        error_code: i16 [0..],
        /// Why nobody was elected.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
