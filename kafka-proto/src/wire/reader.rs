//! Reading values off one frame.

use alloc::{string::String, vec::Vec};

use bytes::Bytes;

use super::{NodeIds, Str, Tags, UnknownTags, varint};
use crate::error::{DecodeError, DecodeErrorKind};

/// Reads the values of one message from one frame.
///
/// It knows the version of the message and whether that version is *flexible* (compact lengths and tagged fields), so
/// that no field has to. Everything it returns is a slice of the frame. It also keeps a budget: the memory that
/// decoded values may take, whatever lengths and counts the frame claims.
#[derive(Clone, Debug)]
pub struct Reader {
    frame: Bytes,
    /// Narrower than an index, so that the end of what is read next can't overflow one.
    position: u32,
    version: i16,
    flexible: bool,
    lossy: bool,
    budget: usize,
    limit: usize,
}

/// Memory that every message may take, however short its frame.
const BUDGET_BASE: usize = 64 * 1024;

impl Reader {
    /// A reader at the start of `frame`, which comes without its length prefix. Kafka's frames end below 2 GiB; of a
    /// frame beyond 4 GiB the rest is not looked at.
    #[must_use]
    pub fn new(mut frame: Bytes, version: i16, flexible: bool) -> Self {
        frame.truncate(u32::MAX as usize);
        let mut reader =
            Self { frame, position: 0, version, flexible, lossy: false, budget: 0, limit: 0 };
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
        self.position as usize
    }

    /// Bytes left.
    #[inline]
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.frame.len().saturating_sub(self.position())
    }

    /// All bytes left, as a slice of the frame.
    #[must_use]
    pub fn into_rest(mut self) -> Bytes {
        self.frame.split_off(self.position().min(self.frame.len()))
    }

    /// Sets what the next values are encoded as: the header of a frame and its body differ.
    pub fn set_version(&mut self, version: i16, flexible: bool) {
        self.version = version;
        self.flexible = flexible;
    }

    /// Gives the values that follow `factor` times the bytes left as memory, and 64 KiB more.
    pub fn set_memory_factor(&mut self, factor: usize) {
        let limit = self.remaining().saturating_mul(factor).saturating_add(BUDGET_BASE);
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
        let start = self.position();
        match self.frame.get(start..start.wrapping_add(N)).and_then(<[u8]>::first_chunk) {
            Some(&bytes) => {
                self.advance(N);
                Ok(bytes)
            }
            None => Err(self.truncated(N)),
        }
    }

    /// An unsigned varint of at most 32 bits.
    ///
    /// # Errors
    /// `Truncated`, `VarintTooLong`, `VarintOverflow`.
    #[inline(always)]
    pub fn read_varint(&mut self) -> Result<u32, DecodeError> {
        match self.frame.get(self.position()..) {
            Some(&[byte @ ..0x80, ..]) => {
                self.advance(1);
                Ok(u32::from(byte))
            }
            Some(&[low, high @ ..0x80, ..]) => {
                self.advance(2);
                Ok(u32::from(low & 0x7f) | u32::from(high) << 7)
            }
            _ => self.read_long_varint(),
        }
    }

    /// The next `len` bytes, as a slice of the frame.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn read_slice(&mut self, len: usize) -> Result<Bytes, DecodeError> {
        let start = self.position();
        match start.checked_add(len) {
            Some(end) if end <= self.frame.len() => {
                self.advance(len);
                Ok(self.frame.slice(start..end))
            }
            _ => Err(self.truncated(len)),
        }
    }

    /// A string, or null: its length is compact, or 16 bits.
    ///
    /// # Errors
    /// `Truncated`, `NegativeLength`, `InvalidUtf8` and those of varints.
    #[inline]
    pub fn read_str(&mut self) -> Result<Option<Str>, DecodeError> {
        let len = if self.flexible { self.read_compact_len()? } else { self.read_short_len()? };
        let Some(len) = len else { return Ok(None) };
        let start = self.position();
        match Str::try_from(self.read_slice(len)?) {
            Ok(text) => Ok(Some(text)),
            Err(_) => self.repair(start).map(Some),
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

    /// Bytes or null, made into a value that shares them where it is to stay: a field that owns nothing so far.
    #[inline(always)]
    pub(crate) fn read_bytes_into<T>(
        &mut self,
        field: &mut Option<T>,
        value: impl FnOnce(Bytes) -> T,
    ) -> Result<(), DecodeError> {
        let value = match self.read_len()? {
            Some(len) => {
                let start = self.position();
                let end = start.wrapping_add(len);
                if end < start || end > self.frame.len() {
                    return Err(self.truncated(len));
                }
                self.advance(len);
                Some(value(self.frame.slice(start..end)))
            }
            None => None,
        };
        core::mem::forget(core::mem::replace(field, value));
        Ok(())
    }

    /// The length of bytes or the count of an array, or null: compact, or 32 bits.
    ///
    /// # Errors
    /// `Truncated`, `NegativeLength` and those of varints.
    #[inline(always)]
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
        if count.saturating_mul(min_wire) > self.remaining() {
            return Err(self.length_too_large(count));
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

    /// The next `N * count` bytes, as that many fixed-size values.
    #[inline]
    pub(crate) fn read_arrays<const N: usize, T>(
        &mut self,
        count: usize,
        value: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, DecodeError> {
        let bytes = self.rest().get(..count.saturating_mul(N));
        let Some((arrays, _)) = bytes.map(<[u8]>::as_chunks) else {
            return Err(self.length_too_large(count));
        };
        // No charge: what takes as much memory as bytes stays within any budget.
        const { assert!(size_of::<T>() <= N) };
        let values = arrays.iter().map(|array| value(*array)).collect();
        self.advance(count.saturating_mul(N));
        Ok(values)
    }

    /// The next `count` broker ids.
    #[inline]
    pub(crate) fn read_node_ids(&mut self, count: usize) -> Result<NodeIds, DecodeError> {
        let bytes = self.rest().get(..count.saturating_mul(4));
        let Some((ids, _)) = bytes.map(<[u8]>::as_chunks) else {
            return Err(self.length_too_large(count));
        };
        // No charge, as for other numbers.
        let ids = NodeIds::from_wire(ids);
        self.advance(count.wrapping_mul(4));
        Ok(ids)
    }

    /// Whether tagged fields follow at the end of a struct. Almost always they don't, which is one byte, now read.
    #[inline(always)]
    pub(crate) fn has_tags(&mut self) -> bool {
        if !self.flexible {
            return false;
        }
        if let Some(0) = self.rest().first() {
            self.advance(1);
            return false;
        }
        true
    }

    /// Starts on the tagged fields that end a struct.
    ///
    /// # Errors
    /// `LengthTooLarge` and those of varints.
    #[inline(never)]
    pub(crate) fn read_tags(&mut self) -> Result<Tags, DecodeError> {
        let left = self.read_varint()?;
        // A tag takes two bytes, its number and its size.
        if left as usize > self.remaining() / 2 {
            return Err(self.length_too_large(left as usize));
        }
        Ok(Tags::new(left))
    }

    /// Reads the tagged fields of a struct that knows none, such as a header.
    pub(crate) fn read_unknown_tags(&mut self) -> Result<UnknownTags, DecodeError> {
        if !self.has_tags() {
            return Ok(UnknownTags::default());
        }
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
    pub(super) fn truncated(&self, needed: usize) -> DecodeError {
        let left = self.remaining();
        self.error(DecodeErrorKind::Truncated { needed, left })
    }

    #[cold]
    #[inline(never)]
    fn length_too_large(&self, count: usize) -> DecodeError {
        self.error(DecodeErrorKind::LengthTooLarge {
            claimed: count as u64,
            left: self.remaining(),
        })
    }

    #[inline(always)]
    fn rest(&self) -> &[u8] {
        self.frame.get(self.position()..).unwrap_or_default()
    }

    /// Moves on by bytes that were seen to be there, so that the sum never wraps.
    #[inline(always)]
    fn advance(&mut self, bytes: usize) {
        self.position = self.position.wrapping_add(bytes as u32);
    }

    #[cold]
    #[inline(never)]
    fn read_long_varint(&mut self) -> Result<u32, DecodeError> {
        match varint::read_u32(self.rest()) {
            Ok((value, used)) => {
                self.advance(used);
                Ok(value)
            }
            Err(kind) => Err(self.error(kind)),
        }
    }

    #[inline(always)]
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
    fn repair(&mut self, start: usize) -> Result<Str, DecodeError> {
        let bytes = self.frame.slice(start..self.position());
        if !self.lossy {
            return Err(DecodeError::new(DecodeErrorKind::InvalidUtf8, start));
        }
        // A replacement character takes three bytes for one.
        self.charge(bytes.len().saturating_mul(3))?;
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
