//! Every message of the protocol as functions of bytes, and how a few leading bytes name one of them.

use std::sync::OnceLock;

use bytes::Bytes;
use kafka_proto::messages::visit_all;
use kafka_proto::schema::{MessageKind, MessageSchema, MessageVisitor};
use kafka_proto::{DecodeError, EncodeError, Message, Reader, Writer};

/// First bytes from here on name a message that belongs to no API: a header, or a data message.
const NO_API: usize = 128;
/// The bit of the second byte that asks for the request of an API.
const REQUEST: u8 = 0x80;

/// One message's static codec.
pub(crate) struct Codec {
    pub(crate) schema: &'static MessageSchema,
    /// Decodes what the reader is at; if that works, it is a fixpoint of encoding and decoding.
    pub(crate) round_trip: fn(Reader),
    /// Decodes what the reader is at and encodes it again; `None` if it holds a string too long to be written.
    pub(crate) again: fn(&mut Reader) -> Result<Option<Bytes>, DecodeError>,
}

/// All of them, in the order of `kafka_proto::messages::SCHEMAS`.
pub(crate) fn codecs() -> &'static [Codec] {
    static CODECS: OnceLock<Vec<Codec>> = OnceLock::new();
    CODECS.get_or_init(|| {
        let mut collect = Collect(Vec::new());
        visit_all(&mut collect);
        collect.0
    })
}

struct Collect(Vec<Codec>);

impl MessageVisitor for Collect {
    fn message<M: Message>(&mut self) {
        self.0.push(Codec { schema: M::SCHEMA, round_trip: round_trip::<M>, again: again::<M> });
    }
}

/// The message that bytes begin with, its version, and its body. The first byte is an API's key and the second a version,
/// with the highest bit for the request rather than the response; or, from 128 on, the first counts the messages without
/// an API.
pub(crate) fn select(data: &[u8]) -> Option<(&'static Codec, i16, &[u8])> {
    let [key, version, body @ ..] = data else {
        return None;
    };
    let codec = match usize::from(*key).checked_sub(NO_API) {
        Some(number) => without_api().nth(number)?,
        None => {
            let kind = match version & REQUEST {
                0 => MessageKind::Response,
                _ => MessageKind::Request,
            };
            of_api(i16::from(*key), kind)?
        }
    };
    Some((codec, i16::from(version & !REQUEST), body))
}

/// What [`select`] reads.
pub(crate) fn selected(schema: &MessageSchema, version: i16, body: &[u8]) -> Vec<u8> {
    let version = u8::try_from(version).expect("versions are small");
    let (key, bit) = match (schema.key, schema.kind) {
        (Some(key), MessageKind::Request) => (key.to_i16() as usize, REQUEST),
        (Some(key), _) => (key.to_i16() as usize, 0),
        (None, _) => {
            let number = without_api().position(|codec| codec.schema.name == schema.name);
            (NO_API + number.expect("every message has a codec"), 0)
        }
    };
    let key = u8::try_from(key).expect("fewer than 128 of either");
    [&[key, version | bit][..], body].concat()
}

fn without_api() -> impl Iterator<Item = &'static Codec> {
    codecs().iter().filter(|codec| codec.schema.key.is_none())
}

/// The request or the response of an API.
pub(crate) fn of_api(key: i16, kind: MessageKind) -> Option<&'static Codec> {
    let is = |schema: &MessageSchema| schema.key.is_some_and(|own| own.to_i16() == key);
    codecs().iter().find(|codec| codec.schema.kind == kind && is(codec.schema))
}

fn round_trip<M: Message>(mut reader: Reader) {
    let (start, len, version) = (reader.position(), reader.remaining(), reader.version());
    let message = match M::decode(&mut reader) {
        Ok(message) => message,
        Err(error) => {
            assert!((start..=start + len).contains(&error.offset()), "{error}");
            assert_eq!((error.message(), error.version()), (Some(M::NAME), Some(version)));
            return;
        }
    };
    let Some(encoded) = encode(version, &message) else {
        return;
    };
    let mut reader = Reader::new(encoded.clone(), version, false);
    let again = M::decode(&mut reader).expect("what was encoded can be decoded");
    assert_eq!(reader.remaining(), 0, "{} v{version}", M::NAME);
    // A number that is none equals nothing, not even itself.
    if message == message.clone() {
        assert_eq!(again, message, "{} v{version}", M::NAME);
    }
    assert_eq!(encode(version, &again), Some(encoded), "{} v{version}", M::NAME);
}

fn again<M: Message>(reader: &mut Reader) -> Result<Option<Bytes>, DecodeError> {
    let version = reader.version();
    Ok(encode(version, &M::decode(reader)?))
}

/// `None` if a string is too long to be written, the one thing that can be read all the same.
fn encode<M: Message>(version: i16, message: &M) -> Option<Bytes> {
    let mut writer = Writer::new(version, false);
    match message.encode(&mut writer) {
        Ok(()) => Some(writer.finish().expect("checked before").chunks.to_bytes()),
        Err(EncodeError::TooLong { what: "string", .. }) => None,
        Err(error) => panic!("what was decoded can't be encoded: {error}\n{message:#?}"),
    }
}
