//! DescribeLogDirs (key 35), versions 0 to 5, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeLogDirsRequest -> DescribeLogDirsResponse = key 35, versions 0..=5, flexible 2.. {
        /// TODO.
        topics: Option<Vec<DescribableLogDirTopic>> [0.., null 0..],
    }

    /// TODO.
    DescribableLogDirTopic {
        /// TODO.
        topic: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    DescribeLogDirsResponse = key 35, versions 0..=5, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [3.., ignorable],
        /// TODO.
        results: Vec<DescribeLogDirsResult> [0..],
    }

    /// TODO.
    DescribeLogDirsResult {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        log_dir: Str [0..],
        /// TODO.
        topics: Vec<DescribeLogDirsTopic> [0..],
        /// TODO.
        total_bytes: i64 [4.., ignorable] = -1,
        /// TODO.
        usable_bytes: i64 [4.., ignorable] = -1,
        /// TODO.
        is_cordoned: bool [5.., ignorable] = false,
    }

    /// TODO.
    DescribeLogDirsTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<DescribeLogDirsPartition> [0..],
    }

    /// TODO.
    DescribeLogDirsPartition {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        partition_size: i64 [0..],
        /// TODO.
        offset_lag: i64 [0..],
        /// TODO.
        is_future_key: bool [0..],
    }
}
