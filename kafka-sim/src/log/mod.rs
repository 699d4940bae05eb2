//! The log of one partition: stored batches, the way to them by offset and by time, and what they
//! taught about producers.
//!
//! A batch is kept as it came, cut behind its 61-byte header: the header is a copy of its own,
//! because the broker stamps base offset and leader epoch into it, the records stay a slice of the
//! request's frame. Fetch hands out both.

mod compact;
mod epochs;
mod lookup;
mod producers;
mod read;
mod retain;
mod stored;
pub(crate) mod validate;

use std::collections::VecDeque;

pub(crate) use compact::Compaction;
pub(crate) use epochs::EpochEnd;
pub(crate) use lookup::Found;
pub use lookup::LoggedRecord;
pub(crate) use producers::Sequenced;
pub(crate) use retain::Limits;
pub(crate) use stored::{INFLATED_MAX, StoredBatch};

use crate::releases::Ways;
use epochs::Epochs;
use kafka_proto::ErrorCode;
use producers::Producers;
use validate::Candidate;

/// One partition's log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    batches: VecDeque<StoredBatch>,
    start: i64,
    end: i64,
    /// Bytes ever appended: where the next batch begins, counted from the first batch of all.
    written: u64,
    epochs: Epochs,
    producers: Producers,
}

impl Log {
    /// The first offset that can be read.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// The offset that the next record gets.
    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    /// Has an empty log begin at an offset.
    pub(crate) fn start_at(&mut self, offset: i64) {
        self.start = offset;
        self.end = offset;
    }

    /// A leader of this epoch takes over at the log's end.
    pub(crate) fn begin_epoch(&mut self, epoch: i32) {
        self.epochs.assign(epoch, self.end);
    }

    /// The last epoch not above `epoch`, and where it ends, for a leader or a follower whose log ends
    /// at `end`.
    pub(crate) fn epoch_end(&self, epoch: i32, end: i64, leads: bool) -> Option<EpochEnd> {
        self.epochs.end_of(epoch, end, leads)
    }

    /// The epoch in which the record at `offset` was, or will be, appended; -1 when not known.
    pub(crate) fn epoch_at(&self, offset: i64) -> i32 {
        self.epochs.at(offset)
    }

    /// What the producer state says to a batch: new, a duplicate of one of the last five, or an
    /// error.
    pub(crate) fn sequence(
        &self,
        candidate: &Candidate,
        ways: Ways,
    ) -> Result<Sequenced, ErrorCode> {
        self.producers.check(&candidate.header, ways)
    }

    /// Appends a checked batch, stamping base offset and leader epoch. Nothing is appended where
    /// the offsets end.
    pub(crate) fn append(&mut self, candidate: Candidate, epoch: i32) -> Option<&StoredBatch> {
        let Candidate { mut header, payload, .. } = candidate;
        header.base_offset = self.end;
        header.partition_leader_epoch = epoch;
        let batch = StoredBatch::new(&header, payload, self.written)?;
        self.push(batch, epoch);
        self.batches.back()
    }

    /// Takes a batch back from storage, offsets and epoch as they were. Batches below the end are
    /// passed over.
    pub(crate) fn restore(&mut self, bytes: &bytes::Bytes) {
        let Some((header, payload)) = stored::split(bytes) else {
            return;
        };
        let first = self.batches.is_empty();
        let known_from =
            if first { header.last_offset().unwrap_or(i64::MAX) } else { header.base_offset };
        if known_from < self.end {
            return;
        }
        if first {
            self.start = self.start.max(header.base_offset);
        }
        if let Some(batch) = StoredBatch::new(&header, payload, self.written) {
            self.push(batch, header.partition_leader_epoch);
        }
    }

    /// Drops whole batches from the front until at most `limit` bytes, or one batch, or only what
    /// can't be read yet, are left. Tells whether any went.
    pub(crate) fn retain(&mut self, limit: u64, readable: i64) -> bool {
        let before = self.start;
        let droppable = |batch: &StoredBatch| batch.last_offset < readable;
        while self.batches.len() > 1
            && self.bytes() > limit
            && self.batches.front().is_some_and(droppable)
        {
            self.batches.pop_front();
            self.start = self.batches.front().map_or(self.end, |batch| batch.base_offset);
        }
        if self.start != before {
            self.epochs.begin_at(self.start);
        }
        self.start != before
    }

    /// Moves the log start to `offset`, as DeleteRecords and retention do; batches that end before
    /// it are dropped.
    pub(crate) fn trim(&mut self, offset: i64) {
        self.start = offset.clamp(self.start, self.end);
        while self.batches.front().is_some_and(|batch| batch.last_offset < self.start) {
            self.batches.pop_front();
        }
        self.epochs.begin_at(self.start);
    }

    /// Cuts the log back so that it ends at `end` or, where that is inside a batch, at that batch's
    /// base offset; producer state is cut with it.
    pub(crate) fn truncate(&mut self, end: i64) {
        if end >= self.end {
            return;
        }
        while let Some(batch) = self.batches.back().filter(|batch| batch.last_offset >= end) {
            // Compaction may have left a hole in front of it.
            self.end = batch.base_offset.min(end);
            self.batches.pop_back();
        }
        self.start = self.start.min(self.end);
        self.epochs.truncate(self.end);
        self.producers.truncate(self.end, self.batches.iter().map(StoredBatch::header));
    }

    /// Forgets a producer id, as `producer.id.expiration.ms` does.
    pub(crate) fn forget_producer(&mut self, producer_id: i64) {
        self.producers.forget(producer_id);
    }

    /// Forgets the producers whose last batch is older than a timestamp in milliseconds.
    pub(crate) fn forget_producers_older(&mut self, than: i64) -> bool {
        self.producers.forget_older(than)
    }

    /// The stored batches, oldest first.
    pub(crate) fn batches(&self) -> impl Iterator<Item = &StoredBatch> {
        self.batches.iter()
    }

    fn push(&mut self, mut batch: StoredBatch, epoch: i32) {
        self.epochs.assign(epoch, batch.base_offset);
        self.producers.record(&batch.header());
        self.end = batch.last_offset.saturating_add(1);
        self.written = self.written.saturating_add(batch.len() as u64);
        batch.max_timestamp_so_far = batch
            .max_timestamp
            .max(self.batches.back().map_or(-1, |last| last.max_timestamp_so_far));
        self.batches.push_back(batch);
    }

    /// Bytes that are kept.
    fn bytes(&self) -> u64 {
        self.written
            .saturating_sub(self.batches.front().map_or(self.written, |batch| batch.position))
    }
}
