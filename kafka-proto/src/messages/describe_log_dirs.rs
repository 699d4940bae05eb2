//! DescribeLogDirs (key 35), versions 0 to 5, flexible from 2: what is on a broker's disks (KIP-113).
//!
//! - Version 3 has an error for the whole answer (KIP-784); before, a client that may not ask saw no directories and no
//!   error. Version 4 tells the room on the disk (KIP-827), version 5 whether new replicas are kept away from it
//!   (KIP-1066).
//! - 4.0 dropped version 0 (KIP-896).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for the directories of a broker and the replicas in them.
    DescribeLogDirsRequest -> DescribeLogDirsResponse = key 35, versions 0..=5, flexible 2..,
        kips [0: 113, 1: 219, 2: 482, 3: 784, 4: 827, 5: 1066] {
        /// The topics; null for all.
        topics: Option<Vec<DescribableLogDirTopic>> [0.., null 0..],
    }

    /// A topic.
    DescribableLogDirTopic {
        /// Its name.
        topic: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }

    /// The directories of a broker.
    DescribeLogDirsResponse = key 35, versions 0..=5, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or why there is no answer.
        error_code: i16 [3.., ignorable],
        /// The directories.
        results: Vec<DescribeLogDirsResult> [0..],
    }

    /// A directory.
    DescribeLogDirsResult {
        /// 0, or KAFKA_STORAGE_ERROR if it is offline.
        error_code: i16 [0..],
        /// Its absolute path.
        log_dir: Str [0..],
        /// The topics in it.
        topics: Vec<DescribeLogDirsTopic> [0..],
        /// Bytes of the volume that it is on, or -1.
        total_bytes: i64 [4.., ignorable] = -1,
        /// Bytes of the volume that are free, or -1.
        usable_bytes: i64 [4.., ignorable] = -1,
        /// Whether new replicas are kept away from it.
        is_cordoned: bool [5.., ignorable] = false,
    }

    /// A topic.
    DescribeLogDirsTopic {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<DescribeLogDirsPartition> [0..],
    }

    /// A partition's replica.
    DescribeLogDirsPartition {
        /// Its number.
        partition_index: i32 [0..],
        /// Bytes of its segments.
        partition_size: i64 [0..],
        /// Offsets that it is behind: behind the high watermark, or behind the present replica if it is a future one.
        offset_lag: i64 [0..],
        /// Whether it is being copied here and will replace the present one.
        is_future_key: bool [0..],
    }
}
