//! CreatePartitions (key 37), versions 0 to 3, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    CreatePartitionsRequest -> CreatePartitionsResponse = key 37, versions 0..=3, flexible 2.. {
        /// TODO.
        topics: Vec<CreatePartitionsTopic> [0..],
        /// TODO.
        timeout_ms: i32 [0..],
        /// TODO.
        validate_only: bool [0..],
    }

    /// TODO.
    CreatePartitionsTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        count: i32 [0..],
        /// TODO.
        assignments: Option<Vec<CreatePartitionsAssignment>> [0.., null 0..],
    }

    /// TODO.
    CreatePartitionsAssignment {
        /// TODO.
        broker_ids: Vec<i32> [0..],
    }

    /// TODO.
    CreatePartitionsResponse = key 37, versions 0..=3, flexible 2.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        results: Vec<CreatePartitionsTopicResult> [0..],
    }

    /// TODO.
    CreatePartitionsTopicResult {
        /// TODO.
        name: Str [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
