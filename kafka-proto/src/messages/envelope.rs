//! Envelope (key 58), version 0, flexible from 0: a client's request, forwarded by a broker to the controller
//! (KIP-590).
//!
//! - Both payloads hold a header and a message, without a length in front.
//! - The principal is what the broker's principal builder wrote: a version and
//!   [`DefaultPrincipalData`](crate::messages::DefaultPrincipalData) unless it is a custom one.

use bytes::Bytes;

use crate::schema::messages;

messages! {
    /// Forwards a request.
    EnvelopeRequest -> EnvelopeResponse = key 58, versions 0..=0, flexible 0.., kips [0: 590] {
        /// The request with its header.
        request_data: Bytes [0..],
        /// Whose request it is; null if the broker tells none.
        request_principal: Option<Bytes> [0.., null 0..],
        /// The client's IP address, in 4 or 16 bytes.
        client_host_address: Bytes [0..],
    }

    /// The answer.
    EnvelopeResponse = key 58, versions 0..=0, flexible 0.. {
        /// The response with its header; null if something went wrong with the envelope itself.
        response_data: Option<Bytes> [0.., null 0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
