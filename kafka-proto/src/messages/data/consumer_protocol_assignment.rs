//! ConsumerProtocolAssignment, versions 0 to 3: what the leader of a consumer group of the old protocol assigns to a
//! member.
//!
//! - It is `assignment` in SyncGroup, with its version in front. Readers take a version that they don't know for the
//!   newest that they know and ignore the rest, since versions only ever add fields.
//! - Versions 1 to 3 are version 0 and came with those of ConsumerProtocolSubscription (KIP-429, KIP-792, KIP-881).

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// Partitions for a member.
    ConsumerProtocolAssignment = versions 0..=3, kips [1: 429, 2: 792, 3: 881] {
        /// The partitions, by topic.
        assigned_partitions: Vec<TopicPartition> [0..],
        /// Bytes from the assignor to the member's; null for none.
        user_data: Option<Bytes> [0.., null 0..],
    }

    /// Partitions of a topic.
    TopicPartition {
        /// Its name.
        topic: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }
}
