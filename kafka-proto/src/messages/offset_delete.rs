//! OffsetDelete (key 47), version 0: delete some of a group's offsets (KIP-496).
//!
//! - The group's coordinator must be asked. A topic that members are subscribed to is answered
//!   GROUP_SUBSCRIBED_TO_TOPIC.
//! - It has no flexible version.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Deletes offsets of a group.
    OffsetDeleteRequest -> OffsetDeleteResponse = key 47, versions 0..=0, kips [0: 496] {
        /// The group.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<OffsetDeleteRequestTopic> [0..],
    }

    /// A topic.
    OffsetDeleteRequestTopic {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<OffsetDeleteRequestPartition> [0..],
    }

    /// A partition.
    OffsetDeleteRequestPartition {
        /// Its number.
        partition_index: i32 [0..],
    }

    /// What became of each offset.
    OffsetDeleteResponse = key 47, versions 0..=0 {
        /// 0, or why the group's offsets were left alone.
        error_code: i16 [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0.., ignorable],
        /// The topics.
        topics: Vec<OffsetDeleteResponseTopic> [0..],
    }

    /// A topic's outcomes.
    OffsetDeleteResponseTopic {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<OffsetDeleteResponsePartition> [0..],
    }

    /// A partition's outcome.
    OffsetDeleteResponsePartition {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why its offset was not deleted.
        error_code: i16 [0..],
    }
}
