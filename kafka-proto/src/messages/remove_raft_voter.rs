//! RemoveRaftVoter (key 81), version 0, flexible from 0: remove a voter from the metadata quorum (KIP-853).
//!
//! - Sent by clients, to brokers or controllers, and by controllers that come back with another directory. Needs level
//!   1 of the feature `kraft.version`. The leader itself may be removed.

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks to remove a voter.
    RemoveRaftVoterRequest -> RemoveRaftVoterResponse = key 81, versions 0..=0, flexible 0.., kips [0: 853] {
        /// The cluster that the sender means; null is not checked.
        cluster_id: Option<Str> [0.., null 0..],
        /// The voter.
        voter_id: i32 [0..],
        /// Directory of its log; both must match.
        voter_directory_id: Uuid [0..],
    }

    /// Whether the voter was removed.
    RemoveRaftVoterResponse = key 81, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., ignorable, lossy],
    }
}
