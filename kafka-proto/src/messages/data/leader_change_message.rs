//! LeaderChangeMessage, versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Uuid};

messages! {
    /// TODO.
    LeaderChangeMessage = versions 0..=1, flexible 0.. {
        /// TODO.
        version: i16 [0..],
        /// TODO.
        leader_id: i32 [0..],
        /// TODO.
        voters: Vec<Voter> [0..],
        /// TODO.
        granting_voters: Vec<Voter> [0..],
    }

    /// TODO.
    Voter {
        /// TODO.
        voter_id: i32 [0..],
        /// TODO.
        voter_directory_id: Uuid [1..],
    }
}
