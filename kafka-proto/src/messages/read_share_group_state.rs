//! ReadShareGroupState (key 84), version 0, flexible from 0: read the state of a share group's partitions (KIP-932).
//!
//! - Sent by the leader of a partition to the share coordinator; both are brokers. Kafka 4.0 had it for early access,
//!   with version 0 already.
//! - Offsets from the start offset on that no batch covers are available and were never handed out.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks for states.
    ReadShareGroupStateRequest -> ReadShareGroupStateResponse = key 84, versions 0..=0, flexible 0.., kips [0: 932] {
        /// The group.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<ReadStateData> [0..],
    }

    /// A topic.
    ReadStateData {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition.
    PartitionData {
        /// Its number.
        partition: i32 [0..],
        /// Epoch of the partition's leader; an older one is refused from then on.
        leader_epoch: i32 [0..],
    }

    /// States.
    ReadShareGroupStateResponse = key 84, versions 0..=0, flexible 0.. {
        /// The topics.
        results: Vec<ReadStateResult> [0..],
    }

    /// A topic.
    ReadStateResult {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionResult> [0..],
    }

    /// A partition's state.
    PartitionResult {
        /// Its number.
        partition: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Epoch of the state.
        state_epoch: i32 [0..],
        /// First offset that is not settled; -1 if that is open.
        start_offset: i64 [0..],
        /// What became of records since then.
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
}
