//! LeaderChangeMessage, versions 0 to 1, flexible from 0: the value of the control record with which a leader of the
//! metadata quorum starts its epoch (KIP-595).
//!
//! - No other version stands in front of it than its first field. Version 1 has directory ids (KIP-853).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Uuid};

messages! {
    /// The leader of an epoch.
    LeaderChangeMessage = versions 0..=1, flexible 0.., kips [0: 595, 1: 853] {
        /// The message's own version.
        version: i16 [0..],
        /// The leader.
        leader_id: i32 [0..],
        /// The voters of the epoch.
        voters: Vec<Voter> [0..],
        /// Those that voted for the leader.
        granting_voters: Vec<Voter> [0..],
    }

    /// A voter.
    Voter {
        /// Its id.
        voter_id: i32 [0..],
        /// Directory of its log.
        voter_directory_id: Uuid [1..],
    }
}
