//! DeleteShareGroupOffsets (key 92), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    DeleteShareGroupOffsetsRequest -> DeleteShareGroupOffsetsResponse = key 92, versions 0..=0, flexible 0.. {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        topics: Vec<DeleteShareGroupOffsetsRequestTopic> [0..],
    }

    /// TODO.
    DeleteShareGroupOffsetsRequestTopic {
        /// TODO.
        topic_name: Str [0..],
    }

    /// TODO.
    DeleteShareGroupOffsetsResponse = key 92, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        responses: Vec<DeleteShareGroupOffsetsResponseTopic> [0..],
    }

    /// TODO.
    DeleteShareGroupOffsetsResponseTopic {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        topic_id: Uuid [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
