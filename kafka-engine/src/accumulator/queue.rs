//! The records that wait for one partition.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use kafka_proto::records::{BatchHeader, record_size};

use super::open::{OpenBatch, Opening};
use super::{AppendError, Appended, BatchLimits, RecordRef, Segments, Unsealed};
use crate::batch::Pending;
use crate::id::{BatchId, PartitionKey};
use crate::time::Instant;

/// The records that wait for one partition: an open batch, and before it those that take no more.
///
/// Batches are numbered from 0 in the order in which they open, and that is the order in which they are collected.
#[derive(Debug)]
pub struct PartitionQueue {
    open: Option<OpenBatch>,
    /// Batches that take no more records, oldest first.
    full: VecDeque<Unsealed>,
    /// A record found no memory: what is open should go out now, and may grow until it does.
    pressed: bool,
    /// Number of the next batch.
    next: u64,
    /// Version of the last notice.
    version: u64,
    partition: PartitionKey,
    limits: Arc<BatchLimits>,
    /// How long the records of a batch may become together.
    bytes_max: usize,
}

impl PartitionQueue {
    /// A queue with nothing in it.
    pub fn new(partition: PartitionKey, limits: Arc<BatchLimits>) -> Self {
        let bytes_max =
            limits.batch_bytes.min(request_bytes_max(&limits)).saturating_sub(BatchHeader::LEN);
        Self {
            open: None,
            full: VecDeque::new(),
            pressed: false,
            next: 0,
            version: 0,
            partition,
            limits,
            bytes_max,
        }
    }

    /// The partition that it is for.
    pub fn partition(&self) -> PartitionKey {
        self.partition
    }

    /// Appends one record to the open batch, or opens one.
    ///
    /// `clock` gives the monotonic time and the wall-clock time in milliseconds since 1970; it is called when a batch
    /// opens (and at every 16th record with [`BatchLimits::refresh_timestamps`]), at most twice.
    ///
    /// # Errors
    /// See [`AppendError`]. What is queued stays as it is.
    #[inline]
    pub fn append(
        &mut self,
        clock: &mut impl FnMut() -> (Instant, i64),
        record: &RecordRef<'_>,
        segments: &mut impl Segments,
    ) -> Result<Appended, AppendError> {
        if let Some(open) = &mut self.open
            && let Some(index) = open.try_append(record)
        {
            return Ok(Appended { batch: open.number(), index, opened: false, notice: None });
        }
        self.append_slowly(clock, record, segments)
    }

    /// The hot path of [`append`](Self::append): appends to the open batch if there is room in its segment, and gives the
    /// record's index. `None`: nothing was done, and `append` knows what to do or what is wrong.
    #[inline(always)]
    pub fn append_open(&mut self, record: &RecordRef<'_>) -> Option<u32> {
        self.open.as_mut()?.try_append(record)
    }

    /// Takes the oldest batch, the open one if no other waits, and says what waits then.
    pub fn collect(&mut self) -> (Option<Unsealed>, Pending) {
        let batch = match self.full.pop_front() {
            Some(batch) => Some(batch),
            None => self.take_open(),
        };
        // Memory is on its way back; a record that still finds none will press again.
        self.pressed = false;
        (batch, self.tell())
    }

    /// Closes the open batch: it takes no more records. The notice to give to the engine; `None`: nothing was open.
    pub fn close_open(&mut self) -> Option<Pending> {
        let batch = self.take_open()?;
        self.full.push_back(batch);
        Some(self.tell())
    }

    /// How many bytes of records the open batch still has room for; 0 if none is open.
    #[inline]
    pub fn room(&self) -> usize {
        self.open.as_ref().map_or(0, OpenBatch::room)
    }

    /// What waits now.
    pub fn pending(&self) -> Pending {
        let since = match self.full.front() {
            Some(batch) => Some(batch.opened()),
            None => self.open.as_ref().map(OpenBatch::opened),
        };
        Pending { version: self.version, since, full: self.is_urgent() }
    }

    /// A record that does not fit in the segment, or that nothing is open for.
    #[cold]
    #[inline(never)]
    fn append_slowly(
        &mut self,
        clock: &mut dyn FnMut() -> (Instant, i64),
        record: &RecordRef<'_>,
        segments: &mut dyn Segments,
    ) -> Result<Appended, AppendError> {
        if let Some(timestamp) = record.timestamp.filter(|timestamp| *timestamp < 0) {
            return Err(AppendError::NegativeTimestamp(timestamp));
        }
        if let Some(open) = &mut self.open {
            if open.refresh_due() {
                open.refresh(clock().1.max(0));
            }
            if let Some(parts) =
                open.prefix(record).filter(|(prefix, _)| open.has_room(prefix.record_size()))
            {
                let batch = open.number();
                let Some(index) = open.append(parts, record, segments) else {
                    return Err(self.press());
                };
                return Ok(Appended { batch, index, opened: false, notice: self.close_if_full() });
            }
        }
        self.append_to_new(clock, record, segments)
    }

    /// Closes the open batch, if there is one, and opens one with this record.
    fn append_to_new(
        &mut self,
        clock: &mut dyn FnMut() -> (Instant, i64),
        record: &RecordRef<'_>,
        segments: &mut dyn Segments,
    ) -> Result<Appended, AppendError> {
        self.check_size(record)?;
        let (now, wall) = clock();
        let number = self.next;
        let mut batch = OpenBatch::new(Opening {
            number,
            now,
            wall: wall.max(0),
            timestamp: record.timestamp,
            bytes_max: self.bytes_max,
            refresh: self.limits.refresh_timestamps,
        });
        // `check_size` has refused what is too long for a prefix.
        if batch.prefix(record).and_then(|parts| batch.append(parts, record, segments)).is_none() {
            return Err(self.press());
        }
        let (was_empty, was_urgent) = (self.is_empty(), self.is_urgent());
        self.next = self.next.saturating_add(1);
        let before = self.take_open();
        self.full.extend(before);
        self.open = Some(batch);
        self.close_if_full_silently();
        let changed = was_empty || (self.is_urgent() && !was_urgent);
        let notice = changed.then(|| self.tell());
        Ok(Appended { batch: number, index: 0, opened: true, notice })
    }

    /// Refuses a record that no batch and no wait could take.
    fn check_size(&self, record: &RecordRef<'_>) -> Result<(), AppendError> {
        let bytes = record_size(0, 0, record.key, record.value, record.headers);
        let framed = bytes.saturating_add(BatchHeader::LEN);
        let request_max = request_bytes_max(&self.limits);
        if framed > request_max {
            return Err(AppendError::TooLarge {
                bytes: framed,
                limit: request_max,
                setting: "max.request.size",
            });
        }
        if bytes > self.limits.buffer_memory {
            let limit = self.limits.buffer_memory;
            return Err(AppendError::TooLarge { bytes, limit, setting: "buffer.memory" });
        }
        Ok(())
    }

    /// There was no memory: whatever is open goes out at once.
    fn press(&mut self) -> AppendError {
        let changed = self.open.is_some() && !self.is_urgent();
        self.pressed = self.open.is_some();
        AppendError::Full { notice: changed.then(|| self.tell()) }
    }

    /// Closes the open batch if it has no room for any record; the notice, if that is news.
    fn close_if_full(&mut self) -> Option<Pending> {
        let was_urgent = self.is_urgent();
        self.close_if_full_silently();
        (self.is_urgent() && !was_urgent).then(|| self.tell())
    }

    fn close_if_full_silently(&mut self) {
        if self.open.as_ref().is_some_and(OpenBatch::is_full) {
            let batch = self.take_open();
            self.full.extend(batch);
        }
    }

    fn take_open(&mut self) -> Option<Unsealed> {
        let open = self.open.take()?;
        let id = BatchId { partition: self.partition, number: open.number() };
        self.pressed = false;
        Some(open.close(id))
    }

    fn tell(&mut self) -> Pending {
        self.version = self.version.saturating_add(1);
        self.pending()
    }

    fn is_urgent(&self) -> bool {
        self.pressed || !self.full.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.open.is_none() && self.full.is_empty()
    }
}

/// The longest batch that a request may hold, header included: its length has to fit in an `i32`.
fn request_bytes_max(limits: &BatchLimits) -> usize {
    limits.max_request_bytes.min(i32::MAX as usize)
}
