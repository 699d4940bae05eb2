//! RenewDelegationToken (key 39), versions 0 to 2, flexible from 2: let a token expire later (KIP-48).
//!
//! - The new expiry is never after the token's greatest, see
//!   [`create_delegation_token`](super::create_delegation_token). An expired token can't be renewed.
//! - 4.0 dropped version 0 (KIP-896).

use bytes::Bytes;

use crate::schema::messages;

messages! {
    /// Renews a token.
    RenewDelegationTokenRequest -> RenewDelegationTokenResponse = key 39, versions 0..=2, flexible 2..,
        kips [0: 48, 1: 219, 2: 482] {
        /// The token's secret.
        hmac: Bytes [0..],
        /// Milliseconds from now after which it expires; -1 for the broker's default, which is also the limit.
        renew_period_ms: i64 [0..],
    }

    /// The new expiry.
    RenewDelegationTokenResponse = key 39, versions 0..=2, flexible 2.. {
        /// 0, or why it was not renewed.
        error_code: i16 [0..],
        /// Milliseconds since 1970 at which the token expires.
        expiry_timestamp_ms: i64 [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
    }
}
