//! EndQuorumEpoch (key 54), versions 0 to 1, flexible from 1: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    EndQuorumEpochRequest -> EndQuorumEpochResponse = key 54, versions 0..=1, flexible 1.. {
        /// TODO.
        cluster_id: Option<Str> [0.., null 0..],
        /// TODO.
        topics: Vec<TopicData> [0..],
        /// TODO.
        leader_endpoints: Vec<LeaderEndpoint> [1.., ignorable],
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
        /// TODO.
        leader_id: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
        /// TODO.
        preferred_successors: Vec<i32> [0, ignorable],
        /// TODO.
        preferred_candidates: Vec<ReplicaInfo> [1.., ignorable],
    }

    /// TODO.
    ReplicaInfo {
        /// TODO.
        candidate_id: i32 [1..],
        /// TODO.
        candidate_directory_id: Uuid [1..],
    }

    /// TODO.
    LeaderEndpoint {
        /// TODO.
        name: Str [1..],
        /// TODO.
        host: Str [1..],
        /// TODO.
        port: u16 [1..],
    }

    /// TODO.
    EndQuorumEpochResponse = key 54, versions 0..=1, flexible 1.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        topics: Vec<ResponseTopicData> [0..],
        /// TODO.
        node_endpoints: Vec<NodeEndpoint> [1.., tag 0],
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
