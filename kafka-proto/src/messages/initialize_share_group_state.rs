//! InitializeShareGroupState (key 83), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    InitializeShareGroupStateRequest -> InitializeShareGroupStateResponse = key 83, versions 0..=0, flexible 0.. {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        topics: Vec<InitializeStateData> [0..],
    }

    /// TODO.
    InitializeStateData {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<PartitionData> [0..],
    }

    /// TODO.
    PartitionData {
        /// TODO.
        partition: i32 [0..],
        /// TODO.
        state_epoch: i32 [0..],
        /// TODO.
        start_offset: i64 [0..],
    }

    /// TODO.
    InitializeShareGroupStateResponse = key 83, versions 0..=0, flexible 0.. {
        /// TODO.
        results: Vec<InitializeStateResult> [0..],
    }

    /// TODO.
    InitializeStateResult {
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
