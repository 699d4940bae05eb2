//! DescribeQuorum (key 55), versions 0 to 2, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    DescribeQuorumRequest -> DescribeQuorumResponse = key 55, versions 0..=2, flexible 0.. {
        /// TODO.
        topics: Vec<TopicData> [0..],
    }

    /// TODO.
    TopicData {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partitions: Vec<PartitionData> [0..],
    }

    /// TODO.
    PartitionData {
        /// TODO.
        partition_index: i32 [0..],
    }

    /// TODO.
    DescribeQuorumResponse = key 55, versions 0..=2, flexible 0.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [2.., null 2.., ignorable, lossy],
        /// TODO.
        topics: Vec<ResponseTopicData> [0..],
        /// TODO.
        nodes: Vec<Node> [2..],
    }

    /// TODO.
    ResponseTopicData {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partitions: Vec<ResponsePartitionData> [0..],
    }

    /// TODO.
    ResponsePartitionData {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [2.., null 2.., ignorable, lossy],
        /// TODO.
        leader_id: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
        /// TODO.
        high_watermark: i64 [0..],
        /// TODO.
        current_voters: Vec<ReplicaState> [0..],
        /// TODO.
        observers: Vec<ReplicaState> [0..],
    }

    /// TODO.
    Node {
        /// TODO.
        node_id: i32 [2..],
        /// TODO.
        listeners: Vec<Listener> [2..],
    }

    /// TODO.
    Listener {
        /// TODO.
        name: Str [2..],
        /// TODO.
        host: Str [2..],
        /// TODO.
        port: u16 [2..],
    }

    /// TODO.
    ReplicaState {
        /// TODO.
        replica_id: i32 [0..],
        /// TODO.
        replica_directory_id: Uuid [2..],
        /// TODO.
        log_end_offset: i64 [0..],
        /// TODO.
        last_fetch_timestamp: i64 [1.., ignorable] = -1,
        /// TODO.
        last_caught_up_timestamp: i64 [1.., ignorable] = -1,
    }
}
