//! PushTelemetry (key 72), version 0, flexible from 0: a client's metrics for the cluster (KIP-714).
//!
//! - UNKNOWN_SUBSCRIPTION_ID asks the client for a new GetTelemetrySubscriptions.
//! - A push before its time gets THROTTLING_QUOTA_EXCEEDED, but for the one that terminates.

use bytes::Bytes;

use crate::{schema::messages, wire::Uuid};

messages! {
    /// Pushes metrics.
    PushTelemetryRequest -> PushTelemetryResponse = key 72, versions 0..=0, flexible 0.., kips [0: 714] {
        /// The client's id.
        client_instance_id: Uuid [0..],
        /// The subscription that they are for.
        subscription_id: i32 [0..],
        /// Whether it is the client's last push.
        terminating: bool [0..],
        /// Codec of `metrics`: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
        compression_type: i8 [0..],
        /// OpenTelemetry's `MetricsData` of version 1 in protobuf, compressed.
        metrics: Bytes [0..],
    }

    /// Whether the broker took them.
    PushTelemetryResponse = key 72, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
