//! FetchSnapshot (key 59), versions 0 to 1, flexible from 0: read a snapshot of the metadata log, piece by piece.
//!
//! - Sent by brokers and controllers to the controller that leads (KIP-630), after a Fetch answered with a
//!   `snapshot_id`. Version 1 has directory ids and endpoints (KIP-853).
//! - A piece may start and end in the middle of a batch; only the whole of a snapshot is a run of batches.
//! - The response's structs of the request's names carry the prefix `Response`.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Records, Str, Uuid},
};

messages! {
    /// Asks for pieces of snapshots.
    FetchSnapshotRequest -> FetchSnapshotResponse = key 59, versions 0..=1, flexible 0.., kips [0: 630, 1: 853] {
        /// The cluster that the replica means to reach, if it knows.
        cluster_id: Option<Str> [0.., null 0.., tag 0],
        /// The replica that asks.
        replica_id: i32 [0..] = -1,
        /// Bytes that the answer may hold, over all snapshots.
        max_bytes: i32 [0..] = 0x7fffffff,
        /// The topics.
        topics: Vec<TopicSnapshot> [0..],
    }

    /// A topic.
    TopicSnapshot {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<PartitionSnapshot> [0..],
    }

    /// A partition.
    PartitionSnapshot {
        /// Its number.
        partition: i32 [0..],
        /// The leader epoch that the replica knows, or -1.
        current_leader_epoch: i32 [0..],
        /// The snapshot.
        snapshot_id: SnapshotId [0..],
        /// Bytes of the snapshot that the replica has, which is where to go on.
        position: i64 [0..],
        /// Directory of the replica's log.
        replica_directory_id: Uuid [1.., tag 0, ignorable],
    }

    /// A snapshot.
    SnapshotId {
        /// Offset after the last record in it.
        end_offset: i64 [0..],
        /// Epoch of that record.
        epoch: i32 [0..],
    }

    /// Pieces of snapshots.
    FetchSnapshotResponse = key 59, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0.., ignorable],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The topics.
        topics: Vec<ResponseTopicSnapshot> [0..],
        /// Where the leaders named in the partitions are.
        node_endpoints: Vec<NodeEndpoint> [1.., tag 0],
    }

    /// A topic.
    ResponseTopicSnapshot {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<ResponsePartitionSnapshot> [0..],
    }

    /// A partition's piece.
    ResponsePartitionSnapshot {
        /// Its number.
        index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The snapshot.
        snapshot_id: ResponseSnapshotId [0..],
        /// The leader, if it is another node or epoch than the replica knows.
        current_leader: LeaderIdAndEpoch [0.., tag 0],
        /// Bytes of the whole snapshot.
        size: i64 [0..],
        /// Bytes of the snapshot before the piece.
        position: i64 [0..],
        /// The piece; it starts and ends anywhere.
        unaligned_records: Records [0..],
    }

    /// A snapshot.
    ResponseSnapshotId {
        /// Offset after the last record in it.
        end_offset: i64 [0..],
        /// Epoch of that record.
        epoch: i32 [0..],
    }

    /// A partition's leader.
    LeaderIdAndEpoch {
        /// Its id, or -1.
        leader_id: i32 [0..],
        /// The newest epoch.
        leader_epoch: i32 [0..],
    }

    /// Where a node is.
    NodeEndpoint {
        /// Its id.
        node_id: i32 [1..],
        /// Host name or address.
        host: Str [1..],
        /// Port.
        port: u16 [1..],
    }
}
