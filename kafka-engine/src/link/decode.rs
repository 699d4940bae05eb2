//! Responses out of frames.

use alloc::boxed::Box;
use alloc::format;

use bytes::Bytes;
use kafka_proto::{
    ApiKey, DecodeError, Message, Reader, decode_body_lenient, decode_response_header,
};

use super::fetched;
use crate::error::CloseCause;
use crate::io::Expect;
use crate::response::{Response, ResponseBody};

/// Where a frame's body begins when its header is nothing but a correlation id.
const BODY: usize = 4;

/// UNSUPPORTED_VERSION.
const UNSUPPORTED_VERSION: i16 = 35;

/// The expectation that a response with this correlation id meets.
pub(super) fn matching(oldest: Option<&Expect>, correlation_id: i32) -> Result<Expect, CloseCause> {
    let wrong = match oldest {
        Some(expect) if expect.correlation_id == correlation_id || mutant!("matched_by_order") => {
            return Ok(*expect);
        }
        Some(expect) => {
            format!(
                "a response to request {correlation_id}, where {} was to be answered",
                expect.correlation_id
            )
        }
        None => format!("a response to request {correlation_id}, where none was to be answered"),
    };
    Err(CloseCause::Misbehaved(wrong))
}

/// Decodes a whole frame, which comes without its length prefix.
pub(super) fn response(frame: Bytes, expect: Expect) -> Result<Response, CloseCause> {
    let frame_bytes = frame.len();
    let version = version_of(&frame, &expect);
    let body = decode_response_header(frame, expect.api, version)
        .and_then(|(_, body)| decode(body, expect.api));
    match body {
        Ok(Some(body)) => Ok(Response { correlation_id: expect.correlation_id, body, frame_bytes }),
        Ok(None) => Err(CloseCause::Io(format!("{:?} has no decoder here", expect.api))),
        Err(error) => {
            Err(CloseCause::Misbehaved(format!("a response that can't be decoded: {error}")))
        }
    }
}

/// The version that a response is in: that of its request, but for a broker that does not know that version of
/// ApiVersions. It can't answer in it, so it answers in version 0 (KIP-511).
fn version_of(frame: &[u8], expect: &Expect) -> i16 {
    let code =
        frame.get(BODY..).and_then(<[u8]>::first_chunk).map(|code| i16::from_be_bytes(*code));
    match (expect.api, code) {
        (ApiKey::ApiVersions, Some(UNSUPPORTED_VERSION)) => 0,
        _ => expect.version,
    }
}

/// `None`: no request of that API is ever sent.
fn decode(body: Reader, api: ApiKey) -> Result<Option<ResponseBody>, DecodeError> {
    Ok(Some(match api {
        ApiKey::ApiVersions => ResponseBody::ApiVersions(boxed(body)?),
        ApiKey::Metadata => ResponseBody::Metadata(boxed(body)?),
        ApiKey::Produce => ResponseBody::Produce(boxed(body)?),
        ApiKey::Fetch => ResponseBody::Fetch(Box::new(fetched::walk(decode_body_lenient(body)?))),
        ApiKey::ListOffsets => ResponseBody::ListOffsets(boxed(body)?),
        ApiKey::OffsetForLeaderEpoch => ResponseBody::OffsetForLeaderEpoch(boxed(body)?),
        ApiKey::InitProducerId => ResponseBody::InitProducerId(boxed(body)?),
        ApiKey::CreateTopics => ResponseBody::CreateTopics(boxed(body)?),
        ApiKey::DeleteTopics => ResponseBody::DeleteTopics(boxed(body)?),
        ApiKey::DeleteRecords => ResponseBody::DeleteRecords(boxed(body)?),
        ApiKey::CreatePartitions => ResponseBody::CreatePartitions(boxed(body)?),
        _ => return Ok(None),
    }))
}

/// Bytes behind the body are ignored: a broker may be newer than this client.
fn boxed<M: Message>(body: Reader) -> Result<Box<M>, DecodeError> {
    decode_body_lenient(body).map(Box::new)
}
