//! RequestHeader, versions 0 to 2, flexible from 2: TODO.

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    RequestHeader = versions 0..=2, flexible 2.. {
        /// TODO.
        request_api_key: i16 [0..],
        /// TODO.
        request_api_version: i16 [0..],
        /// TODO.
        correlation_id: i32 [0..],
        /// TODO.
        client_id: Option<Str> [1.., null 1.., inflexible],
    }
}
