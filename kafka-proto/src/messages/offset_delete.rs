//! OffsetDelete (key 47), version 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    OffsetDeleteRequest -> OffsetDeleteResponse = key 47, versions 0..=0 {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        topics: Vec<OffsetDeleteRequestTopic> [0..],
    }

    /// TODO.
    OffsetDeleteRequestTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<OffsetDeleteRequestPartition> [0..],
    }

    /// TODO.
    OffsetDeleteRequestPartition {
        /// TODO.
        partition_index: i32 [0..],
    }

    /// TODO.
    OffsetDeleteResponse = key 47, versions 0..=0 {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0.., ignorable],
        /// TODO.
        topics: Vec<OffsetDeleteResponseTopic> [0..],
    }

    /// TODO.
    OffsetDeleteResponseTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<OffsetDeleteResponsePartition> [0..],
    }

    /// TODO.
    OffsetDeleteResponsePartition {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
