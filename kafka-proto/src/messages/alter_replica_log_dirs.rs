//! AlterReplicaLogDirs (key 34), versions 0 to 2, flexible from 2: move replicas between a broker's disks (KIP-113).
//!
//! - The broker that holds the replicas must be asked. The answer says that copying has begun; DescribeLogDirs shows
//!   how far it is.
//! - Where the broker holds no such replica the answer is an error, yet the directory is remembered and used once it
//!   does.
//! - 4.0 dropped version 0 (KIP-896).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Moves replicas into directories.
    AlterReplicaLogDirsRequest -> AlterReplicaLogDirsResponse = key 34, versions 0..=2, flexible 2..,
        kips [0: 113, 1: 219, 2: 482] {
        /// The directories.
        dirs: Vec<AlterReplicaLogDir> [0..],
    }

    /// A directory to move to.
    AlterReplicaLogDir {
        /// Its absolute path, one of the broker's `log.dirs`.
        path: Str [0..],
        /// The topics.
        topics: Vec<AlterReplicaLogDirTopic> [0..],
    }

    /// A topic.
    AlterReplicaLogDirTopic {
        /// Its name.
        name: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }

    /// What became of each replica.
    AlterReplicaLogDirsResponse = key 34, versions 0..=2, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The topics.
        results: Vec<AlterReplicaLogDirTopicResult> [0..],
    }

    /// A topic's outcomes.
    AlterReplicaLogDirTopicResult {
        /// Its name.
        topic_name: Str [0..],
        /// The partitions.
        partitions: Vec<AlterReplicaLogDirPartitionResult> [0..],
    }

    /// A partition's outcome.
    AlterReplicaLogDirPartitionResult {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why its replica is not being moved.
        error_code: i16 [0..],
    }
}
