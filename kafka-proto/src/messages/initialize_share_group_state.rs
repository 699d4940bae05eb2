//! InitializeShareGroupState (key 83), version 0, flexible from 0: start the state of a share group's partitions
//! (KIP-932).
//!
//! - Sent by the group coordinator to the share coordinator; both are brokers. Kafka 4.0 had it for early access, with
//!   version 0 already.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks to start states.
    InitializeShareGroupStateRequest -> InitializeShareGroupStateResponse = key 83, versions 0..=0, flexible 0..,
        kips [0: 932] {
        /// The group.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<InitializeStateData> [0..],
    }

    /// A topic.
    InitializeStateData {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition.
    PartitionData {
        /// Its number.
        partition: i32 [0..],
        /// Epoch of the state; an older one is refused.
        state_epoch: i32 [0..],
        /// First offset to hand out; -1 leaves that open.
        start_offset: i64 [0..],
    }

    /// Whether the states were started.
    InitializeShareGroupStateResponse = key 83, versions 0..=0, flexible 0.. {
        /// The topics.
        results: Vec<InitializeStateResult> [0..],
    }

    /// A topic.
    InitializeStateResult {
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
