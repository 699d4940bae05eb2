//! EndQuorumEpoch (key 54), versions 0 to 1, flexible from 1: the leader of the metadata quorum resigns.
//!
//! - Sent by the controller that leads to the other voters, so that they elect at once (KIP-595); version 1 has
//!   directory ids and endpoints, for voters that change (KIP-853).
//! - The response's structs of the request's names carry the prefix `Response`.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Tells that the leader resigns.
    EndQuorumEpochRequest -> EndQuorumEpochResponse = key 54, versions 0..=1, flexible 1.., kips [0: 595, 1: 853] {
        /// The cluster that the leader means to reach, if it knows.
        cluster_id: Option<Str> [0.., null 0..],
        /// The topics.
        topics: Vec<TopicData> [0..],
        /// Listeners of the leader.
        leader_endpoints: Vec<LeaderEndpoint> [1.., ignorable],
    }

    /// A topic.
    TopicData {
        /// Its name.
        topic_name: Str [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition that loses its leader.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// The leader that resigns.
        leader_id: i32 [0..],
        /// Its epoch.
        leader_epoch: i32 [0..],
        /// Voters in the order in which they should stand for election.
        preferred_successors: Vec<i32> [0, ignorable],
        /// Voters in the order in which they should stand for election.
        preferred_candidates: Vec<ReplicaInfo> [1.., ignorable],
    }

    /// A voter.
    ReplicaInfo {
        /// Its id.
        candidate_id: i32 [1..],
        /// Directory of its log.
        candidate_directory_id: Uuid [1..],
    }

    /// A listener of the leader.
    LeaderEndpoint {
        /// Its name.
        name: Str [1..],
        /// Host name or address.
        host: Str [1..],
        /// Port.
        port: u16 [1..],
    }

    /// Acknowledges it.
    EndQuorumEpochResponse = key 54, versions 0..=1, flexible 1.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The topics.
        topics: Vec<ResponseTopicData> [0..],
        /// Where the leaders named in the partitions are.
        node_endpoints: Vec<NodeEndpoint> [1.., tag 0],
    }

    /// A topic.
    ResponseTopicData {
        /// Its name.
        topic_name: Str [0..],
        /// The partitions.
        partitions: Vec<ResponsePartitionData> [0..],
    }

    /// What the voter knows of a partition.
    ResponsePartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The leader, or -1.
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
