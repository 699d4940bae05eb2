//! One batch into two, when a broker finds it too large.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use bytes::Bytes;
use kafka_proto::compress::{compress, decompress};
use kafka_proto::records::{BatchHeader, Codec, RecordIter, put_record};

use crate::batch::Batch;
use crate::error::{Error, ErrorKind};

/// Splits a batch in two of about the same length, uncompressed; `None`: it has but one record.
///
/// Both halves keep the id and the opening time; the second one's records are those from index `first.records` on,
/// and each half counts its offsets from 0. They are compressed as the batch was.
///
/// # Errors
/// The records could not be inflated or compressed.
pub fn split(batch: &Batch, level: Option<i32>) -> Result<Option<(Batch, Batch)>, Error> {
    if batch.records < 2 {
        return Ok(None);
    }
    let payload = Bytes::from(inflate(batch)?);
    let header = header_of(batch);
    let mut records = RecordIter::new(&payload, &header);
    let first = take_first(batch, &payload, &mut records)?;
    let second = take_rest(batch, &mut records)?;
    Ok(Some((first.finish(batch, level)?, second.finish(batch, level)?)))
}

/// One half, not compressed yet.
struct Half {
    records: u32,
    payload: Bytes,
    base_timestamp: i64,
    max_timestamp: i64,
}

impl Half {
    fn finish(self, batch: &Batch, level: Option<i32>) -> Result<Batch, Error> {
        let raw_bytes = self.payload.len();
        let (codec, body) = match batch.codec {
            Codec::None => (Codec::None, self.payload),
            codec => {
                let packed = compress(codec, level, [self.payload.as_ref()]).map_err(failed)?;
                if packed.len() < raw_bytes {
                    (codec, packed.into())
                } else {
                    (Codec::None, self.payload)
                }
            }
        };
        Ok(Batch {
            id: batch.id,
            records: self.records,
            body_bytes: body.len(),
            body: vec![body],
            raw_bytes,
            codec,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            opened: batch.opened,
        })
    }
}

/// The records up to the middle, or the one that reaches over it: at least one, and not the last.
fn take_first(batch: &Batch, payload: &Bytes, records: &mut RecordIter<'_>) -> Result<Half, Error> {
    let mut taken = 0_u32;
    let mut max_timestamp = batch.base_timestamp;
    while taken == 0
        || (records.cursor().position < payload.len() / 2
            && taken.saturating_add(1) < batch.records)
    {
        let record =
            records.next().ok_or_else(|| failed("fewer records than counted"))?.map_err(failed)?;
        max_timestamp = max_timestamp.max(record.timestamp);
        taken = taken.saturating_add(1);
    }
    Ok(Half {
        records: taken,
        payload: payload.slice(..records.cursor().position),
        base_timestamp: batch.base_timestamp,
        max_timestamp,
    })
}

/// The other records, written again because their deltas are relative to the first of them now.
fn take_rest(batch: &Batch, records: &mut RecordIter<'_>) -> Result<Half, Error> {
    let mut payload = Vec::with_capacity(batch.raw_bytes / 2);
    let mut bounds = None;
    let mut headers = Vec::new();
    let mut taken = 0_i32;
    for record in records {
        let record = record.map_err(failed)?;
        let (base, max) = bounds.unwrap_or((record.timestamp, record.timestamp));
        bounds = Some((base, max.max(record.timestamp)));
        headers.clear();
        headers.extend(record.headers.iter());
        let delta = record.timestamp.wrapping_sub(base);
        put_record(&mut payload, delta, taken, record.key, record.value, &headers)
            .map_err(failed)?;
        taken = taken.saturating_add(1);
    }
    let (base_timestamp, max_timestamp) =
        bounds.ok_or_else(|| failed("fewer records than counted"))?;
    Ok(Half {
        records: taken.unsigned_abs(),
        payload: payload.into(),
        base_timestamp,
        max_timestamp,
    })
}

/// The records of a batch in one piece.
fn inflate(batch: &Batch) -> Result<Vec<u8>, Error> {
    let body: Vec<u8> = batch.body.iter().flat_map(|piece| piece.iter().copied()).collect();
    match batch.codec {
        Codec::None => Ok(body),
        codec => decompress(codec, &body, batch.raw_bytes).map_err(failed),
    }
}

/// What the records of a batch are read by.
fn header_of(batch: &Batch) -> BatchHeader {
    let records = i32::try_from(batch.records).unwrap_or(i32::MAX);
    BatchHeader {
        base_timestamp: batch.base_timestamp,
        max_timestamp: batch.max_timestamp,
        last_offset_delta: records.saturating_sub(1),
        records_count: records,
        ..BatchHeader::default()
    }
}

fn failed(error: impl ToString) -> Error {
    let reason: String = error.to_string();
    Error::new(ErrorKind::Compression { reason })
}
