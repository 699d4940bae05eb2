//! UnregisterBroker (key 64), version 0, flexible from 0: forget a broker that is gone for good (KIP-631).
//!
//! - Sent by clients; brokers forward it to the controller.

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks to forget a broker.
    UnregisterBrokerRequest -> UnregisterBrokerResponse = key 64, versions 0..=0, flexible 0.., kips [0: 631] {
        /// The broker.
        broker_id: i32 [0..],
    }

    /// Whether it is forgotten.
    UnregisterBrokerResponse = key 64, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
