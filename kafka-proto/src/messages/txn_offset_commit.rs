//! TxnOffsetCommit (key 28), versions 0 to 6, flexible from 3: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    TxnOffsetCommitRequest -> TxnOffsetCommitResponse = key 28, versions 0..=6, flexible 3.. {
        /// TODO.
        transactional_id: Str [0..],
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        producer_epoch: i16 [0..],
        /// TODO.
        generation_id_or_member_epoch: i32 [3..] = -1,
        /// TODO.
        member_id: Str [3..],
        /// TODO.
        group_instance_id: Option<Str> [3.., null 3..],
        /// TODO.
        topics: Vec<TxnOffsetCommitRequestTopic> [0..],
    }

    /// TODO.
    TxnOffsetCommitRequestTopic {
        /// TODO.
        name: Str [0..=5, ignorable],
        /// TODO.
        topic_id: Uuid [6.., ignorable],
        /// TODO.
        partitions: Vec<TxnOffsetCommitRequestPartition> [0..],
    }

    /// TODO.
    TxnOffsetCommitRequestPartition {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        committed_offset: i64 [0..],
        /// TODO.
        committed_leader_epoch: i32 [2.., ignorable] = -1,
        /// TODO.
        committed_metadata: Option<Str> [0.., null 0..],
    }

    /// TODO.
    TxnOffsetCommitResponse = key 28, versions 0..=6, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        topics: Vec<TxnOffsetCommitResponseTopic> [0..],
    }

    /// TODO.
    TxnOffsetCommitResponseTopic {
        /// TODO.
        name: Str [0..=5, ignorable],
        /// TODO.
        topic_id: Uuid [6.., ignorable],
        /// TODO.
        partitions: Vec<TxnOffsetCommitResponsePartition> [0..],
    }

    /// TODO.
    TxnOffsetCommitResponsePartition {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
