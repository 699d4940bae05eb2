//! Kafka's wire protocol: every message and record batch, bytes to values and back.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod api;
pub mod chunks;
pub mod compress;
pub mod error;
pub mod error_code;
pub mod header;
pub mod messages;
pub mod records;
pub mod schema;
pub mod wire;

pub use self::{
    api::{ApiKey, VersionRange},
    chunks::Chunks,
    error::{DecodeError, DecodeErrorKind, EncodeError},
    error_code::ErrorCode,
    header::{
        RequestHeader, decode_body, decode_body_lenient, decode_request_header,
        decode_response_header, encode_request, encode_response,
    },
    schema::{Message, Request},
    wire::{Encoded, Reader, Records, Str, UnknownTags, Uuid, Writer},
};
