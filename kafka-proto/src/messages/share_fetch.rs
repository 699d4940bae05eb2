//! ShareFetch (key 78), versions 0 to 2, flexible from 0: read records for a share group, and acknowledge others on the
//! way (KIP-932).
//!
//! - Sent by members to the leader of each partition. Records are handed out under a lock that ends by itself;
//!   `acquired_records` says which of the bytes in `records` are the member's to process.
//! - Version 0 was for early access in Kafka 4.0 and went with 4.1, where version 1 is the first stable one: it limits
//!   records, where version 0 limits bytes of a partition.
//! - Version 2 can keep strictly to `max_records` (KIP-1206) and renew locks (KIP-1222). A request that only renews has
//!   0 in all four limits.
//! - The session's epoch starts with 0, rises by 1 with each ShareFetch and ShareAcknowledge, and ends with -1, which
//!   also gives back what is not acknowledged.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Records, Str, Uuid},
};

messages! {
    /// Asks for records of a share group.
    ShareFetchRequest -> ShareFetchResponse = key 78, versions 0..=2, flexible 0..,
        kips [0: 932, 1: 932, 2: 1206, 2: 1222] {
        /// The group.
        group_id: Option<Str> [0.., null 0..],
        /// The member's id, a UUID in text.
        member_id: Option<Str> [0.., null 0..],
        /// Number of the request in the session; 0 starts one, -1 ends it.
        share_session_epoch: i32 [0..],
        /// Milliseconds to wait for `min_bytes`.
        max_wait_ms: i32 [0..],
        /// Bytes worth answering for.
        min_bytes: i32 [0..],
        /// Bytes after which the broker stops.
        max_bytes: i32 [0..] = 0x7fffffff,
        /// Records after which the broker stops; it may finish a batch.
        max_records: i32 [1..],
        /// Records that the client likes to get, and acknowledge, as one range of `acquired_records`.
        batch_size: i32 [1..],
        /// 0 hands out whole batches, 1 never more than `max_records`.
        share_acquire_mode: i8 [2.., ignorable],
        /// Whether there are acknowledgements that renew a lock.
        is_renew_ack: bool [2..] = false,
        /// The topics; in a session, those with something new.
        topics: Vec<FetchTopic> [0..],
        /// Partitions to drop from the session.
        forgotten_topics_data: Vec<ForgottenTopic> [0..],
    }

    /// A topic to read.
    FetchTopic {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<FetchPartition> [0..],
    }

    /// A partition to read.
    FetchPartition {
        /// Its number.
        partition_index: i32 [0..],
        /// Bytes of this partition after which the broker stops; 0 only acknowledges.
        partition_max_bytes: i32 [0],
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

    /// A topic of which partitions leave the session.
    ForgottenTopic {
        /// Its id.
        topic_id: Uuid [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }

    /// Records for a member of a share group.
    ShareFetchResponse = key 78, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Milliseconds that the records are locked for the member.
        acquisition_lock_timeout_ms: i32 [1..],
        /// The topics.
        responses: Vec<ShareFetchableTopicResponse> [0..],
        /// Where the leaders named in `current_leader` are.
        node_endpoints: Vec<NodeEndpoint> [0..],
    }

    /// A topic's records.
    ShareFetchableTopicResponse {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition's records.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// 0, or why the acknowledgements failed.
        acknowledge_error_code: i16 [0..],
        /// Why the acknowledgements failed, in words; null without an error.
        acknowledge_error_message: Option<Str> [0.., null 0.., lossy],
        /// The leader, if the broker is not.
        current_leader: LeaderIdAndEpoch [0..],
        /// The batches; what is outside of `acquired_records` is not the member's.
        records: Option<Records> [0.., null 0] = Some(Records::default()),
        /// Records that the member has the lock for.
        acquired_records: Vec<AcquiredRecords> [0..],
    }

    /// A partition's leader.
    LeaderIdAndEpoch {
        /// Its id, or -1.
        leader_id: i32 [0..],
        /// Its epoch.
        leader_epoch: i32 [0..],
    }

    /// A range of records that the member has the lock for.
    AcquiredRecords {
        /// Offset of the first.
        first_offset: i64 [0..],
        /// Offset of the last.
        last_offset: i64 [0..],
        /// How often they were handed out, this time included.
        delivery_count: i16 [0..],
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
