//! BrokerHeartbeat (key 63), versions 0 to 2, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Uuid};

messages! {
    /// TODO.
    BrokerHeartbeatRequest -> BrokerHeartbeatResponse = key 63, versions 0..=2, flexible 0.. {
        /// TODO.
        broker_id: i32 [0..],
        /// TODO.
        broker_epoch: i64 [0..] = -1,
        /// TODO.
        current_metadata_offset: i64 [0..],
        /// TODO.
        want_fence: bool [0..],
        /// TODO.
        want_shut_down: bool [0..],
        /// TODO.
        offline_log_dirs: Vec<Uuid> [1.., tag 0],
        /// TODO.
        cordoned_log_dirs: Option<Vec<Uuid>> [2.., null 2.., tag 1],
    }

    /// TODO.
    BrokerHeartbeatResponse = key 63, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        is_caught_up: bool [0..] = false,
        /// TODO.
        is_fenced: bool [0..] = true,
        /// TODO.
        should_shut_down: bool [0..],
    }
}
