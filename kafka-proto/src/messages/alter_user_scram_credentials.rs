//! AlterUserScramCredentials (key 51), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    AlterUserScramCredentialsRequest -> AlterUserScramCredentialsResponse = key 51, versions 0..=0, flexible 0.., memory 12 {
        /// TODO.
        deletions: Vec<ScramCredentialDeletion> [0..],
        /// TODO.
        upsertions: Vec<ScramCredentialUpsertion> [0..],
    }

    /// TODO.
    ScramCredentialDeletion {
        /// TODO.
        name: Str [0..],
        /// TODO.
        mechanism: i8 [0..],
    }

    /// TODO.
    ScramCredentialUpsertion {
        /// TODO.
        name: Str [0..],
        /// TODO.
        mechanism: i8 [0..],
        /// TODO.
        iterations: i32 [0..],
        /// TODO.
        salt: Bytes [0..],
        /// TODO.
        salted_password: Bytes [0..],
    }

    /// TODO.
    AlterUserScramCredentialsResponse = key 51, versions 0..=0, flexible 0.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        results: Vec<AlterUserScramCredentialsResult> [0..],
    }

    /// TODO.
    AlterUserScramCredentialsResult {
        /// TODO.
        user: Str [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
