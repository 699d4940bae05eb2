//! ConsumerProtocolSubscription, versions 0 to 3: TODO.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    ConsumerProtocolSubscription = versions 0..=3 {
        /// TODO.
        topics: Vec<Str> [0..],
        /// TODO.
        user_data: Option<Bytes> [0.., null 0..],
        /// TODO.
        owned_partitions: Vec<TopicPartition> [1.., ignorable],
        /// TODO.
        generation_id: i32 [2.., ignorable] = -1,
        /// TODO.
        rack_id: Option<Str> [3.., null 3.., ignorable],
    }

    /// TODO.
    TopicPartition {
        /// TODO.
        topic: Str [1..],
        /// TODO.
        partitions: Vec<i32> [1..],
    }
}
