//! DescribeConfigs (key 32), versions 0 to 4, flexible from 4: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeConfigsRequest -> DescribeConfigsResponse = key 32, versions 0..=4, flexible 4.., memory 12 {
        /// TODO.
        resources: Vec<DescribeConfigsResource> [0..],
        /// TODO.
        include_synonyms: bool [1..] = false,
        /// TODO.
        include_documentation: bool [3..] = false,
    }

    /// TODO.
    DescribeConfigsResource {
        /// TODO.
        resource_type: i8 [0..],
        /// TODO.
        resource_name: Str [0..],
        /// TODO.
        configuration_keys: Option<Vec<Str>> [0.., null 0..],
    }

    /// TODO.
    DescribeConfigsResponse = key 32, versions 0..=4, flexible 4.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        results: Vec<DescribeConfigsResult> [0..],
    }

    /// TODO.
    DescribeConfigsResult {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        resource_type: i8 [0..],
        /// TODO.
        resource_name: Str [0..],
        /// TODO.
        configs: Vec<DescribeConfigsResourceResult> [0..],
    }

    /// TODO.
    DescribeConfigsResourceResult {
        /// TODO.
        name: Str [0..],
        /// TODO.
        value: Option<Str> [0.., null 0..],
        /// TODO.
        read_only: bool [0..],
        /// TODO.
        is_default: bool [0],
        /// TODO.
        config_source: i8 [1.., ignorable] = -1,
        /// TODO.
        is_sensitive: bool [0..],
        /// TODO.
        synonyms: Vec<DescribeConfigsSynonym> [1.., ignorable],
        /// TODO.
        config_type: i8 [3.., ignorable],
        /// TODO.
        documentation: Option<Str> [3.., null 0.., ignorable],
    }

    /// TODO.
    DescribeConfigsSynonym {
        /// TODO.
        name: Str [1..],
        /// TODO.
        value: Option<Str> [1.., null 0..],
        /// TODO.
        source: i8 [1..],
    }
}
