//! DescribeProducers (key 61), version 0, flexible from 0: the idempotent producers of partitions (KIP-664).
//!
//! - Sent to the leader of each partition. Helps to find transactions that hang.
//! - Epochs of producers are i32 here, though i16 everywhere else.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for producers.
    DescribeProducersRequest -> DescribeProducersResponse = key 61, versions 0..=0, flexible 0.., kips [0: 664] {
        /// The topics.
        topics: Vec<TopicRequest> [0..],
    }

    /// A topic.
    TopicRequest {
        /// Its name.
        name: Str [0..],
        /// Numbers of the partitions.
        partition_indexes: Vec<i32> [0..],
    }

    /// Producers of partitions.
    DescribeProducersResponse = key 61, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The topics.
        topics: Vec<TopicResponse> [0..],
    }

    /// A topic.
    TopicResponse {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<PartitionResponse> [0..],
    }

    /// A partition.
    PartitionResponse {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Producers that the leader remembers.
        active_producers: Vec<ProducerState> [0..],
    }

    /// A producer.
    ProducerState {
        /// Its id.
        producer_id: i64 [0..],
        /// Its epoch.
        producer_epoch: i32 [0..],
        /// Sequence number of its last record, or -1.
        last_sequence: i32 [0..] = -1,
        /// When it last wrote, milliseconds since 1970, or -1.
        last_timestamp: i64 [0..] = -1,
        /// Epoch of the coordinator that wrote the last marker of its transactions.
        coordinator_epoch: i32 [0..],
        /// First offset of its open transaction, or -1.
        current_txn_start_offset: i64 [0..] = -1,
    }
}
