//! The crate kafka-protocol.

use std::hint::black_box;

use ::kafka_protocol::{
    messages::{
        ApiVersionsRequest, FetchResponse, HeartbeatRequest, MetadataResponse, RequestHeader,
    },
    protocol::{Decodable, Encodable},
    records::{Compression, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions},
};
use bytes::{BufMut, Bytes, BytesMut};
use kafka_proto::ApiKey;

use super::{Outcome, Work, appending, work};
use crate::{Case, Failure, Way, bytes_of};

pub(super) fn prepare(case: &Case) -> Result<Option<Work>, Failure> {
    match (case.name, case.message()) {
        ("batch-encode" | "batch-build", _) => encode_batch(),
        ("batch-decode-owned", _) => {
            let batch = bytes_of::batch()?;
            Ok(work(move || {
                let set = black_box(RecordBatchDecoder::decode(&mut batch.clone())?);
                Ok(Outcome::Decoded(set.records.len()))
            }))
        }
        (_, Some(("metadata", version, way))) => {
            response(bytes_of::message("metadata", version)?, version, way, metadata_count)
        }
        (_, Some(("fetch", version, way))) => {
            response(bytes_of::message("fetch", version)?, version, way, fetch_count)
        }
        (_, Some(("api-versions", version, way))) => {
            let header = ApiKey::ApiVersions.request_header_version(version);
            let bytes = bytes_of::message("api-versions", version)?;
            request::<ApiVersionsRequest>(bytes, header, version, way)
        }
        (_, Some(("heartbeat", version, way))) => {
            let header = ApiKey::Heartbeat.request_header_version(version);
            let bytes = bytes_of::message("heartbeat", version)?;
            request::<HeartbeatRequest>(bytes, header, version, way)
        }
        _ => Ok(None),
    }
}

fn encode_batch() -> Result<Option<Work>, Failure> {
    let records = RecordBatchDecoder::decode(&mut bytes_of::batch()?)?.records;
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    Ok(work(move || {
        let mut out = BytesMut::new();
        RecordBatchEncoder::encode(&mut out, black_box(&records), &options)?;
        Ok(Outcome::Encoded(out.freeze()))
    }))
}

fn response<M: Decodable + Encodable + 'static>(
    mut bytes: Bytes,
    version: i16,
    way: Way,
    count: fn(&M) -> usize,
) -> Result<Option<Work>, Failure> {
    if way == Way::Decode {
        return Ok(work(move || {
            let message = black_box(M::decode(&mut bytes.clone(), version)?);
            Ok(Outcome::Decoded(count(&message)))
        }));
    }
    let message = M::decode(&mut bytes, version)?;
    Ok(work(move || {
        let mut out = BytesMut::new();
        message.encode(&mut out, version)?;
        Ok(Outcome::Encoded(out.freeze()))
    }))
}

fn request<M: Decodable + Encodable + 'static>(
    mut bytes: Bytes,
    header_version: i16,
    version: i16,
    way: Way,
) -> Result<Option<Work>, Failure> {
    if way == Way::Decode {
        return Ok(work(move || {
            let mut bytes = bytes.clone();
            let header = RequestHeader::decode(&mut bytes, header_version)?;
            black_box((header, M::decode(&mut bytes, version)?));
            Ok(Outcome::Decoded(1))
        }));
    }
    let header = RequestHeader::decode(&mut bytes, header_version)?;
    let body = M::decode(&mut bytes, version)?;
    if way == Way::Append {
        return Ok(appending(move |buf| {
            buf.put_i32(0);
            header.encode(buf, header_version)?;
            body.encode(buf, version)?;
            let len = buf.len() as i32 - 4;
            buf[..4].copy_from_slice(&len.to_be_bytes());
            Ok(())
        }));
    }
    Ok(work(move || {
        // As much room as ours takes for a small frame.
        let mut out = BytesMut::with_capacity(256);
        out.put_i32(0);
        header.encode(&mut out, header_version)?;
        body.encode(&mut out, version)?;
        let len = out.len() as i32 - 4;
        out[..4].copy_from_slice(&len.to_be_bytes());
        Ok(Outcome::Encoded(out.freeze()))
    }))
}

fn metadata_count(message: &MetadataResponse) -> usize {
    message.topics.iter().map(|topic| topic.partitions.len()).sum()
}

fn fetch_count(message: &FetchResponse) -> usize {
    message.responses.iter().map(|topic| topic.partitions.len()).sum()
}
