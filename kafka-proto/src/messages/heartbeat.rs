//! Heartbeat (key 12), versions 0 to 4, flexible from 4: a classic group's member is alive.
//!
//! - REBALANCE_IN_PROGRESS is no failure: it asks the member to join again.
//! - Version 3 has static members (KIP-345), and FENCED_INSTANCE_ID for one that was replaced.

use crate::{schema::messages, wire::Str};

messages! {
    /// Says that a member is alive.
    HeartbeatRequest -> HeartbeatResponse = key 12, versions 0..=4, flexible 4..,
        kips [1: 124, 2: 219, 3: 345, 4: 482] {
        /// The group.
        group_id: Str [0..],
        /// The generation that the member is in.
        generation_id: i32 [0..],
        /// The member.
        member_id: Str [0..],
        /// The member's static id, or null.
        group_instance_id: Option<Str> [3.., null 3..],
    }

    /// Whether the member is still in.
    HeartbeatResponse = key 12, versions 0..=4, flexible 4.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or what the member has to do.
        error_code: i16 [0..],
    }
}
