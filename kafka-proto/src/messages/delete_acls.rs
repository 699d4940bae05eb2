//! DeleteAcls (key 31), versions 0 to 3, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DeleteAclsRequest -> DeleteAclsResponse = key 31, versions 0..=3, flexible 2.., memory 16 {
        /// TODO.
        filters: Vec<DeleteAclsFilter> [0..],
    }

    /// TODO.
    DeleteAclsFilter {
        /// TODO.
        resource_type_filter: i8 [0..],
        /// TODO.
        resource_name_filter: Option<Str> [0.., null 0..],
        /// TODO.
        pattern_type_filter: i8 [1..] = 3,
        /// TODO.
        principal_filter: Option<Str> [0.., null 0..],
        /// TODO.
        host_filter: Option<Str> [0.., null 0..],
        /// TODO.
        operation: i8 [0..],
        /// TODO.
        permission_type: i8 [0..],
    }

    /// TODO.
    DeleteAclsResponse = key 31, versions 0..=3, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        filter_results: Vec<DeleteAclsFilterResult> [0..],
    }

    /// TODO.
    DeleteAclsFilterResult {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        matching_acls: Vec<DeleteAclsMatchingAcl> [0..],
    }

    /// TODO.
    DeleteAclsMatchingAcl {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        resource_type: i8 [0..],
        /// TODO.
        resource_name: Str [0..],
        /// TODO.
        pattern_type: i8 [1..] = 3,
        /// TODO.
        principal: Str [0..],
        /// TODO.
        host: Str [0..],
        /// TODO.
        operation: i8 [0..],
        /// TODO.
        permission_type: i8 [0..],
    }
}
