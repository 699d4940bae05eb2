//! Vote (key 52), versions 0 to 2, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    VoteRequest -> VoteResponse = key 52, versions 0..=2, flexible 0.. {
        /// TODO.
        cluster_id: Option<Str> [0.., null 0..],
        /// TODO.
        voter_id: i32 [1.., ignorable] = -1,
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
        /// TODO.
        replica_epoch: i32 [0..],
        /// TODO.
        replica_id: i32 [0..],
        /// TODO.
        replica_directory_id: Uuid [1.., ignorable],
        /// TODO.
        voter_directory_id: Uuid [1.., ignorable],
        /// TODO.
        last_offset_epoch: i32 [0..],
        /// TODO.
        last_offset: i64 [0..],
        /// TODO.
        pre_vote: bool [2..],
    }

    /// TODO.
    VoteResponse = key 52, versions 0..=2, flexible 0.. {
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
        /// TODO.
        vote_granted: bool [0..],
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
