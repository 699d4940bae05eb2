//! ShareAcknowledge (key 79), versions 0 to 2, flexible from 0: say what became of records of a share group (KIP-932).
//!
//! - Sent by members to the leader of each partition, in the session of ShareFetch, whose epoch it moves on.
//! - Version 0 was for early access in Kafka 4.0 and went with 4.1, where version 1 is the first stable one. Version 2
//!   can renew locks (KIP-1222).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Acknowledges records.
    ShareAcknowledgeRequest -> ShareAcknowledgeResponse = key 79, versions 0..=2, flexible 0..,
        kips [0: 932, 1: 932, 2: 1222] {
        /// The group.
        group_id: Option<Str> [0.., null 0..],
        /// The member's id, a UUID in text.
        member_id: Option<Str> [0.., null 0..],
        /// Number of the request in the session; -1 ends it.
        share_session_epoch: i32 [0..],
        /// Whether there are acknowledgements that renew a lock.
        is_renew_ack: bool [2..] = false,
        /// The topics.
        topics: Vec<AcknowledgeTopic> [0..],
    }

    /// A topic.
    AcknowledgeTopic {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<AcknowledgePartition> [0..],
    }

    /// A partition.
    AcknowledgePartition {
        /// Its number.
        partition_index: i32 [0..],
        /// Records to acknowledge.
        acknowledgement_batches: Vec<AcknowledgementBatch> [0..],
    }

    /// A range of records to acknowledge.
    AcknowledgementBatch {
        /// Offset of the first.
        first_offset: i64 [0..],
        /// Offset of the last.
        last_offset: i64 [0..],
        /// One for each record, or one for all: 0 no record there, 1 accept, 2 release, 3 reject, 4 renew the lock
        /// (version 2).
        acknowledge_types: Vec<i8> [0..],
    }

    /// Whether the acknowledgements count.
    ShareAcknowledgeResponse = key 79, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Milliseconds that renewed records are locked for the member.
        acquisition_lock_timeout_ms: i32 [2.., ignorable],
        /// The topics.
        responses: Vec<ShareAcknowledgeTopicResponse> [0..],
        /// Where the leaders named in `current_leader` are.
        node_endpoints: Vec<NodeEndpoint> [0..],
    }

    /// A topic.
    ShareAcknowledgeTopicResponse {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The leader, if the broker is not.
        current_leader: LeaderIdAndEpoch [0..],
    }

    /// A partition's leader.
    LeaderIdAndEpoch {
        /// Its id, or -1.
        leader_id: i32 [0..],
        /// Its epoch.
        leader_epoch: i32 [0..],
    }

    /// Where a broker is.
    NodeEndpoint {
        /// Its id.
        node_id: i32 [0..],
        /// Host name or address.
        host: Str [0..],
        /// Port.
        port: i32 [0..],
        /// Its rack; null if it is in none.
        rack: Option<Str> [0.., null 0..],
    }
}
