//! DescribeDelegationToken (key 41), versions 0 to 3, flexible from 2: TODO.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeDelegationTokenRequest -> DescribeDelegationTokenResponse = key 41, versions 0..=3, flexible 2.. {
        /// TODO.
        owners: Option<Vec<DescribeDelegationTokenOwner>> [0.., null 0..],
    }

    /// TODO.
    DescribeDelegationTokenOwner {
        /// TODO.
        principal_type: Str [0..],
        /// TODO.
        principal_name: Str [0..],
    }

    /// TODO.
    DescribeDelegationTokenResponse = key 41, versions 0..=3, flexible 2.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        tokens: Vec<DescribedDelegationToken> [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
    }

    /// TODO.
    DescribedDelegationToken {
        /// TODO.
        principal_type: Str [0..],
        /// TODO.
        principal_name: Str [0..],
        /// TODO.
        token_requester_principal_type: Str [3..],
        /// TODO.
        token_requester_principal_name: Str [3..],
        /// TODO.
        issue_timestamp: i64 [0..],
        /// TODO.
        expiry_timestamp: i64 [0..],
        /// TODO.
        max_timestamp: i64 [0..],
        /// TODO.
        token_id: Str [0..],
        /// TODO.
        hmac: Bytes [0..],
        /// TODO.
        renewers: Vec<DescribedDelegationTokenRenewer> [0..],
    }

    /// TODO.
    DescribedDelegationTokenRenewer {
        /// TODO.
        principal_type: Str [0..],
        /// TODO.
        principal_name: Str [0..],
    }
}
