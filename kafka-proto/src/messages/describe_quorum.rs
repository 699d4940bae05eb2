//! DescribeQuorum (key 55), versions 0 to 2, flexible from 0: state of the metadata quorum and its replicas.
//!
//! - Sent by clients, to brokers or controllers; the only topic is `__cluster_metadata` with partition 0 (KIP-595).
//! - Version 1 has timestamps of the replicas (KIP-836), version 2 directory ids, endpoints and messages (KIP-853).
//! - The response's structs of the request's names carry the prefix `Response`.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks for the state of a quorum.
    DescribeQuorumRequest -> DescribeQuorumResponse = key 55, versions 0..=2, flexible 0..,
        kips [0: 595, 1: 836, 2: 853] {
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

    /// A partition.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
    }

    /// State of a quorum.
    DescribeQuorumResponse = key 55, versions 0..=2, flexible 0.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [2.., null 2.., ignorable, lossy],
        /// The topics.
        topics: Vec<ResponseTopicData> [0..],
        /// Where the voters are.
        nodes: Vec<Node> [2..],
    }

    /// A topic.
    ResponseTopicData {
        /// Its name.
        topic_name: Str [0..],
        /// The partitions.
        partitions: Vec<ResponsePartitionData> [0..],
    }

    /// A partition's quorum.
    ResponsePartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [2.., null 2.., ignorable, lossy],
        /// The leader, or -1.
        leader_id: i32 [0..],
        /// The newest epoch.
        leader_epoch: i32 [0..],
        /// Offset up to which records are committed.
        high_watermark: i64 [0..],
        /// The voters, the leader among them.
        current_voters: Vec<ReplicaState> [0..],
        /// Replicas that read and do not vote: brokers, and controllers that are not voters.
        observers: Vec<ReplicaState> [0..],
    }

    /// A voter.
    Node {
        /// Its id.
        node_id: i32 [2..],
        /// Its listeners.
        listeners: Vec<Listener> [2..],
    }

    /// A listener.
    Listener {
        /// Its name.
        name: Str [2..],
        /// Host name or address.
        host: Str [2..],
        /// Port.
        port: u16 [2..],
    }

    /// A replica.
    ReplicaState {
        /// Its id.
        replica_id: i32 [0..],
        /// Directory of its log; zero if unknown.
        replica_directory_id: Uuid [2..],
        /// Offset after its last record, or -1.
        log_end_offset: i64 [0..],
        /// The leader's clock at the replica's last fetch, milliseconds since 1970; -1 for the leader, or unknown.
        last_fetch_timestamp: i64 [1.., ignorable] = -1,
        /// When the replica last had all that the leader had, milliseconds since 1970, or -1; for the leader, now.
        last_caught_up_timestamp: i64 [1.., ignorable] = -1,
    }
}
