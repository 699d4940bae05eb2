//! UpdateMetadata (key 6), versions 0 to 8, flexible from 6: what every broker knows of the cluster.
//!
//! - Only controllers of clusters with ZooKeeper send it, to keep the brokers' answers to Metadata fresh. 4.0 dropped
//!   all versions.
//! - Version 1 has several endpoints for a broker (KIP-2), version 2 its rack (KIP-36), version 3 names of listeners
//!   (KIP-103), version 4 offline replicas (KIP-112), version 5 broker epochs (KIP-380) and partitions grouped by
//!   topic, version 7 topic ids (KIP-516), version 8 comes from a KRaft controller during the migration (KIP-866).
//! - Version 0 has one PLAINTEXT endpoint, in `v0_host` and `v0_port`.
//! - A broker with one endpoint takes as few as 20 bytes and 184 decoded, hence the memory factor of the request.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Tells a broker of partitions and of the brokers that are alive.
    UpdateMetadataRequest -> UpdateMetadataResponse = key 6, versions 0..=8, flexible 6.., memory 12,
        kips [1: 2, 2: 36, 3: 103, 4: 112, 5: 380, 6: 482, 7: 516, 8: 866] {
        /// The controller's broker id.
        controller_id: i32 [0..],
        /// Whether the controller is one of KRaft, which migrates the cluster from ZooKeeper.
        is_k_raft_controller: bool [8..] = false,
        /// Which partitions are named: 1 those that changed, 2 all, 0 when unknown.
        r#type: i8 [8.., tag 0],
        /// The controller's epoch; a broker refuses older ones.
        controller_epoch: i32 [0..],
        /// The receiving broker's epoch; -1 skips the check that it hasn't restarted since.
        broker_epoch: i64 [5.., ignorable] = -1,
        /// The partitions, each with its topic's name, before version 5.
        ungrouped_partition_states: Vec<UpdateMetadataPartitionState> [0..=4],
        /// The topics, from version 5 on.
        topic_states: Vec<UpdateMetadataTopicState> [5..],
        /// All brokers that are alive.
        live_brokers: Vec<UpdateMetadataBroker> [0..],
    }

    /// A topic.
    UpdateMetadataTopicState {
        /// Its name.
        topic_name: Str [5..],
        /// Its id; zero for a topic that has none.
        topic_id: Uuid [7.., ignorable],
        /// The partitions.
        partition_states: Vec<UpdateMetadataPartitionState> [5..],
    }

    /// A broker.
    UpdateMetadataBroker {
        /// Its id.
        id: i32 [0..],
        /// Host name or address, in version 0.
        v0_host: Str [0, ignorable],
        /// Port, in version 0.
        v0_port: i32 [0, ignorable],
        /// Where it listens, from version 1 on.
        endpoints: Vec<UpdateMetadataEndpoint> [1.., ignorable],
        /// Rack, if it is in one.
        rack: Option<Str> [2.., null 0.., ignorable],
    }

    /// Where a broker listens.
    UpdateMetadataEndpoint {
        /// Port.
        port: i32 [1..],
        /// Host name or address.
        host: Str [1..],
        /// Name of the listener; before version 3 the protocol stands for it.
        listener: Str [3.., ignorable],
        /// 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
        security_protocol: i16 [1..],
    }

    /// Who leads and who replicates a partition.
    UpdateMetadataPartitionState {
        /// Its topic's name, before version 5.
        topic_name: Str [0..=4, ignorable],
        /// Its number.
        partition_index: i32 [0..],
        /// Epoch of the controller that chose the leader.
        controller_epoch: i32 [0..],
        /// Id of its leader; -1 for none, -2 when the topic is being deleted.
        leader: i32 [0..],
        /// The leader's epoch.
        leader_epoch: i32 [0..],
        /// Ids of the replicas that are in sync.
        isr: Vec<i32> [0..],
        /// Grows with every change of this state; the version of its ZooKeeper node.
        zk_version: i32 [0..],
        /// Ids of all brokers that hold it.
        replicas: Vec<i32> [0..],
        /// Ids of those that are offline.
        offline_replicas: Vec<i32> [4.., ignorable],
    }

    /// Whether the broker took it.
    UpdateMetadataResponse = key 6, versions 0..=8, flexible 6.. {
        /// 0, or why it was refused.
        error_code: i16 [0..],
    }
}
