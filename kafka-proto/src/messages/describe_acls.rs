//! DescribeAcls (key 29), versions 0 to 3, flexible from 2: who may do what (KIP-140).
//!
//! - Resource types: 1 any, 2 topic, 3 group, 4 cluster (named `kafka-cluster`), 5 transactional id, 6 delegation
//!   token, 7 user (version 3, KIP-373). Pattern types (version 1, KIP-290): 1 any, 2 whatever matches the name, 3 the
//!   name itself, 4 prefix.
//! - Operations: 1 any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10 describe
//!   configs, 11 alter configs, 12 idempotent write, 13 create tokens, 14 describe tokens, 15 two-phase commit.
//!   Permissions: 1 any, 2 deny, 3 allow. 0 is unknown in all of them.
//! - "Any" and "matches" are for filters only. A cluster without an authorizer answers SECURITY_DISABLED.
//! - 4.0 dropped version 0 (KIP-896).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for the access rules that a filter selects.
    DescribeAclsRequest -> DescribeAclsResponse = key 29, versions 0..=3, flexible 2..,
        kips [0: 140, 1: 219, 1: 290, 2: 482, 3: 373] {
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

    /// Access rules by resource.
    DescribeAclsResponse = key 29, versions 0..=3, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or why there is no answer.
        error_code: i16 [0..],
        /// Why there is no answer.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The resources.
        resources: Vec<DescribeAclsResource> [0..],
    }

    /// A resource with its rules.
    DescribeAclsResource {
        /// Its type.
        resource_type: i8 [0..],
        /// Its name, or a prefix; `*` for all.
        resource_name: Str [0..],
        /// 3 for the name itself, 4 for a prefix.
        pattern_type: i8 [1..] = 3,
        /// Its rules.
        acls: Vec<AclDescription> [0..],
    }

    /// An access rule.
    AclDescription {
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
