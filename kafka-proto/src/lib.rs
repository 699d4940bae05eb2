//! Kafka's wire protocol: every message and record batch, bytes to values and back.
//!
//! **There is no state between calls, and no input that makes one panic or take memory out of proportion.** Whatever is
//! wrong with bytes is a [`DecodeError`] with its place; whatever a version can't carry is an [`EncodeError`].
//!
//! 1. Build a message with `..Default::default()`. A message is one struct for all its versions, and new versions bring
//!    new fields in minor releases.
//! 2. Encode it for a version, as a whole frame, with [`encode_request`] or [`encode_response`].
//! 3. Read a frame's four bytes of length and then that many, and decode its header with [`decode_response_header`] or
//!    [`decode_request_header`], then its body with [`decode_body`].
//!
//! ```
//! use kafka_proto::{
//!     ErrorCode, Request, decode_body, decode_request_header, decode_response_header, encode_request,
//!     encode_response,
//!     messages::{MetadataRequest, MetadataResponse, metadata::MetadataRequestTopic},
//! };
//!
//! // A client asks for a topic.
//! let topic = MetadataRequestTopic { name: Some("orders".into()), ..Default::default() };
//! let request = MetadataRequest { topics: Some(vec![topic]), ..Default::default() };
//! let version = 12;
//! let frame = encode_request(&request, version, 1, Some("example"))?.chunks.to_bytes();
//!
//! // A broker reads that and answers. The transport has taken the length off.
//! let (header, body) = decode_request_header(frame.slice(4..))?;
//! let asked: MetadataRequest = decode_body(body)?;
//! assert_eq!(asked, request);
//! let response = MetadataResponse { controller_id: 3, ..Default::default() };
//! let frame = encode_response::<MetadataRequest>(&response, header.request_api_version, header.correlation_id)?;
//!
//! // The client knows what it asked in which version, and reads the answer.
//! let frame = frame.chunks.to_bytes();
//! let (correlation_id, body) = decode_response_header(frame.slice(4..), MetadataRequest::API, version)?;
//! let answer: MetadataResponse = decode_body(body)?;
//! assert_eq!((correlation_id, answer.controller_id), (1, 3));
//! assert_eq!(ErrorCode::from(answer.error_code), ErrorCode::NONE);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! - [`messages`]: requests and responses, one module per API; [`schema`] says how they are written down.
//! - [`header`]: frames and headers; [`api`]: keys and versions; [`error_code`]: what brokers answer with.
//! - [`wire`]: the primitive types, [`Reader`] and [`Writer`]; [`chunks`]: bytes in pieces.
//! - [`records`]: record batches; [`compress`]: the codecs in them.
//!
//! Decoded strings and bytes are slices of the frame and keep it in memory; [`Str::copied`] detaches one. Decoding takes
//! at most 8 times the input and 64 KiB ([`Message::MEMORY_FACTOR`] says where it is more).
//!
//! # Features
//!
//! `gzip`, `snappy`, `lz4` and `zstd` add codecs, all by default.
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
#[cfg(feature = "json")]
pub mod json;
pub mod messages;
pub mod records;
pub mod releases;
pub mod schema;
pub mod wire;

pub use self::{
    api::{ApiKey, VersionRange},
    chunks::Chunks,
    error::{DecodeError, DecodeErrorKind, EncodeError},
    error_code::ErrorCode,
    header::{
        decode_body, decode_body_lenient, decode_request_header, decode_response_header,
        encode_request, encode_response,
    },
    messages::{RequestHeader, ResponseHeader},
    schema::{Message, Request},
    wire::{Encoded, Reader, Records, Str, UnknownTags, Uuid, Writer},
};
