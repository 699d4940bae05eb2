//! Response bodies of every API and version: what can be decoded can be encoded, and comes back the same.

use bytes::Bytes;
use kafka_proto::messages::visit_all;
use kafka_proto::schema::MessageVisitor;
use kafka_proto::{EncodeError, Message, Reader, Request, Writer};

/// The first byte is an API's key and the second a version; the rest is the body of a response.
pub fn response(data: &[u8]) {
    let [key, version, body @ ..] = data else {
        return;
    };
    visit_all(&mut Visit { key: i16::from(*key), version: i16::from(*version), body });
}

struct Visit<'a> {
    key: i16,
    version: i16,
    body: &'a [u8],
}

impl MessageVisitor for Visit<'_> {
    fn message<M: Message>(&mut self) {}

    fn request<R: Request>(&mut self) {
        if R::API.to_i16() == self.key {
            let reader = Reader::new(Bytes::copy_from_slice(self.body), self.version, false);
            round_trip::<R::Response>(reader);
        }
    }
}

/// Decodes the message that the reader is at; if that works, it is a fixpoint of encoding and decoding.
pub(crate) fn round_trip<M: Message>(mut reader: Reader) {
    let (start, len, version) = (reader.position(), reader.remaining(), reader.version());
    let message = match M::decode(&mut reader) {
        Ok(message) => message,
        Err(error) => {
            assert!(error.offset() <= start + len, "{error}");
            assert_eq!((error.message(), error.version()), (Some(M::NAME), Some(version)));
            return;
        }
    };
    let Some(encoded) = encode(version, &message) else {
        return;
    };
    let mut reader = Reader::new(encoded.clone(), version, false);
    let again = M::decode(&mut reader).expect("what was encoded can be decoded");
    assert_eq!((&again, reader.remaining()), (&message, 0), "{} v{version}", M::NAME);
    assert_eq!(encode(version, &again), Some(encoded), "{}", M::NAME);
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
