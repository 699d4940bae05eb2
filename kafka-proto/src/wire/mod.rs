//! The primitive types on the wire.

pub mod varint;
