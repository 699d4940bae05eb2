//! Heartbeat (key 12), versions 0 to 4, flexible from 4: TODO.

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    HeartbeatRequest -> HeartbeatResponse = key 12, versions 0..=4, flexible 4.. {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        generation_id: i32 [0..],
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        group_instance_id: Option<Str> [3.., null 3..],
    }

    /// TODO.
    HeartbeatResponse = key 12, versions 0..=4, flexible 4.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
