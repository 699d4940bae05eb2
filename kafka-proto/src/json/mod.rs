//! Every message from and to JSON, by one interpreter over the schema table rather than by code of its own for each.
//!
//! The JSON is what Kafka's own `*JsonConverter` classes print and read (KIP-673):
//!
//! - An object per struct, with its fields under [`field_name`] in the order of the schema. Fields that the version lacks
//!   are left out, and so are tagged fields at their default.
//! - Bytes and records are padded standard base64, ids are as [`Uuid`](crate::Uuid) displays them, and integers of all
//!   sizes are numbers. A float is a number too, or one of the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
//! - Reading, fields that no version knows are ignored; a field that is not tagged must be there; a tagged one may be
//!   missing. A field that the version lacks is an error where it holds something else than its default, unless it is
//!   ignorable.
//!
//! Unlike Kafka's, records are printed whole (Kafka prints an empty string or their size), integers are taken as floats,
//! and an `int8` of 128 to 256 is refused rather than moved into the range. The bit pattern of a NaN and tagged fields
//! that the schema does not know are lost in JSON; all else comes back as the same bytes.
//!
//! ```
//! use kafka_proto::{json, messages};
//! use serde_json::json;
//!
//! let schema = messages::schema("HeartbeatRequest").expect("one of the 95");
//! let value = json!({"groupId": "g", "generationId": 3, "memberId": "m", "groupInstanceId": null});
//! let bytes = json::encode(schema, 4, &value)?;
//! assert_eq!(&bytes[..], b"\x02g\0\0\0\x03\x02m\0\0");
//! assert_eq!(json::decode(schema, 4, bytes)?, value);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Objects keep the order of their fields, for which serde_json's feature `preserve_order` is on in the whole build.
//!
//! # Memory
//!
//! [`decode`] takes and refuses exactly the bytes that [`Message::decode`](crate::Message::decode) does, with the same
//! error at the same place, because it draws on the same budget by the same rules. A tree of JSON values is far larger
//! than a struct: it takes up to [`MEMORY_FACTOR`] times the input and 64 KiB.

mod base64;
mod decode;
mod default;
mod encode;
mod error;
mod name;

use bytes::Bytes;
use serde_json::Value;

use self::{
    decode::Decoder,
    encode::{structure, unwritable},
};
pub use self::{
    error::{JsonError, JsonErrorKind},
    name::field_name,
};
use crate::{
    error::{DecodeError, DecodeErrorKind},
    schema::MessageSchema,
    wire::{Reader, Writer},
};

/// Memory that decoding to JSON may take, as a multiple of the encoded bytes, beside 64 KiB.
///
/// The dearest byte is a field of one byte: an entry in a map, a name on the heap, and their share in what allocators
/// and growing lists add. No list is allocated for elements that are not there.
pub const MEMORY_FACTOR: usize = 256;

/// Decodes a message's body; bytes after it are an error.
///
/// # Errors
/// Whatever is wrong with the bytes, with offset and field, as the message's own decoder says it; `TrailingBytes`.
pub fn decode(
    schema: &'static MessageSchema,
    version: i16,
    body: Bytes,
) -> Result<Value, DecodeError> {
    let mut reader = Reader::new(body, version, false);
    let value = decode_with(schema, &mut reader)?;
    match reader.remaining() {
        0 => Ok(value),
        left => {
            let error = reader.error(DecodeErrorKind::TrailingBytes(left));
            Err(error.in_message(schema.name, version))
        }
    }
}

/// Decodes one message in the version of the reader; bytes may be left after it.
///
/// # Errors
/// Whatever is wrong with the bytes, with offset and field.
pub fn decode_with(
    schema: &'static MessageSchema,
    reader: &mut Reader,
) -> Result<Value, DecodeError> {
    let version = reader.version();
    if !schema.versions.contains(version) {
        let error = reader.error(DecodeErrorKind::UnsupportedVersion);
        return Err(error.in_message(schema.name, version));
    }
    reader.set_version(version, schema.is_flexible(version));
    reader.set_memory_factor(schema.memory_factor);
    let value = Decoder::new(reader).structure(schema.body);
    value.map_err(|error| error.in_message(schema.name, version))
}

/// Encodes a message's body from JSON.
///
/// # Errors
/// A version that the message does not have, a mandatory field that is missing, a value of another type or out of range,
/// a null that the version does not allow, a field that it can't carry, a text too long for its length field.
pub fn encode(
    schema: &'static MessageSchema,
    version: i16,
    value: &Value,
) -> Result<Bytes, JsonError> {
    encode_checked(schema, version, value).map_err(|error| error.in_message(schema.name, version))
}

fn encode_checked(schema: &MessageSchema, version: i16, value: &Value) -> Result<Bytes, JsonError> {
    if !schema.versions.contains(version) {
        return Err(JsonErrorKind::UnsupportedVersion.into());
    }
    let mut writer = Writer::new(version, schema.is_flexible(version));
    structure(&mut writer, schema.body, value)?;
    let encoded = writer.finish().map_err(unwritable)?;
    Ok(encoded.chunks.to_bytes())
}
