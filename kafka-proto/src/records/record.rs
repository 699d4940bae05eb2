//! Records and the iterator over them.

use super::header::last_offset;
use super::parse::{MIN_RECORD, parse_record};
use super::{BatchHeader, HeadersRef, RecordCursor, malformed};
use crate::error::DecodeError;

/// One record, borrowed from the inflated payload of its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Offset in the partition.
    pub offset: i64,
    /// Milliseconds since the Unix epoch, -1 for none: the producer's, or that of the append if the broker stamps.
    /// Any number that a producer may have written, so convert with care.
    pub timestamp: i64,
    /// Key, if there is one.
    pub key: Option<&'a [u8]>,
    /// Value; null is a tombstone in a compacted topic.
    pub value: Option<&'a [u8]>,
    /// Headers.
    pub headers: HeadersRef<'a>,
}

/// Iterator over the records of one batch.
///
/// **A record that it yields is sound in all its parts**: lengths fill the record exactly, offsets ascend and stay
/// within the batch. The first fault is yielded and ends the iteration; [`byte_position`](Self::byte_position) then stays at the
/// faulty record. Offsets of errors count from the start of the payload. Fewer records than the header says and bytes after
/// the last of them are faults too; of a batch that [ends beyond all offsets](BatchHeader::last_offset) nothing else is
/// yielded.
#[derive(Clone, Debug)]
pub struct RecordIter<'a> {
    rest: &'a [u8],
    payload_len: usize,
    /// Records read so far.
    index: i32,
    /// Index at which the iteration ends: the header's count, or any smaller number if there is a fault.
    end: i32,
    last_delta: i32,
    max_delta: i32,
    base_offset: i64,
    base_timestamp: i64,
    /// All ones, or zero if every record has the batch's time.
    delta_mask: i64,
    /// The end has been checked, or a fault has been found.
    done: bool,
}

impl<'a> RecordIter<'a> {
    /// Iterates over the records of a batch from the first; `payload` is its records section, inflated.
    #[must_use]
    pub fn new(payload: &'a [u8], header: &BatchHeader) -> Self {
        Self::resume(payload, header, RecordCursor::START)
    }

    /// Iterates from a cursor of the same payload; one of another payload gives faults or nonsense, never a panic.
    #[must_use]
    pub fn resume(payload: &'a [u8], header: &BatchHeader, from: RecordCursor) -> Self {
        let log_append = header.attributes.is_log_append_time();
        let fits = header.last_offset().is_ok();
        Self {
            rest: payload.get(from.position..).unwrap_or_default(),
            payload_len: payload.len(),
            index: from.index,
            end: if fits { header.records_count } else { i32::MIN },
            last_delta: from.last_delta,
            max_delta: header.last_offset_delta,
            base_offset: header.base_offset,
            base_timestamp: if log_append { header.max_timestamp } else { header.base_timestamp },
            delta_mask: if log_append { 0 } else { -1 },
            done: false,
        }
    }

    /// Byte position in the payload of the next record, or of the faulty one.
    #[must_use]
    pub fn byte_position(&self) -> usize {
        self.payload_len.wrapping_sub(self.rest.len())
    }

    /// Records still to come, if the header is right.
    #[must_use]
    pub fn remaining(&self) -> usize {
        usize::try_from(self.end.saturating_sub(self.index)).unwrap_or(0)
    }

    /// Where the iteration is, to [`resume`](Self::resume) it later.
    #[must_use]
    pub fn cursor(&self) -> RecordCursor {
        RecordCursor {
            position: self.byte_position(),
            index: self.index,
            last_delta: self.last_delta,
        }
    }

    /// The next record, without noticing a fault: `self` stays at a faulty one.
    #[inline(always)]
    pub(super) fn step(&mut self) -> Result<Record<'a>, DecodeError> {
        let (raw, next) = match parse_record(self.rest) {
            Ok(parsed) => parsed,
            Err(error) => return Err(error.shifted(self.byte_position())),
        };
        if raw.offset_delta <= self.last_delta || raw.offset_delta > self.max_delta {
            return Err(self.bad_offset(raw.offset_delta));
        }
        // No delta is above the last one, whose offset has been found to fit.
        let offset = self.base_offset.wrapping_add(i64::from(raw.offset_delta));
        self.rest = next;
        self.index = self.index.wrapping_add(1);
        self.last_delta = raw.offset_delta;
        // Deltas wrap as in the Java client; a timestamp is data, not a bound.
        let timestamp = self.base_timestamp.wrapping_add(raw.timestamp_delta & self.delta_mask);
        Ok(Record { offset, timestamp, key: raw.key, value: raw.value, headers: raw.headers })
    }

    /// The batch's last offset, when no records are left and nothing is wrong at the end.
    pub(super) fn check_end(&self) -> Result<i64, DecodeError> {
        let last = last_offset(self.base_offset, self.max_delta, self.byte_position())?;
        if self.rest.is_empty() {
            return Ok(last);
        }
        Err(malformed("bytes after the last record", self.byte_position()))
    }

    #[cold]
    fn bad_offset(&self, delta: i32) -> DecodeError {
        let rule = match delta {
            ..0 => "negative offset delta",
            _ if delta > self.max_delta => "offset delta beyond the last of the batch",
            _ => "offset deltas do not ascend",
        };
        malformed(rule, self.byte_position())
    }

    #[cold]
    fn finish(&mut self) -> Option<DecodeError> {
        let error = if self.done { None } else { self.check_end().err() };
        self.done = true;
        error
    }

    /// What [`next`](Iterator::next) does, inlined by force.
    #[inline(always)]
    pub(super) fn advance(&mut self) -> Option<Result<Record<'a>, DecodeError>> {
        if self.index >= self.end {
            return self.finish().map(Err);
        }
        let record = self.step();
        if record.is_err() {
            self.end = i32::MIN;
            self.done = true;
        }
        Some(record)
    }
}

impl<'a> Iterator for RecordIter<'a> {
    type Item = Result<Record<'a>, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.advance()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // What is left may be a fault at once; and a claimed count must not make anybody reserve for it.
        let most = self.remaining().min(self.rest.len() / MIN_RECORD);
        (0, Some(most.saturating_add(1)))
    }
}

impl core::iter::FusedIterator for RecordIter<'_> {}
