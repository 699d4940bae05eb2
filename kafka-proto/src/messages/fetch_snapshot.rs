//! FetchSnapshot (key 59), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Records, Str, Uuid},
};

messages! {
    /// TODO.
    FetchSnapshotRequest -> FetchSnapshotResponse = key 59, versions 0..=1, flexible 0.. {
        /// TODO.
        cluster_id: Option<Str> [0.., null 0.., tag 0],
        /// TODO.
        replica_id: i32 [0..] = -1,
        /// TODO.
        max_bytes: i32 [0..] = 0x7fffffff,
        /// TODO.
        topics: Vec<TopicSnapshot> [0..],
    }

    /// TODO.
    TopicSnapshot {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<PartitionSnapshot> [0..],
    }

    /// TODO.
    PartitionSnapshot {
        /// TODO.
        partition: i32 [0..],
        /// TODO.
        current_leader_epoch: i32 [0..],
        /// TODO.
        snapshot_id: SnapshotId [0..],
        /// TODO.
        position: i64 [0..],
        /// TODO.
        replica_directory_id: Uuid [1.., tag 0, ignorable],
    }

    /// TODO.
    SnapshotId {
        /// TODO.
        end_offset: i64 [0..],
        /// TODO.
        epoch: i32 [0..],
    }

    /// TODO.
    FetchSnapshotResponse = key 59, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0.., ignorable],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        topics: Vec<ResponseTopicSnapshot> [0..],
        /// TODO.
        node_endpoints: Vec<NodeEndpoint> [1.., tag 0],
    }

    /// TODO.
    ResponseTopicSnapshot {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<ResponsePartitionSnapshot> [0..],
    }

    /// TODO.
    ResponsePartitionSnapshot {
        /// TODO.
        index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        snapshot_id: ResponseSnapshotId [0..],
        /// TODO.
        current_leader: LeaderIdAndEpoch [0.., tag 0],
        /// TODO.
        size: i64 [0..],
        /// TODO.
        position: i64 [0..],
        /// TODO.
        unaligned_records: Records [0..],
    }

    /// TODO.
    ResponseSnapshotId {
        /// TODO.
        end_offset: i64 [0..],
        /// TODO.
        epoch: i32 [0..],
    }

    /// TODO.
    LeaderIdAndEpoch {
        /// TODO.
        leader_id: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
    }

    /// TODO.
    NodeEndpoint {
        /// TODO.
        node_id: i32 [1..],
        /// TODO.
        host: Str [1..],
        /// TODO.
        port: u16 [1..],
    }
}
