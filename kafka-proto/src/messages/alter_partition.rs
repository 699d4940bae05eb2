//! AlterPartition (key 56), versions 0 to 3, flexible from 0: the leader of a partition asks for new in-sync replicas.
//!
//! - Sent by brokers to the controller (KIP-497); it was called AlterIsr before version 1.
//! - Version 1 has the recovery after an unclean election (KIP-704), version 2 topics by id (KIP-841), version 3 the
//!   epochs of the replicas' brokers (KIP-903). Kafka 4.0 dropped versions 0 and 1.
//! - The response's structs of the request's names carry the prefix `Response`.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks to change in-sync replicas.
    AlterPartitionRequest -> AlterPartitionResponse = key 56, versions 0..=3, flexible 0..,
        kips [0: 497, 1: 704, 2: 841, 3: 903] {
        /// The broker that asks.
        broker_id: i32 [0..],
        /// Its epoch.
        broker_epoch: i64 [0..] = -1,
        /// The topics.
        topics: Vec<TopicData> [0..],
    }

    /// A topic.
    TopicData {
        /// Its name.
        topic_name: Str [0..=1, ignorable],
        /// Its id.
        topic_id: Uuid [2.., ignorable],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition to change.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// Epoch of its leader.
        leader_epoch: i32 [0..],
        /// Brokers of the new in-sync replicas.
        new_isr: Vec<i32> [0..=2],
        /// Brokers of the new in-sync replicas.
        new_isr_with_epochs: Vec<BrokerState> [3..],
        /// 1 while it recovers from an unclean election, else 0.
        leader_recovery_state: i8 [1..],
        /// The partition's epoch that the broker knows; another one is refused.
        partition_epoch: i32 [0..],
    }

    /// A broker.
    BrokerState {
        /// Its id.
        broker_id: i32 [3..],
        /// Its epoch; -1 is not checked.
        broker_epoch: i64 [3..] = -1,
    }

    /// What became of the changes.
    AlterPartitionResponse = key 56, versions 0..=3, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The topics.
        topics: Vec<ResponseTopicData> [0..],
    }

    /// A topic.
    ResponseTopicData {
        /// Its name.
        topic_name: Str [0..=1, ignorable],
        /// Its id.
        topic_id: Uuid [2.., ignorable],
        /// The partitions.
        partitions: Vec<ResponsePartitionData> [0..],
    }

    /// A partition's state.
    ResponsePartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The leader.
        leader_id: i32 [0..],
        /// Its epoch.
        leader_epoch: i32 [0..],
        /// Brokers of the in-sync replicas.
        isr: Vec<i32> [0..],
        /// 1 while it recovers from an unclean election, else 0.
        leader_recovery_state: i8 [1.., ignorable],
        /// The partition's epoch; ZooKeeper's version in clusters that had it.
        partition_epoch: i32 [0..],
    }
}
