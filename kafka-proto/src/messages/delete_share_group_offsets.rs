//! DeleteShareGroupOffsets (key 92), version 0, flexible from 0: forget the start offsets of topics in a share group
//! without members (KIP-932).
//!
//! - Sent by clients to the coordinator of the group, which answers NON_EMPTY_GROUP while it has members.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks to forget start offsets.
    DeleteShareGroupOffsetsRequest -> DeleteShareGroupOffsetsResponse = key 92, versions 0..=0, flexible 0..,
        kips [0: 932] {
        /// The group.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<DeleteShareGroupOffsetsRequestTopic> [0..],
    }

    /// A topic.
    DeleteShareGroupOffsetsRequestTopic {
        /// Its name.
        topic_name: Str [0..],
    }

    /// What became of the offsets.
    DeleteShareGroupOffsetsResponse = key 92, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The topics.
        responses: Vec<DeleteShareGroupOffsetsResponseTopic> [0..],
    }

    /// A topic.
    DeleteShareGroupOffsetsResponseTopic {
        /// Its name.
        topic_name: Str [0..],
        /// Its id.
        topic_id: Uuid [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
