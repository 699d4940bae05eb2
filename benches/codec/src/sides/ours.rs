//! kafka-proto, as its users drive it.

use std::hint::black_box;

use bytes::Bytes;
use kafka_proto::{
    DecodeError, Message, Reader, Request, Writer, decode_body, decode_request_header,
    encode_request,
    messages::{ApiVersionsRequest, FetchResponse, HeartbeatRequest, MetadataResponse},
    records::{BatchBuilder, Batches, Codec, Record},
};

use super::{Outcome, Work, work};
use crate::{Case, Failure, bytes_of};

/// A record with a share of its batch's memory.
struct OwnedRecord {
    offset: i64,
    timestamp: i64,
    key: Option<Bytes>,
    value: Option<Bytes>,
    headers: Vec<(Bytes, Option<Bytes>)>,
}

pub(super) fn prepare(case: &Case) -> Result<Option<Work>, Failure> {
    match (case.name, case.message()) {
        ("batch-encode", _) => Ok(work(encode_batch)),
        ("batch-decode-owned", _) => {
            let batch = bytes_of::batch()?;
            Ok(work(move || decode_owned(&batch)))
        }
        ("batch-decode-in-place", _) => {
            let batch = bytes_of::batch()?;
            Ok(work(move || decode_in_place(&batch)))
        }
        (_, Some(("metadata", version, decode))) => {
            response(bytes_of::message("metadata", version)?, version, decode, metadata_count)
        }
        (_, Some(("fetch", version, decode))) => {
            response(bytes_of::message("fetch", version)?, version, decode, fetch_count)
        }
        (_, Some(("api-versions", version, decode))) => request::<ApiVersionsRequest>(
            bytes_of::message("api-versions", version)?,
            version,
            decode,
        ),
        (_, Some(("heartbeat", version, decode))) => {
            request::<HeartbeatRequest>(bytes_of::message("heartbeat", version)?, version, decode)
        }
        _ => Ok(None),
    }
}

fn encode_batch() -> Result<Outcome, Failure> {
    let mut batch = BatchBuilder::new(Codec::None);
    for record in 0..bytes_of::RECORDS {
        let value = black_box(&bytes_of::VALUE);
        batch.push(bytes_of::TIME + record as i64, None, Some(value), &[])?;
    }
    Ok(Outcome::Encoded(batch.build(0)?))
}

fn decode_in_place(batch: &Bytes) -> Result<Outcome, Failure> {
    let (mut count, mut sum) = (0, 0);
    for batch in Batches::new(batch.clone()) {
        let batch = batch?;
        batch.verify_crc()?;
        for record in &batch.records(0)? {
            let record = record?;
            count += 1;
            sum += record.offset + record.timestamp + record.value.map_or(0, <[u8]>::len) as i64;
        }
    }
    black_box(sum);
    Ok(Outcome::Decoded(count))
}

fn decode_owned(batch: &Bytes) -> Result<Outcome, Failure> {
    let mut owned = Vec::new();
    for batch in Batches::new(batch.clone()) {
        let batch = batch?;
        batch.verify_crc()?;
        let records = batch.records(0)?;
        owned.reserve(records.iter().remaining());
        for record in &records {
            owned.push(own(&record?, records.payload())?);
        }
    }
    let owned = black_box(owned);
    Ok(Outcome::Decoded(owned.len()))
}

fn own(record: &Record<'_>, payload: &Bytes) -> Result<OwnedRecord, DecodeError> {
    let headers = record.headers.iter();
    let headers = headers
        .map(|(key, value)| (payload.slice_ref(key), value.map(|value| payload.slice_ref(value))));
    Ok(OwnedRecord {
        offset: record.offset,
        timestamp: record.timestamp,
        key: record.key.map(|key| payload.slice_ref(key)),
        value: record.value.map(|value| payload.slice_ref(value)),
        headers: headers.collect(),
    })
}

fn response<M: Message>(
    bytes: Bytes,
    version: i16,
    decode: bool,
    count: fn(&M) -> usize,
) -> Result<Option<Work>, Failure> {
    if decode {
        return Ok(work(move || {
            let reader = Reader::new(bytes.clone(), version, M::is_flexible(version));
            let message = black_box(decode_body::<M>(reader)?);
            Ok(Outcome::Decoded(count(&message)))
        }));
    }
    let message: M = decode_body(Reader::new(bytes, version, M::is_flexible(version)))?;
    Ok(work(move || {
        let mut writer = Writer::new(version, false);
        message.encode(&mut writer)?;
        Ok(Outcome::Encoded(writer.finish()?.chunks.to_bytes()))
    }))
}

fn request<R: Request>(bytes: Bytes, version: i16, decode: bool) -> Result<Option<Work>, Failure> {
    if decode {
        return Ok(work(move || {
            let (header, reader) = decode_request_header(bytes.clone())?;
            black_box((header, decode_body::<R>(reader)?));
            Ok(Outcome::Decoded(1))
        }));
    }
    let (header, reader) = decode_request_header(bytes)?;
    let body: R = decode_body(reader)?;
    Ok(work(move || {
        let frame =
            encode_request(&body, version, header.correlation_id, header.client_id.as_deref())?;
        Ok(Outcome::Encoded(frame.chunks.to_bytes()))
    }))
}

fn metadata_count(message: &MetadataResponse) -> usize {
    message.topics.iter().map(|topic| topic.partitions.len()).sum()
}

fn fetch_count(message: &FetchResponse) -> usize {
    message.responses.iter().map(|topic| topic.partitions.len()).sum()
}
