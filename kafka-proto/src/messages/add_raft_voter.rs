//! AddRaftVoter (key 80), versions 0 to 1, flexible from 0: make a controller a voter of the metadata quorum (KIP-853).
//!
//! - Sent by clients, to brokers or controllers, and by controllers that join by themselves. Needs level 1 of the
//!   feature `kraft.version`.
//! - Version 1 may answer before the change is committed, for controllers that join by themselves (KIP-1186).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks to add a voter.
    AddRaftVoterRequest -> AddRaftVoterResponse = key 80, versions 0..=1, flexible 0.., kips [0: 853, 1: 1186] {
        /// The cluster that the sender means; null is not checked.
        cluster_id: Option<Str> [0.., null 0..],
        /// Milliseconds that it may take.
        timeout_ms: i32 [0..],
        /// The new voter.
        voter_id: i32 [0..],
        /// Directory of its log.
        voter_directory_id: Uuid [0..],
        /// Where it is reached.
        listeners: Vec<Listener> [0..],
        /// Whether to answer once the change is committed; otherwise once the leader has written it.
        ack_when_committed: bool [1..] = true,
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

    /// Whether the voter was added.
    AddRaftVoterResponse = key 80, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., ignorable, lossy],
    }
}
