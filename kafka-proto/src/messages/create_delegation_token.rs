//! CreateDelegationToken (key 38), versions 0 to 3, flexible from 2: a secret to authenticate with in somebody's name
//! (KIP-48).
//!
//! - The token's id and HMAC, the latter in base64, are user name and password for SCRAM. A connection that has
//!   authenticated by a token can't get another.
//! - Version 3 creates tokens for other owners (KIP-373). 4.0 dropped version 0 (KIP-896).

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// Creates a token.
    CreateDelegationTokenRequest -> CreateDelegationTokenResponse = key 38, versions 0..=3, flexible 2..,
        kips [0: 48, 1: 219, 2: 482, 3: 373] {
        /// The owner's type; null for who asks.
        owner_principal_type: Option<Str> [3.., null 3..],
        /// The owner's name; null for who asks.
        owner_principal_name: Option<Str> [3.., null 3..],
        /// Who may renew it, beside the owner.
        renewers: Vec<CreatableRenewers> [0..],
        /// Milliseconds after which it can't be renewed any more; -1 for the broker's limit, which always holds.
        max_lifetime_ms: i64 [0..],
    }

    /// A principal that may renew the token.
    CreatableRenewers {
        /// Its type; must be `User`.
        principal_type: Str [0..],
        /// Its name.
        principal_name: Str [0..],
    }

    /// The token.
    CreateDelegationTokenResponse = key 38, versions 0..=3, flexible 2.. {
        /// 0, or why there is none.
        error_code: i16 [0..],
        /// The owner's type.
        principal_type: Str [0..],
        /// The owner's name.
        principal_name: Str [0..],
        /// Type of who asked for it.
        token_requester_principal_type: Str [3..],
        /// Name of who asked for it.
        token_requester_principal_name: Str [3..],
        /// Milliseconds since 1970 at which it was created.
        issue_timestamp_ms: i64 [0..],
        /// Milliseconds since 1970 at which it expires unless it is renewed.
        expiry_timestamp_ms: i64 [0..],
        /// Milliseconds since 1970 at which it expires anyhow.
        max_timestamp_ms: i64 [0..],
        /// Its id.
        token_id: Str [0..],
        /// Its secret.
        hmac: Bytes [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
    }
}
