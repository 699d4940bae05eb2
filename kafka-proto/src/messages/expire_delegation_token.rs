//! ExpireDelegationToken (key 40), versions 0 to 2, flexible from 2: let a token expire sooner (KIP-48).
//!
//! - 4.0 dropped version 0 (KIP-896).

use bytes::Bytes;

use crate::schema::messages;

messages! {
    /// Changes a token's expiry.
    ExpireDelegationTokenRequest -> ExpireDelegationTokenResponse = key 40, versions 0..=2, flexible 2..,
        kips [0: 48, 1: 219, 2: 482] {
        /// The token's secret.
        hmac: Bytes [0..],
        /// Milliseconds from now after which it expires; negative for at once.
        expiry_time_period_ms: i64 [0..],
    }

    /// The new expiry.
    ExpireDelegationTokenResponse = key 40, versions 0..=2, flexible 2.. {
        /// 0, or why it was not changed.
        error_code: i16 [0..],
        /// Milliseconds since 1970 at which the token expires.
        expiry_timestamp_ms: i64 [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
    }
}
