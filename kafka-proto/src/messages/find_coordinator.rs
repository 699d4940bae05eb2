//! FindCoordinator (key 10), versions 0 to 6, flexible from 3: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    FindCoordinatorRequest -> FindCoordinatorResponse = key 10, versions 0..=6, flexible 3.. {
        /// TODO.
        key: Str [0..=3],
        /// TODO.
        key_type: i8 [1..],
        /// TODO.
        coordinator_keys: Vec<Str> [4..],
    }

    /// TODO.
    FindCoordinatorResponse = key 10, versions 0..=6, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or what went wrong.
        error_code: i16 [0..=3],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [1..=3, null 1..=3, ignorable, lossy],
        /// TODO.
        node_id: i32 [0..=3],
        /// TODO.
        host: Str [0..=3],
        /// TODO.
        port: i32 [0..=3],
        /// TODO.
        coordinators: Vec<Coordinator> [4..],
    }

    /// TODO.
    Coordinator {
        /// TODO.
        key: Str [4..],
        /// TODO.
        node_id: i32 [4..],
        /// TODO.
        host: Str [4..],
        /// TODO.
        port: i32 [4..],
        /// 0, or what went wrong.
        error_code: i16 [4..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [4.., null 4.., ignorable, lossy],
    }
}
