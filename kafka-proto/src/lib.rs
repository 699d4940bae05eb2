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

pub mod chunks;
pub mod compress;
pub mod error;
pub mod records;
pub mod wire;

pub use self::{
    chunks::Chunks,
    error::{DecodeError, DecodeErrorKind, EncodeError},
    wire::{Encoded, Reader, Records, Str, UnknownTags, Uuid, Writer},
};
