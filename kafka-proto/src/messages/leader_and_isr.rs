//! LeaderAndIsr (key 4), versions 0 to 7, flexible from 4: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    LeaderAndIsrRequest -> LeaderAndIsrResponse = key 4, versions 0..=7, flexible 4.. {
        /// TODO.
        controller_id: i32 [0..],
        /// TODO.
        is_k_raft_controller: bool [7..] = false,
        /// TODO.
        controller_epoch: i32 [0..],
        /// TODO.
        broker_epoch: i64 [2.., ignorable] = -1,
        /// TODO.
        r#type: i8 [5..],
        /// TODO.
        ungrouped_partition_states: Vec<LeaderAndIsrPartitionState> [0..=1],
        /// TODO.
        topic_states: Vec<LeaderAndIsrTopicState> [2..],
        /// TODO.
        live_leaders: Vec<LeaderAndIsrLiveLeader> [0..],
    }

    /// TODO.
    LeaderAndIsrTopicState {
        /// TODO.
        topic_name: Str [2..],
        /// TODO.
        topic_id: Uuid [5.., ignorable],
        /// TODO.
        partition_states: Vec<LeaderAndIsrPartitionState> [2..],
    }

    /// TODO.
    LeaderAndIsrLiveLeader {
        /// TODO.
        broker_id: i32 [0..],
        /// TODO.
        host_name: Str [0..],
        /// TODO.
        port: i32 [0..],
    }

    /// TODO.
    LeaderAndIsrPartitionState {
        /// TODO.
        topic_name: Str [0..=1, ignorable],
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        controller_epoch: i32 [0..],
        /// TODO.
        leader: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
        /// TODO.
        isr: Vec<i32> [0..],
        /// TODO.
        partition_epoch: i32 [0..],
        /// TODO.
        replicas: Vec<i32> [0..],
        /// TODO.
        adding_replicas: Vec<i32> [3.., ignorable],
        /// TODO.
        removing_replicas: Vec<i32> [3.., ignorable],
        /// TODO.
        is_new: bool [1.., ignorable] = false,
        /// TODO.
        leader_recovery_state: i8 [6..],
    }

    /// TODO.
    LeaderAndIsrResponse = key 4, versions 0..=7, flexible 4.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        partition_errors: Vec<LeaderAndIsrPartitionError> [0..=4],
        /// TODO.
        topics: Vec<LeaderAndIsrTopicError> [5..],
    }

    /// TODO.
    LeaderAndIsrTopicError {
        /// TODO.
        topic_id: Uuid [5..],
        /// TODO.
        partition_errors: Vec<LeaderAndIsrPartitionError> [5..],
    }

    /// TODO.
    LeaderAndIsrPartitionError {
        /// TODO.
        topic_name: Str [0..=4, ignorable],
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
