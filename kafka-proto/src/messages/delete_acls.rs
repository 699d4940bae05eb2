//! DeleteAcls (key 31), versions 0 to 3, flexible from 2: drop access rules (KIP-140).
//!
//! - The numbers are those of [`describe_acls`](super::describe_acls). Version 1 has prefixes (KIP-290), version 3 the
//!   resource type user (KIP-373). 4.0 dropped version 0 (KIP-896).
//! - Answers come in the order of the filters. A filter that selects nothing is no error.
//! - A filter takes as few as 8 bytes and 112 decoded, hence the memory factor of the request.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Deletes the access rules that filters select.
    DeleteAclsRequest -> DeleteAclsResponse = key 31, versions 0..=3, flexible 2.., memory 16,
        kips [0: 140, 1: 219, 1: 290, 2: 482, 3: 373] {
        /// The filters.
        filters: Vec<DeleteAclsFilter> [0..],
    }

    /// A filter.
    DeleteAclsFilter {
        /// The resource's type.
        resource_type_filter: i8 [0..],
        /// The resource's name; null for any.
        resource_name_filter: Option<Str> [0.., null 0..],
        /// How the name is to be taken.
        pattern_type_filter: i8 [1..] = 3,
        /// The principal, as `User:name`; null for any.
        principal_filter: Option<Str> [0.., null 0..],
        /// The client's address; null for any.
        host_filter: Option<Str> [0.., null 0..],
        /// The operation.
        operation: i8 [0..],
        /// Deny, allow or any.
        permission_type: i8 [0..],
    }

    /// What became of the rules.
    DeleteAclsResponse = key 31, versions 0..=3, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// One outcome for each filter.
        filter_results: Vec<DeleteAclsFilterResult> [0..],
    }

    /// A filter's outcome.
    DeleteAclsFilterResult {
        /// 0, or why the filter was refused.
        error_code: i16 [0..],
        /// Why the filter was refused.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The rules that it selected.
        matching_acls: Vec<DeleteAclsMatchingAcl> [0..],
    }

    /// A rule that was selected.
    DeleteAclsMatchingAcl {
        /// 0, or why it was not deleted.
        error_code: i16 [0..],
        /// Why it was not deleted.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The resource's type.
        resource_type: i8 [0..],
        /// The resource's name, or a prefix; `*` for all.
        resource_name: Str [0..],
        /// 3 for the name itself, 4 for a prefix.
        pattern_type: i8 [1..] = 3,
        /// The principal, as `User:name`; `User:*` for all.
        principal: Str [0..],
        /// The client's address; `*` for all.
        host: Str [0..],
        /// The operation.
        operation: i8 [0..],
        /// 2 denies, 3 allows.
        permission_type: i8 [0..],
    }
}
