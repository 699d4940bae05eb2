//! DescribeTopicPartitions (key 75), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    DescribeTopicPartitionsRequest -> DescribeTopicPartitionsResponse = key 75, versions 0..=0, flexible 0.. {
        /// TODO.
        topics: Vec<TopicRequest> [0..],
        /// TODO.
        response_partition_limit: i32 [0..] = 2000,
        /// TODO.
        cursor: Option<Cursor> [0.., null 0..],
    }

    /// TODO.
    TopicRequest {
        /// TODO.
        name: Str [0..],
    }

    /// TODO.
    Cursor {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partition_index: i32 [0..],
    }

    /// TODO.
    DescribeTopicPartitionsResponse = key 75, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0.., ignorable],
        /// TODO.
        topics: Vec<DescribeTopicPartitionsResponseTopic> [0..],
        /// TODO.
        next_cursor: Option<Cursor> [0.., null 0..],
    }

    /// TODO.
    DescribeTopicPartitionsResponseTopic {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        name: Option<Str> [0.., null 0..],
        /// TODO.
        topic_id: Uuid [0.., ignorable],
        /// TODO.
        is_internal: bool [0.., ignorable] = false,
        /// TODO.
        partitions: Vec<DescribeTopicPartitionsResponsePartition> [0..],
        /// TODO.
        topic_authorized_operations: i32 [0..] = -2147483648,
    }

    /// TODO.
    DescribeTopicPartitionsResponsePartition {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        leader_id: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0.., ignorable] = -1,
        /// TODO.
        replica_nodes: Vec<i32> [0..],
        /// TODO.
        isr_nodes: Vec<i32> [0..],
        /// TODO.
        eligible_leader_replicas: Option<Vec<i32>> [0.., null 0..],
        /// TODO.
        last_known_elr: Option<Vec<i32>> [0.., null 0..],
        /// TODO.
        offline_replicas: Vec<i32> [0.., ignorable],
    }
}
