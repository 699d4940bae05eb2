//! DescribeUserScramCredentials (key 50), version 0, flexible from 0: which SCRAM credentials users have (KIP-554).
//!
//! - A user that is asked for and has none gets RESOURCE_NOT_FOUND in its own result. No salt and no password is told.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for SCRAM credentials of users.
    DescribeUserScramCredentialsRequest -> DescribeUserScramCredentialsResponse = key 50, versions 0..=0,
        flexible 0.., kips [0: 554] {
        /// The users; null or empty for all that have any.
        users: Option<Vec<UserName>> [0.., null 0..],
    }

    /// A user.
    UserName {
        /// Its name.
        name: Str [0..],
    }

    /// SCRAM credentials of users.
    DescribeUserScramCredentialsResponse = key 50, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The users.
        results: Vec<DescribeUserScramCredentialsResult> [0..],
    }

    /// A user.
    DescribeUserScramCredentialsResult {
        /// Its name.
        user: Str [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Its credentials, one for a mechanism.
        credential_infos: Vec<CredentialInfo> [0..],
    }

    /// A credential.
    CredentialInfo {
        /// 0 unknown, 1 SCRAM-SHA-256, 2 SCRAM-SHA-512.
        mechanism: i8 [0..],
        /// Rounds of hashing.
        iterations: i32 [0..],
    }
}
