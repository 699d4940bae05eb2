//! TxnOffsetCommit (key 28), versions 0 to 6, flexible from 3: store a group's offsets in a transaction (KIP-98).
//!
//! - It goes to the group's coordinator; the offsets count when the transaction commits.
//! - Version 2 has leader epochs (KIP-320). Version 3 tells the member, so that one that was replaced is refused by
//!   ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID (KIP-447). Version 4 may answer TRANSACTION_ABORTABLE
//!   (KIP-890).
//! - Version 5 is for transactions of version 2 only, and needs no AddOffsetsToTxn before it (KIP-890).
//! - From version 6 on topics have an id in place of a name, and STALE_MEMBER_EPOCH and GROUP_ID_NOT_FOUND are possible
//!   (KIP-1319). Specs before 4.4 call the generation `generationId`.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Stores offsets of a group when the transaction commits.
    TxnOffsetCommitRequest -> TxnOffsetCommitResponse = key 28, versions 0..=6, flexible 3..,
        kips [0: 98, 1: 219, 2: 320, 3: 447, 3: 482, 4: 890, 5: 890, 6: 1319] {
        /// The transactional id.
        transactional_id: Str [0..],
        /// The group.
        group_id: Str [0..],
        /// The producer.
        producer_id: i64 [0..],
        /// The producer's epoch.
        producer_epoch: i16 [0..],
        /// The member's generation, or its epoch in the consumer protocol; -1 outside the group.
        generation_id_or_member_epoch: i32 [3..] = -1,
        /// The member; empty outside the group.
        member_id: Str [3..],
        /// The member's static id, or null.
        group_instance_id: Option<Str> [3.., null 3..],
        /// The topics.
        topics: Vec<TxnOffsetCommitRequestTopic> [0..],
    }

    /// A topic.
    TxnOffsetCommitRequestTopic {
        /// Its name.
        name: Str [0..=5, ignorable],
        /// Its id.
        topic_id: Uuid [6.., ignorable],
        /// The partitions.
        partitions: Vec<TxnOffsetCommitRequestPartition> [0..],
    }

    /// A partition's offset.
    TxnOffsetCommitRequestPartition {
        /// Its number.
        partition_index: i32 [0..],
        /// The offset to go on from: one after the last record that was processed.
        committed_offset: i64 [0..],
        /// Leader epoch of the last record that was processed, or -1.
        committed_leader_epoch: i32 [2.., ignorable] = -1,
        /// Anything that the group wants to keep with the offset; null is stored as an empty text.
        committed_metadata: Option<Str> [0.., null 0..],
    }

    /// What became of each offset.
    TxnOffsetCommitResponse = key 28, versions 0..=6, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The topics.
        topics: Vec<TxnOffsetCommitResponseTopic> [0..],
    }

    /// A topic's outcomes.
    TxnOffsetCommitResponseTopic {
        /// Its name.
        name: Str [0..=5, ignorable],
        /// Its id.
        topic_id: Uuid [6.., ignorable],
        /// The partitions.
        partitions: Vec<TxnOffsetCommitResponsePartition> [0..],
    }

    /// A partition's outcome.
    TxnOffsetCommitResponsePartition {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why the offset was not taken.
        error_code: i16 [0..],
    }
}
