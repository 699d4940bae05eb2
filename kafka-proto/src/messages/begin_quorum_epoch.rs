//! BeginQuorumEpoch (key 53), versions 0 to 1, flexible from 1: the new leader of the metadata quorum tells the voters.
//!
//! - Sent by the controller that won an election to the other voters (KIP-595); version 1 has directory ids and
//!   endpoints, for voters that change (KIP-853).
//! - The response's structs of the request's names carry the prefix `Response`.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Tells who leads.
    BeginQuorumEpochRequest -> BeginQuorumEpochResponse = key 53, versions 0..=1, flexible 1.., kips [0: 595, 1: 853] {
        /// The cluster that the leader means to reach, if it knows.
        cluster_id: Option<Str> [0.., null 0..],
        /// The voter that is told, or -1.
        voter_id: i32 [1.., ignorable] = -1,
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

    /// A partition's leader.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// Directory of the log of the voter that is told; zero if unknown.
        voter_directory_id: Uuid [1.., ignorable],
        /// The leader.
        leader_id: i32 [0..],
        /// Its epoch.
        leader_epoch: i32 [0..],
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
    BeginQuorumEpochResponse = key 53, versions 0..=1, flexible 1.. {
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
