//! UnregisterController (key 94), version 0, flexible from 0: TODO.

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    UnregisterControllerRequest -> UnregisterControllerResponse = key 94, versions 0..=0, flexible 0.. {
        /// TODO.
        controller_id: i32 [0..],
    }

    /// TODO.
    UnregisterControllerResponse = key 94, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
