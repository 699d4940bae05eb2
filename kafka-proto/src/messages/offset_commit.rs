//! OffsetCommit (key 8), versions 0 to 10, flexible from 8: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    OffsetCommitRequest -> OffsetCommitResponse = key 8, versions 0..=10, flexible 8.. {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        generation_id_or_member_epoch: i32 [1.., ignorable] = -1,
        /// TODO.
        member_id: Str [1.., ignorable],
        /// TODO.
        group_instance_id: Option<Str> [7.., null 7..],
        /// TODO.
        retention_time_ms: i64 [2..=4, ignorable] = -1,
        /// TODO.
        topics: Vec<OffsetCommitRequestTopic> [0..],
    }

    /// TODO.
    OffsetCommitRequestTopic {
        /// TODO.
        name: Str [0..=9, ignorable],
        /// TODO.
        topic_id: Uuid [10.., ignorable],
        /// TODO.
        partitions: Vec<OffsetCommitRequestPartition> [0..],
    }

    /// TODO.
    OffsetCommitRequestPartition {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        committed_offset: i64 [0..],
        /// TODO.
        committed_leader_epoch: i32 [6.., ignorable] = -1,
        /// TODO.
        commit_timestamp: i64 [1] = -1,
        /// TODO.
        committed_metadata: Option<Str> [0.., null 0..],
    }

    /// TODO.
    OffsetCommitResponse = key 8, versions 0..=10, flexible 8.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [3.., ignorable],
        /// TODO.
        topics: Vec<OffsetCommitResponseTopic> [0..],
    }

    /// TODO.
    OffsetCommitResponseTopic {
        /// TODO.
        name: Str [0..=9, ignorable],
        /// TODO.
        topic_id: Uuid [10.., ignorable],
        /// TODO.
        partitions: Vec<OffsetCommitResponsePartition> [0..],
    }

    /// TODO.
    OffsetCommitResponsePartition {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
