//! The headers of a record, read where they are.

use super::malformed;
use super::parse::{bad_length, field, varint};
use crate::error::DecodeError;
use crate::wire::varint::read_i32;

/// The headers of one record: pairs of key and value in the order written, keys repeating as they may.
///
/// Keys are bytes, not strings, because other clients write any bytes there.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct HeadersRef<'a> {
    count: usize,
    /// The pairs, without the count. They have been walked once, so walking them again can't fail.
    pairs: &'a [u8],
}

impl<'a> HeadersRef<'a> {
    /// Headers whose pairs have been walked before.
    #[inline]
    pub(super) fn walked(count: usize, pairs: &'a [u8]) -> Self {
        Self { count, pairs }
    }

    /// The pairs as they are written, without the count.
    #[inline]
    pub(super) fn pairs(&self) -> &'a [u8] {
        self.pairs
    }

    /// Number of headers.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The headers, first to last.
    #[must_use]
    pub fn iter(&self) -> HeadersIter<'a> {
        HeadersIter { left: self.count, rest: self.pairs }
    }

    /// The value of the last header of this key, which is the one that counts for most readers.
    #[must_use]
    pub fn last(&self, key: &[u8]) -> Option<Option<&'a [u8]>> {
        self.iter().filter(|(name, _)| *name == key).last().map(|(_, value)| value)
    }
}

impl core::fmt::Debug for HeadersRef<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> IntoIterator for HeadersRef<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);
    type IntoIter = HeadersIter<'a>;

    fn into_iter(self) -> HeadersIter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &HeadersRef<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);
    type IntoIter = HeadersIter<'a>;

    fn into_iter(self) -> HeadersIter<'a> {
        self.iter()
    }
}

/// Iterator over the headers of a record: key and value, null being a value.
#[derive(Clone, Debug)]
pub struct HeadersIter<'a> {
    left: usize,
    rest: &'a [u8],
}

impl<'a> Iterator for HeadersIter<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (pair, rest) = pair(self.rest, 0).ok()?;
        self.rest = rest;
        Some(pair)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for HeadersIter<'_> {}

/// Reads the count and walks the headers, which must end where `input` does.
#[inline(never)]
pub(super) fn check_headers(input: &[u8], at: usize) -> Result<HeadersRef<'_>, DecodeError> {
    let end = at.wrapping_add(input.len());
    let (count, pairs) = varint(read_i32, input, at)?;
    // A header takes two bytes at least: an empty key and a null value.
    let Some(count) = usize::try_from(count).ok().filter(|count| *count <= pairs.len() / 2) else {
        return Err(bad_length(count, pairs.len(), at));
    };
    let mut rest = pairs;
    for _ in 0..count {
        (_, rest) = pair(rest, end.wrapping_sub(rest.len()))?;
    }
    if !rest.is_empty() {
        return Err(malformed("record longer than its parts", end.wrapping_sub(rest.len())));
    }
    Ok(HeadersRef { count, pairs })
}

type Pair<'a> = (&'a [u8], Option<&'a [u8]>);

#[inline]
fn pair(input: &[u8], at: usize) -> Result<(Pair<'_>, &[u8]), DecodeError> {
    let (key, rest) = field(input, at)?;
    let Some(key) = key else {
        return Err(malformed("null header key", at));
    };
    let (value, rest) = field(rest, at.wrapping_add(input.len().wrapping_sub(rest.len())))?;
    Ok(((key, value), rest))
}
