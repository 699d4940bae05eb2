//! AlterPartition (key 56), versions 0 to 3, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    AlterPartitionRequest -> AlterPartitionResponse = key 56, versions 0..=3, flexible 0.. {
        /// TODO.
        broker_id: i32 [0..],
        /// TODO.
        broker_epoch: i64 [0..] = -1,
        /// TODO.
        topics: Vec<TopicData> [0..],
    }

    /// TODO.
    TopicData {
        /// TODO.
        topic_name: Str [0..=1, ignorable],
        /// TODO.
        topic_id: Uuid [2.., ignorable],
        /// TODO.
        partitions: Vec<PartitionData> [0..],
    }

    /// TODO.
    PartitionData {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
        /// TODO.
        new_isr: Vec<i32> [0..=2],
        /// TODO.
        new_isr_with_epochs: Vec<BrokerState> [3..],
        /// TODO.
        leader_recovery_state: i8 [1..],
        /// TODO.
        partition_epoch: i32 [0..],
    }

    /// TODO.
    BrokerState {
        /// TODO.
        broker_id: i32 [3..],
        /// TODO.
        broker_epoch: i64 [3..] = -1,
    }

    /// TODO.
    AlterPartitionResponse = key 56, versions 0..=3, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        topics: Vec<ResponseTopicData> [0..],
    }

    /// TODO.
    ResponseTopicData {
        /// TODO.
        topic_name: Str [0..=1, ignorable],
        /// TODO.
        topic_id: Uuid [2.., ignorable],
        /// TODO.
        partitions: Vec<ResponsePartitionData> [0..],
    }

    /// TODO.
    ResponsePartitionData {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        leader_id: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
        /// TODO.
        isr: Vec<i32> [0..],
        /// TODO.
        leader_recovery_state: i8 [1.., ignorable],
        /// TODO.
        partition_epoch: i32 [0..],
    }
}
