//! Random bodies of every message in every version, through the codec of the schema macro and through the one that
//! interprets the schema table.

use bytes::Bytes;
use kafka_proto::{
    DecodeError, Message, Reader, Writer, decode_body, messages, schema::MessageVisitor,
};

use crate::generate::{Body, FEW, Random, body};

/// Runs `check` on random bodies of every message and version.
fn each_body<C: Check>(cases: u64, many: u64) {
    struct Run<C>(u64, u64, u32, std::marker::PhantomData<C>);
    impl<C: Check> MessageVisitor for Run<C> {
        fn message<M: Message>(&mut self) {
            let name =
                M::NAME.bytes().fold(0, |hash: u64, byte| hash.wrapping_mul(31) + u64::from(byte));
            for version in M::VERSIONS {
                for case in 0..self.0 {
                    let seed = name << 32 | case << 16 | u64::from(version.unsigned_abs());
                    C::check::<M>(version, body(M::SCHEMA, version, self.1, &mut Random(seed)));
                    self.2 += 1;
                }
            }
        }
    }
    let mut run = Run::<C>(cases, many, 0, std::marker::PhantomData);
    messages::visit_all(&mut run);
    assert!(run.2 > 0, "there were no messages");
}

trait Check {
    fn check<M: Message>(version: i16, body: Body);
}

fn decode<M: Message>(version: i16, body: &Bytes) -> Result<M, DecodeError> {
    decode_body(Reader::new(body.clone(), version, false))
}

fn encode<M: Message>(version: i16, message: &M) -> Option<Bytes> {
    let mut writer = Writer::new(version, false);
    message.encode(&mut writer).ok()?;
    Some(writer.finish().unwrap().chunks.to_bytes())
}

/// Bytes to message to the same bytes, and again to the same message; the same through JSON.
struct SameBytes;

impl Check for SameBytes {
    fn check<M: Message>(version: i16, body: Body) {
        let Body { bytes, canonical, unknown_tags } = body;
        let bytes = Bytes::from(bytes);
        let name = M::NAME;
        let message: M =
            decode(version, &bytes).unwrap_or_else(|error| panic!("{error}\n{bytes:02x?}"));
        let encoded = encode(version, &message).unwrap();
        assert!(!canonical || encoded == bytes, "{name} v{version}: {message:#?}\n{bytes:02x?}");
        if encoded != bytes {
            assert_eq!(decode::<M>(version, &encoded).as_ref(), Ok(&message));
        }
        #[cfg(feature = "json")]
        dynamic::same_bytes(version, bytes, &message, &encoded, unknown_tags);
        #[cfg(not(feature = "json"))]
        let _ = unknown_tags;
    }
}

#[test]
fn random_bodies_round_trip() {
    each_body::<SameBytes>(100, FEW);
}

/// Long arrays go through the memory bound, which small bodies never meet.
#[test]
fn large_bodies_round_trip() {
    each_body::<SameBytes>(2, 400);
}

/// A message that ends early is an error wherever it ends, never a panic and never a message.
struct EveryPrefix;

impl Check for EveryPrefix {
    fn check<M: Message>(version: i16, body: Body) {
        let body = Bytes::from(body.bytes);
        for len in 0..body.len() {
            let cut = decode::<M>(version, &body.slice(..len));
            let error = cut.expect_err("a prefix is no message");
            assert!(error.offset() <= len, "{error}");
            assert_eq!((error.message(), error.version()), (Some(M::NAME), Some(version)));
            #[cfg(feature = "json")]
            dynamic::same_error::<M>(version, body.slice(..len), &error);
        }
    }
}

#[test]
fn c07_every_prefix_is_an_error() {
    each_body::<EveryPrefix>(2, FEW);
}

/// Whatever can still be decoded after bytes were changed can be encoded, and comes back the same.
struct Mutated;

impl Check for Mutated {
    fn check<M: Message>(version: i16, body: Body) {
        let Some(end) = std::num::NonZeroU64::new(body.bytes.len() as u64) else {
            return;
        };
        let mut random = Random(end.get());
        for _ in 0..30 {
            let mut body = body.bytes.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(end.get()) as usize;
                body[at] =
                    [0x00, 0x01, 0x7f, 0x80, 0xff, random.next() as u8][random.below(6) as usize];
            }
            check_mutated::<M>(version, Bytes::from(body));
        }
    }
}

fn check_mutated<M: Message>(version: i16, body: Bytes) {
    let message: M = match decode(version, &body) {
        Ok(message) => message,
        Err(_error) => {
            #[cfg(feature = "json")]
            dynamic::same_error::<M>(version, body, &_error);
            return;
        }
    };
    // A string too long to write is the one thing that can be read but not written.
    let encoded = encode(version, &message);
    if let Some(encoded) = &encoded {
        let again = decode::<M>(version, encoded).unwrap();
        // A float may have become NaN, which equals nothing but is written the same.
        assert!(
            again == message || encode(version, &again).as_ref() == Some(encoded),
            "{message:#?}"
        );
    }
    #[cfg(feature = "json")]
    dynamic::settles::<M>(version, body, encoded.is_some());
}

#[test]
fn mutated_bodies_reach_a_fixpoint() {
    each_body::<Mutated>(4, FEW);
}

/// A message at its defaults can be written in every version, unless a default is a null that the version lacks.
#[test]
fn defaults_can_be_written() {
    struct Defaults;
    impl MessageVisitor for Defaults {
        fn message<M: Message>(&mut self) {
            for version in M::VERSIONS {
                let encoded = encode(version, &M::default()).unwrap();
                assert_eq!(decode::<M>(version, &encoded), Ok(M::default()));
            }
        }
    }
    messages::visit_all(&mut Defaults);
}

/// What the interpreter has to do with the same bytes.
#[cfg(feature = "json")]
mod dynamic {
    use kafka_proto::json;
    use serde_json::Value;

    use super::*;

    /// Through JSON come the bytes that the message itself is written as, but for tagged fields that no schema knows.
    pub(super) fn same_bytes<M: Message>(
        version: i16,
        bytes: Bytes,
        message: &M,
        encoded: &Bytes,
        unknown_tags: bool,
    ) {
        let name = M::NAME;
        let value =
            json::decode(M::SCHEMA, version, bytes).unwrap_or_else(|error| panic!("{error}"));
        let from_json = json::encode(M::SCHEMA, version, &value)
            .unwrap_or_else(|error| panic!("{error}\n{value:#}"));
        if !unknown_tags {
            assert_eq!(from_json, encoded, "{name} v{version}: {value:#}");
        } else {
            let known: M = decode(version, &from_json).unwrap();
            assert_eq!(encode(version, &known).as_ref(), Some(&from_json), "{name} v{version}");
            assert!(known != *message || from_json == encoded, "{name} v{version}");
        }
    }

    pub(super) fn same_error<M: Message>(version: i16, bytes: Bytes, error: &DecodeError) {
        assert_eq!(json::decode(M::SCHEMA, version, bytes).as_ref(), Err(error));
    }

    /// Bytes that the other codec takes make JSON, and from the first encoding on nothing changes any more.
    pub(super) fn settles<M: Message>(version: i16, bytes: Bytes, writable: bool) {
        let first = json::decode(M::SCHEMA, version, bytes).unwrap();
        let encoded = json::encode(M::SCHEMA, version, &first);
        assert_eq!(encoded.is_ok(), writable, "{encoded:?}");
        let Ok(encoded) = encoded else { return };
        let decoded: Value = json::decode(M::SCHEMA, version, encoded.clone()).unwrap();
        assert_eq!(json::encode(M::SCHEMA, version, &decoded).as_ref(), Ok(&encoded));
        let message: M = decode(version, &encoded).unwrap();
        assert_eq!(encode(version, &message), Some(encoded));
    }
}
