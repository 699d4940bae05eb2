//! OffsetForLeaderEpoch (key 23), versions 0 to 4, flexible from 4: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    OffsetForLeaderEpochRequest -> OffsetForLeaderEpochResponse = key 23, versions 0..=4, flexible 4.. {
        /// TODO.
        replica_id: i32 [3.., ignorable] = -2,
        /// TODO.
        topics: Vec<OffsetForLeaderTopic> [0..],
    }

    /// TODO.
    OffsetForLeaderTopic {
        /// TODO.
        topic: Str [0..],
        /// TODO.
        partitions: Vec<OffsetForLeaderPartition> [0..],
    }

    /// TODO.
    OffsetForLeaderPartition {
        /// TODO.
        partition: i32 [0..],
        /// TODO.
        current_leader_epoch: i32 [2.., ignorable] = -1,
        /// TODO.
        leader_epoch: i32 [0..],
    }

    /// TODO.
    OffsetForLeaderEpochResponse = key 23, versions 0..=4, flexible 4.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [2.., ignorable],
        /// TODO.
        topics: Vec<OffsetForLeaderTopicResult> [0..],
    }

    /// TODO.
    OffsetForLeaderTopicResult {
        /// TODO.
        topic: Str [0..],
        /// TODO.
        partitions: Vec<EpochEndOffset> [0..],
    }

    /// TODO.
    EpochEndOffset {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        partition: i32 [0..],
        /// TODO.
        leader_epoch: i32 [1.., ignorable] = -1,
        /// TODO.
        end_offset: i64 [0..] = -1,
    }
}
