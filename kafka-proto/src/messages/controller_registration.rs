//! ControllerRegistration (key 70), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    ControllerRegistrationRequest -> ControllerRegistrationResponse = key 70, versions 0..=0, flexible 0.. {
        /// TODO.
        controller_id: i32 [0..],
        /// TODO.
        incarnation_id: Uuid [0..],
        /// TODO.
        zk_migration_ready: bool [0..],
        /// TODO.
        listeners: Vec<Listener> [0..],
        /// TODO.
        features: Vec<Feature> [0..],
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
    ControllerRegistrationResponse = key 70, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
