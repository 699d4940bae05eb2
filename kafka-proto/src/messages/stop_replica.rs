//! StopReplica (key 5), versions 0 to 4, flexible from 2: which partitions a broker is to hold no longer.
//!
//! - Only controllers of clusters with ZooKeeper send it. 4.0 dropped all versions.
//! - The three lists are one in three layouts: `ungrouped_partitions` in version 0, `topics` in 1 and 2, `topic_states`
//!   from 3 on. Before version 3 `delete_partitions` is for all of them.
//! - Version 1 has broker epochs (KIP-380), version 3 leader epochs and FENCED_LEADER_EPOCH (KIP-570), version 4 comes
//!   from a KRaft controller during the migration (KIP-866).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Tells a broker to stop replicating partitions.
    StopReplicaRequest -> StopReplicaResponse = key 5, versions 0..=4, flexible 2..,
        kips [1: 380, 2: 482, 3: 570, 4: 866] {
        /// The controller's broker id.
        controller_id: i32 [0..],
        /// Whether the controller is one of KRaft, which migrates the cluster from ZooKeeper.
        is_k_raft_controller: bool [4..] = false,
        /// The controller's epoch; a broker refuses older ones.
        controller_epoch: i32 [0..],
        /// The receiving broker's epoch; -1 skips the check that it hasn't restarted since.
        broker_epoch: i64 [1.., ignorable] = -1,
        /// Whether to delete the logs as well.
        delete_partitions: bool [0..=2],
        /// The partitions, in version 0.
        ungrouped_partitions: Vec<StopReplicaPartitionV0> [0],
        /// The topics, in versions 1 and 2.
        topics: Vec<StopReplicaTopicV1> [1..=2],
        /// The topics, from version 3 on.
        topic_states: Vec<StopReplicaTopicState> [3..],
    }

    /// A partition.
    StopReplicaPartitionV0 {
        /// Its topic's name.
        topic_name: Str [0],
        /// Its number.
        partition_index: i32 [0],
    }

    /// A topic, in versions 1 and 2.
    StopReplicaTopicV1 {
        /// Its name.
        name: Str [1..=2],
        /// Numbers of the partitions.
        partition_indexes: Vec<i32> [1..=2],
    }

    /// A topic.
    StopReplicaTopicState {
        /// Its name.
        topic_name: Str [3..],
        /// The partitions.
        partition_states: Vec<StopReplicaPartitionState> [3..],
    }

    /// A partition.
    StopReplicaPartitionState {
        /// Its number.
        partition_index: i32 [3..],
        /// The leader's epoch; -1 when unknown, -2 when the topic is being deleted.
        leader_epoch: i32 [3..] = -1,
        /// Whether to delete the log as well.
        delete_partition: bool [3..],
    }

    /// What became of each partition.
    StopReplicaResponse = key 5, versions 0..=4, flexible 2.. {
        /// 0, or why the whole request was refused.
        error_code: i16 [0..],
        /// The partitions.
        partition_errors: Vec<StopReplicaPartitionError> [0..],
    }

    /// A partition's outcome.
    StopReplicaPartitionError {
        /// Its topic's name.
        topic_name: Str [0..],
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why the replica was not stopped.
        error_code: i16 [0..],
    }
}
