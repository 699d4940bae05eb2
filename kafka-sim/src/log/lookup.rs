//! Looking into a log's records: by time, as ListOffsets does, and all of them, as a check does.

use super::{Log, StoredBatch};
use bytes::Bytes;
use kafka_proto::records::{BatchHeader, RecordIter};

/// A record found by its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) leader_epoch: i32,
}

/// A record as it is in a log: ground truth for checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedRecord {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp in milliseconds since 1970.
    pub timestamp: i64,
    /// Epoch of the leader that appended it.
    pub leader_epoch: i32,
    /// Id of its producer, -1 when not idempotent.
    pub producer_id: i64,
    /// Epoch of its producer, -1 when not idempotent.
    pub producer_epoch: i16,
    /// Its own sequence number, -1 when not idempotent.
    pub sequence: i32,
    /// Its key.
    pub key: Option<Bytes>,
    /// Its value.
    pub value: Option<Bytes>,
    /// Its headers, in order, duplicates kept.
    pub headers: Vec<(Bytes, Option<Bytes>)>,
}

impl Log {
    /// The first record in log order whose timestamp is `timestamp` or later.
    pub(crate) fn find_time(&self, timestamp: i64) -> Option<Found> {
        let from = self.batches.partition_point(|batch| batch.max_timestamp_so_far < timestamp);
        // The running maximum may stem from batches that are gone, so the batch found may be too
        // old itself.
        let mut batches =
            self.batches.range(from..).filter(|batch| batch.max_timestamp >= timestamp);
        batches.find_map(|batch| first_at_least(batch, timestamp, self.start))
    }

    /// The first record that carries the largest timestamp of the log.
    pub(crate) fn find_max_time(&self) -> Option<Found> {
        // Of a batch that compaction emptied only the header is left.
        let with_records = || self.batches.iter().filter(|batch| !batch.payload.is_empty());
        let largest = with_records().map(|batch| batch.max_timestamp).max()?;
        let batch = with_records().find(|batch| batch.max_timestamp == largest)?;
        first_at_least(batch, largest, batch.base_offset)
    }

    /// Every record from the log start on, decoded as the iterator goes. Batches that can't be read
    /// give nothing.
    pub(crate) fn records(&self) -> impl Iterator<Item = LoggedRecord> {
        let start = self.start;
        self.batches.iter().flat_map(decode).filter(move |record| record.offset >= start)
    }
}

fn first_at_least(batch: &StoredBatch, timestamp: i64, start: i64) -> Option<Found> {
    let header = batch.header();
    let inflated = batch.inflated()?;
    let mut records = RecordIter::new(&inflated, &header).filter_map(Result::ok);
    let record = records.find(|record| record.timestamp >= timestamp && record.offset >= start)?;
    Some(Found {
        offset: record.offset,
        timestamp: record.timestamp,
        leader_epoch: header.partition_leader_epoch,
    })
}

fn decode(batch: &StoredBatch) -> Vec<LoggedRecord> {
    let header = batch.header();
    let Some(inflated) = batch.inflated() else {
        return Vec::new();
    };
    let records = RecordIter::new(&inflated, &header).filter_map(Result::ok);
    records
        .map(|record| LoggedRecord {
            offset: record.offset,
            timestamp: record.timestamp,
            leader_epoch: header.partition_leader_epoch,
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            sequence: sequence_of(&header, record.offset),
            key: record.key.map(|key| inflated.slice_ref(key)),
            value: record.value.map(|value| inflated.slice_ref(value)),
            headers: record
                .headers
                .iter()
                .map(|(key, value)| {
                    (inflated.slice_ref(key), value.map(|value| inflated.slice_ref(value)))
                })
                .collect(),
        })
        .collect()
}

fn sequence_of(header: &BatchHeader, offset: i64) -> i32 {
    if header.base_sequence < 0 {
        return header.base_sequence;
    }
    let delta = i32::try_from(offset.saturating_sub(header.base_offset)).unwrap_or(0);
    header.base_sequence.wrapping_add(delta) & i32::MAX
}
