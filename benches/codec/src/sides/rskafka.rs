//! The crate rskafka: record batches, a few requests, and responses of old versions, which it only decodes.

use std::{hint::black_box, io::Cursor};

use ::rskafka::protocol::{
    api_version::ApiVersion,
    messages::{
        ApiVersionsRequest, FetchResponse, MetadataResponse, ReadVersionedType, RequestHeader,
        WriteVersionedType,
    },
    primitives::Int16,
    record::{ControlBatchOrRecords, RecordBatch},
    traits::{ReadType, WriteType},
};
use bytes::Bytes;
use kafka_proto::ApiKey;

use super::{Outcome, Work, appending, work};
use crate::{Case, Failure, Way, bytes_of};

pub(super) fn prepare(case: &Case) -> Result<Option<Work>, Failure> {
    match (case.name, case.message()) {
        ("batch-encode" | "batch-build", _) => {
            let batch = RecordBatch::read(&mut Cursor::new(&bytes_of::batch()?))?;
            Ok(work(move || {
                let mut out = Vec::new();
                black_box(&batch).write(&mut out)?;
                Ok(Outcome::Encoded(out.into()))
            }))
        }
        ("batch-decode-owned", _) => {
            let batch = bytes_of::batch()?;
            Ok(work(move || {
                let batch = black_box(RecordBatch::read(&mut Cursor::new(&batch))?);
                let ControlBatchOrRecords::Records(records) = &batch.records else {
                    return Err("a control batch".into());
                };
                Ok(Outcome::Decoded(records.len()))
            }))
        }
        (_, Some(("metadata", version @ ..=4, Way::Decode))) => {
            let bytes = bytes_of::message("metadata", version)?;
            response(bytes, version, |message: &MetadataResponse| {
                message.topics.iter().map(|topic| topic.partitions.len()).sum()
            })
        }
        (_, Some(("fetch", version @ 4, Way::Decode))) => {
            let bytes = bytes_of::message("fetch", version)?;
            response(bytes, version, |message: &FetchResponse| {
                message.responses.iter().map(|topic| topic.partitions.len()).sum()
            })
        }
        (_, Some(("api-versions", version @ ..=3, way))) => api_versions(version, way),
        _ => Ok(None),
    }
}

fn response<M>(bytes: Bytes, version: i16, count: fn(&M) -> usize) -> Result<Option<Work>, Failure>
where
    M: for<'a> ReadVersionedType<Cursor<&'a Bytes>> + 'static,
{
    let version = ApiVersion(Int16(version));
    Ok(work(move || {
        let message = black_box(M::read_versioned(&mut Cursor::new(&bytes), version)?);
        Ok(Outcome::Decoded(count(&message)))
    }))
}

fn api_versions(version: i16, way: Way) -> Result<Option<Work>, Failure> {
    let bytes = bytes_of::message("api-versions", version)?;
    let header_version = ApiVersion(Int16(ApiKey::ApiVersions.request_header_version(version)));
    let version = ApiVersion(Int16(version));
    let read = move |bytes: &Bytes| {
        let mut bytes = Cursor::new(bytes);
        let header = RequestHeader::read_versioned(&mut bytes, header_version)?;
        Ok::<_, Failure>((header, ApiVersionsRequest::read_versioned(&mut bytes, version)?))
    };
    if way == Way::Decode {
        return Ok(work(move || {
            black_box(read(&bytes)?);
            Ok(Outcome::Decoded(1))
        }));
    }
    let (header, body) = read(&bytes)?;
    if way == Way::Append {
        return Ok(appending(move |buf| {
            buf.extend_from_slice(&[0; 4]);
            header.write_versioned(buf, header_version)?;
            body.write_versioned(buf, version)?;
            let len = buf.len() as i32 - 4;
            buf[..4].copy_from_slice(&len.to_be_bytes());
            Ok(())
        }));
    }
    Ok(work(move || {
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(&[0; 4]);
        header.write_versioned(&mut out, header_version)?;
        body.write_versioned(&mut out, version)?;
        let len = out.len() as i32 - 4;
        out[..4].copy_from_slice(&len.to_be_bytes());
        Ok(Outcome::Encoded(out.into()))
    }))
}
