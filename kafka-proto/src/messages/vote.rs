//! Vote (key 52), versions 0 to 2, flexible from 0: votes in an election of the metadata quorum.
//!
//! - Sent by controllers to controllers; the only topic is `__cluster_metadata` with partition 0 (KIP-595).
//! - Version 1 has directory ids and endpoints, for voters that change (KIP-853), version 2 votes that are only a probe
//!   (KIP-996).
//! - Releases without version 2 call `replica_epoch`, `replica_id` and `replica_directory_id` `candidate_..`.
//! - The response's structs of the request's names carry the prefix `Response`.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks for votes.
    VoteRequest -> VoteResponse = key 52, versions 0..=2, flexible 0.., kips [0: 595, 1: 853, 2: 996] {
        /// The cluster that the candidate means to reach, if it knows.
        cluster_id: Option<Str> [0.., null 0..],
        /// The voter that is asked, or -1.
        voter_id: i32 [1.., ignorable] = -1,
        /// The topics.
        topics: Vec<TopicData> [0..],
    }

    /// A topic.
    TopicData {
        /// Its name.
        topic_name: Str [0..],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// The candidate for a partition.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// The epoch that the candidate wants to lead; in a probe, the one that it is in.
        replica_epoch: i32 [0..],
        /// The candidate.
        replica_id: i32 [0..],
        /// Directory of the candidate's log; zero if unknown.
        replica_directory_id: Uuid [1.., ignorable],
        /// Directory of the log of the voter that is asked; zero if unknown.
        voter_directory_id: Uuid [1.., ignorable],
        /// Epoch of the last record in the candidate's log.
        last_offset_epoch: i32 [0..],
        /// Offset after that record.
        last_offset: i64 [0..],
        /// Whether it is a probe, before the candidate raises its epoch.
        pre_vote: bool [2..],
    }

    /// Votes.
    VoteResponse = key 52, versions 0..=2, flexible 0.. {
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

    /// The vote for a partition.
    ResponsePartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The leader that the voter knows, or -1.
        leader_id: i32 [0..],
        /// The epoch that the voter knows.
        leader_epoch: i32 [0..],
        /// Whether the candidate has the vote.
        vote_granted: bool [0..],
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
