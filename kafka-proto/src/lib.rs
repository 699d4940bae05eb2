//! Kafka's wire protocol, all that was ever spoken of it: messages and records, bytes to values and back.
//!
//! All 95 APIs in every version that a release had, requests and responses, both ways; the messages inside other
//! things (group metadata, control records); records of all three formats. For clients, brokers, proxies and tools
//! alike: there is no I/O here and **no state between calls, and no input makes a function panic or take memory out of
//! proportion.** Whatever is wrong with bytes is a [`DecodeError`] with its place; whatever a version can't carry is
//! an [`EncodeError`].
//!
//! # Encode a request
//!
//! A message is one struct for all its versions. Build it with `..Default::default()`, for new versions bring new
//! fields in minor releases.
//!
//! ```
//! use kafka_proto::{encode_request, messages::{MetadataRequest, metadata::MetadataRequestTopic}};
//!
//! let topic = MetadataRequestTopic { name: Some("orders".into()), ..Default::default() };
//! let request = MetadataRequest { topics: Some(vec![topic]), ..Default::default() };
//! let (version, correlation_id) = (12, 1);
//! let frame = encode_request(&request, version, correlation_id, Some("example"))?;
//! // Chunks, so that record batches are never copied: write them one after the other, or as one.
//! assert_eq!(frame.chunks.len(), 4 + 46);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Decode a frame
//!
//! Read four bytes of length and then that many. A request says itself what it is; of a response, whoever asked knows.
//!
//! ```
//! # use kafka_proto::{encode_request, messages::{MetadataRequest, MetadataResponse}};
//! use kafka_proto::{ErrorCode, Request, decode_body, decode_request_header, decode_response_header, encode_response};
//!
//! # let frame = encode_request(&MetadataRequest::default(), 12, 1, Some("example"))?.chunks.to_bytes().slice(4..);
//! // A broker.
//! let (header, body) = decode_request_header(frame)?;
//! assert_eq!((header.request_api_key, header.request_api_version), (MetadataRequest::API.to_i16(), 12));
//! let asked: MetadataRequest = decode_body(body)?;
//! let answer = MetadataResponse { controller_id: 3, ..Default::default() };
//! let frame = encode_response::<MetadataRequest>(&answer, header.request_api_version, header.correlation_id)?;
//!
//! // The client.
//! let frame = frame.chunks.to_bytes().slice(4..);
//! let (correlation_id, body) = decode_response_header(frame, MetadataRequest::API, 12)?;
//! let answer: MetadataResponse = decode_body(body)?;
//! assert_eq!((correlation_id, answer.controller_id), (1, 3));
//! assert_eq!(ErrorCode::from(answer.error_code), ErrorCode::NONE);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Pick a version
//!
//! Brokers since 0.10 say what they speak; older ones are in [`releases`], with all others up to 4.4.
//!
//! ```
//! use kafka_proto::{ApiKey, VersionRange, messages::ApiVersionsResponse, releases};
//! # use kafka_proto::messages::api_versions::ApiVersion;
//! # let fetch = ApiVersion { api_key: 1, min_version: 4, max_version: 17, ..Default::default() };
//! # let response = ApiVersionsResponse { api_keys: vec![fetch], ..Default::default() };
//!
//! let entry = response.api_keys.iter().find(|api| api.api_key == ApiKey::Fetch.to_i16()).ok_or("no Fetch")?;
//! let offered = VersionRange::new(entry.min_version, entry.max_version);
//! // The newest that both know, without versions that brokers have only for their developers.
//! let both = ApiKey::Fetch.stable_versions().intersect(offered);
//! assert_eq!(both, VersionRange::new(4, 17));
//!
//! let old = releases::release("0.9").ok_or("no such release")?;
//! assert_eq!(old.range(ApiKey::Fetch).max, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Iterate a batch
//!
//! ```
//! use kafka_proto::records::{BatchBuilder, Codec, RecordSets};
//!
//! let mut batch = BatchBuilder::new(Codec::None);
//! batch.push(1_700_000_000_000, Some(b"key"), Some(b"value"), &[(b"trace", Some(b"1"))])?;
//! let bytes = batch.build(42)?; // what the `records` of a Fetch response hold, of whatever format
//!
//! for set in RecordSets::new(bytes) {
//!     let set = set?;
//!     set.verify_crc()?;
//!     for record in &set.records(1 << 20)? { // inflated to at most 1 MiB
//!         let record = record?;
//!         assert_eq!((record.offset, record.value), (42, Some(&b"value"[..])));
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! - [`messages`]: requests and responses, one module per API; [`schema`] says how they are written down, and gives
//!   them as data. `json`, with the feature of that name, reads and writes any of them as the JSON that Kafka's own
//!   tools print.
//! - [`header`]: frames and headers; [`api`]: keys and versions; [`releases`]: which Kafka speaks which of them;
//!   [`error_code`]: what brokers answer with.
//! - [`wire`]: the primitive types, [`Reader`] and [`Writer`]; [`chunks`]: bytes in pieces.
//! - [`records`]: records in batches and message sets; [`compress`]: the codecs in them.
//!
//! Decoded strings and bytes are slices of the frame and keep it in memory; [`Str::copied`] detaches one. Decoding
//! takes at most 8 times the input and 64 KiB ([`Message::MEMORY_FACTOR`] says where it is more).
//!
//! # Features
//!
//! `gzip`, `snappy`, `lz4` and `zstd` add codecs, all by default; `zstd` compiles C, and without it zstd is still
//! read. `json` adds the module `json`, messages from and to JSON.
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
        RequestStart, decode_body, decode_body_lenient, decode_request_header,
        decode_response_header, encode_request, encode_request_into, encode_response,
        encode_response_into, peek_request,
    },
    messages::{RequestHeader, ResponseHeader},
    schema::{Message, Request},
    wire::{Encoded, NodeIds, Reader, Records, Str, UnknownTags, Uuid, Writer},
};
