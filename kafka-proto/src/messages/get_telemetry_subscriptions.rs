//! GetTelemetrySubscriptions (key 71), version 0, flexible from 0: which metrics the cluster wants from a client
//! (KIP-714).
//!
//! - Only brokers with a metrics reporter that takes clients' telemetry have it in their ApiVersions answer.
//! - Metrics are named by prefixes: an empty list wants none, one empty string all.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks which metrics to push.
    GetTelemetrySubscriptionsRequest -> GetTelemetrySubscriptionsResponse = key 71, versions 0..=0, flexible 0..,
        kips [0: 714] {
        /// The client's id; zero if it has none yet.
        client_instance_id: Uuid [0..],
    }

    /// Which metrics to push, and how.
    GetTelemetrySubscriptionsResponse = key 71, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The client's id, where it had none.
        client_instance_id: Uuid [0..],
        /// Goes with each push; another one means that the subscription changed.
        subscription_id: i32 [0..],
        /// Codecs that the broker can read, best first: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
        accepted_compression_types: Vec<i8> [0..],
        /// Milliseconds between pushes.
        push_interval_ms: i32 [0..],
        /// Bytes that a push may have.
        telemetry_max_bytes: i32 [0..],
        /// Whether counters count from the last push; otherwise from the start.
        delta_temporality: bool [0..],
        /// Prefixes of the metrics' names.
        requested_metrics: Vec<Str> [0..],
    }
}
