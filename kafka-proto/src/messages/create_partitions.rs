//! CreatePartitions (key 37), versions 0 to 3, flexible from 2: give topics more partitions (KIP-195).
//!
//! - Partitions can't be taken away. Keys hash to other partitions afterwards.
//! - Version 3 may be throttled by THROTTLING_QUOTA_EXCEEDED (KIP-599).
//! - A topic takes as few as 9 bytes and 80 decoded, hence the memory factor of the response.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Adds partitions to topics.
    CreatePartitionsRequest -> CreatePartitionsResponse = key 37, versions 0..=3, flexible 2..,
        kips [0: 195, 1: 219, 2: 482, 3: 599] {
        /// The topics.
        topics: Vec<CreatePartitionsTopic> [0..],
        /// Milliseconds to wait for the partitions to be there.
        timeout_ms: i32 [0..],
        /// Whether to check only.
        validate_only: bool [0..],
    }

    /// A topic.
    CreatePartitionsTopic {
        /// Its name.
        name: Str [0..],
        /// Number of partitions afterwards, those that it has included.
        count: i32 [0..],
        /// One entry for each new partition; null lets the broker choose.
        assignments: Option<Vec<CreatePartitionsAssignment>> [0.., null 0..],
    }

    /// A new partition assigned by hand.
    CreatePartitionsAssignment {
        /// Brokers to hold it, the first one preferred as leader.
        broker_ids: Vec<i32> [0..],
    }

    /// What became of each topic.
    CreatePartitionsResponse = key 37, versions 0..=3, flexible 2.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The topics.
        results: Vec<CreatePartitionsTopicResult> [0..],
    }

    /// A topic's outcome.
    CreatePartitionsTopicResult {
        /// Its name.
        name: Str [0..],
        /// 0, or why it has no new partitions.
        error_code: i16 [0..],
        /// Why it has no new partitions.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
