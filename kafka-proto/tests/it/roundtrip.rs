//! Random bodies of every message in every version.

use bytes::Bytes;
use kafka_proto::{DecodeError, Message, Reader, Writer, messages, schema::MessageVisitor};

use crate::generate::{Random, body};

/// Runs `check` on random bodies of every message and version.
fn each_body<C: Check>(cases: u64) {
    struct Run<C>(u64, u32, std::marker::PhantomData<C>);
    impl<C: Check> MessageVisitor for Run<C> {
        fn message<M: Message>(&mut self) {
            for version in M::VERSIONS {
                for case in 0..self.0 {
                    let seed = case << 16 | u64::from(version.unsigned_abs());
                    C::check::<M>(version, body(M::SCHEMA, version, &mut Random(seed)));
                    self.1 += 1;
                }
            }
        }
    }
    let mut run = Run::<C>(cases, 0, std::marker::PhantomData);
    messages::visit_all(&mut run);
    assert!(run.1 > 0, "there were no messages");
}

trait Check {
    fn check<M: Message>(version: i16, body: Vec<u8>);
}

fn decode<M: Message>(version: i16, body: &[u8]) -> Result<(M, usize), DecodeError> {
    let mut reader = Reader::new(Bytes::copy_from_slice(body), version, false);
    let message = M::decode(&mut reader)?;
    Ok((message, reader.remaining()))
}

fn encode<M: Message>(version: i16, message: &M) -> Bytes {
    let mut writer = Writer::new(version, false);
    message.encode(&mut writer).unwrap();
    writer.finish().unwrap().chunks.to_bytes()
}

/// Bytes to message to the same bytes, and again to the same message.
struct SameBytes;

impl Check for SameBytes {
    fn check<M: Message>(version: i16, body: Vec<u8>) {
        let (message, left) =
            decode::<M>(version, &body).unwrap_or_else(|error| panic!("{error}\n{body:02x?}"));
        assert_eq!(left, 0, "{} v{version}", M::NAME);
        let encoded = encode(version, &message);
        assert_eq!(encoded, body, "{} v{version}: {message:#?}", M::NAME);
        assert_eq!(decode(version, &encoded), Ok((message, 0)));
    }
}

#[test]
fn random_bodies_round_trip() {
    each_body::<SameBytes>(40);
}

/// A message that ends early is an error wherever it ends, never a panic and never a message.
struct EveryPrefix;

impl Check for EveryPrefix {
    fn check<M: Message>(version: i16, body: Vec<u8>) {
        for len in 0..body.len() {
            let cut = decode::<M>(version, &body[..len]);
            let error = cut.expect_err("a prefix is no message");
            assert!(error.offset() <= len, "{error}");
            assert_eq!((error.message(), error.version()), (Some(M::NAME), Some(version)));
        }
    }
}

#[test]
fn c07_every_prefix_is_an_error() {
    each_body::<EveryPrefix>(4);
}

/// Whatever can still be decoded after bytes were changed can be encoded, and comes back the same.
struct Mutated;

impl Check for Mutated {
    fn check<M: Message>(version: i16, body: Vec<u8>) {
        let mut random = Random(body.len() as u64);
        for _ in 0..30 {
            let mut body = body.clone();
            for _ in 0..=random.below(3) {
                let Some(end) = std::num::NonZeroU64::new(body.len() as u64) else {
                    return;
                };
                let at = random.below(end.get()) as usize;
                body[at] =
                    [0x00, 0x01, 0x7f, 0x80, 0xff, random.next() as u8][random.below(6) as usize];
            }
            let Ok((message, _)) = decode::<M>(version, &body) else {
                continue;
            };
            let mut writer = Writer::new(version, false);
            // A string too long to write is the one thing that can be read but not written.
            let Ok(()) = message.encode(&mut writer) else {
                continue;
            };
            let encoded = writer.finish().unwrap().chunks.to_bytes();
            let (again, left) = decode::<M>(version, &encoded).unwrap();
            assert_eq!((&again, left), (&message, 0), "{} v{version}", M::NAME);
        }
    }
}

#[test]
fn mutated_bodies_reach_a_fixpoint() {
    each_body::<Mutated>(8);
}

/// A message at its defaults can be written in every version, unless a default is a null that the version lacks.
#[test]
fn defaults_can_be_written() {
    struct Defaults;
    impl MessageVisitor for Defaults {
        fn message<M: Message>(&mut self) {
            for version in M::VERSIONS {
                let encoded = encode(version, &M::default());
                assert_eq!(decode::<M>(version, &encoded), Ok((M::default(), 0)));
            }
        }
    }
    messages::visit_all(&mut Defaults);
}
