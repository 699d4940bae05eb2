//! Fuzz target bodies: what must hold whatever the bytes are.
//!
//! Each target is a function of bytes that panics when it finds something. They know no fuzzer: `fuzz/cargo-fuzz` wraps
//! each for libFuzzer, and this crate's tests replay the corpus, and mutations of it, on stable Rust.
//!
//! A target that reads structure out of its bytes takes zeros where they end, so that every input means something.

mod build_records;
mod config;
mod convert;
mod decompress;
mod engine_bytes;
mod engine_ops;
mod frame;
mod header;
mod input;
mod json_encode;
mod known;
mod message_sets;
mod messages;
pub mod pack;
mod request;
mod response;
mod round_trip_records;
mod sets;
mod static_dynamic;
mod varint;
mod world;

pub use build_records::build_records;
pub use config::config;
pub use convert::convert;
pub use decompress::decompress;
pub use engine_bytes::engine_bytes;
pub use engine_ops::engine_ops;
pub use frame::frame;
pub use header::header;
pub use json_encode::json_encode;
pub use message_sets::message_sets;
pub use request::request;
pub use response::response;
pub use round_trip_records::round_trip_records;
pub use static_dynamic::static_dynamic;
pub use varint::varint;

/// A target: it panics if what it checks does not hold for these bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its corpus and of its binary.
pub const TARGETS: &[(&str, Target)] = &[
    ("varint", varint),
    ("frame", frame),
    ("response", response),
    ("request", request),
    ("header", header),
    ("static_dynamic", static_dynamic),
    ("json_encode", json_encode),
    ("round_trip_records", round_trip_records),
    ("message_sets", message_sets),
    ("convert", convert),
    ("build_records", build_records),
    ("decompress", decompress),
    ("engine_bytes", engine_bytes),
    ("engine_ops", engine_ops),
    ("config", config),
];
