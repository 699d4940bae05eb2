//! DescribeDelegationToken (key 41), versions 0 to 3, flexible from 2: tokens, with their secrets (KIP-48).
//!
//! - Null asks for all tokens that the client may see, an empty list for none.
//! - Version 3 tells who asked for a token (KIP-373). 4.0 dropped version 0 (KIP-896).

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for tokens.
    DescribeDelegationTokenRequest -> DescribeDelegationTokenResponse = key 41, versions 0..=3, flexible 2..,
        kips [0: 48, 1: 219, 2: 482, 3: 373] {
        /// Whose tokens to tell; null for everybody's.
        owners: Option<Vec<DescribeDelegationTokenOwner>> [0.., null 0..],
    }

    /// An owner.
    DescribeDelegationTokenOwner {
        /// Its type.
        principal_type: Str [0..],
        /// Its name.
        principal_name: Str [0..],
    }

    /// Tokens.
    DescribeDelegationTokenResponse = key 41, versions 0..=3, flexible 2.. {
        /// 0, or why there is no answer.
        error_code: i16 [0..],
        /// The tokens.
        tokens: Vec<DescribedDelegationToken> [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
    }

    /// A token.
    DescribedDelegationToken {
        /// The owner's type.
        principal_type: Str [0..],
        /// The owner's name.
        principal_name: Str [0..],
        /// Type of who asked for it.
        token_requester_principal_type: Str [3..],
        /// Name of who asked for it.
        token_requester_principal_name: Str [3..],
        /// Milliseconds since 1970 at which it was created.
        issue_timestamp: i64 [0..],
        /// Milliseconds since 1970 at which it expires unless it is renewed.
        expiry_timestamp: i64 [0..],
        /// Milliseconds since 1970 at which it expires anyhow.
        max_timestamp: i64 [0..],
        /// Its id.
        token_id: Str [0..],
        /// Its secret.
        hmac: Bytes [0..],
        /// Who may renew it, beside the owner.
        renewers: Vec<DescribedDelegationTokenRenewer> [0..],
    }

    /// A principal that may renew the token.
    DescribedDelegationTokenRenewer {
        /// Its type.
        principal_type: Str [0..],
        /// Its name.
        principal_name: Str [0..],
    }
}
