//! CreateAcls (key 30), versions 0 to 3, flexible from 2: allow or deny (KIP-140).
//!
//! - The numbers are those of [`describe_acls`](super::describe_acls). Version 1 has prefixes (KIP-290), version 3 the
//!   resource type user (KIP-373). 4.0 dropped version 0 (KIP-896).
//! - Answers come in the order of the rules.
//! - An outcome of version 0 takes as few as 4 bytes and 48 decoded, hence the memory factor of the response.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Creates access rules.
    CreateAclsRequest -> CreateAclsResponse = key 30, versions 0..=3, flexible 2..,
        kips [0: 140, 1: 219, 1: 290, 2: 482, 3: 373] {
        /// The rules.
        creations: Vec<AclCreation> [0..],
    }

    /// An access rule.
    AclCreation {
        /// The resource's type.
        resource_type: i8 [0..],
        /// The resource's name, or a prefix; `*` for all.
        resource_name: Str [0..],
        /// 3 for the name itself, 4 for a prefix.
        resource_pattern_type: i8 [1..] = 3,
        /// The principal, as `User:name`; `User:*` for all.
        principal: Str [0..],
        /// The client's address; `*` for all.
        host: Str [0..],
        /// The operation.
        operation: i8 [0..],
        /// 2 denies, 3 allows.
        permission_type: i8 [0..],
    }

    /// What became of each rule.
    CreateAclsResponse = key 30, versions 0..=3, flexible 2.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// One outcome for each rule.
        results: Vec<AclCreationResult> [0..],
    }

    /// A rule's outcome.
    AclCreationResult {
        /// 0, or why it was not created.
        error_code: i16 [0..],
        /// Why it was not created.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
