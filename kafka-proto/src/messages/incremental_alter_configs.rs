//! IncrementalAlterConfigs (key 44), versions 0 to 1, flexible from 1: change single configuration entries (KIP-339).
//!
//! - Resource types are those of [`describe_configs`](super::describe_configs), and levels of a broker's loggers are
//!   set here too. A broker named by its id must be asked itself.
//! - A resource is changed as a whole or not at all.
//! - A configuration entry takes as few as 8 bytes and 80 decoded, hence the memory factor of the request.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Changes configuration entries.
    IncrementalAlterConfigsRequest -> IncrementalAlterConfigsResponse = key 44, versions 0..=1, flexible 1.., memory 12,
        kips [0: 339, 1: 482] {
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
        /// The changes.
        configs: Vec<AlterableConfig> [0..],
    }

    /// One change.
    AlterableConfig {
        /// The key.
        name: Str [0..],
        /// 0 sets the value, 1 goes back to the default, 2 adds to a list, 3 takes out of a list.
        config_operation: i8 [0..],
        /// The value, or list of values; null when going back to the default.
        value: Option<Str> [0.., null 0..],
    }

    /// What became of each resource.
    IncrementalAlterConfigsResponse = key 44, versions 0..=1, flexible 1.. {
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
