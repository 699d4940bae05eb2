//! Records that outlive the iteration over their batch.

use alloc::sync::Arc;

use bytes::Bytes;

use super::{HeadersRef, Record, RecordIter};
use crate::error::DecodeError;

/// A record that keeps its batch in memory: one share of it for all parts, and nothing copied.
///
/// [`as_record`](Self::as_record) gives the parts; [`key_bytes`](Self::key_bytes) and
/// [`value_bytes`](Self::value_bytes) share one of them on.
#[derive(Clone)]
pub struct OwnedRecord {
    offset: i64,
    timestamp: i64,
    /// All records of the batch. Counted by themselves, because sharing `Bytes` costs a call each way.
    payload: Arc<Bytes>,
    key: Span,
    value: Span,
    headers: Span,
    header_count: u32,
}

/// Where a part is in the payload, which is below 4 GiB; its length is that of the wire, -1 for null.
#[derive(Clone, Copy)]
struct Span {
    at: u32,
    len: i32,
}

impl OwnedRecord {
    /// Takes a share of the payload that the record was read from.
    #[inline(always)]
    fn new(record: &Record<'_>, payload: &Arc<Bytes>) -> Self {
        let first = payload.as_ptr().addr();
        let at = |part: &[u8]| part.as_ptr().addr().wrapping_sub(first) as u32;
        let span = |part: Option<&[u8]>| match part {
            Some(part) => Span { at: at(part), len: part.len() as i32 },
            None => Span { at: 0, len: -1 },
        };
        Self {
            offset: record.offset,
            timestamp: record.timestamp,
            key: span(record.key),
            value: span(record.value),
            headers: span(Some(record.headers.pairs())),
            header_count: record.headers.len() as u32,
            payload: Arc::clone(payload),
        }
    }

    /// Offset in the partition.
    #[inline]
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// Milliseconds since the Unix epoch, -1 for none.
    #[inline]
    #[must_use]
    pub fn timestamp(&self) -> i64 {
        self.timestamp
    }

    /// All parts.
    #[inline]
    #[must_use]
    pub fn as_record(&self) -> Record<'_> {
        let pairs = self.part(self.headers).unwrap_or_default();
        Record {
            offset: self.offset,
            timestamp: self.timestamp,
            key: self.part(self.key),
            value: self.part(self.value),
            headers: HeadersRef::walked(self.header_count as usize, pairs),
        }
    }

    /// The key, which shares the batch's memory in turn.
    #[must_use]
    pub fn key_bytes(&self) -> Option<Bytes> {
        self.part(self.key).map(|key| self.payload.slice_ref(key))
    }

    /// The value, which shares the batch's memory in turn.
    #[must_use]
    pub fn value_bytes(&self) -> Option<Bytes> {
        self.part(self.value).map(|value| self.payload.slice_ref(value))
    }

    #[inline]
    fn part(&self, span: Span) -> Option<&[u8]> {
        let len = usize::try_from(span.len).ok()?;
        let rest = self.payload.get(span.at as usize..).unwrap_or_default();
        Some(rest.get(..len).unwrap_or_default())
    }
}

impl PartialEq for OwnedRecord {
    fn eq(&self, other: &Self) -> bool {
        self.as_record() == other.as_record()
    }
}

impl Eq for OwnedRecord {}

impl core::fmt::Debug for OwnedRecord {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_record().fmt(f)
    }
}

/// Iterator over the records of one batch, each on its own; faults are as in [`RecordIter`].
#[derive(Clone, Debug)]
pub struct OwnedRecords<'a> {
    iter: RecordIter<'a>,
    payload: Arc<Bytes>,
}

impl<'a> OwnedRecords<'a> {
    /// Makes records out of what `iter` reads from `payload`.
    pub(super) fn new(iter: RecordIter<'a>, payload: &Bytes) -> Self {
        Self { iter, payload: Arc::new(payload.clone()) }
    }

    /// Records still to come, if the header is right.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.iter.remaining()
    }
}

impl Iterator for OwnedRecords<'_> {
    type Item = Result<OwnedRecord, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.iter.advance()? {
            Ok(record) => Ok(OwnedRecord::new(&record, &self.payload)),
            Err(error) => Err(error),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

impl core::iter::FusedIterator for OwnedRecords<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{BatchHeader, put_record};
    use alloc::vec::Vec;

    type Part = Option<&'static [u8]>;

    fn check(key: Part, value: Part, headers: &[(&[u8], Part)]) {
        let mut payload = Vec::new();
        put_record(&mut payload, 7, 0, key, value, headers).unwrap();
        put_record(&mut payload, 8, 1, value, key, headers).unwrap();
        let payload = Bytes::from(payload);
        let header =
            BatchHeader { records_count: 2, last_offset_delta: 1, ..BatchHeader::default() };
        let iter = RecordIter::new(&payload, &header);
        let records: Vec<_> = iter.clone().map(Result::unwrap).collect();
        let all: Vec<_> = OwnedRecords::new(iter, &payload).map(Result::unwrap).collect();
        let (owned, record) = (&all[0], records[0]);
        assert!(all.iter().map(OwnedRecord::as_record).eq(records));
        assert_eq!(owned.as_record(), record);
        assert_eq!((owned.offset(), owned.timestamp()), (record.offset, record.timestamp));
        assert_eq!((owned.key_bytes().as_deref(), owned.value_bytes().as_deref()), (key, value));
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let shared = owned.value_bytes().unwrap();
            assert!(payload.as_ptr_range().contains(&shared.as_ptr()), "{value:?} is a copy");
        }
    }

    #[test]
    fn every_combination_of_parts() {
        let parts: [Part; 3] = [None, Some(b""), Some(b"part")];
        for key in parts {
            for value in parts {
                check(key, value, &[]);
                check(key, value, &[(b"", None)]);
                check(key, value, &[(b"trace", Some(b"1")), (b"trace", None)]);
            }
        }
    }
}
