//! Writing one record: the hot path of a producer.
//!
//! ```text
//! Length            varint, bytes that follow
//! Attributes        i8, always 0
//! TimestampDelta    varint64
//! OffsetDelta       varint
//! KeyLength, Key    varint (-1 is null), bytes
//! ValueLength, Value
//! HeaderCount       varint, then for each: KeyLength, Key, ValueLength (-1 is null), Value
//! ```
//! All varints are zigzag. The length comes first, so the size is computed first; then everything in front of the key
//! is put together in two registers and stored at once, for what makes a small record cheap is to have few stores.
//! All of that is inlined by force: a prefix returned through memory is read back in other widths than it was written
//! in, which stalls the processor for longer than the rest takes.

use super::{BatchHeader, Sink};
use crate::error::EncodeError;
use crate::wire::varint::{MAX_LEN_32, MAX_LEN_64, len_u64, put_u64, zigzag_32, zigzag_64};

/// Longest record, without its length: with a batch header it still has to fit in an `i32`.
const MAX_BODY: usize = i32::MAX as usize - MAX_LEN_32 - BatchHeader::LEN;

/// Appends one record and returns the bytes written.
///
/// `timestamp_delta` and `offset_delta` count from the batch's base timestamp (milliseconds) and base offset. Headers
/// are pairs of key and value, written in the order given; keys may repeat.
///
/// # Errors
/// `TooLong` if the record would not fit in a batch, whose length is an `i32`; then nothing is written.
#[inline]
pub fn put_record(
    out: &mut impl Sink,
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[(&[u8], Option<&[u8]>)],
) -> Result<usize, EncodeError> {
    let prefix = RecordPrefix::new(timestamp_delta, offset_delta, key, value, headers)?;
    prefix.put(out, key, value, headers);
    Ok(prefix.record_size())
}

/// Exact bytes that [`put_record`] writes, length prefix included; `usize::MAX` if they can't be counted.
#[inline]
#[must_use]
pub fn record_size(
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[(&[u8], Option<&[u8]>)],
) -> usize {
    let lengths =
        [zigzag_64(timestamp_delta), zigzag_32(offset_delta).into(), length(key), length(value)];
    let varints = lengths.into_iter().fold(0, |size, value| len_u64(value).wrapping_add(size));
    let body = body_size(varints, key, value, headers);
    body.saturating_add(len_u64((body as u64).wrapping_shl(1)))
}

/// What stands in front of a record's key, worked out before there is a place to write it.
///
/// Tells the exact size of the record, so that the caller can look for room, choose between a contiguous buffer and a
/// chain of segments, and then [`put`](Self::put) the record there without computing anything twice.
#[derive(Clone, Copy, Debug)]
pub struct RecordPrefix {
    /// Length and attributes, at most 6 bytes.
    head: Word,
    /// The deltas and the key's length, and the value's length when there is no key between them. More than 8 bytes
    /// are put together again from the deltas.
    middle: Word,
    /// The value's length.
    value_length: Word,
    timestamp_delta: i64,
    offset_delta: i32,
    size: usize,
}

impl RecordPrefix {
    /// Works out the prefix and the size of a record; the arguments are those of [`put_record`].
    ///
    /// # Errors
    /// `TooLong` if the record would not fit in a batch, whose length is an `i32`.
    #[inline(always)]
    pub fn new(
        timestamp_delta: i64,
        offset_delta: i32,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
    ) -> Result<Self, EncodeError> {
        let mut middle = Word::varint(zigzag_64(timestamp_delta));
        middle.push(Word::varint(zigzag_32(offset_delta).into()));
        middle.push(Word::varint(length(key)));
        let value_length = Word::varint(length(value));
        let varints = middle.len.wrapping_add(value_length.len) as usize;
        let body = body_size(varints, key, value, headers);
        if body > MAX_BODY {
            return Err(too_long(body));
        }
        if key.is_none() {
            middle.push(value_length);
        }
        let mut head = Word::varint((body as u64).wrapping_shl(1));
        let size = body.wrapping_add(head.len as usize);
        // The attributes are a zero byte, which the register has anyway.
        head.len = head.len.wrapping_add(1);
        Ok(Self { head, middle, value_length, timestamp_delta, offset_delta, size })
    }

    /// Exact bytes of the record, length prefix included.
    #[inline]
    #[must_use]
    pub fn record_size(&self) -> usize {
        self.size
    }

    /// Appends the record; key, value and headers must be those that the prefix was made from.
    #[inline(always)]
    pub fn put(
        &self,
        out: &mut impl Sink,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
    ) {
        out.reserve(self.size);
        if self.middle.len <= 8 {
            let bits = u128::from(self.middle.bits).wrapping_shl(self.head.len.wrapping_mul(8));
            let len = self.head.len.wrapping_add(self.middle.len);
            out.put_word(u128::from(self.head.bits) | bits, len as usize);
        } else {
            self.head.put(out);
            put_long_middle(out, self.timestamp_delta, self.offset_delta, key, value);
        }
        if let Some(key) = key {
            out.put(key);
            self.value_length.put(out);
        }
        if let Some(value) = value {
            out.put(value);
        }
        if headers.is_empty() {
            out.put_word(0, 1);
        } else {
            put_headers(out, headers);
        }
    }
}

/// The deltas and lengths that do not fit in one register: timestamps that jump by days, keys of megabytes.
#[cold]
#[inline(never)]
fn put_long_middle(
    out: &mut impl Sink,
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) {
    put_varint(out, zigzag_64(timestamp_delta));
    put_varint(out, zigzag_32(offset_delta).into());
    put_varint(out, length(key));
    if key.is_none() {
        put_varint(out, length(value));
    }
}

/// Bytes of a record behind its length, saturating; `varints` are those of the deltas and of both lengths.
#[inline(always)]
fn body_size(
    varints: usize,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[(&[u8], Option<&[u8]>)],
) -> usize {
    let attributes_and_count =
        if headers.is_empty() { 2 } else { headers_size(headers).saturating_add(1) };
    let fields = key.map_or(0, <[u8]>::len).saturating_add(value.map_or(0, <[u8]>::len));
    fields.saturating_add(varints).saturating_add(attributes_and_count)
}

/// Bytes of the headers with their count in front, saturating.
#[inline(never)]
fn headers_size(headers: &[(&[u8], Option<&[u8]>)]) -> usize {
    let count = len_u64((headers.len() as u64).wrapping_shl(1));
    headers.iter().fold(count, |size, &(key, value)| {
        let lengths = len_u64(length(Some(key))).wrapping_add(len_u64(length(value)));
        size.saturating_add(lengths)
            .saturating_add(key.len())
            .saturating_add(value.map_or(0, <[u8]>::len))
    })
}

/// Up to eight bytes in a register, the first one lowest.
#[derive(Clone, Copy, Debug)]
struct Word {
    bits: u64,
    len: u32,
}

impl Word {
    /// A varint of a value below 2^56. A larger one has its true length and the wrong bits.
    #[inline(always)]
    fn varint(value: u64) -> Self {
        if value < 0x80 {
            return Self { bits: value, len: 1 };
        }
        if value < 0x4000 {
            return Self { bits: (value & 0x7f) | 0x80 | ((value & 0x3f80) << 1), len: 2 };
        }
        let len = len_u64(value) as u32;
        // Seven bits a byte, by halves: 28 + 28, then 14 + 14, then 7 + 7.
        let x = (value & 0x0fff_ffff) | ((value & 0x00ff_ffff_f000_0000) << 4);
        let x = (x & 0x0000_3fff_0000_3fff) | ((x & 0x0fff_c000_0fff_c000) << 2);
        let x = (x & 0x007f_007f_007f_007f) | ((x & 0x3f80_3f80_3f80_3f80) << 1);
        // Every byte but the last says that another one follows.
        let below_last = 1_u64.wrapping_shl(len.wrapping_sub(1).wrapping_mul(8)).wrapping_sub(1);
        Self { bits: x | (0x8080_8080_8080_8080 & below_last), len }
    }

    /// Appends `next`; beyond eight bytes only the length stays true.
    #[inline(always)]
    fn push(&mut self, next: Self) {
        self.bits |= next.bits.wrapping_shl(self.len.wrapping_mul(8));
        self.len = self.len.wrapping_add(next.len);
    }

    #[inline(always)]
    fn put(self, out: &mut impl Sink) {
        out.put_word(self.bits.into(), self.len as usize);
    }
}

/// Appends a varint of any size.
fn put_varint(out: &mut impl Sink, value: u64) {
    let mut bytes = [0; MAX_LEN_64];
    let mut rest = bytes.as_mut_slice();
    put_u64(&mut rest, value);
    let len = MAX_LEN_64.wrapping_sub(rest.len());
    out.put(bytes.get(..len).unwrap_or_default());
}

#[inline(never)]
fn put_headers(out: &mut impl Sink, headers: &[(&[u8], Option<&[u8]>)]) {
    put_varint(out, (headers.len() as u64).wrapping_shl(1));
    for &(key, value) in headers {
        for field in [Some(key), value] {
            put_varint(out, length(field));
            out.put(field.unwrap_or_default());
        }
    }
}

/// The zigzag form of a field's length, -1 for null.
#[inline]
fn length(field: Option<&[u8]>) -> u64 {
    field.map_or(1, |bytes| (bytes.len() as u64).wrapping_shl(1))
}

#[cold]
fn too_long(len: usize) -> EncodeError {
    EncodeError::TooLong { what: "record", len, max: MAX_BODY }
}
