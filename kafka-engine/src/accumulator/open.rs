//! The batch that takes records.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use bytes::BytesMut;
use kafka_proto::records::{RecordPrefix, Sink};

use super::{FIRST_SEGMENT_BYTES, RecordRef, SEGMENT_BYTES, Segments, Unsealed};
use crate::id::BatchId;
use crate::time::Instant;

/// The smallest record on the wire: no key, no value, no header. With less room than this a batch is full.
const MIN_RECORD_BYTES: usize = 7;

/// Every so many records the time is read afresh, where that is asked for.
const REFRESH_EVERY: u32 = 16;

/// A batch that takes records.
///
/// The segment that is written to stands apart from those before it, and `limit` folds the two bounds of the next
/// record, the segment's capacity and the batch's length, into one comparison.
#[derive(Debug)]
pub(super) struct OpenBatch {
    /// How far `segment` may be filled.
    limit: usize,
    segment: BytesMut,
    records: u32,
    /// When `records & refresh_mask` is 0 the time is due to be read afresh; all ones: never.
    refresh_mask: u32,
    /// Timestamp delta of a record that brings no timestamp.
    delta: i64,
    max_delta: i64,
    base_timestamp: i64,
    number: u64,
    opened: Instant,
    /// How long the batch may become, without its header.
    bytes_max: usize,
    filled: Vec<BytesMut>,
    filled_bytes: usize,
}

/// What a batch is opened with.
pub(super) struct Opening {
    pub(super) number: u64,
    /// When, on the monotonic clock.
    pub(super) now: Instant,
    /// When, on the wall clock: milliseconds since 1970, not negative.
    pub(super) wall: i64,
    /// Timestamp of the first record, if it has its own.
    pub(super) timestamp: Option<i64>,
    /// How long the batch may become, without its header.
    pub(super) bytes_max: usize,
    pub(super) refresh: bool,
}

impl OpenBatch {
    pub(super) fn new(opening: Opening) -> Self {
        let base_timestamp = opening.timestamp.unwrap_or(opening.wall);
        Self {
            limit: 0,
            segment: BytesMut::new(),
            records: 0,
            refresh_mask: if opening.refresh { REFRESH_EVERY - 1 } else { u32::MAX },
            delta: opening.wall.saturating_sub(base_timestamp),
            max_delta: 0,
            base_timestamp,
            number: opening.number,
            opened: opening.now,
            bytes_max: opening.bytes_max,
            filled: Vec::new(),
            filled_bytes: 0,
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn opened(&self) -> Instant {
        self.opened
    }

    /// The hot path: appends a record that fits in the segment and in the batch, and gives its index.
    ///
    /// `None`, with nothing done, if it does not fit, if the clock is to be read, or if the timestamp is negative.
    #[inline(always)]
    pub(super) fn try_append(&mut self, record: &RecordRef<'_>) -> Option<u32> {
        let index = self.records;
        let delta = match record.timestamp {
            None => self.delta,
            // Neither is negative, so this can't overflow.
            Some(timestamp) if timestamp >= 0 => timestamp.wrapping_sub(self.base_timestamp),
            Some(_) => return None,
        };
        if index & self.refresh_mask == 0 {
            return None;
        }
        let prefix =
            RecordPrefix::new(delta, index as i32, record.key, record.value, record.headers)
                .ok()?;
        if prefix.record_size() > self.limit.wrapping_sub(self.segment.len()) {
            return None;
        }
        prefix.put(&mut Contiguous(&mut self.segment), record.key, record.value, record.headers);
        self.records = index.wrapping_add(1);
        self.max_delta = self.max_delta.max(delta);
        Some(index)
    }

    /// Whether the time is to be read before the next record is appended.
    pub(super) fn refresh_due(&self) -> bool {
        self.records & self.refresh_mask == 0
    }

    /// Records without a timestamp have this one from here on: milliseconds since 1970, not negative.
    pub(super) fn refresh(&mut self, wall: i64) {
        self.delta = wall.saturating_sub(self.base_timestamp);
    }

    /// Works out what stands in front of a record, and its size; `None`: it is longer than any batch.
    pub(super) fn prefix(&self, record: &RecordRef<'_>) -> Option<(RecordPrefix, i64)> {
        let delta = record
            .timestamp
            .map_or(self.delta, |timestamp| timestamp.saturating_sub(self.base_timestamp));
        let index = i32::try_from(self.records).ok()?;
        let prefix =
            RecordPrefix::new(delta, index, record.key, record.value, record.headers).ok()?;
        Some((prefix, delta))
    }

    /// Whether the batch may become this much longer. An empty one takes a record of any length.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.records == 0 || bytes <= self.room()
    }

    /// Whether not even the smallest record has room.
    pub(super) fn is_full(&self) -> bool {
        !self.has_room(MIN_RECORD_BYTES)
    }

    /// Appends a record that has room in the batch, across as many segments as it takes, and gives its index.
    ///
    /// `None`, with nothing done, if there is no memory for it.
    pub(super) fn append(
        &mut self,
        (prefix, delta): (RecordPrefix, i64),
        record: &RecordRef<'_>,
        segments: &mut dyn Segments,
    ) -> Option<u32> {
        let more = self.acquire(prefix.record_size(), segments)?;
        prefix.put(&mut Chain { batch: self, more }, record.key, record.value, record.headers);
        let index = self.records;
        self.records = index.saturating_add(1);
        self.max_delta = self.max_delta.max(delta);
        self.limit = self.segment.capacity().min(self.segment.len().saturating_add(self.room()));
        Some(index)
    }

    /// Takes the batch out of its queue.
    pub(super) fn close(mut self, id: BatchId) -> Unsealed {
        let bytes = self.bytes();
        let segments = if self.filled.is_empty() {
            vec![self.segment]
        } else {
            self.filled.push(self.segment);
            self.filled
        };
        Unsealed {
            id,
            records: self.records,
            segments,
            bytes,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.base_timestamp.saturating_add(self.max_delta),
            opened: self.opened,
        }
    }

    fn bytes(&self) -> usize {
        self.filled_bytes.saturating_add(self.segment.len())
    }

    /// How many bytes longer the batch may become.
    #[inline]
    pub(super) fn room(&self) -> usize {
        self.bytes_max.saturating_sub(self.bytes())
    }

    /// Segments for what of `bytes` does not fit in the open one: all of them or none.
    fn acquire(&self, bytes: usize, segments: &mut dyn Segments) -> Option<More> {
        let spare = self.spare();
        let mut missing = bytes.saturating_sub(spare);
        let mut room = self.room().saturating_sub(spare);
        let mut wanted = if self.records == 0 { FIRST_SEGMENT_BYTES } else { room };
        let mut more = More::default();
        while missing > 0 {
            let Some(mut segment) = segments.segment(wanted.max(missing).min(SEGMENT_BYTES)) else {
                more.for_each(|segment| segments.release(segment));
                return None;
            };
            // What a pool has left in it must not go over the wire.
            segment.clear();
            missing = missing.saturating_sub(segment.capacity());
            room = room.saturating_sub(segment.capacity());
            wanted = room;
            more.push(segment);
        }
        Some(more)
    }

    fn spare(&self) -> usize {
        self.segment.capacity().saturating_sub(self.segment.len())
    }

    /// Goes on with the next segment.
    fn advance(&mut self, next: BytesMut) {
        let done = core::mem::replace(&mut self.segment, next);
        self.filled_bytes = self.filled_bytes.saturating_add(done.len());
        if !done.is_empty() {
            self.filled.push(done);
        }
    }
}

/// A segment that was found to have room for the whole record, so that it need not be asked again.
struct Contiguous<'a>(&'a mut BytesMut);

impl Sink for Contiguous<'_> {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    #[inline(always)]
    fn put_word(&mut self, word: u128, len: usize) {
        Sink::put_word(self.0, word, len);
    }
}

/// Segments to go on in. Nearly always it is one, which then costs no list.
#[derive(Default)]
struct More {
    next: Option<BytesMut>,
    rest: VecDeque<BytesMut>,
}

impl More {
    fn push(&mut self, segment: BytesMut) {
        match self.next {
            None => self.next = Some(segment),
            Some(_) => self.rest.push_back(segment),
        }
    }
}

impl Iterator for More {
    type Item = BytesMut;

    fn next(&mut self) -> Option<BytesMut> {
        core::mem::replace(&mut self.next, self.rest.pop_front())
    }
}

/// The open segment and those after it: what crosses an end goes on in the next.
struct Chain<'a> {
    batch: &'a mut OpenBatch,
    more: More,
}

impl Sink for Chain<'_> {
    fn put(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let spare = self.batch.spare();
            if spare == 0 {
                // The memory was counted before; were it not enough, growing would still be right.
                let next = self.more.next().unwrap_or_else(|| BytesMut::with_capacity(bytes.len()));
                self.batch.advance(next);
                continue;
            }
            let (now, later) = bytes.split_at(spare.min(bytes.len()));
            self.batch.segment.extend_from_slice(now);
            bytes = later;
        }
    }
}
