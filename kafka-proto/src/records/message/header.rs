//! The fixed fields in front of every message of magic 0 and 1, and the fields behind them.

use nom::Parser;
use nom::bytes::streaming::take;
use nom::combinator::map;
use nom::number::streaming::{be_i8, be_i32, be_i64, be_u32};

use crate::compress::framing::{Parsed, fault, parse};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::records::{Attributes, Codec, malformed};

/// The fields of a message in front of its key, as on the wire. Integers are big-endian, in the order of the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// Offset in the partition; of the last message within, if the value is a compressed message set. Not covered by
    /// the checksum. In a produce request it says nothing.
    pub offset: i64,
    /// Bytes that follow this field: the whole entry without its first 12 bytes.
    pub size: i32,
    /// CRC-32 of everything from `magic` on.
    pub crc: u32,
    /// Format of the message, 0 or 1.
    pub magic: i8,
    /// Codec and timestamp type, in the bits in which a batch has them.
    pub attributes: i8,
    /// Milliseconds since the Unix epoch; -1 for none, and always in magic 0 (KIP-32).
    pub timestamp: i64,
}

impl MessageHeader {
    /// Bytes in front of what `size` counts: the offset and the size itself.
    pub const LOG_OVERHEAD: usize = 12;
    /// Where the checksum is: bytes 12 to 15 of the entry.
    pub const CRC_AT: usize = 12;
    /// Where the bytes that the checksum covers begin.
    pub const CRC_COVERS_FROM: usize = 16;
    /// The smallest `size` in magic 0: null key, null value.
    pub const MIN_SIZE_V0: i32 = 14;
    /// The smallest `size` in magic 1, which has a timestamp more.
    pub const MIN_SIZE_V1: i32 = 22;

    /// Reads a header from the front of `bytes`, which may be longer.
    ///
    /// # Errors
    /// `Truncated` if there are too few bytes, `UnsupportedMagic` for any magic but 0 and 1, `Corrupt` for a size that
    /// leaves no room for the fields.
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        parse(header, bytes, 0).map(|(header, _)| header)
    }

    /// How the value is compressed.
    ///
    /// # Errors
    /// `UnknownCodec` for 5 to 7.
    pub fn codec(&self) -> Result<Codec, DecodeError> {
        let number = self.attributes & 7;
        Codec::from_number(number)
            .ok_or_else(|| DecodeError::new(DecodeErrorKind::UnknownCodec(number), ATTRIBUTES_AT))
    }

    /// Whether the broker's clock stamped the message rather than the producer's. Magic 0 has no stamps.
    #[must_use]
    pub fn is_log_append_time(&self) -> bool {
        self.magic > 0 && Attributes(self.attributes.into()).is_log_append_time()
    }

    /// Bytes of the whole entry, header included.
    #[must_use]
    pub fn total_len(&self) -> usize {
        usize::try_from(self.size).unwrap_or(0).saturating_add(Self::LOG_OVERHEAD)
    }
}

/// Where the attributes are in an entry.
const ATTRIBUTES_AT: usize = 17;
/// Bytes of a header in magic 0.
const LEN_V0: usize = 18;
/// Bytes of a header in magic 1, which has a timestamp more.
const LEN_V1: usize = 26;

/// A key or a value, which may be null.
type Field<'a> = Option<&'a [u8]>;

/// Reads what stands behind the header of an entry, key and value, which has to fill the entry exactly.
pub(super) fn fields<'a>(
    header: &MessageHeader,
    entry: &'a [u8],
) -> Result<(Field<'a>, Field<'a>), DecodeError> {
    let at = if header.magic == 0 { LEN_V0 } else { LEN_V1 };
    let input = entry.get(at..).unwrap_or_default();
    let (fields, rest) = parse((field, field), input, at)?;
    if !rest.is_empty() {
        let at = entry.len().wrapping_sub(rest.len());
        return Err(malformed("message longer than its parts", at));
    }
    Ok(fields)
}

fn header(input: &[u8]) -> Parsed<'_, MessageHeader> {
    let (at_size, offset) = be_i64(input)?;
    let (rest, (size, crc)) = (be_i32, be_u32).parse(at_size)?;
    let (after_magic, magic) = be_i8(rest)?;
    let least = match magic {
        0 => MessageHeader::MIN_SIZE_V0,
        1 => MessageHeader::MIN_SIZE_V1,
        _ => return fault(DecodeErrorKind::UnsupportedMagic(magic), rest),
    };
    if size < least {
        return fault(DecodeErrorKind::Corrupt("message size below its fields"), at_size);
    }
    let (rest, attributes) = be_i8(after_magic)?;
    let (rest, timestamp) = if magic == 0 { (rest, -1) } else { be_i64(rest)? };
    Ok((rest, MessageHeader { offset, size, crc, magic, attributes, timestamp }))
}

/// A length and that many bytes, or null for -1.
fn field(input: &[u8]) -> Parsed<'_, Field<'_>> {
    let (rest, length) = be_i32(input)?;
    match usize::try_from(length) {
        Ok(len) if len > rest.len() => {
            let kind = DecodeErrorKind::LengthTooLarge { claimed: len as u64, left: rest.len() };
            fault(kind, input)
        }
        Ok(len) => map(take(len), Some).parse(rest),
        Err(_) if length == -1 => Ok((rest, None)),
        Err(_) => fault(DecodeErrorKind::NegativeLength(length.into()), input),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn sample(magic: u8) -> Vec<u8> {
        let mut bytes = [1, 2, 3, 4, 5, 6, 7, 8].to_vec();
        bytes.extend([0x11, 0x12, 0x13, 0x14, 0xf1, 0xf2, 0xf3, 0xf4, magic, 0x0a]);
        bytes.extend([0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28]);
        bytes
    }

    #[track_caller]
    fn check(bytes: &[u8], kind: DecodeErrorKind, offset: usize) {
        let error = MessageHeader::parse(bytes).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (&kind, offset));
    }

    #[test]
    fn every_field_is_at_its_place() {
        let one = MessageHeader::parse(&sample(1)).unwrap();
        let expected = MessageHeader {
            offset: 0x0102_0304_0506_0708,
            size: 0x1112_1314,
            crc: 0xf1f2_f3f4,
            magic: 1,
            attributes: 10,
            timestamp: 0x2122_2324_2526_2728,
        };
        assert_eq!(one, expected);
        assert_eq!((one.codec(), one.is_log_append_time()), (Ok(Codec::Snappy), true));
        assert_eq!(one.total_len(), 0x1112_1314 + 12);
        let zero = MessageHeader::parse(&sample(0)).unwrap();
        assert_eq!(zero, MessageHeader { magic: 0, timestamp: -1, ..expected });
        assert!(!zero.is_log_append_time());
    }

    #[test]
    fn headers_cut_anywhere() {
        for (magic, len) in [(0, 18), (1, 26)] {
            for cut in 0..len {
                let error = MessageHeader::parse(&sample(magic)[..cut]).unwrap_err();
                let DecodeErrorKind::Truncated { needed, left } = *error.kind() else {
                    panic!("{error}");
                };
                assert!(left == cut && needed > cut && needed <= len && error.offset() == 0);
            }
            assert!(MessageHeader::parse(&sample(magic)[..len]).is_ok());
        }
    }

    #[test]
    fn c30_every_other_magic() {
        for magic in 2..=u8::MAX {
            check(&sample(magic), DecodeErrorKind::UnsupportedMagic(magic as i8), 16);
        }
    }

    #[test]
    fn sizes_and_codecs_that_make_no_sense() {
        for (magic, least) in [(0, 14), (1, 22)] {
            for size in [i32::MIN, -1, 0, least - 1] {
                let mut bytes = sample(magic);
                bytes[8..12].copy_from_slice(&size.to_be_bytes());
                check(&bytes, DecodeErrorKind::Corrupt("message size below its fields"), 8);
            }
        }
        for (attributes, number) in [(5, 5), (6, 6), (7, 7), (-1, 7)] {
            let header = MessageHeader { attributes, ..MessageHeader::parse(&sample(1)).unwrap() };
            let error = header.codec().unwrap_err();
            assert_eq!(
                (error.kind(), error.offset()),
                (&DecodeErrorKind::UnknownCodec(number), 17)
            );
        }
    }
}
