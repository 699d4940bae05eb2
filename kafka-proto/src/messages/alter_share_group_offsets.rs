//! AlterShareGroupOffsets (key 91), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    AlterShareGroupOffsetsRequest -> AlterShareGroupOffsetsResponse = key 91, versions 0..=0, flexible 0.. {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        topics: Vec<AlterShareGroupOffsetsRequestTopic> [0..],
    }

    /// TODO.
    AlterShareGroupOffsetsRequestTopic {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partitions: Vec<AlterShareGroupOffsetsRequestPartition> [0..],
    }

    /// TODO.
    AlterShareGroupOffsetsRequestPartition {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        start_offset: i64 [0..],
    }

    /// TODO.
    AlterShareGroupOffsetsResponse = key 91, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        responses: Vec<AlterShareGroupOffsetsResponseTopic> [0..],
    }

    /// TODO.
    AlterShareGroupOffsetsResponseTopic {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<AlterShareGroupOffsetsResponsePartition> [0..],
    }

    /// TODO.
    AlterShareGroupOffsetsResponsePartition {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
