//! Records that have been handed out.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use kafka_engine::mutant;
use kafka_proto::records::{BatchHeader, HeadersRef, RecordCursor, RecordIter};

/// What a poll gave: records, in order of offset within each partition.
///
/// They are decoded as they are looked at; that they are sound was checked before they were handed out.
#[derive(Default)]
pub struct Records {
    pub(crate) sections: Vec<Section>,
    pub(crate) len: usize,
    pub(crate) ends: Vec<PartitionEnd>,
    pub(crate) truncations: Vec<Truncation>,
}

/// Records of one batch.
#[derive(Clone)]
pub(crate) struct Section {
    pub(crate) topic: Arc<str>,
    pub(crate) partition: i32,
    pub(crate) header: BatchHeader,
    pub(crate) payload: Bytes,
    pub(crate) from: RecordCursor,
    pub(crate) records: usize,
}

impl Section {
    pub(crate) fn iter(&self) -> RecordIter<'_> {
        RecordIter::resume(&self.payload, &self.header, self.from)
    }
}

/// The position has come to the end of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionEnd {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The offset of the next record to come.
    pub offset: i64,
}

/// The log of a partition lost records that had been handed out, as it does when a replica that never had them is
/// elected leader. The position went back to where they were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Truncation {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The position before.
    pub from: i64,
    /// The position now: of the records handed out before, those from this offset on are gone.
    pub to: i64,
}

impl Records {
    /// How many records.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The records.
    pub fn iter(&self) -> RecordsIter<'_> {
        RecordsIter { sections: self.sections.iter(), open: None, left: self.len }
    }

    /// Partitions that lost records, before these records were handed out (KIP-320). With `auto.offset.reset=none` it is an
    /// error instead.
    pub fn truncations(&self) -> &[Truncation] {
        &self.truncations
    }

    /// Partitions that the position has come to the end of, behind these records; only with `enable.partition.eof`.
    pub fn ends(&self) -> &[PartitionEnd] {
        &self.ends
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = ConsumedRecord<'a>;
    type IntoIter = RecordsIter<'a>;

    fn into_iter(self) -> RecordsIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("len", &self.len)
            .field("ends", &self.ends)
            .field("truncations", &self.truncations)
            .finish_non_exhaustive()
    }
}

/// Iterates over [`Records`].
#[derive(Clone)]
pub struct RecordsIter<'a> {
    sections: std::slice::Iter<'a, Section>,
    open: Option<OpenSection<'a>>,
    left: usize,
}

#[derive(Clone)]
struct OpenSection<'a> {
    section: &'a Section,
    records: RecordIter<'a>,
    left: usize,
}

impl<'a> Iterator for RecordsIter<'a> {
    type Item = ConsumedRecord<'a>;

    #[inline]
    fn next(&mut self) -> Option<ConsumedRecord<'a>> {
        loop {
            if let Some(open) = &mut self.open
                && open.left > 0
                && let Some(Ok(record)) = open.records.next()
            {
                open.left -= 1;
                self.left = self.left.saturating_sub(1);
                return Some(ConsumedRecord::new(open.section, record));
            }
            let section = self.sections.next()?;
            self.open =
                Some(OpenSection { section, records: section.iter(), left: section.records });
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for RecordsIter<'_> {}
impl std::iter::FusedIterator for RecordsIter<'_> {}

impl fmt::Debug for RecordsIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordsIter").field("left", &self.left).finish_non_exhaustive()
    }
}

/// A record that was consumed, borrowed from the [`Records`] that it came with.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ConsumedRecord<'a> {
    /// The topic's name.
    pub topic: &'a str,
    /// The partition.
    pub partition: i32,
    /// Its offset in the partition.
    pub offset: i64,
    /// Milliseconds since 1970, -1 for none: the producer's time, or the broker's on topics that use it. Any number that
    /// a producer may have written, so convert with care.
    pub timestamp: i64,
    /// Its key, or null.
    pub key: Option<&'a [u8]>,
    /// Its value, or null.
    pub value: Option<&'a [u8]>,
    headers: HeadersRef<'a>,
    section: &'a Section,
}

impl<'a> ConsumedRecord<'a> {
    #[inline]
    fn new(section: &'a Section, record: kafka_proto::records::Record<'a>) -> Self {
        Self {
            topic: &section.topic,
            partition: section.partition,
            offset: record.offset,
            timestamp: if mutant!("timestamp_zero") { 0 } else { record.timestamp },
            key: record.key.filter(|_| !mutant!("key_lost")),
            value: record.value,
            headers: record.headers,
            section,
        }
    }

    /// Its headers, first to last: key and value, which may be null. A key may come twice.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)> + use<'a> {
        self.headers.iter()
    }

    /// The record on its own. Its parts are slices of the batch that it came in, which stays in memory as long as one of
    /// them does; see [`OwnedRecord::detach`].
    pub fn to_owned(&self) -> OwnedRecord {
        let slice = |part: &[u8]| self.section.payload.slice_ref(part);
        OwnedRecord {
            topic: Arc::clone(&self.section.topic),
            partition: self.partition,
            offset: self.offset,
            timestamp: self.timestamp,
            key: self.key.map(slice),
            value: self.value.map(slice),
            headers: self.headers().map(|(key, value)| (slice(key), value.map(slice))).collect(),
        }
    }
}

impl fmt::Debug for ConsumedRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsumedRecord")
            .field("topic", &self.topic)
            .field("partition", &self.partition)
            .field("offset", &self.offset)
            .field("timestamp", &self.timestamp)
            .field("key", &self.key.map(<[u8]>::escape_ascii).map(|text| text.to_string()))
            .field("value_bytes", &self.value.map(<[u8]>::len))
            .field("headers", &self.headers.len())
            .finish()
    }
}

/// A record that was consumed, on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnedRecord {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// Its offset in the partition.
    pub offset: i64,
    /// Milliseconds since 1970, -1 for none: the producer's time, or the broker's on topics that use it.
    pub timestamp: i64,
    /// Its key, or null.
    pub key: Option<Bytes>,
    /// Its value, or null.
    pub value: Option<Bytes>,
    /// Its headers, first to last: key and value, which may be null.
    pub headers: Vec<(Bytes, Option<Bytes>)>,
}

impl OwnedRecord {
    /// Copies the record out of its batch, so that keeping it keeps nothing else in memory.
    #[must_use]
    pub fn detach(self) -> Self {
        let copy = |part: Bytes| Bytes::copy_from_slice(&part);
        Self {
            key: self.key.map(copy),
            value: self.value.map(copy),
            headers: self
                .headers
                .into_iter()
                .map(|(key, value)| (copy(key), value.map(copy)))
                .collect(),
            ..self
        }
    }
}
