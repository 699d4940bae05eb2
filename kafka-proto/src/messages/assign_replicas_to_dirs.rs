//! AssignReplicasToDirs (key 73), version 0, flexible from 0: a broker tells in which log directories its replicas are
//! (KIP-858).
//!
//! - Sent by brokers to the controller.
//! - The response's structs of the request's names carry the prefix `Response`.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Uuid};

messages! {
    /// Tells where replicas are.
    AssignReplicasToDirsRequest -> AssignReplicasToDirsResponse = key 73, versions 0..=0, flexible 0.., kips [0: 858] {
        /// The broker.
        broker_id: i32 [0..],
        /// Its epoch.
        broker_epoch: i64 [0..] = -1,
        /// Its log directories.
        directories: Vec<DirectoryData> [0..],
    }

    /// A log directory.
    DirectoryData {
        /// Its id.
        id: Uuid [0..],
        /// The topics.
        topics: Vec<TopicData> [0..],
    }

    /// A topic.
    TopicData {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
    }

    /// Whether the controller knows now.
    AssignReplicasToDirsResponse = key 73, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The log directories.
        directories: Vec<ResponseDirectoryData> [0..],
    }

    /// A log directory.
    ResponseDirectoryData {
        /// Its id.
        id: Uuid [0..],
        /// The topics.
        topics: Vec<ResponseTopicData> [0..],
    }

    /// A topic.
    ResponseTopicData {
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<ResponsePartitionData> [0..],
    }

    /// A partition.
    ResponsePartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
