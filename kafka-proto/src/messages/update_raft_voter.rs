//! UpdateRaftVoter (key 82), version 0, flexible from 0: a voter of the metadata quorum tells its endpoints and
//! versions (KIP-853).
//!
//! - Sent by controllers to the one that leads.
//! - The port in `current_leader` is an i32, though u16 everywhere else in the quorum's messages.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Tells about a voter.
    UpdateRaftVoterRequest -> UpdateRaftVoterResponse = key 82, versions 0..=0, flexible 0.., kips [0: 853] {
        /// The cluster that the sender means; null is not checked.
        cluster_id: Option<Str> [0.., null 0..],
        /// The leader epoch that the voter knows, or -1.
        current_leader_epoch: i32 [0..],
        /// The voter.
        voter_id: i32 [0..],
        /// Directory of its log.
        voter_directory_id: Uuid [0..],
        /// Where it is reached.
        listeners: Vec<Listener> [0..],
        /// Levels of `kraft.version` that it can work with.
        k_raft_version_feature: KRaftVersionFeature [0..],
    }

    /// A listener.
    Listener {
        /// Its name.
        name: Str [0..],
        /// Host name or address.
        host: Str [0..],
        /// Port.
        port: u16 [0..],
    }

    /// A range of levels.
    KRaftVersionFeature {
        /// The lowest level.
        min_supported_version: i16 [0..],
        /// The highest level.
        max_supported_version: i16 [0..],
    }

    /// Whether the leader took it.
    UpdateRaftVoterResponse = key 82, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The leader.
        current_leader: CurrentLeader [0.., tag 0],
    }

    /// The leader.
    CurrentLeader {
        /// Its id, or -1.
        leader_id: i32 [0..] = -1,
        /// Its epoch, or -1.
        leader_epoch: i32 [0..] = -1,
        /// Host name or address.
        host: Str [0..],
        /// Port.
        port: i32 [0..],
    }
}
