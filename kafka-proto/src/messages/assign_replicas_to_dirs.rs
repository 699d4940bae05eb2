//! AssignReplicasToDirs (key 73), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Uuid};

messages! {
    /// TODO.
    AssignReplicasToDirsRequest -> AssignReplicasToDirsResponse = key 73, versions 0..=0, flexible 0.. {
        /// TODO.
        broker_id: i32 [0..],
        /// TODO.
        broker_epoch: i64 [0..] = -1,
        /// TODO.
        directories: Vec<DirectoryData> [0..],
    }

    /// TODO.
    DirectoryData {
        /// TODO.
        id: Uuid [0..],
        /// TODO.
        topics: Vec<TopicData> [0..],
    }

    /// TODO.
    TopicData {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<PartitionData> [0..],
    }

    /// TODO.
    PartitionData {
        /// TODO.
        partition_index: i32 [0..],
    }

    /// TODO.
    AssignReplicasToDirsResponse = key 73, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        directories: Vec<ResponseDirectoryData> [0..],
    }

    /// TODO.
    ResponseDirectoryData {
        /// TODO.
        id: Uuid [0..],
        /// TODO.
        topics: Vec<ResponseTopicData> [0..],
    }

    /// TODO.
    ResponseTopicData {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<ResponsePartitionData> [0..],
    }

    /// TODO.
    ResponsePartitionData {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
