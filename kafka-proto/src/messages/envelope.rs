//! Envelope (key 58), version 0, flexible from 0: TODO.

use bytes::Bytes;

use crate::schema::messages;

messages! {
    /// TODO.
    EnvelopeRequest -> EnvelopeResponse = key 58, versions 0..=0, flexible 0.. {
        /// TODO.
        request_data: Bytes [0..],
        /// TODO.
        request_principal: Option<Bytes> [0.., null 0..],
        /// TODO.
        client_host_address: Bytes [0..],
    }

    /// TODO.
    EnvelopeResponse = key 58, versions 0..=0, flexible 0.. {
        /// TODO.
        response_data: Option<Bytes> [0.., null 0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
