//! DescribeProducers (key 61), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeProducersRequest -> DescribeProducersResponse = key 61, versions 0..=0, flexible 0.. {
        /// TODO.
        topics: Vec<TopicRequest> [0..],
    }

    /// TODO.
    TopicRequest {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partition_indexes: Vec<i32> [0..],
    }

    /// TODO.
    DescribeProducersResponse = key 61, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        topics: Vec<TopicResponse> [0..],
    }

    /// TODO.
    TopicResponse {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<PartitionResponse> [0..],
    }

    /// TODO.
    PartitionResponse {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        active_producers: Vec<ProducerState> [0..],
    }

    /// TODO.
    ProducerState {
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        producer_epoch: i32 [0..],
        /// TODO.
        last_sequence: i32 [0..] = -1,
        /// TODO.
        last_timestamp: i64 [0..] = -1,
        /// TODO.
        coordinator_epoch: i32 [0..],
        /// TODO.
        current_txn_start_offset: i64 [0..] = -1,
    }
}
