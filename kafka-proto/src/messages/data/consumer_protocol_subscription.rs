//! ConsumerProtocolSubscription, versions 0 to 3: what a member of a consumer group of the old protocol wants.
//!
//! - It is `metadata` of a protocol in JoinGroup, with its version in front. Readers take a version that they don't
//!   know for the newest that they know and ignore the rest, since versions only ever add fields.
//! - Version 1 tells what the member has (KIP-429), version 2 since when (KIP-792), version 3 its rack (KIP-881).

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// What a member wants.
    ConsumerProtocolSubscription = versions 0..=3, kips [1: 429, 2: 792, 3: 881] {
        /// Topics that it wants.
        topics: Vec<Str> [0..],
        /// Bytes from the member's assignor to the leader's; null for none.
        user_data: Option<Bytes> [0.., null 0..],
        /// Partitions that it has, by topic.
        owned_partitions: Vec<TopicPartition> [1.., ignorable],
        /// Generation in which it got them, or -1.
        generation_id: i32 [2.., ignorable] = -1,
        /// Its rack; null if it tells none.
        rack_id: Option<Str> [3.., null 3.., ignorable],
    }

    /// Partitions of a topic.
    TopicPartition {
        /// Its name.
        topic: Str [1..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [1..],
    }
}
