//! CreateDelegationToken (key 38), versions 0 to 3, flexible from 2: TODO.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    CreateDelegationTokenRequest -> CreateDelegationTokenResponse = key 38, versions 0..=3, flexible 2.. {
        /// TODO.
        owner_principal_type: Option<Str> [3.., null 3..],
        /// TODO.
        owner_principal_name: Option<Str> [3.., null 3..],
        /// TODO.
        renewers: Vec<CreatableRenewers> [0..],
        /// TODO.
        max_lifetime_ms: i64 [0..],
    }

    /// TODO.
    CreatableRenewers {
        /// TODO.
        principal_type: Str [0..],
        /// TODO.
        principal_name: Str [0..],
    }

    /// TODO.
    CreateDelegationTokenResponse = key 38, versions 0..=3, flexible 2.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        principal_type: Str [0..],
        /// TODO.
        principal_name: Str [0..],
        /// TODO.
        token_requester_principal_type: Str [3..],
        /// TODO.
        token_requester_principal_name: Str [3..],
        /// TODO.
        issue_timestamp_ms: i64 [0..],
        /// TODO.
        expiry_timestamp_ms: i64 [0..],
        /// TODO.
        max_timestamp_ms: i64 [0..],
        /// TODO.
        token_id: Str [0..],
        /// TODO.
        hmac: Bytes [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
    }
}
