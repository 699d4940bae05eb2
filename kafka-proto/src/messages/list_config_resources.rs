//! ListConfigResources (key 74), versions 0 to 1, flexible from 0: names of things that have a configuration.
//!
//! - Version 0 was ListClientMetricsResources, which knows client metrics only (KIP-1000); version 1 has all types
//!   (KIP-1142).
//! - A broker answers UNSUPPORTED_VERSION to a type that can't be listed.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for names of configured things.
    ListConfigResourcesRequest -> ListConfigResourcesResponse = key 74, versions 0..=1, flexible 0..,
        kips [0: 1000, 1: 1142] {
        /// 2 topics, 4 brokers, 8 their loggers, 16 client metrics, 32 groups; none for all.
        resource_types: Vec<i8> [1..],
    }

    /// Names of configured things.
    ListConfigResourcesResponse = key 74, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The things.
        config_resources: Vec<ConfigResource> [0..],
    }

    /// A thing with a configuration.
    ConfigResource {
        /// Its name; for a broker and its loggers, the broker's id in digits.
        resource_name: Str [0..],
        /// Its type, as in the request.
        resource_type: i8 [1.., ignorable] = 16,
    }
}
