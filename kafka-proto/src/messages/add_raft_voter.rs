//! AddRaftVoter (key 80), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    AddRaftVoterRequest -> AddRaftVoterResponse = key 80, versions 0..=1, flexible 0.. {
        /// TODO.
        cluster_id: Option<Str> [0.., null 0..],
        /// TODO.
        timeout_ms: i32 [0..],
        /// TODO.
        voter_id: i32 [0..],
        /// TODO.
        voter_directory_id: Uuid [0..],
        /// TODO.
        listeners: Vec<Listener> [0..],
        /// TODO.
        ack_when_committed: bool [1..] = true,
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
    AddRaftVoterResponse = key 80, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., ignorable, lossy],
    }
}
