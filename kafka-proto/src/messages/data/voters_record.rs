//! VotersRecord, version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    VotersRecord = versions 0..=0, flexible 0.. {
        /// TODO.
        version: i16 [0..],
        /// TODO.
        voters: Vec<Voter> [0..],
    }

    /// TODO.
    Voter {
        /// TODO.
        voter_id: i32 [0..],
        /// TODO.
        voter_directory_id: Uuid [0..],
        /// TODO.
        endpoints: Vec<Endpoint> [0..],
        /// TODO.
        k_raft_version_feature: KRaftVersionFeature [0..],
    }

    /// TODO.
    Endpoint {
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
}
