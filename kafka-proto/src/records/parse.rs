//! Reading one record: the hot path of a consumer.
//!
//! [`parse_usual`] takes the records that nearly all records are, with varints of at most three bytes, out of two words
//! and leaves everything else, faults included, to [`parse_any`], which is the definition of what a record is.
//! Offsets of errors count from the start of the bytes given; the iterator adds where it is.

use super::headers::{HeadersRef, check_headers};
use super::malformed;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::wire::varint::{read_i32, read_i64, read_u32, unzigzag_32, unzigzag_64};

/// The smallest record: length, attributes, two deltas, null key, null value, no headers, a byte each.
pub(super) const MIN_RECORD: usize = 7;

/// A record as it is written, its deltas still relative to the batch.
pub(super) struct RawRecord<'a> {
    pub(super) timestamp_delta: i64,
    pub(super) offset_delta: i32,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: HeadersRef<'a>,
}

/// Reads the record at the front of `input`, and what follows it.
///
/// Every length and every header is checked, and the parts have to fill the record exactly.
#[inline(always)]
pub(super) fn parse_record(input: &[u8]) -> Result<(RawRecord<'_>, &[u8]), DecodeError> {
    match parse_usual(input) {
        Some(parsed) => Ok(parsed),
        None => parse_any(input),
    }
}

#[inline(always)]
fn parse_usual(input: &[u8]) -> Option<(RawRecord<'_>, &[u8])> {
    let mut front = Varints::at(input)?;
    let length = front.next()?;
    // An odd number is negative.
    if length & 1 != 0 {
        return None;
    }
    let (body, next) = front.rest(input)?.split_at_checked((length >> 1) as usize)?;
    let mut front = Varints::at(body)?;
    front.skip_byte();
    let timestamp_delta = unzigzag_64(front.next()?.into());
    let offset_delta = unzigzag_32(front.next()?);
    let key_length = front.next()?;
    let (key, rest) = usual_field(key_length, front.rest(body)?)?;
    let (value, rest) = match *rest {
        [length, ref rest @ ..] if length < 0x80 => usual_field(length.into(), rest)?,
        [low, high, ref rest @ ..] if high < 0x80 => {
            usual_field(u32::from(low & 0x7f) | u32::from(high) << 7, rest)?
        }
        _ => return None,
    };
    let headers = match *rest {
        [0] => HeadersRef::default(),
        _ => check_headers(rest, 0).ok()?,
    };
    Some((RawRecord { timestamp_delta, offset_delta, key, value, headers }, next))
}

/// The first eight bytes of something, to take varints from.
struct Varints {
    word: u64,
    used: usize,
}

impl Varints {
    #[inline(always)]
    fn at(input: &[u8]) -> Option<Self> {
        Some(Self { word: u64::from_le_bytes(*input.first_chunk()?), used: 0 })
    }

    #[inline(always)]
    fn skip_byte(&mut self) {
        self.word >>= 8;
        self.used = self.used.wrapping_add(1);
    }

    /// The next varint, if it is of one to three bytes. Behind the word's end it reads zeros, which
    /// [`rest`](Self::rest) notices.
    #[inline(always)]
    fn next(&mut self) -> Option<u32> {
        let word = self.word;
        let (value, len) = if word & 0x80 == 0 {
            (word & 0x7f, 1)
        } else if word & 0x8000 == 0 {
            ((word & 0x7f) | ((word & 0x7f00) >> 1), 2)
        } else if word & 0x80_0000 == 0 {
            ((word & 0x7f) | ((word & 0x7f00) >> 1) | ((word & 0x7f_0000) >> 2), 3)
        } else {
            return None;
        };
        self.word = word.wrapping_shr(len << 3);
        self.used = self.used.wrapping_add(len as usize);
        Some(value as u32)
    }

    /// What follows in `input` behind the varints taken, if they were all within the word.
    #[inline(always)]
    fn rest<'a>(&self, input: &'a [u8]) -> Option<&'a [u8]> {
        if self.used <= 8 { input.get(self.used..) } else { None }
    }
}

/// A field of a zigzag length, if it is all there.
#[inline(always)]
fn usual_field(length: u32, input: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    if length & 1 == 0 {
        let (field, rest) = input.split_at_checked((length >> 1) as usize)?;
        Some((Some(field), rest))
    } else if length == 1 {
        Some((None, input))
    } else {
        None
    }
}

#[inline(never)]
fn parse_any(input: &[u8]) -> Result<(RawRecord<'_>, &[u8]), DecodeError> {
    let at = |rest: &[u8]| input.len().wrapping_sub(rest.len());
    let (length, rest) = varint(read_i32, input, at(input))?;
    let Some((body, next)) =
        usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length))
    else {
        return Err(bad_length(length, rest.len(), at(input)));
    };
    let at = |rest: &[u8]| at(next).wrapping_sub(rest.len());
    // The attributes of a record are unused so far, whatever they say.
    let Some((_, rest)) = body.split_first() else {
        return Err(malformed("record of no bytes", at(body)));
    };
    let (timestamp_delta, rest) = varint(read_i64, rest, at(rest))?;
    let (offset_delta, rest) = varint(read_i32, rest, at(rest))?;
    let (key, rest) = field(rest, at(rest))?;
    let (value, rest) = field(rest, at(rest))?;
    let headers = match *rest {
        [0] => HeadersRef::default(),
        _ => check_headers(rest, at(rest))?,
    };
    Ok((RawRecord { timestamp_delta, offset_delta, key, value, headers }, next))
}

/// A length and that many bytes, or null for -1.
#[inline]
pub(super) fn field(input: &[u8], at: usize) -> Result<(Option<&[u8]>, &[u8]), DecodeError> {
    let (raw, rest) = varint(read_u32, input, at)?;
    // Zigzag: even is not negative, 1 is -1.
    if raw & 1 == 0 {
        if let Some((field, rest)) = rest.split_at_checked((raw >> 1) as usize) {
            return Ok((Some(field), rest));
        }
    } else if raw == 1 {
        return Ok((None, rest));
    }
    Err(bad_length(unzigzag_32(raw), rest.len(), at))
}

/// Splits a varint off the front of `input`.
#[inline]
pub(super) fn varint<T>(
    read: impl Fn(&[u8]) -> Result<(T, usize), DecodeErrorKind>,
    input: &[u8],
    at: usize,
) -> Result<(T, &[u8]), DecodeError> {
    match read(input) {
        Ok((value, used)) => Ok((value, input.get(used..).unwrap_or_default())),
        Err(kind) => Err(DecodeError::new(kind, at)),
    }
}

#[cold]
pub(super) fn bad_length(length: i32, left: usize, at: usize) -> DecodeError {
    let kind = match u64::try_from(length) {
        Ok(claimed) => DecodeErrorKind::LengthTooLarge { claimed, left },
        Err(_) => DecodeErrorKind::NegativeLength(length.into()),
    };
    DecodeError::new(kind, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// Whatever the short way takes, the long way takes for the same.
    fn check(input: &[u8]) -> bool {
        let Some((usual, next)) = parse_usual(input) else {
            return false;
        };
        let (any, next_any) = parse_any(input).unwrap();
        assert_eq!(
            (usual.timestamp_delta, usual.offset_delta),
            (any.timestamp_delta, any.offset_delta)
        );
        assert_eq!((usual.key, usual.value, usual.headers), (any.key, any.value, any.headers));
        assert_eq!(next, next_any);
        true
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn short_and_long_way_agree(
            timestamp_delta in prop_oneof![any::<i64>(), -10_000..10_000_i64],
            offset_delta in prop_oneof![any::<i32>(), 0..10_000_i32],
            key in prop::option::of(prop::collection::vec(any::<u8>(), 0..100)),
            value in prop::option::of(prop::collection::vec(any::<u8>(), 0..100)),
            header in any::<bool>(),
            damage in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let headers: &[(&[u8], Option<&[u8]>)] = if header { &[(b"h", None)] } else { &[] };
            let mut bytes = Vec::new();
            let (key, value) = (key.as_deref(), value.as_deref());
            crate::records::put_record(&mut bytes, timestamp_delta, offset_delta, key, value, headers).unwrap();
            bytes.extend_from_slice(b"next");
            if let Some((at, byte)) = damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            } else if timestamp_delta.abs() < 10_000 && offset_delta.abs() < 8000 {
                // A short way that nothing takes would agree with everything.
                prop_assert!(check(&bytes) || bytes.len() < 20);
            }
            check(&bytes);
        }
    }

    #[test]
    fn varints_do_not_reach_beyond_their_word() {
        // Eight bytes that end in the middle of the key's length.
        assert!(!check(&[30, 0, 0x80, 0x80, 0, 0x80, 0x80, 0, 0x80, 1, 1, 0, 0, 0, 0, 0]));
        assert!(!check(&[0x80, 0x80, 0x80]));
        assert!(!check(&[]));
    }
}
