//! RequestHeader, versions 0 to 2, flexible from 2: what stands in front of every request.
//!
//! - Version 0 belongs to ControlledShutdown 0 only, version 2 to flexible versions of requests (KIP-482);
//!   [`ApiKey::request_header_version`](crate::ApiKey::request_header_version) knows.
//! - The client id is never compact: a broker must be able to read the header of an ApiVersions request that is too new
//!   for it.

use crate::{schema::messages, wire::Str};

messages! {
    /// What stands in front of every request.
    RequestHeader = versions 0..=2, flexible 2.., kips [2: 482] {
        /// Number of the API.
        request_api_key: i16 [0..],
        /// Version of the request, and of its response.
        request_api_version: i16 [0..],
        /// Comes back with the response.
        correlation_id: i32 [0..],
        /// Name of the client, for logs, metrics and quotas; null for none.
        client_id: Option<Str> [1.., null 1.., ignorable, inflexible],
    }
}
