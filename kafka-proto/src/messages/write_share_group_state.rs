//! WriteShareGroupState (key 85), versions 0 to 1, flexible from 0: write down what became of records of a share group
//! (KIP-932).
//!
//! - Sent by the leader of a partition to the share coordinator; both are brokers. Kafka 4.0 had it for early access,
//!   with version 0 already.
//! - Version 1 counts what is settled after the start offset, so that lag can be told (KIP-1226).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks to write states.
    WriteShareGroupStateRequest -> WriteShareGroupStateResponse = key 85, versions 0..=1, flexible 0..,
        kips [0: 932, 1: 1226] {
        /// The group.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<WriteStateData> [0..],
    }

    /// A topic.
    WriteStateData {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition's state.
    PartitionData {
        /// Its number.
        partition: i32 [0..],
        /// Epoch of the state; an older one is refused.
        state_epoch: i32 [0..],
        /// Epoch of the partition's leader; an older one is refused.
        leader_epoch: i32 [0..],
        /// First offset that is not settled; -1 leaves it.
        start_offset: i64 [0..],
        /// Records from the start offset on that are settled, or -1.
        delivery_complete_count: i32 [1.., ignorable] = -1,
        /// What became of records.
        state_batches: Vec<StateBatch> [0..],
    }

    /// A range of records.
    StateBatch {
        /// Offset of the first.
        first_offset: i64 [0..],
        /// Offset of the last.
        last_offset: i64 [0..],
        /// 0 available, 2 acknowledged, 4 archived.
        delivery_state: i8 [0..],
        /// How often they were handed out.
        delivery_count: i16 [0..],
    }

    /// Whether the states were written.
    WriteShareGroupStateResponse = key 85, versions 0..=1, flexible 0.. {
        /// The topics.
        results: Vec<WriteStateResult> [0..],
    }

    /// A topic.
    WriteStateResult {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionResult> [0..],
    }

    /// A partition.
    PartitionResult {
        /// Its number.
        partition: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
