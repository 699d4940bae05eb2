//! ResponseHeader, versions 0 to 1, flexible from 1: what stands in front of every response.
//!
//! - Version 1 belongs to flexible versions of responses (KIP-482), but for ApiVersions, which always has version 0;
//!   [`ApiKey::response_header_version`](crate::ApiKey::response_header_version) knows.

use crate::schema::messages;

messages! {
    /// What stands in front of every response.
    ResponseHeader = versions 0..=1, flexible 1.., kips [1: 482] {
        /// That of the request.
        correlation_id: i32 [0..],
    }
}
