//! PushTelemetry (key 72), version 0, flexible from 0: TODO.

use bytes::Bytes;

use crate::{schema::messages, wire::Uuid};

messages! {
    /// TODO.
    PushTelemetryRequest -> PushTelemetryResponse = key 72, versions 0..=0, flexible 0.. {
        /// TODO.
        client_instance_id: Uuid [0..],
        /// TODO.
        subscription_id: i32 [0..],
        /// TODO.
        terminating: bool [0..],
        /// TODO.
        compression_type: i8 [0..],
        /// TODO.
        metrics: Bytes [0..],
    }

    /// TODO.
    PushTelemetryResponse = key 72, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
