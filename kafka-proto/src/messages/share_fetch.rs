//! ShareFetch (key 78), versions 0 to 2, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Records, Str, Uuid},
};

messages! {
    /// TODO.
    ShareFetchRequest -> ShareFetchResponse = key 78, versions 0..=2, flexible 0.. {
        /// TODO.
        group_id: Option<Str> [0.., null 0..],
        /// TODO.
        member_id: Option<Str> [0.., null 0..],
        /// TODO.
        share_session_epoch: i32 [0..],
        /// TODO.
        max_wait_ms: i32 [0..],
        /// TODO.
        min_bytes: i32 [0..],
        /// TODO.
        max_bytes: i32 [0..] = 0x7fffffff,
        /// TODO.
        max_records: i32 [1..],
        /// TODO.
        batch_size: i32 [1..],
        /// TODO.
        share_acquire_mode: i8 [2.., ignorable],
        /// TODO.
        is_renew_ack: bool [2..] = false,
        /// TODO.
        topics: Vec<FetchTopic> [0..],
        /// TODO.
        forgotten_topics_data: Vec<ForgottenTopic> [0..],
    }

    /// TODO.
    FetchTopic {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<FetchPartition> [0..],
    }

    /// TODO.
    FetchPartition {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        partition_max_bytes: i32 [0],
        /// TODO.
        acknowledgement_batches: Vec<AcknowledgementBatch> [0..],
    }

    /// TODO.
    AcknowledgementBatch {
        /// TODO.
        first_offset: i64 [0..],
        /// TODO.
        last_offset: i64 [0..],
        /// TODO.
        acknowledge_types: Vec<i8> [0..],
    }

    /// TODO.
    ForgottenTopic {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    ShareFetchResponse = key 78, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        acquisition_lock_timeout_ms: i32 [1..],
        /// TODO.
        responses: Vec<ShareFetchableTopicResponse> [0..],
        /// TODO.
        node_endpoints: Vec<NodeEndpoint> [0..],
    }

    /// TODO.
    ShareFetchableTopicResponse {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<PartitionData> [0..],
    }

    /// TODO.
    PartitionData {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        acknowledge_error_code: i16 [0..],
        /// TODO.
        acknowledge_error_message: Option<Str> [0.., null 0..],
        /// TODO.
        current_leader: LeaderIdAndEpoch [0..],
        /// TODO.
        records: Option<Records> [0.., null 0] = Some(Records::default()),
        /// TODO.
        acquired_records: Vec<AcquiredRecords> [0..],
    }

    /// TODO.
    LeaderIdAndEpoch {
        /// TODO.
        leader_id: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
    }

    /// TODO.
    AcquiredRecords {
        /// TODO.
        first_offset: i64 [0..],
        /// TODO.
        last_offset: i64 [0..],
        /// TODO.
        delivery_count: i16 [0..],
    }

    /// TODO.
    NodeEndpoint {
        /// TODO.
        node_id: i32 [0..],
        /// TODO.
        host: Str [0..],
        /// TODO.
        port: i32 [0..],
        /// TODO.
        rack: Option<Str> [0.., null 0..],
    }
}
