//! RenewDelegationToken (key 39), versions 0 to 2, flexible from 2: TODO.

use bytes::Bytes;

use crate::schema::messages;

messages! {
    /// TODO.
    RenewDelegationTokenRequest -> RenewDelegationTokenResponse = key 39, versions 0..=2, flexible 2.. {
        /// TODO.
        hmac: Bytes [0..],
        /// TODO.
        renew_period_ms: i64 [0..],
    }

    /// TODO.
    RenewDelegationTokenResponse = key 39, versions 0..=2, flexible 2.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        expiry_timestamp_ms: i64 [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
    }
}
