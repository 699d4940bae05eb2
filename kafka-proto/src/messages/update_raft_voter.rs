//! UpdateRaftVoter (key 82), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    UpdateRaftVoterRequest -> UpdateRaftVoterResponse = key 82, versions 0..=0, flexible 0.. {
        /// TODO.
        cluster_id: Option<Str> [0.., null 0..],
        /// TODO.
        current_leader_epoch: i32 [0..],
        /// TODO.
        voter_id: i32 [0..],
        /// TODO.
        voter_directory_id: Uuid [0..],
        /// TODO.
        listeners: Vec<Listener> [0..],
        /// TODO.
        k_raft_version_feature: KRaftVersionFeature [0..],
    }

    /// TODO.
    Listener {
        /// TODO.
        name: Str [0..],
        /// TODO.
        host: Str [0..],
        /// TODO.
        port: u16 [0..],
    }

    /// TODO.
    KRaftVersionFeature {
        /// TODO.
        min_supported_version: i16 [0..],
        /// TODO.
        max_supported_version: i16 [0..],
    }

    /// TODO.
    UpdateRaftVoterResponse = key 82, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        current_leader: CurrentLeader [0.., tag 0],
    }

    /// TODO.
    CurrentLeader {
        /// TODO.
        leader_id: i32 [0..] = -1,
        /// TODO.
        leader_epoch: i32 [0..] = -1,
        /// TODO.
        host: Str [0..],
        /// TODO.
        port: i32 [0..],
    }
}
