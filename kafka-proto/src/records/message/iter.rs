//! The messages of an entry as records.

use bytes::Bytes;

use super::MessageHeader;
use super::entry::verify_crc;
use super::header::fields;
use crate::error::DecodeError;
use crate::records::{Codec, HeadersRef, Record, malformed};

/// Bytes of the smallest message, offset and size included.
const MIN_ENTRY: usize = MessageHeader::LOG_OVERHEAD + MessageHeader::MIN_SIZE_V0 as usize;

/// The messages of one entry of a message set: a plain message where it came, or what a wrapper inflated to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecords {
    header: MessageHeader,
    payload: Bytes,
    /// What the offsets of the payload count from.
    base_offset: i64,
}

impl MessageRecords {
    pub(super) fn plain(header: &MessageHeader, payload: Bytes) -> Self {
        Self { header: *header, payload, base_offset: 0 }
    }

    /// The messages within a wrapper, whose header has to agree with theirs.
    pub(super) fn wrapped(wrapper: &MessageHeader, payload: Bytes) -> Result<Self, DecodeError> {
        let base_offset = base_offset(wrapper, &payload)?;
        Ok(Self { header: *wrapper, payload, base_offset })
    }

    /// The header of the entry.
    #[must_use]
    pub fn header(&self) -> &MessageHeader {
        &self.header
    }

    /// The messages with their offsets and sizes, inflated.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// Checks every message against its own checksum, which those within a wrapper have too.
    ///
    /// The wrapper's checksum covers the same bytes, so this finds what its producer did wrong.
    ///
    /// # Errors
    /// `CrcMismatch`.
    pub fn verify_crcs(&self) -> Result<(), DecodeError> {
        let mut entries = Entries::new(&self.payload);
        while let Some(Entry { header, bytes, at }) = entries.next()? {
            verify_crc(&header, bytes).map_err(|error| error.shifted(at))?;
        }
        Ok(())
    }

    /// The records, first to last.
    #[must_use]
    pub fn iter(&self) -> MessageIter<'_> {
        let stamp = self.header.is_log_append_time().then_some(self.header.timestamp);
        MessageIter { entries: Entries::new(&self.payload), base_offset: self.base_offset, stamp }
    }
}

impl<'a> IntoIterator for &'a MessageRecords {
    type Item = Result<Record<'a>, DecodeError>;
    type IntoIter = MessageIter<'a>;

    fn into_iter(self) -> MessageIter<'a> {
        self.iter()
    }
}

/// Iterator over the messages of one entry, as records without headers.
///
/// A record that it yields is sound in all its parts. The first fault is yielded and ends the iteration; its offset
/// counts from the start of the payload. Offsets ascend and end at the wrapper's if that is of magic 1 and not at
/// offset 0; else they are those that the messages have, which in what a producer sends are often all 0.
#[derive(Clone, Debug)]
pub struct MessageIter<'a> {
    entries: Entries<'a>,
    base_offset: i64,
    /// Everybody's timestamp, if the broker stamped.
    stamp: Option<i64>,
}

impl<'a> MessageIter<'a> {
    fn record(&self, entry: &Entry<'a>) -> Result<Record<'a>, DecodeError> {
        let Entry { header, bytes, at } = *entry;
        let (key, value) = fields(&header, bytes).map_err(|error| error.shifted(at))?;
        let Some(offset) = self.base_offset.checked_add(header.offset) else {
            return Err(malformed("record offset overflows", at));
        };
        let timestamp = self.stamp.unwrap_or(header.timestamp);
        Ok(Record { offset, timestamp, key, value, headers: HeadersRef::default() })
    }
}

impl<'a> Iterator for MessageIter<'a> {
    type Item = Result<Record<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.entries.next() {
            Ok(entry) => entry.map(|entry| self.record(&entry))?,
            Err(error) => Err(error),
        };
        if record.is_err() {
            self.entries.rest = &[];
        }
        Some(record)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // One more for a fault in what is too short for a message.
        (0, Some((self.entries.rest.len() / MIN_ENTRY).saturating_add(1)))
    }
}

impl core::iter::FusedIterator for MessageIter<'_> {}

/// A whole entry and where it starts.
struct Entry<'a> {
    header: MessageHeader,
    bytes: &'a [u8],
    at: usize,
}

/// The entries of an inflated message set, whose last one has to be whole.
#[derive(Clone, Debug)]
struct Entries<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Entries<'a> {
    fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload, len: payload.len() }
    }

    fn next(&mut self) -> Result<Option<Entry<'a>>, DecodeError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let at = self.len.wrapping_sub(self.rest.len());
        let header = MessageHeader::parse(self.rest).map_err(|error| error.shifted(at))?;
        let Some((bytes, rest)) = self.rest.split_at_checked(header.total_len()) else {
            return Err(malformed("message beyond the end of its set", at));
        };
        self.rest = rest;
        Ok(Some(Entry { header, bytes, at }))
    }
}

/// What the offsets within a wrapper count from, when all of them are as they may be.
fn base_offset(wrapper: &MessageHeader, payload: &[u8]) -> Result<i64, DecodeError> {
    // Producers put no offset on a wrapper, and not all of them right ones into it: brokers give their own.
    let relative = wrapper.magic > 0 && wrapper.offset != 0;
    let mut entries = Entries::new(payload);
    let mut last = None;
    while let Some(Entry { header, at, .. }) = entries.next()? {
        if header.magic != wrapper.magic {
            return Err(malformed("message within a wrapper of another magic", at));
        }
        if header.codec().map_err(|error| error.shifted(at))? != Codec::None {
            return Err(malformed("message within a wrapper is compressed again", at));
        }
        if relative && header.offset <= last.unwrap_or(-1) {
            return Err(malformed("relative offsets do not ascend", at));
        }
        last = Some(header.offset);
    }
    match last {
        None => Err(malformed("compressed message set without messages", 0)),
        Some(last) if relative && last > wrapper.offset => {
            Err(malformed("relative offsets beyond their wrapper's", 0))
        }
        // Both are not negative.
        Some(last) if relative => Ok(wrapper.offset.wrapping_sub(last)),
        Some(_) => Ok(0),
    }
}
