//! ConsumerProtocolAssignment, versions 0 to 3: TODO.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    ConsumerProtocolAssignment = versions 0..=3 {
        /// TODO.
        assigned_partitions: Vec<TopicPartition> [0..],
        /// TODO.
        user_data: Option<Bytes> [0.., null 0..],
    }

    /// TODO.
    TopicPartition {
        /// TODO.
        topic: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }
}
