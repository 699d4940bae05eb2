//! Bytes that no honest peer sends. Names begin with the row of the list of hostile input that they are for.

mod groups;
mod lengths;
mod tags;
mod values;
mod writing;

use std::ops::RangeInclusive;

use bytes::Bytes;
use kafka_proto::messages::ApiVersionsResponse;
use kafka_proto::{
    ApiKey, DecodeError, DecodeErrorKind, Message, Reader, Writer, decode_body,
    decode_body_lenient, decode_response_header,
};

/// Decodes with the message's own codec, and sees that the one that walks its schema agrees.
fn decode<M: Message>(version: i16, bytes: &[u8]) -> Result<M, DecodeError> {
    let bytes = Bytes::copy_from_slice(bytes);
    let decoded = decode_body::<M>(Reader::new(bytes.clone(), version, false));
    #[cfg(feature = "json")]
    {
        let value = kafka_proto::json::decode(M::SCHEMA, version, bytes);
        assert_eq!(value.err().as_ref(), decoded.as_ref().err());
    }
    decoded
}

#[track_caller]
fn check<M: Message>(version: i16, bytes: &[u8], want: DecodeErrorKind, path: &str) {
    let error = decode::<M>(version, bytes).expect_err("hostile bytes");
    assert_eq!((error.kind(), error.path().to_string().as_str()), (&want, path), "{error}");
}

fn encode<M: Message>(version: i16, message: &M) -> Vec<u8> {
    let mut writer = Writer::new(version, false);
    message.encode(&mut writer).unwrap();
    writer.finish().unwrap().chunks.to_bytes().to_vec()
}

/// What a peer may send, however little sense it makes, comes out as it went in, in these versions.
#[track_caller]
fn faithful<M: Message>(versions: RangeInclusive<i16>, message: &M) {
    for version in versions {
        let read = decode::<M>(version, &encode(version, message));
        assert_eq!(read.as_ref(), Ok(message), "{} v{version}", M::NAME);
    }
}

#[test]
fn c06_trailing_bytes() {
    let body = [0, 0, 0, 0, 0, 0, 0xff];
    check::<ApiVersionsResponse>(0, &body, DecodeErrorKind::TrailingBytes(1), "");
    let reader = Reader::new(Bytes::copy_from_slice(&body), 0, false);
    assert_eq!(decode_body_lenient(reader), Ok(ApiVersionsResponse::default()));
}

#[test]
fn a_short_header_is_an_error() {
    for len in 0..4 {
        let frame = Bytes::from(vec![0; len]);
        let error = decode_response_header(frame, ApiKey::Metadata, 9).unwrap_err();
        assert_eq!(error.kind(), &DecodeErrorKind::Truncated { needed: 4, left: len });
    }
}
