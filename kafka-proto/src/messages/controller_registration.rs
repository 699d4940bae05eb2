//! ControllerRegistration (key 70), version 0, flexible from 0: a controller joins the cluster (KIP-919).
//!
//! - Sent by controllers to the active controller.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Registers a controller.
    ControllerRegistrationRequest -> ControllerRegistrationResponse = key 70, versions 0..=0, flexible 0..,
        kips [0: 919] {
        /// The controller.
        controller_id: i32 [0..],
        /// Random id of the controller's process.
        incarnation_id: Uuid [0..],
        /// Whether it is configured to migrate from ZooKeeper.
        zk_migration_ready: bool [0..],
        /// Where it is reached.
        listeners: Vec<Listener> [0..],
        /// Levels of features that it can work with.
        features: Vec<Feature> [0..],
    }

    /// A listener.
    Listener {
        /// Its name.
        name: Str [0..],
        /// Host name or address.
        host: Str [0..],
        /// Port.
        port: u16 [0..],
        /// 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
        security_protocol: i16 [0..],
    }

    /// A feature.
    Feature {
        /// Its name.
        name: Str [0..],
        /// The lowest level.
        min_supported_version: i16 [0..],
        /// The highest level.
        max_supported_version: i16 [0..],
    }

    /// Whether the controller is registered.
    ControllerRegistrationResponse = key 70, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
