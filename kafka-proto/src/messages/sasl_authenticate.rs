//! SaslAuthenticate (key 36), versions 0 to 2, flexible from 2: TODO.

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    SaslAuthenticateRequest -> SaslAuthenticateResponse = key 36, versions 0..=2, flexible 2.. {
        /// TODO.
        auth_bytes: Bytes [0..],
    }

    /// TODO.
    SaslAuthenticateResponse = key 36, versions 0..=2, flexible 2.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        auth_bytes: Bytes [0..],
        /// TODO.
        session_lifetime_ms: i64 [1.., ignorable],
    }
}
