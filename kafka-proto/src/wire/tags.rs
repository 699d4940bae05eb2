//! Tagged fields on their way in (KIP-482).

use super::{Reader, UnknownTags};
use crate::error::{DecodeError, DecodeErrorKind};

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
    pub(super) fn new(count: u32) -> Self {
        Self { left: count, ..Self::default() }
    }

    /// The next tag. Its value is then read by the field that knows it, or by [`Tags::keep`].
    #[inline(never)]
    pub(crate) fn next(&mut self, reader: &mut Reader) -> Result<Option<u32>, DecodeError> {
        if self.left == 0 {
            return Ok(None);
        }
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
            return Err(DecodeError::new(DecodeErrorKind::DuplicateTag(self.tag), at));
        }
        self.seen |= bit;
        Ok(Some(self.tag))
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
        Err(reader.error(DecodeErrorKind::TagSize { claimed: self.size, consumed }))
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
    pub(crate) fn finish(mut self, reader: &Reader) -> Result<UnknownTags, DecodeError> {
        if self.unordered
            && let Some(tag) = self.unknown.sort()
        {
            return Err(reader.error(DecodeErrorKind::DuplicateTag(tag)));
        }
        Ok(self.unknown)
    }
}
