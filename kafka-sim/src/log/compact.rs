//! Compaction: of the records with the same key, the last one stays.
//!
//! As Kafka's cleaner does it: offsets stay, so that holes are left; a batch keeps its first and last offset, whatever of
//! it is left; one that nothing is left of goes, unless it is the last of a producer that may still write, whose sequence
//! it tells: then its header stays. Records without key go. A tombstone stays for `delete.retention.ms` after the first
//! time that it was met, which is written into its batch (KIP-534). Segments are reduced to single batches, and the last
//! batch stands for the active segment: it stays as it is, and hides nothing.

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_proto::compress::compress;
use kafka_proto::records::{
    Attributes, BatchHeader, Codec, Record, RecordIter, crc32c_of, put_record,
};

use super::{Log, StoredBatch};

/// When compaction happens, and how long tombstones stay from then on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compaction {
    pub(crate) now_ms: i64,
    pub(crate) delete_retention_ms: i64,
}

impl Log {
    /// Compacts what is below `readable`. Tells whether anything changed.
    pub(crate) fn compact(&mut self, compaction: Compaction, readable: i64) -> bool {
        let below = self.batches.partition_point(|batch| batch.last_offset < readable);
        let cleaned = below.min(self.batches.len().saturating_sub(1));
        let latest = self.latest_of_each_key(cleaned);
        let last_of_producer = self.last_of_each_producer();
        let mut changed = false;
        let mut kept = Vec::with_capacity(self.batches.len());
        for (at, batch) in self.batches.drain(..).enumerate() {
            if at >= cleaned {
                kept.push(batch);
                continue;
            }
            let header = batch.header();
            let is_last = last_of_producer.get(&header.producer_id) == Some(&batch.last_offset);
            match clean(&batch, &header, &latest, compaction) {
                Cleaned::Same => kept.push(batch),
                Cleaned::Fewer(fewer) => {
                    changed = true;
                    kept.extend(fewer);
                }
                Cleaned::Empty if is_last && batch.payload.is_empty() => kept.push(batch),
                Cleaned::Empty => {
                    changed = true;
                    kept.extend(is_last.then(|| emptied(&header)).flatten());
                }
            }
        }
        self.put(kept);
        changed
    }

    /// The offset of the last record of each key in the first `count` batches.
    fn latest_of_each_key(&self, count: usize) -> BTreeMap<Bytes, i64> {
        let mut latest = BTreeMap::new();
        for batch in self.batches.iter().take(count) {
            let header = batch.header();
            let Some(inflated) = batch.inflated() else { continue };
            for record in RecordIter::new(&inflated, &header).filter_map(Result::ok) {
                if let Some(key) = record.key {
                    latest.insert(inflated.slice_ref(key), record.offset);
                }
            }
        }
        latest
    }

    /// The last offset that each producer wrote of which the log has state.
    fn last_of_each_producer(&self) -> BTreeMap<i64, i64> {
        let headers = self.batches.iter().map(StoredBatch::header);
        let written = headers.filter(|header| self.producers.knows(header.producer_id));
        written.filter_map(|h| Some((h.producer_id, h.last_offset().ok()?))).collect()
    }

    /// Takes batches in place of those that there were.
    fn put(&mut self, batches: Vec<StoredBatch>) {
        let first = batches.first().map_or(self.written, |batch| batch.position);
        self.written = first;
        let mut newest = -1;
        for mut batch in batches {
            newest = batch.max_timestamp.max(newest);
            batch.max_timestamp_so_far = newest;
            batch.position = self.written;
            self.written = self.written.saturating_add(batch.len() as u64);
            self.batches.push_back(batch);
        }
    }
}

/// What is left of a batch.
enum Cleaned {
    Same,
    Fewer(Option<StoredBatch>),
    Empty,
}

fn clean(
    batch: &StoredBatch,
    header: &BatchHeader,
    latest: &BTreeMap<Bytes, i64>,
    compaction: Compaction,
) -> Cleaned {
    let Some(inflated) = batch.inflated() else {
        return Cleaned::Same;
    };
    let horizon = header.attributes.has_delete_horizon().then_some(header.base_timestamp);
    let is_over = horizon.is_some_and(|horizon| compaction.now_ms >= horizon);
    let mut kept = Vec::new();
    let (mut records, mut tombstones) = (0_usize, 0_usize);
    for record in RecordIter::new(&inflated, header).filter_map(Result::ok) {
        records = records.saturating_add(1);
        let newest = record.key.and_then(|key| latest.get(key)) == Some(&record.offset);
        if newest && (record.value.is_some() || !is_over) {
            tombstones = tombstones.saturating_add(usize::from(record.value.is_none()));
            kept.push(record);
        }
    }
    let begins = horizon.is_none() && tombstones > 0;
    if kept.is_empty() {
        return Cleaned::Empty;
    }
    if kept.len() == records && !begins {
        return Cleaned::Same;
    }
    let until = compaction.now_ms.saturating_add(compaction.delete_retention_ms);
    let horizon = if begins { Some(until) } else { horizon };
    match rebuilt(header, &kept, horizon) {
        Some(fewer) => Cleaned::Fewer(Some(fewer)),
        None => Cleaned::Same,
    }
}

/// The batch with these of its records; a delete horizon stands where the first timestamp does.
fn rebuilt(header: &BatchHeader, kept: &[Record<'_>], horizon: Option<i64>) -> Option<StoredBatch> {
    let stamped = header.attributes.is_log_append_time();
    let max_timestamp = kept.iter().map(|record| record.timestamp).max()?;
    let base_timestamp = horizon.or_else(|| Some(kept.first()?.timestamp))?;
    let mut section = Vec::new();
    for record in kept {
        let delta = i32::try_from(record.offset.checked_sub(header.base_offset)?).ok()?;
        let headers: Vec<_> = record.headers.iter().collect();
        let since = record.timestamp.wrapping_sub(base_timestamp);
        put_record(&mut section, since, delta, record.key, record.value, &headers).ok()?;
    }
    let codec = header.attributes.codec().ok()?;
    let payload = match codec {
        Codec::None => Bytes::from(section),
        codec => compress(codec, None, core::iter::once(section.as_slice())).ok()?.into(),
    };
    let new = BatchHeader {
        attributes: header.attributes.with_delete_horizon(horizon.is_some()),
        base_timestamp,
        max_timestamp: if stamped { header.max_timestamp } else { max_timestamp },
        records_count: i32::try_from(kept.len()).ok()?,
        ..*header
    };
    finished(new, payload)
}

/// The header of a batch that nothing is left of.
fn emptied(header: &BatchHeader) -> Option<StoredBatch> {
    let plain = Attributes::default()
        .with_log_append_time(header.attributes.is_log_append_time())
        .with_transactional(header.attributes.is_transactional());
    let new = BatchHeader { attributes: plain, base_timestamp: -1, records_count: 0, ..*header };
    finished(new, Bytes::new())
}

/// A stored batch with the length and checksum that go with its payload. Where it begins is still to be said.
fn finished(mut header: BatchHeader, payload: Bytes) -> Option<StoredBatch> {
    let len =
        BatchHeader::LEN.checked_sub(BatchHeader::LOG_OVERHEAD)?.checked_add(payload.len())?;
    header.batch_length = i32::try_from(len).ok()?;
    let bytes = header.to_bytes();
    header.crc = crc32c_of([bytes.get(BatchHeader::CRC_COVERS_FROM..)?, payload.as_ref()]);
    StoredBatch::new(&header, payload, 0)
}
