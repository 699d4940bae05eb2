//! DescribeUserScramCredentials (key 50), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeUserScramCredentialsRequest -> DescribeUserScramCredentialsResponse = key 50, versions 0..=0, flexible 0.. {
        /// TODO.
        users: Option<Vec<UserName>> [0.., null 0..],
    }

    /// TODO.
    UserName {
        /// TODO.
        name: Str [0..],
    }

    /// TODO.
    DescribeUserScramCredentialsResponse = key 50, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        results: Vec<DescribeUserScramCredentialsResult> [0..],
    }

    /// TODO.
    DescribeUserScramCredentialsResult {
        /// TODO.
        user: Str [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        credential_infos: Vec<CredentialInfo> [0..],
    }

    /// TODO.
    CredentialInfo {
        /// TODO.
        mechanism: i8 [0..],
        /// TODO.
        iterations: i32 [0..],
    }
}
