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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// The bytes end before the value does. `needed` counts from the value's first byte.
    Truncated {
        /// Bytes that the value takes.
        needed: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// A length below zero, where zero is the smallest that makes sense (or below the -1 that means null).
    NegativeLength(i64),
    /// Null where this version of the message has no null.
    NullNotAllowed,
    /// A varint longer than 5 bytes (10 bytes when it holds 64 bits).
    VarintTooLong,
    /// The last byte of a varint carries bits that its type has no room for.
    VarintOverflow,
    /// A string that is not UTF-8.
    InvalidUtf8,
    /// A length or an element count that the rest of the bytes can't hold. Nothing was allocated for it.
    LengthTooLarge {
        /// Length in bytes or elements as claimed on the wire.
        claimed: u64,
        /// Bytes left.
        left: usize,
    },
    /// The same tagged field twice in one struct.
    DuplicateTag(u32),
    /// A known tagged field whose value has another length than its size says.
    TagSize {
        /// Size as written on the wire.
        claimed: usize,
        /// Bytes that the value took.
        consumed: usize,
    },
    /// Bytes left over after the message.
    TrailingBytes(usize),
    /// A version that this crate has no schema for.
    UnsupportedVersion,
    /// A request whose API key is not known.
    UnknownApiKey(i16),
    /// A record batch of a format that does not exist.
    UnsupportedMagic(i8),
    /// A record batch whose checksum does not fit its bytes.
    CrcMismatch {
        /// Checksum in the header.
        stored: u32,
        /// Checksum of the bytes.
        computed: u32,
    },
    /// A record batch, message set or compressed payload that breaks its format; the text says which rule.
    Corrupt(&'static str),
    /// A compression codec number that does not exist.
    UnknownCodec(i8),
    /// A compression codec that this build leaves out, by name.
    CodecNotBuilt(&'static str),
    /// The codec refused the compressed bytes.
    Decompress(&'static str),
    /// The value takes more memory than the reader allows for input of this size.
    BudgetExceeded {
        /// Bytes allowed.
        limit: usize,
    },
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed, left } => write!(f, "{needed} bytes needed, {left} left"),
            Self::NegativeLength(len) => write!(f, "negative length {len}"),
            Self::NullNotAllowed => f.write_str("null where a value is required"),
            Self::VarintTooLong => f.write_str("varint is too long"),
            Self::VarintOverflow => f.write_str("varint overflows its type"),
            Self::InvalidUtf8 => f.write_str("invalid UTF-8"),
            Self::LengthTooLarge { claimed, left } => {
                write!(f, "length {claimed} is more than {left} bytes can hold")
            }
            Self::DuplicateTag(tag) => write!(f, "tagged field {tag} appears twice"),
            Self::TagSize { claimed, consumed } => {
                write!(f, "tagged field claims {claimed} bytes and takes {consumed}")
            }
            Self::TrailingBytes(left) => write!(f, "{left} bytes after the end of the message"),
            Self::UnsupportedVersion => f.write_str("unsupported version"),
            Self::UnknownApiKey(key) => write!(f, "unknown API key {key}"),
            Self::UnsupportedMagic(magic) => write!(f, "unsupported magic {magic}"),
            Self::CrcMismatch { stored, computed } => {
                write!(f, "checksum mismatch: {stored:#010x} stored, {computed:#010x} computed")
            }
            Self::Corrupt(rule) => write!(f, "corrupt: {rule}"),
            Self::UnknownCodec(codec) => write!(f, "unknown compression codec {codec}"),
            Self::CodecNotBuilt(codec) => write!(f, "compression codec {codec} is not built in"),
            Self::Decompress(reason) => write!(f, "can't decompress: {reason}"),
            Self::BudgetExceeded { limit } => {
                write!(f, "value takes more than the {limit} bytes allowed")
            }
        }
    }
}

impl core::error::Error for DecodeErrorKind {}

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// A field holds something other than its default, and the version can neither carry nor ignore it.
    FieldNotInVersion {
        /// Name of the message or of its nested struct.
        message: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Version of the message.
        version: i16,
    },
    /// A field is null, and the version has no null for it.
    NullNotAllowed {
        /// Name of the message or of its nested struct.
        message: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Version of the message.
        version: i16,
    },
    /// A string, array, byte field, batch or frame longer than its length field can say.
    TooLong {
        /// What is too long, such as `string` or `frame`.
        what: &'static str,
        /// Its length in bytes (in elements for arrays).
        len: usize,
        /// The most that fits.
        max: usize,
    },
    /// A version that this crate has no schema for.
    UnsupportedVersion {
        /// Name of the message.
        message: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// The codec failed to compress.
    Compress(&'static str),
    /// A compression codec that this build leaves out, by name.
    CodecNotBuilt(&'static str),
    /// A record batch that breaks the rules of its format; the text says which.
    InvalidBatch(&'static str),
    /// A compression codec that the format of the records has no place for: zstd needs magic 2 (KIP-110).
    CodecNotInMagic {
        /// Name of the codec.
        codec: &'static str,
        /// Format of the records.
        magic: i8,
    },
    /// Records of a format that does not exist.
    UnsupportedMagic(i8),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldNotInVersion { message, field, version } => {
                write!(f, "{message} v{version} can't carry {field}")
            }
            Self::NullNotAllowed { message, field, version } => {
                write!(f, "{message} v{version} has no null for {field}")
            }
            Self::TooLong { what, len, max } => {
                write!(f, "{what} of length {len} is longer than {max}")
            }
            Self::UnsupportedVersion { message, version } => {
                write!(f, "{message} has no version {version}")
            }
            Self::Compress(reason) => write!(f, "can't compress: {reason}"),
            Self::CodecNotBuilt(codec) => write!(f, "compression codec {codec} is not built in"),
            Self::InvalidBatch(rule) => write!(f, "invalid batch: {rule}"),
            Self::CodecNotInMagic { codec, magic } => {
                write!(f, "no {codec} in records of magic {magic}")
            }
            Self::UnsupportedMagic(magic) => write!(f, "unsupported magic {magic}"),
        }
    }
}

impl core::error::Error for EncodeError {}

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
    fn every_fault_says_its_numbers() {
        let kinds = [
            (DecodeErrorKind::Truncated { needed: 4, left: 3 }, "4 bytes needed, 3 left"),
            (
                DecodeErrorKind::LengthTooLarge { claimed: 9, left: 2 },
                "length 9 is more than 2 bytes can hold",
            ),
            (
                DecodeErrorKind::TagSize { claimed: 5, consumed: 6 },
                "tagged field claims 5 bytes and takes 6",
            ),
            (
                DecodeErrorKind::CrcMismatch { stored: 0xab, computed: 1 },
                "checksum mismatch: 0x000000ab stored, 0x00000001 computed",
            ),
        ];
        for (kind, text) in kinds {
            assert_eq!(kind.to_string(), text);
        }
        let error = EncodeError::TooLong { what: "string", len: 32_768, max: 32_767 };
        assert_eq!(error.to_string(), "string of length 32768 is longer than 32767");
        let (message, field, version) = ("FetchRequest", "rack_id", 3);
        let error = EncodeError::FieldNotInVersion { message, field, version };
        assert_eq!(error.to_string(), "FetchRequest v3 can't carry rack_id");
        let error = EncodeError::NullNotAllowed { message, field, version };
        assert_eq!(error.to_string(), "FetchRequest v3 has no null for rack_id");
    }

    #[test]
    fn error_is_one_pointer() {
        assert_eq!(size_of::<Result<(), DecodeError>>(), size_of::<usize>());
    }
}
