//! SaslAuthenticate (key 36), versions 0 to 2, flexible from 2: a SASL token, with an answer (KIP-152).
//!
//! - It follows SaslHandshake of version 1; the exchange goes on until the mechanism is done.
//! - Version 1 tells when the client has to authenticate again, by both requests on the same connection (KIP-368). The
//!   broker closes a connection that lets the time pass.

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// Brings the client's token.
    SaslAuthenticateRequest -> SaslAuthenticateResponse = key 36, versions 0..=2, flexible 2..,
        kips [0: 152, 1: 368, 2: 482] {
        /// The token, in the mechanism's own encoding.
        auth_bytes: Bytes [0..],
    }

    /// The server's token.
    SaslAuthenticateResponse = key 36, versions 0..=2, flexible 2.. {
        /// 0, or SASL_AUTHENTICATION_FAILED and the like.
        error_code: i16 [0..],
        /// Why it failed.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The token, in the mechanism's own encoding; may be empty.
        auth_bytes: Bytes [0..],
        /// Milliseconds after which to authenticate again; 0 for never.
        session_lifetime_ms: i64 [1.., ignorable],
    }
}
