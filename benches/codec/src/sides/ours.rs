//! kafka-proto, as its users drive it.

use std::hint::black_box;

use bytes::Bytes;
use kafka_proto::{
    Message, Reader, Request, Writer, decode_body, decode_request_header, encode_request,
    encode_request_into,
    messages::{ApiVersionsRequest, FetchResponse, HeartbeatRequest, MetadataResponse},
    records::{BatchBuilder, BatchHeader, Batches, Codec, OwnedRecord, put_record},
};

use super::{Outcome, Work, appending, work};
use crate::{Case, Failure, Way, bytes_of};

pub(super) fn prepare(case: &Case) -> Result<Option<Work>, Failure> {
    match (case.name, case.message()) {
        ("batch-encode", _) => Ok(work(encode_batch)),
        ("batch-build", _) => Ok(work(build_batch)),
        ("batch-decode-owned", _) => {
            let batch = bytes_of::batch()?;
            Ok(work(move || decode_owned(&batch)))
        }
        ("batch-decode-in-place", _) => {
            let batch = bytes_of::batch()?;
            Ok(work(move || decode_in_place(&batch)))
        }
        (_, Some(("metadata", version, way))) => {
            response(bytes_of::message("metadata", version)?, version, way, metadata_count)
        }
        (_, Some(("fetch", version, way))) => {
            response(bytes_of::message("fetch", version)?, version, way, fetch_count)
        }
        (_, Some(("api-versions", version, way))) => {
            request::<ApiVersionsRequest>(bytes_of::message("api-versions", version)?, version, way)
        }
        (_, Some(("heartbeat", version, way))) => {
            request::<HeartbeatRequest>(bytes_of::message("heartbeat", version)?, version, way)
        }
        _ => Ok(None),
    }
}

fn encode_batch() -> Result<Outcome, Failure> {
    let mut batch = vec![0; BatchHeader::LEN];
    for record in 0..bytes_of::RECORDS {
        let value: &[u8] = black_box(&bytes_of::VALUE);
        put_record(&mut batch, record as i64, record as i32, None, Some(value), &[])?;
    }
    let last = bytes_of::RECORDS as i32 - 1;
    let mut header = BatchHeader {
        batch_length: (batch.len() - BatchHeader::LOG_OVERHEAD) as i32,
        last_offset_delta: last,
        base_timestamp: bytes_of::TIME,
        max_timestamp: bytes_of::TIME + i64::from(last),
        records_count: last + 1,
        ..BatchHeader::default()
    };
    batch[..BatchHeader::LEN].copy_from_slice(&header.to_bytes());
    header.crc = crc32c::crc32c(&batch[BatchHeader::CRC_COVERS_FROM..]);
    batch[..BatchHeader::LEN].copy_from_slice(&header.to_bytes());
    Ok(Outcome::Encoded(batch.into()))
}

fn build_batch() -> Result<Outcome, Failure> {
    let mut batch = BatchBuilder::new(Codec::None);
    for record in 0..bytes_of::RECORDS {
        let value: &[u8] = black_box(&bytes_of::VALUE);
        batch.push(bytes_of::TIME + record as i64, None, Some(value), &[])?;
    }
    Ok(Outcome::Encoded(batch.into_batch(0)?))
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
    let mut owned: Vec<OwnedRecord> = Vec::new();
    for batch in Batches::new(batch.clone()) {
        let batch = batch?;
        batch.verify_crc()?;
        let records = batch.records(0)?;
        owned.reserve(records.iter().remaining());
        for record in records.owned() {
            owned.push(record?);
        }
    }
    let owned = black_box(owned);
    Ok(Outcome::Decoded(owned.len()))
}

fn response<M: Message>(
    bytes: Bytes,
    version: i16,
    way: Way,
    count: fn(&M) -> usize,
) -> Result<Option<Work>, Failure> {
    if way == Way::Decode {
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
        Ok(Outcome::Encoded(writer.finish()?.chunks.into_bytes()))
    }))
}

fn request<R: Request>(bytes: Bytes, version: i16, way: Way) -> Result<Option<Work>, Failure> {
    if way == Way::Decode {
        return Ok(work(move || {
            let (header, reader) = decode_request_header(bytes.clone())?;
            black_box((header, decode_body::<R>(reader)?));
            Ok(Outcome::Decoded(1))
        }));
    }
    let (header, reader) = decode_request_header(bytes)?;
    let body: R = decode_body(reader)?;
    if way == Way::Append {
        return Ok(appending(move |buf| {
            let (id, client) = (header.correlation_id, header.client_id.as_deref());
            Ok(encode_request_into(buf, &body, version, id, client)?)
        }));
    }
    Ok(work(move || {
        let frame =
            encode_request(&body, version, header.correlation_id, header.client_id.as_deref())?;
        Ok(Outcome::Encoded(frame.chunks.into_bytes()))
    }))
}

fn metadata_count(message: &MetadataResponse) -> usize {
    message.topics.iter().map(|topic| topic.partitions.len()).sum()
}

fn fetch_count(message: &FetchResponse) -> usize {
    message.responses.iter().map(|topic| topic.partitions.len()).sum()
}
