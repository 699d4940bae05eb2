//! DeleteShareGroupState (key 86), version 0, flexible from 0: forget the state of a share group's partitions
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
    /// Asks to forget states.
    DeleteShareGroupStateRequest -> DeleteShareGroupStateResponse = key 86, versions 0..=0, flexible 0..,
        kips [0: 932] {
        /// The group.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<DeleteStateData> [0..],
    }

    /// A topic.
    DeleteStateData {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition.
    PartitionData {
        /// Its number.
        partition: i32 [0..],
    }

    /// Whether the states are gone.
    DeleteShareGroupStateResponse = key 86, versions 0..=0, flexible 0.. {
        /// The topics.
        results: Vec<DeleteStateResult> [0..],
    }

    /// A topic.
    DeleteStateResult {
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
