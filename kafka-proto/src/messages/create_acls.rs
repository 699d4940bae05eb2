//! CreateAcls (key 30), versions 0 to 3, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    CreateAclsRequest -> CreateAclsResponse = key 30, versions 0..=3, flexible 2.. {
        /// TODO.
        creations: Vec<AclCreation> [0..],
    }

    /// TODO.
    AclCreation {
        /// TODO.
        resource_type: i8 [0..],
        /// TODO.
        resource_name: Str [0..],
        /// TODO.
        resource_pattern_type: i8 [1..] = 3,
        /// TODO.
        principal: Str [0..],
        /// TODO.
        host: Str [0..],
        /// TODO.
        operation: i8 [0..],
        /// TODO.
        permission_type: i8 [0..],
    }

    /// TODO.
    CreateAclsResponse = key 30, versions 0..=3, flexible 2.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        results: Vec<AclCreationResult> [0..],
    }

    /// TODO.
    AclCreationResult {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
