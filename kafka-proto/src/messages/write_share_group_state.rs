//! WriteShareGroupState (key 85), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    WriteShareGroupStateRequest -> WriteShareGroupStateResponse = key 85, versions 0..=1, flexible 0.. {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        topics: Vec<WriteStateData> [0..],
    }

    /// TODO.
    WriteStateData {
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
        leader_epoch: i32 [0..],
        /// TODO.
        start_offset: i64 [0..],
        /// TODO.
        delivery_complete_count: i32 [1.., ignorable] = -1,
        /// TODO.
        state_batches: Vec<StateBatch> [0..],
    }

    /// TODO.
    StateBatch {
        /// TODO.
        first_offset: i64 [0..],
        /// TODO.
        last_offset: i64 [0..],
        /// TODO.
        delivery_state: i8 [0..],
        /// TODO.
        delivery_count: i16 [0..],
    }

    /// TODO.
    WriteShareGroupStateResponse = key 85, versions 0..=1, flexible 0.. {
        /// TODO.
        results: Vec<WriteStateResult> [0..],
    }

    /// TODO.
    WriteStateResult {
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
