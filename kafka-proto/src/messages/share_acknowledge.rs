//! ShareAcknowledge (key 79), versions 0 to 2, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    ShareAcknowledgeRequest -> ShareAcknowledgeResponse = key 79, versions 0..=2, flexible 0.. {
        /// TODO.
        group_id: Option<Str> [0.., null 0..],
        /// TODO.
        member_id: Option<Str> [0.., null 0..],
        /// TODO.
        share_session_epoch: i32 [0..],
        /// TODO.
        is_renew_ack: bool [2..] = false,
        /// TODO.
        topics: Vec<AcknowledgeTopic> [0..],
    }

    /// TODO.
    AcknowledgeTopic {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<AcknowledgePartition> [0..],
    }

    /// TODO.
    AcknowledgePartition {
        /// TODO.
        partition_index: i32 [0..],
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
    ShareAcknowledgeResponse = key 79, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        acquisition_lock_timeout_ms: i32 [2.., ignorable],
        /// TODO.
        responses: Vec<ShareAcknowledgeTopicResponse> [0..],
        /// TODO.
        node_endpoints: Vec<NodeEndpoint> [0..],
    }

    /// TODO.
    ShareAcknowledgeTopicResponse {
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
        current_leader: LeaderIdAndEpoch [0..],
    }

    /// TODO.
    LeaderIdAndEpoch {
        /// TODO.
        leader_id: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
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
