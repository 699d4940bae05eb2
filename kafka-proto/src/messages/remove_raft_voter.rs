//! RemoveRaftVoter (key 81), version 0, flexible from 0: TODO.

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    RemoveRaftVoterRequest -> RemoveRaftVoterResponse = key 81, versions 0..=0, flexible 0.. {
        /// TODO.
        cluster_id: Option<Str> [0.., null 0..],
        /// TODO.
        voter_id: i32 [0..],
        /// TODO.
        voter_directory_id: Uuid [0..],
    }

    /// TODO.
    RemoveRaftVoterResponse = key 81, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., ignorable, lossy],
    }
}
