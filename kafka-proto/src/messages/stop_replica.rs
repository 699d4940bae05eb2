//! StopReplica (key 5), versions 0 to 4, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    StopReplicaRequest -> StopReplicaResponse = key 5, versions 0..=4, flexible 2.. {
        /// TODO.
        controller_id: i32 [0..],
        /// TODO.
        is_k_raft_controller: bool [4..] = false,
        /// TODO.
        controller_epoch: i32 [0..],
        /// TODO.
        broker_epoch: i64 [1.., ignorable] = -1,
        /// TODO.
        delete_partitions: bool [0..=2],
        /// TODO.
        ungrouped_partitions: Vec<StopReplicaPartitionV0> [0],
        /// TODO.
        topics: Vec<StopReplicaTopicV1> [1..=2],
        /// TODO.
        topic_states: Vec<StopReplicaTopicState> [3..],
    }

    /// TODO.
    StopReplicaPartitionV0 {
        /// TODO.
        topic_name: Str [0],
        /// TODO.
        partition_index: i32 [0],
    }

    /// TODO.
    StopReplicaTopicV1 {
        /// TODO.
        name: Str [1..=2],
        /// TODO.
        partition_indexes: Vec<i32> [1..=2],
    }

    /// TODO.
    StopReplicaTopicState {
        /// TODO.
        topic_name: Str [3..],
        /// TODO.
        partition_states: Vec<StopReplicaPartitionState> [3..],
    }

    /// TODO.
    StopReplicaPartitionState {
        /// TODO.
        partition_index: i32 [3..],
        /// TODO.
        leader_epoch: i32 [3..] = -1,
        /// TODO.
        delete_partition: bool [3..],
    }

    /// TODO.
    StopReplicaResponse = key 5, versions 0..=4, flexible 2.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        partition_errors: Vec<StopReplicaPartitionError> [0..],
    }

    /// TODO.
    StopReplicaPartitionError {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
