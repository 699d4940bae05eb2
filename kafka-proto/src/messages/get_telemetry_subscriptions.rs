//! GetTelemetrySubscriptions (key 71), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    GetTelemetrySubscriptionsRequest -> GetTelemetrySubscriptionsResponse = key 71, versions 0..=0, flexible 0.. {
        /// TODO.
        client_instance_id: Uuid [0..],
    }

    /// TODO.
    GetTelemetrySubscriptionsResponse = key 71, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        client_instance_id: Uuid [0..],
        /// TODO.
        subscription_id: i32 [0..],
        /// TODO.
        accepted_compression_types: Vec<i8> [0..],
        /// TODO.
        push_interval_ms: i32 [0..],
        /// TODO.
        telemetry_max_bytes: i32 [0..],
        /// TODO.
        delta_temporality: bool [0..],
        /// TODO.
        requested_metrics: Vec<Str> [0..],
    }
}
