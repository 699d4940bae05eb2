//! IncrementalAlterConfigs (key 44), versions 0 to 1, flexible from 1: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    IncrementalAlterConfigsRequest -> IncrementalAlterConfigsResponse = key 44, versions 0..=1, flexible 1.., memory 12 {
        /// TODO.
        resources: Vec<AlterConfigsResource> [0..],
        /// TODO.
        validate_only: bool [0..],
    }

    /// TODO.
    AlterConfigsResource {
        /// TODO.
        resource_type: i8 [0..],
        /// TODO.
        resource_name: Str [0..],
        /// TODO.
        configs: Vec<AlterableConfig> [0..],
    }

    /// TODO.
    AlterableConfig {
        /// TODO.
        name: Str [0..],
        /// TODO.
        config_operation: i8 [0..],
        /// TODO.
        value: Option<Str> [0.., null 0..],
    }

    /// TODO.
    IncrementalAlterConfigsResponse = key 44, versions 0..=1, flexible 1.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        responses: Vec<AlterConfigsResourceResponse> [0..],
    }

    /// TODO.
    AlterConfigsResourceResponse {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        resource_type: i8 [0..],
        /// TODO.
        resource_name: Str [0..],
    }
}
