//! DeleteShareGroupState (key 86), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    DeleteShareGroupStateRequest -> DeleteShareGroupStateResponse = key 86, versions 0..=0, flexible 0.. {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        topics: Vec<DeleteStateData> [0..],
    }

    /// TODO.
    DeleteStateData {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<PartitionData> [0..],
    }

    /// TODO.
    PartitionData {
        /// TODO.
        partition: i32 [0..],
    }

    /// TODO.
    DeleteShareGroupStateResponse = key 86, versions 0..=0, flexible 0.. {
        /// TODO.
        results: Vec<DeleteStateResult> [0..],
    }

    /// TODO.
    DeleteStateResult {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<PartitionResult> [0..],
    }

    /// TODO.
    PartitionResult {
        /// TODO.
        partition: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
