//! AlterConfigs (key 33), versions 0 to 2, flexible from 2: replace configurations (KIP-133).
//!
//! - It replaces the whole configuration of a resource: keys that are left out go back to their defaults.
//!   [`incremental_alter_configs`](super::incremental_alter_configs) changes single keys.
//! - Resource types are those of [`describe_configs`](super::describe_configs). A broker named by its id must be asked
//!   itself.
//! - A configuration entry takes as few as 7 bytes and 72 decoded, hence the memory factor of the request.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Replaces configurations.
    AlterConfigsRequest -> AlterConfigsResponse = key 33, versions 0..=2, flexible 2.., memory 12,
        kips [0: 133, 1: 219, 2: 482] {
        /// The resources.
        resources: Vec<AlterConfigsResource> [0..],
        /// Whether to check only.
        validate_only: bool [0..],
    }

    /// A resource.
    AlterConfigsResource {
        /// Its type.
        resource_type: i8 [0..],
        /// Its name.
        resource_name: Str [0..],
        /// Its new configuration.
        configs: Vec<AlterableConfig> [0..],
    }

    /// One configuration entry.
    AlterableConfig {
        /// Its key.
        name: Str [0..],
        /// Its value; brokers refuse null.
        value: Option<Str> [0.., null 0..],
    }

    /// What became of each resource.
    AlterConfigsResponse = key 33, versions 0..=2, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The resources.
        responses: Vec<AlterConfigsResourceResponse> [0..],
    }

    /// A resource's outcome.
    AlterConfigsResourceResponse {
        /// 0, or why it was not changed.
        error_code: i16 [0..],
        /// Why it was not changed.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Its type.
        resource_type: i8 [0..],
        /// Its name.
        resource_name: Str [0..],
    }
}
