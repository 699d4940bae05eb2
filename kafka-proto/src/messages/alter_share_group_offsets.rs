//! AlterShareGroupOffsets (key 91), version 0, flexible from 0: move the start offsets of a share group without members
//! (KIP-932).
//!
//! - Sent by clients to the coordinator of the group, which answers NON_EMPTY_GROUP while it has members.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks to move start offsets.
    AlterShareGroupOffsetsRequest -> AlterShareGroupOffsetsResponse = key 91, versions 0..=0, flexible 0..,
        kips [0: 932] {
        /// The group.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<AlterShareGroupOffsetsRequestTopic> [0..],
    }

    /// A topic.
    AlterShareGroupOffsetsRequestTopic {
        /// Its name.
        topic_name: Str [0..],
        /// The partitions.
        partitions: Vec<AlterShareGroupOffsetsRequestPartition> [0..],
    }

    /// A partition.
    AlterShareGroupOffsetsRequestPartition {
        /// Its number.
        partition_index: i32 [0..],
        /// The new start offset.
        start_offset: i64 [0..],
    }

    /// What became of the offsets.
    AlterShareGroupOffsetsResponse = key 91, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The topics.
        responses: Vec<AlterShareGroupOffsetsResponseTopic> [0..],
    }

    /// A topic.
    AlterShareGroupOffsetsResponseTopic {
        /// Its name.
        topic_name: Str [0..],
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<AlterShareGroupOffsetsResponsePartition> [0..],
    }

    /// A partition.
    AlterShareGroupOffsetsResponsePartition {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
