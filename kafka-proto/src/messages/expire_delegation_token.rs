//! ExpireDelegationToken (key 40), versions 0 to 2, flexible from 2: TODO.

use bytes::Bytes;

use crate::schema::messages;

messages! {
    /// TODO.
    ExpireDelegationTokenRequest -> ExpireDelegationTokenResponse = key 40, versions 0..=2, flexible 2.. {
        /// TODO.
        hmac: Bytes [0..],
        /// TODO.
        expiry_time_period_ms: i64 [0..],
    }

    /// TODO.
    ExpireDelegationTokenResponse = key 40, versions 0..=2, flexible 2.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        expiry_timestamp_ms: i64 [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
    }
}
