//! Metadata (key 3), versions 0 to 13, flexible from 9: brokers, topics and partition leaders.
//!
//! - Asking for all topics is an empty list in version 0 and null from version 1 on, where an empty list asks for none.
//! - Version 4 can keep the broker from creating topics. Version 7 has leader epochs (KIP-320), version 8 the
//!   operations that the client may do (KIP-430), of which the cluster's went away in 11 (KIP-700).
//! - Version 10 has topic ids and version 12 asks by them (KIP-516): then the name is null. Version 13 has an error
//!   code for the whole response (KIP-1102).
//! - A topic asked for takes as few as 6 bytes and 56 decoded, hence the memory factor of the request.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{NodeIds, Str, Uuid},
};

messages! {
    /// Asks for brokers and for some topics or all.
    MetadataRequest -> MetadataResponse = key 3, versions 0..=13, flexible 9.., memory 12,
        kips [1: 4, 2: 78, 3: 124, 5: 112, 6: 219, 7: 320, 8: 430, 9: 482, 10: 516, 11: 700, 12: 516, 13: 1102] {
        /// The topics; null for all, from version 1 on.
        topics: Option<Vec<MetadataRequestTopic>> [0.., null 1..] = Some(Vec::new()),
        /// Whether a topic may be created by asking for it.
        allow_auto_topic_creation: bool [4..] = true,
        /// Whether to say what the client may do with the cluster.
        include_cluster_authorized_operations: bool [8..=10],
        /// Whether to say what the client may do with each topic.
        include_topic_authorized_operations: bool [8..],
    }

    /// A topic asked for.
    MetadataRequestTopic {
        /// Its id; zero to ask by name.
        topic_id: Uuid [10.., ignorable],
        /// Its name; null to ask by id.
        name: Option<Str> [0.., null 10..],
    }

    /// Brokers and topics.
    MetadataResponse = key 3, versions 0..=13, flexible 9.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [3.., ignorable],
        /// All brokers that are alive.
        brokers: Vec<MetadataResponseBroker> [0..],
        /// The cluster.
        cluster_id: Option<Str> [2.., null 2.., ignorable],
        /// The broker to send controller requests to, or -1.
        controller_id: i32 [1.., ignorable] = -1,
        /// The topics.
        topics: Vec<MetadataResponseTopic> [0..],
        /// What the client may do with the cluster, a bit per operation; i32::MIN when not asked for.
        cluster_authorized_operations: i32 [8..=10] = -2147483648,
        /// 0, or why there is no answer.
        error_code: i16 [13.., ignorable],
    }

    /// A broker.
    MetadataResponseBroker {
        /// Its id.
        node_id: i32 [0..],
        /// Host name or address.
        host: Str [0..],
        /// Port.
        port: i32 [0..],
        /// Rack, if it is in one.
        rack: Option<Str> [1.., null 1.., ignorable],
    }

    /// A topic.
    MetadataResponseTopic {
        /// 0, or why the topic has no answer.
        error_code: i16 [0..],
        /// Its name; null when asked for by an id that nobody knows.
        name: Option<Str> [0.., null 12..],
        /// Its id, or zero.
        topic_id: Uuid [10.., ignorable],
        /// Whether it is one of Kafka's own.
        is_internal: bool [1.., ignorable],
        /// Its partitions.
        partitions: Vec<MetadataResponsePartition> [0..],
        /// What the client may do with the topic, a bit per operation; i32::MIN when not asked for.
        topic_authorized_operations: i32 [8..] = -2147483648,
    }

    /// A partition.
    MetadataResponsePartition {
        /// 0, or why the partition has no leader.
        error_code: i16 [0..],
        /// Its number.
        partition_index: i32 [0..],
        /// Id of its leader, or -1.
        leader_id: i32 [0..],
        /// The leader's epoch, or -1.
        leader_epoch: i32 [7.., ignorable] = -1,
        /// Ids of all brokers that hold it.
        replica_nodes: NodeIds [0..],
        /// Ids of those that are in sync with the leader.
        isr_nodes: NodeIds [0..],
        /// Ids of those that are offline.
        offline_replicas: NodeIds [5.., ignorable],
    }
}
