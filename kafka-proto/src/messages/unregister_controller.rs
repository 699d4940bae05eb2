//! UnregisterController (key 94), version 0, flexible from 0: forget a controller that is gone for good (KIP-1312).
//!
//! - Sent by clients, to brokers or controllers; new in Kafka 4.4. It does not take the controller out of the voters:
//!   RemoveRaftVoter does. A controller that still runs registers again.

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks to forget a controller.
    UnregisterControllerRequest -> UnregisterControllerResponse = key 94, versions 0..=0, flexible 0.., kips [0: 1312] {
        /// The controller.
        controller_id: i32 [0..],
    }

    /// Whether it is forgotten.
    UnregisterControllerResponse = key 94, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
