//! DescribeTopicPartitions (key 75), version 0, flexible from 0: partitions of topics, page by page (KIP-966).
//!
//! - Only KRaft brokers have it. Unlike Metadata, it names the replicas that may lead although they are out of sync.
//! - The answer stops at a limit of partitions and says where to go on; the next request must name the cursor's topic
//!   too.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks for partitions.
    DescribeTopicPartitionsRequest -> DescribeTopicPartitionsResponse = key 75, versions 0..=0, flexible 0..,
        kips [0: 966] {
        /// The topics; none for all.
        topics: Vec<TopicRequest> [0..],
        /// Partitions to answer with; the broker has a limit of its own (`max.request.partition.size.limit`).
        response_partition_limit: i32 [0..] = 2000,
        /// Where to go on; null to start.
        cursor: Option<Cursor> [0.., null 0..],
    }

    /// A topic.
    TopicRequest {
        /// Its name.
        name: Str [0..],
    }

    /// A place in the list of topics, sorted by name.
    Cursor {
        /// The topic.
        topic_name: Str [0..],
        /// The first partition to tell.
        partition_index: i32 [0..],
    }

    /// Partitions.
    DescribeTopicPartitionsResponse = key 75, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0.., ignorable],
        /// The topics.
        topics: Vec<DescribeTopicPartitionsResponseTopic> [0..],
        /// Where to go on; null if that is all.
        next_cursor: Option<Cursor> [0.., null 0..],
    }

    /// A topic.
    DescribeTopicPartitionsResponseTopic {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// Its name.
        name: Option<Str> [0.., null 0..],
        /// Its id; zero if it is unknown.
        topic_id: Uuid [0.., ignorable],
        /// Whether Kafka itself uses it.
        is_internal: bool [0.., ignorable] = false,
        /// The partitions.
        partitions: Vec<DescribeTopicPartitionsResponsePartition> [0..],
        /// Bits of the operations that the client may do.
        topic_authorized_operations: i32 [0..] = -2147483648,
    }

    /// A partition.
    DescribeTopicPartitionsResponsePartition {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// Its number.
        partition_index: i32 [0..],
        /// Its leader, or -1.
        leader_id: i32 [0..],
        /// Epoch of the leader, or -1.
        leader_epoch: i32 [0.., ignorable] = -1,
        /// Brokers of its replicas.
        replica_nodes: Vec<i32> [0..],
        /// Brokers of the replicas in sync.
        isr_nodes: Vec<i32> [0..],
        /// Brokers out of sync that have every committed record nevertheless; null if unknown.
        eligible_leader_replicas: Option<Vec<i32>> [0.., null 0..],
        /// Brokers that could lead last, where none can now; null if unknown.
        last_known_elr: Option<Vec<i32>> [0.., null 0..],
        /// Brokers of replicas that are offline.
        offline_replicas: Vec<i32> [0.., ignorable],
    }
}
