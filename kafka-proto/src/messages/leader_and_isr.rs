//! LeaderAndIsr (key 4), versions 0 to 7, flexible from 4: which partitions a broker leads and follows.
//!
//! - Only controllers of clusters with ZooKeeper send it, to tell a broker of new leaders and in-sync replicas. 4.0
//!   dropped all versions.
//! - Version 1 marks new replicas (KIP-112), so that a broker doesn't make them again after a disk has failed. Version
//!   2 has broker epochs (KIP-380) and groups partitions by topic, version 3 shows reassignments (KIP-455), version 5
//!   has topic ids and answers by them (KIP-516), version 6 says that a leader was elected uncleanly (KIP-704), version
//!   7 comes from a KRaft controller during the migration (KIP-866).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Tells a broker which partitions to lead or follow.
    LeaderAndIsrRequest -> LeaderAndIsrResponse = key 4, versions 0..=7, flexible 4..,
        kips [1: 112, 2: 380, 3: 455, 4: 482, 5: 516, 6: 704, 7: 866] {
        /// The controller's broker id.
        controller_id: i32 [0..],
        /// Whether the controller is one of KRaft, which migrates the cluster from ZooKeeper.
        is_k_raft_controller: bool [7..] = false,
        /// The controller's epoch; a broker refuses older ones.
        controller_epoch: i32 [0..],
        /// The receiving broker's epoch; -1 skips the check that it hasn't restarted since.
        broker_epoch: i64 [2.., ignorable] = -1,
        /// Which of the broker's partitions are named: 1 those that changed, 2 all, 0 when unknown.
        r#type: i8 [5..],
        /// The partitions, each with its topic's name, before version 2.
        ungrouped_partition_states: Vec<LeaderAndIsrPartitionState> [0..=1],
        /// The topics, from version 2 on.
        topic_states: Vec<LeaderAndIsrTopicState> [2..],
        /// Where the leaders are to be found.
        live_leaders: Vec<LeaderAndIsrLiveLeader> [0..],
    }

    /// A topic of which the broker holds partitions.
    LeaderAndIsrTopicState {
        /// Its name.
        topic_name: Str [2..],
        /// Its id; zero for a topic that has none.
        topic_id: Uuid [5.., ignorable],
        /// The partitions.
        partition_states: Vec<LeaderAndIsrPartitionState> [2..],
    }

    /// A broker that leads one of the partitions.
    LeaderAndIsrLiveLeader {
        /// Its id.
        broker_id: i32 [0..],
        /// Host name or address.
        host_name: Str [0..],
        /// Port.
        port: i32 [0..],
    }

    /// Who leads and who replicates a partition.
    LeaderAndIsrPartitionState {
        /// Its topic's name, before version 2.
        topic_name: Str [0..=1, ignorable],
        /// Its number.
        partition_index: i32 [0..],
        /// Epoch of the controller that chose the leader.
        controller_epoch: i32 [0..],
        /// Id of its leader, or -1.
        leader: i32 [0..],
        /// The leader's epoch.
        leader_epoch: i32 [0..],
        /// Ids of the replicas that are in sync.
        isr: Vec<i32> [0..],
        /// Grows with every change of this state; the version of its ZooKeeper node.
        partition_epoch: i32 [0..],
        /// Ids of all brokers that hold it.
        replicas: Vec<i32> [0..],
        /// Those among the replicas that a reassignment adds.
        adding_replicas: Vec<i32> [3.., ignorable],
        /// Those among the replicas that a reassignment removes.
        removing_replicas: Vec<i32> [3.., ignorable],
        /// Whether the broker is to create the replica, rather than to have it already.
        is_new: bool [1.., ignorable] = false,
        /// 1 after an unclean election from which the leader hasn't recovered yet, else 0.
        leader_recovery_state: i8 [6..],
    }

    /// What became of each partition.
    LeaderAndIsrResponse = key 4, versions 0..=7, flexible 4.. {
        /// 0, or why the whole request was refused.
        error_code: i16 [0..],
        /// The partitions, before version 5.
        partition_errors: Vec<LeaderAndIsrPartitionError> [0..=4],
        /// The topics, from version 5 on.
        topics: Vec<LeaderAndIsrTopicError> [5..],
    }

    /// A topic's outcomes.
    LeaderAndIsrTopicError {
        /// Its id.
        topic_id: Uuid [5..],
        /// The partitions.
        partition_errors: Vec<LeaderAndIsrPartitionError> [5..],
    }

    /// A partition's outcome.
    LeaderAndIsrPartitionError {
        /// Its topic's name, before version 5.
        topic_name: Str [0..=4, ignorable],
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why the state was refused.
        error_code: i16 [0..],
    }
}
