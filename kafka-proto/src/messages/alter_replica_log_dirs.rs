//! AlterReplicaLogDirs (key 34), versions 0 to 2, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    AlterReplicaLogDirsRequest -> AlterReplicaLogDirsResponse = key 34, versions 0..=2, flexible 2.. {
        /// TODO.
        dirs: Vec<AlterReplicaLogDir> [0..],
    }

    /// TODO.
    AlterReplicaLogDir {
        /// TODO.
        path: Str [0..],
        /// TODO.
        topics: Vec<AlterReplicaLogDirTopic> [0..],
    }

    /// TODO.
    AlterReplicaLogDirTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    AlterReplicaLogDirsResponse = key 34, versions 0..=2, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        results: Vec<AlterReplicaLogDirTopicResult> [0..],
    }

    /// TODO.
    AlterReplicaLogDirTopicResult {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partitions: Vec<AlterReplicaLogDirPartitionResult> [0..],
    }

    /// TODO.
    AlterReplicaLogDirPartitionResult {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
