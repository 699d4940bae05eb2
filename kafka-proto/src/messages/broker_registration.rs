//! BrokerRegistration (key 62), versions 0 to 4, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    BrokerRegistrationRequest -> BrokerRegistrationResponse = key 62, versions 0..=4, flexible 0.. {
        /// TODO.
        broker_id: i32 [0..],
        /// TODO.
        cluster_id: Str [0..],
        /// TODO.
        incarnation_id: Uuid [0..],
        /// TODO.
        listeners: Vec<Listener> [0..],
        /// TODO.
        features: Vec<Feature> [0..],
        /// TODO.
        rack: Option<Str> [0.., null 0..],
        /// TODO.
        is_migrating_zk_broker: bool [1..] = false,
        /// TODO.
        log_dirs: Vec<Uuid> [2.., ignorable],
        /// TODO.
        previous_broker_epoch: i64 [3.., ignorable] = -1,
    }

    /// TODO.
    Listener {
        /// TODO.
        name: Str [0..],
        /// TODO.
        host: Str [0..],
        /// TODO.
        port: u16 [0..],
        /// TODO.
        security_protocol: i16 [0..],
    }

    /// TODO.
    Feature {
        /// TODO.
        name: Str [0..],
        /// TODO.
        min_supported_version: i16 [0..],
        /// TODO.
        max_supported_version: i16 [0..],
    }

    /// TODO.
    BrokerRegistrationResponse = key 62, versions 0..=4, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        broker_epoch: i64 [0..] = -1,
    }
}
