//! VotersRecord, version 0, flexible from 0: the value of the control record that names the voters of the metadata
//! quorum (KIP-853).
//!
//! - No other version stands in front of it than its first field.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// The voters of the metadata quorum.
    VotersRecord = versions 0..=0, flexible 0.., kips [0: 853] {
        /// The record's own version, 0.
        version: i16 [0..],
        /// The voters.
        voters: Vec<Voter> [0..],
    }

    /// A voter.
    Voter {
        /// Its id.
        voter_id: i32 [0..],
        /// Directory of its log.
        voter_directory_id: Uuid [0..],
        /// Where it is reached.
        endpoints: Vec<Endpoint> [0..],
        /// Levels of `kraft.version` that it can work with.
        k_raft_version_feature: KRaftVersionFeature [0..],
    }

    /// An endpoint.
    Endpoint {
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
}
