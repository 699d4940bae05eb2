//! Reading values off one frame.

use alloc::{string::String, vec::Vec};

use bytes::{Buf, Bytes};

use super::{Str, UnknownTags, varint};
use crate::error::{DecodeError, DecodeErrorKind};

/// Reads the values of one message from one frame.
///
/// It knows the version of the message and whether that version is *flexible* (compact lengths and tagged fields), so
/// that no field has to. Everything it returns is a slice of the frame. It also keeps a budget: the memory that
/// decoded values may take, whatever lengths and counts the frame claims.
#[derive(Clone, Debug)]
pub struct Reader {
    rest: Bytes,
    end: usize,
    version: i16,
    flexible: bool,
    lossy: bool,
    budget: usize,
    limit: usize,
}

/// Memory that every message may take, however short its frame.
const BUDGET_BASE: usize = 64 * 1024;

impl Reader {
    /// A reader at the start of `frame`, which comes without its length prefix.
    #[must_use]
    pub fn new(frame: Bytes, version: i16, flexible: bool) -> Self {
        let mut reader = Self {
            end: frame.len(),
            rest: frame,
            version,
            flexible,
            lossy: false,
            budget: 0,
            limit: 0,
        };
        reader.set_memory_factor(8);
        reader
    }

    /// Version of the message being read.
    #[inline]
    #[must_use]
    pub fn version(&self) -> i16 {
        self.version
    }

    /// Whether lengths are compact and structs end in tagged fields.
    #[inline]
    #[must_use]
    pub fn flexible(&self) -> bool {
        self.flexible
    }

    /// Bytes read so far.
    #[inline]
    #[must_use]
    pub fn position(&self) -> usize {
        self.end.saturating_sub(self.rest.len())
    }

    /// Bytes left.
    #[inline]
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// All bytes left, as a slice of the frame.
    #[must_use]
    pub fn into_rest(self) -> Bytes {
        self.rest
    }

    /// Sets what the next values are encoded as: the header of a frame and its body differ.
    pub fn set_version(&mut self, version: i16, flexible: bool) {
        self.version = version;
        self.flexible = flexible;
    }

    /// Gives the values that follow `factor` times the bytes left as memory, and 64 KiB more.
    pub fn set_memory_factor(&mut self, factor: usize) {
        let limit = self
            .rest
            .len()
            .saturating_mul(factor)
            .saturating_add(BUDGET_BASE);
        self.budget = limit;
        self.limit = limit;
    }

    /// Whether a string that is not UTF-8 is repaired rather than refused: texts for people are, identities are not.
    pub(crate) fn set_lossy(&mut self, lossy: bool) {
        self.lossy = lossy;
    }

    /// The next `N` bytes, which are a fixed-size value.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn read_array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.rest.first_chunk() {
            Some(&bytes) => {
                self.rest.advance(N);
                Ok(bytes)
            }
            None => Err(self.truncated(N)),
        }
    }

    /// An unsigned varint of at most 32 bits.
    ///
    /// # Errors
    /// `Truncated`, `VarintTooLong`, `VarintOverflow`.
    #[inline]
    pub fn read_varint(&mut self) -> Result<u32, DecodeError> {
        match varint::read_u32(&self.rest) {
            Ok((value, used)) => {
                self.rest.advance(used);
                Ok(value)
            }
            Err(kind) => Err(self.error(kind)),
        }
    }

    /// The next `len` bytes, as a slice of the frame.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn read_slice(&mut self, len: usize) -> Result<Bytes, DecodeError> {
        if len <= self.rest.len() {
            Ok(self.rest.split_to(len))
        } else {
            Err(self.truncated(len))
        }
    }

    /// A string, or null: its length is compact, or 16 bits.
    ///
    /// # Errors
    /// `Truncated`, `NegativeLength`, `InvalidUtf8` and those of varints.
    #[inline]
    pub fn read_str(&mut self) -> Result<Option<Str>, DecodeError> {
        let len = if self.flexible {
            self.read_compact_len()?
        } else {
            self.read_short_len()?
        };
        let Some(len) = len else { return Ok(None) };
        if len > self.rest.len() {
            return Err(self.truncated(len));
        }
        match Str::try_from(self.rest.slice(..len)) {
            Ok(text) => {
                self.rest.advance(len);
                Ok(Some(text))
            }
            Err(_) => self.repair(len).map(Some),
        }
    }

    /// A string with a 16-bit length in every version, as in request headers.
    ///
    /// # Errors
    /// As [`Reader::read_str`].
    pub fn read_short_str(&mut self) -> Result<Option<Str>, DecodeError> {
        let flexible = core::mem::replace(&mut self.flexible, false);
        let text = self.read_str();
        self.flexible = flexible;
        text
    }

    /// Bytes, or null: their length is compact, or 32 bits.
    ///
    /// # Errors
    /// `Truncated`, `NegativeLength` and those of varints.
    #[inline]
    pub fn read_bytes(&mut self) -> Result<Option<Bytes>, DecodeError> {
        match self.read_len()? {
            Some(len) => self.read_slice(len).map(Some),
            None => Ok(None),
        }
    }

    /// The length of bytes or the count of an array, or null: compact, or 32 bits.
    ///
    /// # Errors
    /// `Truncated`, `NegativeLength` and those of varints.
    #[inline]
    pub fn read_len(&mut self) -> Result<Option<usize>, DecodeError> {
        if self.flexible {
            self.read_compact_len()
        } else {
            let at = self.position();
            let len = i32::from_be_bytes(self.read_array()?);
            usize_or_null(i64::from(len), at)
        }
    }

    /// An empty list with room for `count` elements, which take at least `min_wire` bytes each on the wire.
    ///
    /// # Errors
    /// `LengthTooLarge` when the frame can't hold them, `BudgetExceeded` when memory should not. Both before anything
    /// is allocated.
    #[inline]
    pub fn reserve<T>(&mut self, count: usize, min_wire: usize) -> Result<Vec<T>, DecodeError> {
        if count.saturating_mul(min_wire) > self.rest.len() {
            return Err(self.error(DecodeErrorKind::LengthTooLarge {
                claimed: count as u64,
                left: self.rest.len(),
            }));
        }
        self.charge(count.saturating_mul(size_of::<T>()))?;
        Ok(Vec::with_capacity(count))
    }

    /// Takes memory off the budget.
    ///
    /// # Errors
    /// `BudgetExceeded`.
    #[inline]
    pub fn charge(&mut self, bytes: usize) -> Result<(), DecodeError> {
        match self.budget.checked_sub(bytes) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => Err(self.error(DecodeErrorKind::BudgetExceeded { limit: self.limit })),
        }
    }

    /// Starts on the tagged fields that end a struct; there are none unless the version is flexible.
    ///
    /// # Errors
    /// `LengthTooLarge` and those of varints.
    #[inline]
    pub(crate) fn read_tags(&mut self) -> Result<Tags, DecodeError> {
        let left = if self.flexible {
            self.read_varint()?
        } else {
            0
        };
        // A tag takes two bytes, its number and its size.
        if left as usize > self.rest.len() / 2 {
            return Err(self.error(DecodeErrorKind::LengthTooLarge {
                claimed: u64::from(left),
                left: self.rest.len(),
            }));
        }
        Ok(Tags {
            left,
            ..Tags::default()
        })
    }

    /// Reads the tagged fields of a struct that knows none, such as a header.
    pub(crate) fn read_unknown_tags(&mut self) -> Result<UnknownTags, DecodeError> {
        let mut tags = self.read_tags()?;
        while tags.next(self)?.is_some() {
            tags.keep(self)?;
        }
        tags.finish(self)
    }

    /// An error at the current position.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.position())
    }

    #[cold]
    #[inline(never)]
    fn truncated(&self, needed: usize) -> DecodeError {
        let left = self.rest.len();
        self.error(DecodeErrorKind::Truncated { needed, left })
    }

    #[inline]
    fn read_compact_len(&mut self) -> Result<Option<usize>, DecodeError> {
        // Zero is null, and every other length is written plus one.
        Ok(self.read_varint()?.checked_sub(1).map(|len| len as usize))
    }

    #[inline]
    fn read_short_len(&mut self) -> Result<Option<usize>, DecodeError> {
        let at = self.position();
        let len = i16::from_be_bytes(self.read_array()?);
        usize_or_null(i64::from(len), at)
    }

    #[cold]
    #[inline(never)]
    fn repair(&mut self, len: usize) -> Result<Str, DecodeError> {
        if !self.lossy {
            return Err(self.error(DecodeErrorKind::InvalidUtf8));
        }
        // A replacement character takes three bytes for one.
        self.charge(len.saturating_mul(3))?;
        let bytes = self.read_slice(len)?;
        Ok(Str::from(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

#[inline]
fn usize_or_null(len: i64, at: usize) -> Result<Option<usize>, DecodeError> {
    match len {
        0.. => Ok(Some(len as usize)),
        -1 => Ok(None),
        _ => Err(DecodeError::new(DecodeErrorKind::NegativeLength(len), at)),
    }
}

/// The tagged fields at the end of one struct, one after the other.
#[derive(Default)]
pub(crate) struct Tags {
    left: u32,
    /// Bit per tag below 32, which includes all that any schema knows.
    seen: u32,
    tag: u32,
    size: usize,
    end: usize,
    last: Option<u32>,
    unordered: bool,
    unknown: UnknownTags,
}

impl Tags {
    /// The next tag. Its value is then read by the field that knows it, or by [`Tags::keep`].
    #[inline]
    pub(crate) fn next(&mut self, reader: &mut Reader) -> Result<Option<u32>, DecodeError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.read_next(reader).map(Some)
    }

    #[inline(never)]
    fn read_next(&mut self, reader: &mut Reader) -> Result<u32, DecodeError> {
        self.left = self.left.saturating_sub(1);
        let at = reader.position();
        self.tag = reader.read_varint()?;
        self.size = reader.read_varint()? as usize;
        if self.size > reader.remaining() {
            return Err(reader.truncated(self.size));
        }
        self.end = reader.position().saturating_add(self.size);
        let bit = 1_u32.checked_shl(self.tag).unwrap_or(0);
        if self.seen & bit != 0 {
            return Err(DecodeError::new(
                DecodeErrorKind::DuplicateTag(self.tag),
                at,
            ));
        }
        self.seen |= bit;
        Ok(self.tag)
    }

    /// Checks, after a known field was read, that it took the bytes that its size says.
    pub(crate) fn end_known(&self, reader: &Reader) -> Result<(), DecodeError> {
        let over = reader.position().abs_diff(self.end);
        if over == 0 {
            return Ok(());
        }
        let consumed = if reader.position() > self.end {
            self.size.saturating_add(over)
        } else {
            self.size.saturating_sub(over)
        };
        Err(reader.error(DecodeErrorKind::TagSize {
            claimed: self.size,
            consumed,
        }))
    }

    /// Keeps the value of a tag that no field knows.
    #[inline(never)]
    pub(crate) fn keep(&mut self, reader: &mut Reader) -> Result<(), DecodeError> {
        reader.charge(if self.unknown.is_empty() {
            UnknownTags::FIRST_COST
        } else {
            UnknownTags::NEXT_COST
        })?;
        let value = reader.read_slice(self.size)?;
        // Ascending order is the rule (KIP-482), but not worth refusing a peer for.
        self.unordered |= self.last.is_some_and(|last| last >= self.tag);
        self.last = Some(self.tag);
        self.unknown.push(self.tag, value);
        Ok(())
    }

    /// What was kept, once there is no next tag.
    #[inline]
    pub(crate) fn finish(mut self, reader: &Reader) -> Result<UnknownTags, DecodeError> {
        if self.unordered
            && let Some(tag) = self.unknown.sort()
        {
            return Err(reader.error(DecodeErrorKind::DuplicateTag(tag)));
        }
        Ok(self.unknown)
    }
}
