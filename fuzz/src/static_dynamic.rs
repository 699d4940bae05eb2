//! The two codecs of a message against each other: the one that its struct has, and the one that walks its schema.

use bytes::Bytes;
use kafka_proto::json::{self, JsonErrorKind};
use kafka_proto::{DecodeErrorKind, Reader};

use crate::known::known;
use crate::messages::select;

/// The first two bytes name a message and a version; the rest is its body.
pub fn static_dynamic(data: &[u8]) {
    let Some((codec, version, body)) = select(data) else {
        return;
    };
    let schema = codec.schema;
    let bytes = Bytes::copy_from_slice(body);
    let mut reader = Reader::new(bytes.clone(), version, false);
    let written = (codec.again)(&mut reader);
    let left = reader.remaining();
    let mut reader = Reader::new(bytes.clone(), version, false);
    let value = json::decode_with(schema, &mut reader);
    let (written, value) = match (written, value) {
        (Ok(written), Ok(value)) => (written, value),
        (Err(one), Err(other)) => {
            return assert_eq!(one, other, "the same error at the same place");
        }
        (one, other) => panic!("{} v{version}: {one:?}, but as JSON {other:?}", schema.name),
    };
    assert_eq!(reader.remaining(), left, "{} v{version}", schema.name);
    let strict = json::decode(schema, version, bytes);
    match left {
        0 => assert_eq!(strict.as_ref(), Ok(&value)),
        _ => assert_eq!(strict.unwrap_err().kind(), &DecodeErrorKind::TrailingBytes(left)),
    }
    let text = value.to_string();
    assert_eq!(serde_json::from_str(&text).ok(), Some(value.clone()), "{text}");
    match (written, json::encode(schema, version, &value)) {
        (Some(written), Ok(encoded)) => {
            // Without what was unknown in it, a tagged field may be at its default, and is then left out.
            let known = Bytes::from(known(schema, version, &written));
            let expected = (codec.again)(&mut Reader::new(known, version, false));
            assert_eq!(Ok(Some(encoded)), expected, "{} v{version}", schema.name);
        }
        (None, Err(error)) => assert!(matches!(error.kind(), JsonErrorKind::TooLong { .. })),
        (one, other) => panic!("{} v{version}: {one:?}, but from JSON {other:?}", schema.name),
    }
}
