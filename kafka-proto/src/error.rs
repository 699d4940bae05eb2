//! What goes wrong between bytes and values.
//!
//! A [`DecodeError`] is the fault of whoever sent the bytes, an [`EncodeError`] is the fault of whoever filled in the
//! message. Both are values: nothing in this crate panics on any input.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

/// Why bytes could not be read, without the place.
///
/// Functions that know no place (varints, codecs) return this; [`DecodeError`] adds offset, version and field path.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeErrorKind {
    /// The bytes end before the value does. `needed` counts from the value's first byte.
    #[error("{needed} bytes needed, {left} left")]
    Truncated {
        /// Bytes that the value takes.
        needed: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// A length below zero, where zero is the smallest that makes sense (or below the -1 that means null).
    #[error("negative length {0}")]
    NegativeLength(i64),
    /// Null where this version of the message has no null.
    #[error("null where a value is required")]
    NullNotAllowed,
    /// A varint longer than 5 bytes (10 bytes when it holds 64 bits).
    #[error("varint is too long")]
    VarintTooLong,
    /// The last byte of a varint carries bits that its type has no room for.
    #[error("varint overflows its type")]
    VarintOverflow,
    /// A string that is not UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// A length or an element count that the rest of the bytes can't hold. Nothing was allocated for it.
    #[error("length {claimed} is more than {left} bytes can hold")]
    LengthTooLarge {
        /// Length in bytes or elements as claimed on the wire.
        claimed: u64,
        /// Bytes left.
        left: usize,
    },
    /// The same tagged field twice in one struct.
    #[error("tagged field {0} appears twice")]
    DuplicateTag(u32),
    /// A known tagged field whose value has another length than its size says.
    #[error("tagged field claims {claimed} bytes and takes {consumed}")]
    TagSize {
        /// Size as written on the wire.
        claimed: usize,
        /// Bytes that the value took.
        consumed: usize,
    },
    /// Bytes left over after the message.
    #[error("{0} bytes after the end of the message")]
    TrailingBytes(usize),
    /// A version that this crate has no schema for.
    #[error("unsupported version")]
    UnsupportedVersion,
    /// A request whose API key is not known.
    #[error("unknown API key {0}")]
    UnknownApiKey(i16),
    /// A record batch of a format that does not exist.
    #[error("unsupported magic {0}")]
    UnsupportedMagic(i8),
    /// A record batch whose checksum does not fit its bytes.
    #[error("checksum mismatch: {stored:#010x} stored, {computed:#010x} computed")]
    CrcMismatch {
        /// Checksum in the header.
        stored: u32,
        /// Checksum of the bytes.
        computed: u32,
    },
    /// A record batch, message set or compressed payload that breaks its format; the text says which rule.
    #[error("corrupt: {0}")]
    Corrupt(&'static str),
    /// A compression codec number that does not exist.
    #[error("unknown compression codec {0}")]
    UnknownCodec(i8),
    /// A compression codec that this build leaves out, by name.
    #[error("compression codec {0} is not built in")]
    CodecNotBuilt(&'static str),
    /// The codec refused the compressed bytes.
    #[error("can't decompress: {0}")]
    Decompress(&'static str),
    /// The value takes more memory than the reader allows for input of this size.
    #[error("value takes more than the {limit} bytes allowed")]
    BudgetExceeded {
        /// Bytes allowed.
        limit: usize,
    },
}

/// Bytes that are no valid message or record batch: what is wrong, and where.
///
/// One pointer wide, so that the good path carries no weight; the details are allocated when an error happens.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Detail>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Detail {
    kind: DecodeErrorKind,
    offset: usize,
    message: Option<(&'static str, i16)>,
    /// Innermost segment first, because errors travel outwards.
    path: Vec<Segment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment {
    Field(&'static str),
    Index(usize),
}

impl DecodeError {
    /// An error at a byte offset, counted from the start of the frame without its length prefix, or from the start of
    /// whatever slice was being decoded.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self(Box::new(Detail { kind, offset, message: None, path: Vec::new() }))
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// Byte offset at which the faulty value starts.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// Name of the message that was being decoded, if it was one.
    #[must_use]
    pub fn message(&self) -> Option<&'static str> {
        self.0.message.map(|(name, _)| name)
    }

    /// Version of the message that was being decoded, if it was one.
    #[must_use]
    pub fn version(&self) -> Option<i16> {
        self.0.message.map(|(_, version)| version)
    }

    /// The faulty field, such as `responses[2].partitions[0].records`; displays as nothing outside a message.
    pub fn path(&self) -> impl fmt::Display + '_ {
        Path(&self.0.path)
    }

    /// Moves the error by `base` bytes: for a caller that decoded a slice of something larger.
    #[must_use]
    pub fn shifted(mut self, base: usize) -> Self {
        self.0.offset = self.0.offset.saturating_add(base);
        self
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn in_field(mut self, name: &'static str) -> Self {
        self.0.path.push(Segment::Field(name));
        self
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn at_index(mut self, index: usize) -> Self {
        self.0.path.push(Segment::Index(index));
        self
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn in_message(mut self, name: &'static str, version: i16) -> Self {
        self.0.message = Some((name, version));
        self
    }
}

impl From<DecodeErrorKind> for DecodeError {
    fn from(kind: DecodeErrorKind) -> Self {
        Self::new(kind, 0)
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, version)) = self.0.message {
            write!(f, "{name} v{version}, ")?;
        }
        if !self.0.path.is_empty() {
            write!(f, "{}, ", self.path())?;
        }
        write!(f, "byte {}: {}", self.0.offset, self.0.kind)
    }
}

impl core::error::Error for DecodeError {}

struct Path<'a>(&'a [Segment]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for segment in self.0.iter().rev() {
            match segment {
                Segment::Field(name) if first => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
            first = false;
        }
        Ok(())
    }
}

/// A message or batch that can't be written as it is filled in.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A field holds something other than its default, and the version can neither carry nor ignore it.
    #[error("{message} v{version} can't carry {field}")]
    FieldNotInVersion {
        /// Name of the message or of its nested struct.
        message: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Version of the message.
        version: i16,
    },
    /// A field is null, and the version has no null for it.
    #[error("{message} v{version} has no null for {field}")]
    NullNotAllowed {
        /// Name of the message or of its nested struct.
        message: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Version of the message.
        version: i16,
    },
    /// A string, array, byte field, batch or frame longer than its length field can say.
    #[error("{what} of length {len} is longer than {max}")]
    TooLong {
        /// What is too long, such as `string` or `frame`.
        what: &'static str,
        /// Its length in bytes (in elements for arrays).
        len: usize,
        /// The most that fits.
        max: usize,
    },
    /// A version that this crate has no schema for.
    #[error("{message} has no version {version}")]
    UnsupportedVersion {
        /// Name of the message.
        message: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// The codec failed to compress.
    #[error("can't compress: {0}")]
    Compress(&'static str),
    /// A compression codec that this build leaves out, by name.
    #[error("compression codec {0} is not built in")]
    CodecNotBuilt(&'static str),
    /// A record batch that breaks the rules of its format; the text says which.
    #[error("invalid batch: {0}")]
    InvalidBatch(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn display_names_message_version_path_and_offset() {
        let error = DecodeError::new(DecodeErrorKind::NegativeLength(-7), 57)
            .in_field("records")
            .at_index(2)
            .in_field("partitions")
            .in_message("FetchResponse", 12);
        assert_eq!(
            error.to_string(),
            "FetchResponse v12, partitions[2].records, byte 57: negative length -7"
        );
        assert_eq!(error.path().to_string(), "partitions[2].records");
    }

    #[test]
    fn error_is_one_pointer() {
        assert_eq!(size_of::<Result<(), DecodeError>>(), size_of::<usize>());
    }
}
