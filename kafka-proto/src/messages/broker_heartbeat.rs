//! BrokerHeartbeat (key 63), versions 0 to 2, flexible from 0: a broker tells the controller that it lives, and asks to
//! be fenced or to shut down.
//!
//! - Sent by brokers to the controller (KIP-631); a broker is fenced until its first heartbeats show that it has caught
//!   up.
//! - Version 1 has directories that failed (KIP-858), version 2 those that shall get no new replicas (KIP-1066); both
//!   are tagged.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Uuid};

messages! {
    /// Tells that a broker lives.
    BrokerHeartbeatRequest -> BrokerHeartbeatResponse = key 63, versions 0..=2, flexible 0..,
        kips [0: 631, 1: 858, 2: 1066] {
        /// The broker.
        broker_id: i32 [0..],
        /// The epoch that its registration got.
        broker_epoch: i64 [0..] = -1,
        /// Offset of the metadata log up to which it has read.
        current_metadata_offset: i64 [0..],
        /// Whether it wants to be fenced.
        want_fence: bool [0..],
        /// Whether it wants to shut down.
        want_shut_down: bool [0..],
        /// Ids of its log directories that failed.
        offline_log_dirs: Vec<Uuid> [1.., tag 0],
        /// Ids of its log directories that shall get no new replicas; null if it tells none.
        cordoned_log_dirs: Option<Vec<Uuid>> [2.., null 2.., tag 1],
    }

    /// What the controller thinks of the broker.
    BrokerHeartbeatResponse = key 63, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// Whether the broker has caught up with the metadata, roughly.
        is_caught_up: bool [0..] = false,
        /// Whether it is fenced.
        is_fenced: bool [0..] = true,
        /// Whether it may shut down now, its leaderships being elsewhere.
        should_shut_down: bool [0..],
    }
}
