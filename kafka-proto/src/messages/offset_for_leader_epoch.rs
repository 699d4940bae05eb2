//! OffsetForLeaderEpoch (key 23), versions 0 to 4, flexible from 4: where an epoch ends (KIP-101).
//!
//! - Followers, and consumers from version 3 on, find by it where their log departs from the leader's. Version 1 also
//!   tells which epoch was found (KIP-279): the greatest that is not above the one asked for.
//! - Version 2 refuses stale metadata with FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH (KIP-320). Up to version 2 the
//!   client must be allowed cluster actions, from 3 on to describe the topics (KIP-392).
//! - 4.0 dropped versions 0 and 1 (KIP-896).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks where epochs end.
    OffsetForLeaderEpochRequest -> OffsetForLeaderEpochResponse = key 23, versions 0..=4, flexible 4..,
        kips [0: 101, 1: 279, 2: 320, 3: 392, 4: 482] {
        /// The replica that asks; -1 for consumers, -2 for a debugging consumer or when unknown.
        replica_id: i32 [3.., ignorable] = -2,
        /// The topics.
        topics: Vec<OffsetForLeaderTopic> [0..],
    }

    /// A topic.
    OffsetForLeaderTopic {
        /// Its name.
        topic: Str [0..],
        /// The partitions.
        partitions: Vec<OffsetForLeaderPartition> [0..],
    }

    /// A partition.
    OffsetForLeaderPartition {
        /// Its number.
        partition: i32 [0..],
        /// The leader epoch that the client knows; -1 skips the check.
        current_leader_epoch: i32 [2.., ignorable] = -1,
        /// The epoch to look for.
        leader_epoch: i32 [0..],
    }

    /// Where epochs end.
    OffsetForLeaderEpochResponse = key 23, versions 0..=4, flexible 4.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [2.., ignorable],
        /// The topics.
        topics: Vec<OffsetForLeaderTopicResult> [0..],
    }

    /// A topic.
    OffsetForLeaderTopicResult {
        /// Its name.
        topic: Str [0..],
        /// The partitions.
        partitions: Vec<EpochEndOffset> [0..],
    }

    /// Where a partition's epoch ends.
    EpochEndOffset {
        /// 0, or why there is no offset.
        error_code: i16 [0..],
        /// Its number.
        partition: i32 [0..],
        /// The epoch found, or -1.
        leader_epoch: i32 [1.., ignorable] = -1,
        /// Offset after the epoch's last record; -1 when unknown.
        end_offset: i64 [0..] = -1,
    }
}
