//! UpdateMetadata (key 6), versions 0 to 8, flexible from 6: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    UpdateMetadataRequest -> UpdateMetadataResponse = key 6, versions 0..=8, flexible 6.., memory 12 {
        /// TODO.
        controller_id: i32 [0..],
        /// TODO.
        is_k_raft_controller: bool [8..] = false,
        /// TODO.
        r#type: i8 [8.., tag 0],
        /// TODO.
        controller_epoch: i32 [0..],
        /// TODO.
        broker_epoch: i64 [5.., ignorable] = -1,
        /// TODO.
        ungrouped_partition_states: Vec<UpdateMetadataPartitionState> [0..=4],
        /// TODO.
        topic_states: Vec<UpdateMetadataTopicState> [5..],
        /// TODO.
        live_brokers: Vec<UpdateMetadataBroker> [0..],
    }

    /// TODO.
    UpdateMetadataTopicState {
        /// TODO.
        topic_name: Str [5..],
        /// TODO.
        topic_id: Uuid [7.., ignorable],
        /// TODO.
        partition_states: Vec<UpdateMetadataPartitionState> [5..],
    }

    /// TODO.
    UpdateMetadataBroker {
        /// TODO.
        id: i32 [0..],
        /// TODO.
        v0_host: Str [0, ignorable],
        /// TODO.
        v0_port: i32 [0, ignorable],
        /// TODO.
        endpoints: Vec<UpdateMetadataEndpoint> [1.., ignorable],
        /// TODO.
        rack: Option<Str> [2.., null 0.., ignorable],
    }

    /// TODO.
    UpdateMetadataEndpoint {
        /// TODO.
        port: i32 [1..],
        /// TODO.
        host: Str [1..],
        /// TODO.
        listener: Str [3.., ignorable],
        /// TODO.
        security_protocol: i16 [1..],
    }

    /// TODO.
    UpdateMetadataPartitionState {
        /// TODO.
        topic_name: Str [0..=4, ignorable],
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        controller_epoch: i32 [0..],
        /// TODO.
        leader: i32 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
        /// TODO.
        isr: Vec<i32> [0..],
        /// TODO.
        zk_version: i32 [0..],
        /// TODO.
        replicas: Vec<i32> [0..],
        /// TODO.
        offline_replicas: Vec<i32> [4.., ignorable],
    }

    /// TODO.
    UpdateMetadataResponse = key 6, versions 0..=8, flexible 6.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
