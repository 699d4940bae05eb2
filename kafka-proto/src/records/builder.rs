//! A batch from records, for tests, tools and brokers; a producer in a hurry writes records in place instead.

use alloc::vec::Vec;
use bytes::Bytes;

use super::control::marker;
use super::{BatchHeader, Codec, ControlType, crc32c_of, put_record, record_size};
use crate::compress::compress;
use crate::error::EncodeError;

/// Builds one record batch of magic 2.
///
/// ```
/// use kafka_proto::records::{BatchBuilder, Batches, Codec};
///
/// let mut builder = BatchBuilder::new(Codec::None);
/// builder.push(1_700_000_000_000, Some(b"key"), Some(b"value"), &[(b"trace", Some(b"1"))])?;
/// let bytes = builder.build(42)?;
/// for batch in Batches::new(bytes) {
///     let records = batch?.records(1 << 20)?;
///     for record in &records {
///         assert_eq!(record?.offset, 42);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    codec: Codec,
    level: Option<i32>,
    header: BatchHeader,
    next_delta: i32,
    /// Room for the header, and the records behind it.
    batch: Vec<u8>,
}

impl BatchBuilder {
    /// An empty batch, to be compressed with `codec` at its default level.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        Self {
            codec,
            level: None,
            header: BatchHeader::default(),
            next_delta: 0,
            batch: alloc::vec![0; BatchHeader::LEN],
        }
    }

    /// The batch with which a broker ends a transaction: one abort or commit marker.
    ///
    /// # Errors
    /// None that a marker of 10 bytes could cause.
    pub fn end_transaction(
        kind: ControlType,
        coordinator_epoch: i32,
        timestamp: i64,
        producer_id: i64,
        producer_epoch: i16,
    ) -> Result<Self, EncodeError> {
        let (key, value) = marker(kind, coordinator_epoch);
        let mut batch = Self::new(Codec::None)
            .with_producer(producer_id, producer_epoch, -1)
            .with_transactional(true)
            .with_control();
        batch.push(timestamp, Some(&key), Some(&value), &[])?;
        Ok(batch)
    }

    /// Sets the compression level, on the codec's own scale.
    #[must_use]
    pub fn with_level(mut self, level: i32) -> Self {
        self.level = Some(level);
        self
    }

    /// Makes it a batch of an idempotent producer, the first record having this sequence number.
    #[must_use]
    pub fn with_producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> Self {
        self.header.producer_id = id;
        self.header.producer_epoch = epoch;
        self.header.base_sequence = base_sequence;
        self
    }

    /// Sets whether the batch is part of a transaction.
    #[must_use]
    pub fn with_transactional(mut self, on: bool) -> Self {
        self.header.attributes = self.header.attributes.with_transactional(on);
        self
    }

    /// Makes it a control batch.
    #[must_use]
    pub fn with_control(mut self) -> Self {
        self.header.attributes = self.header.attributes.with_control(true);
        self
    }

    /// Stamps all records with the broker's time, in milliseconds since the Unix epoch; a broker of a topic with
    /// `message.timestamp.type=LogAppendTime` does that.
    #[must_use]
    pub fn with_log_append_time(mut self, timestamp: i64) -> Self {
        self.header.attributes = self.header.attributes.with_log_append_time(true);
        self.header.max_timestamp = timestamp;
        self
    }

    /// Sets the leader epoch, as a broker does on append.
    #[must_use]
    pub fn with_leader_epoch(mut self, epoch: i32) -> Self {
        self.header.partition_leader_epoch = epoch;
        self
    }

    /// Adds a record behind the others, at the next offset. Headers are pairs of key and value.
    ///
    /// # Errors
    /// As for [`push_at`](Self::push_at).
    pub fn push(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
    ) -> Result<(), EncodeError> {
        self.push_at(self.next_delta, timestamp, key, value, headers)
    }

    /// Adds a record at an offset relative to the batch's, leaving a gap as compaction does.
    ///
    /// # Errors
    /// `InvalidBatch` unless `offset_delta` is above all before it, `TooLong` for a record or batch over 2 GiB.
    pub fn push_at(
        &mut self,
        offset_delta: i32,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
    ) -> Result<(), EncodeError> {
        if offset_delta < self.next_delta {
            return Err(EncodeError::InvalidBatch("offset deltas do not ascend"));
        }
        let header = &mut self.header;
        let Some(next_delta) = offset_delta.checked_add(1) else {
            return Err(EncodeError::InvalidBatch("offset delta overflows"));
        };
        let base_timestamp =
            if header.records_count == 0 { timestamp } else { header.base_timestamp };
        let timestamp_delta = timestamp.wrapping_sub(base_timestamp);
        put_record(&mut self.batch, timestamp_delta, offset_delta, key, value, headers)?;
        header.base_timestamp = base_timestamp;
        if !header.attributes.is_log_append_time() {
            let first = header.records_count == 0;
            header.max_timestamp =
                if first { timestamp } else { header.max_timestamp.max(timestamp) };
        }
        // No more records than offset deltas, which have been checked.
        header.records_count = header.records_count.wrapping_add(1);
        header.last_offset_delta = offset_delta;
        self.next_delta = next_delta;
        Ok(())
    }

    /// Records so far.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.header.records_count).unwrap_or(0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.header.records_count == 0
    }

    /// Exact bytes of what [`build`](Self::build) gives, or would give if the codec left every byte as it is: of the
    /// header and of all records.
    #[must_use]
    pub fn uncompressed_size(&self) -> usize {
        self.batch.len()
    }

    /// What [`uncompressed_size`](Self::uncompressed_size) would be with one more record, at the next offset.
    #[must_use]
    pub fn uncompressed_size_with(
        &self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&[u8], Option<&[u8]>)],
    ) -> usize {
        let base = if self.is_empty() { timestamp } else { self.header.base_timestamp };
        let delta = timestamp.wrapping_sub(base);
        let size = record_size(delta, self.next_delta, key, value, headers);
        self.uncompressed_size().saturating_add(size)
    }

    pub(super) fn next_delta(&self) -> i32 {
        self.next_delta
    }

    /// The finished batch, with its first record at `base_offset` (0 in a produce request). May be called again.
    ///
    /// A batch without records is not compressed, whatever the codec, as brokers do it.
    ///
    /// # Errors
    /// `InvalidBatch` if it [ends beyond all offsets](BatchHeader::last_offset), `TooLong` for a batch over 2 GiB,
    /// `CodecNotBuilt`, `Compress`.
    pub fn build(&self, base_offset: i64) -> Result<Bytes, EncodeError> {
        match self.codec() {
            Codec::None => self.seal(base_offset, self.batch.clone()),
            codec => self.seal(base_offset, self.compressed(codec)?),
        }
    }

    /// The finished batch as by [`build`](Self::build), without a copy of the records if they are not compressed.
    ///
    /// # Errors
    /// As for [`build`](Self::build).
    pub fn into_batch(mut self, base_offset: i64) -> Result<Bytes, EncodeError> {
        let batch = match self.codec() {
            Codec::None => core::mem::take(&mut self.batch),
            codec => self.compressed(codec)?,
        };
        self.seal(base_offset, batch)
    }

    fn codec(&self) -> Codec {
        if self.is_empty() { Codec::None } else { self.codec }
    }

    fn compressed(&self, codec: Codec) -> Result<Vec<u8>, EncodeError> {
        let records = self.batch.get(BatchHeader::LEN..).unwrap_or_default();
        let packed = compress(codec, self.level, [records])?;
        let mut batch = Vec::with_capacity(packed.len().saturating_add(BatchHeader::LEN));
        batch.resize(BatchHeader::LEN, 0);
        batch.extend_from_slice(&packed);
        Ok(batch)
    }

    /// Fills in the header of a batch that is otherwise finished.
    fn seal(&self, base_offset: i64, mut batch: Vec<u8>) -> Result<Bytes, EncodeError> {
        let total = batch.len();
        let mut header = self.header;
        header.base_offset = base_offset;
        if header.last_offset().is_err() {
            return Err(EncodeError::InvalidBatch("offset overflows"));
        }
        header.attributes = header.attributes.with_codec(self.codec());
        header.batch_length =
            i32::try_from(total.saturating_sub(BatchHeader::LOG_OVERHEAD)).map_err(|_| {
                EncodeError::TooLong { what: "batch", len: total, max: i32::MAX as usize }
            })?;
        let unchecked = header.to_bytes();
        let covered = unchecked.get(BatchHeader::CRC_COVERS_FROM..).unwrap_or_default();
        header.crc = crc32c_of([covered, batch.get(BatchHeader::LEN..).unwrap_or_default()]);
        if let Some(front) = batch.first_chunk_mut() {
            *front = header.to_bytes();
        }
        Ok(batch.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_taken_out_is_the_one_that_is_built() {
        for codec in [Codec::None, Codec::Gzip] {
            for records in [0, 1, 100] {
                let mut builder = BatchBuilder::new(codec);
                for record in 0..records {
                    builder.push(record, None, Some(b"value"), &[]).unwrap();
                }
                assert_eq!(builder.clone().into_batch(7), builder.build(7), "{codec} {records}");
            }
        }
    }
}
