//! ListConfigResources (key 74), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    ListConfigResourcesRequest -> ListConfigResourcesResponse = key 74, versions 0..=1, flexible 0.. {
        /// TODO.
        resource_types: Vec<i8> [1..],
    }

    /// TODO.
    ListConfigResourcesResponse = key 74, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        config_resources: Vec<ConfigResource> [0..],
    }

    /// TODO.
    ConfigResource {
        /// TODO.
        resource_name: Str [0..],
        /// TODO.
        resource_type: i8 [1.., ignorable] = 16,
    }
}
