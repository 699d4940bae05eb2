//! AlterUserScramCredentials (key 51), version 0, flexible from 0: set and delete SCRAM credentials of users (KIP-554).
//!
//! - The client salts and hashes; the password itself never travels.
//! - A user and mechanism may appear once in the request; each user succeeds or fails as a whole.
//! - An upsertion with a name of four letters takes 13 bytes and 112 decoded, and a result 9 and 80, hence the memory
//!   factors.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks to change SCRAM credentials.
    AlterUserScramCredentialsRequest -> AlterUserScramCredentialsResponse = key 51, versions 0..=0, flexible 0..,
        memory 12, kips [0: 554] {
        /// Credentials to delete.
        deletions: Vec<ScramCredentialDeletion> [0..],
        /// Credentials to set.
        upsertions: Vec<ScramCredentialUpsertion> [0..],
    }

    /// A credential to delete.
    ScramCredentialDeletion {
        /// The user.
        name: Str [0..],
        /// 1 SCRAM-SHA-256, 2 SCRAM-SHA-512.
        mechanism: i8 [0..],
    }

    /// A credential to set.
    ScramCredentialUpsertion {
        /// The user.
        name: Str [0..],
        /// 1 SCRAM-SHA-256, 2 SCRAM-SHA-512.
        mechanism: i8 [0..],
        /// Rounds of hashing, 4096 to 16384.
        iterations: i32 [0..],
        /// Random bytes that the client chose.
        salt: Bytes [0..],
        /// The password after salting and hashing (`Hi` of RFC 5802).
        salted_password: Bytes [0..],
    }

    /// What became of the changes.
    AlterUserScramCredentialsResponse = key 51, versions 0..=0, flexible 0.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The users.
        results: Vec<AlterUserScramCredentialsResult> [0..],
    }

    /// A user.
    AlterUserScramCredentialsResult {
        /// Its name.
        user: Str [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
