//! ReadShareGroupStateSummary (key 87), versions 0 to 1, flexible from 0: read how far a share group's partitions are
//! (KIP-932).
//!
//! - Sent by the group coordinator to the share coordinator; both are brokers. Unlike ReadShareGroupState, it moves no
//!   epoch and brings no batches.
//! - In Kafka 3.9, where nothing uses it yet, version 0 of the response has no `leader_epoch`; in later releases, and
//!   so here, it has.
//! - Version 1 counts what is settled after the start offset, so that lag can be told (KIP-1226).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks how far partitions are.
    ReadShareGroupStateSummaryRequest -> ReadShareGroupStateSummaryResponse = key 87, versions 0..=1, flexible 0..,
        kips [0: 932, 1: 1226] {
        /// The group.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<ReadStateSummaryData> [0..],
    }

    /// A topic.
    ReadStateSummaryData {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition.
    PartitionData {
        /// Its number.
        partition: i32 [0..],
        /// Epoch of the partition's leader.
        leader_epoch: i32 [0..],
    }

    /// How far partitions are.
    ReadShareGroupStateSummaryResponse = key 87, versions 0..=1, flexible 0.. {
        /// The topics.
        results: Vec<ReadStateSummaryResult> [0..],
    }

    /// A topic.
    ReadStateSummaryResult {
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
        /// Epoch of the state.
        state_epoch: i32 [0..],
        /// Epoch of the leader that wrote the state.
        leader_epoch: i32 [0..],
        /// First offset that is not settled; -1 if that is open.
        start_offset: i64 [0..],
        /// Records from the start offset on that are settled, or -1.
        delivery_complete_count: i32 [1.., ignorable] = -1,
    }
}
