//! Decoding takes no more memory than its input allows: over the pack of messages, and over 100,000 mutations of it and of
//! bodies as dear as they can be.
//!
//! A binary of its own with a single test, because the allocator counts for the whole process.

#[path = "it/bodies.rs"]
#[allow(dead_code)]
mod bodies;
#[path = "it/mutate.rs"]
mod mutate;

use std::slice::from_ref;

use bytes::Bytes;
use kafka_fuzz::pack;
use kafka_proto::messages::{SCHEMAS, visit_all};
use kafka_proto::schema::{MessageSchema, MessageVisitor};
use kafka_proto::{Message, Reader, json};
use mutate::{Random, mutated};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What decoding may take whatever the input is.
const FREE: usize = 64 << 10;
/// Mutated bodies.
const MUTATIONS: usize = 100_000;
/// One body in so many is one long array of elements as small as they can be, which are the dearest.
const WIDE_ONE_IN: usize = 40;
/// The most elements of such an array.
const WIDE_MAX: usize = 6_000;

/// Decodes a body in one version and drops what came out; the result is whether there was a message.
type Decode = fn(i16, Bytes) -> bool;

fn decode<M: Message>(version: i16, body: Bytes) -> bool {
    M::decode(&mut Reader::new(body, version, false)).is_ok()
}

/// The static codec of every message, in the order of [`SCHEMAS`].
struct Codecs(Vec<Decode>);

impl MessageVisitor for Codecs {
    fn message<M: Message>(&mut self) {
        self.0.push(decode::<M>);
    }
}

#[derive(Debug, Default)]
struct Tally {
    decoded: usize,
    refused: usize,
    /// The most bytes in memory for one on the wire, beyond what is free: of the static codec, and of JSON.
    dearest: [f64; 2],
}

impl Tally {
    /// Holds both codecs to their bounds.
    fn check(&mut self, schema: &'static MessageSchema, codec: Decode, version: i16, body: &[u8]) {
        let input = Bytes::copy_from_slice(body);
        let (decoded, static_peak) = peak(|| codec(version, input.clone()));
        let (as_json, json_peak) = peak(|| {
            json::decode_with(schema, &mut Reader::new(input.clone(), version, false)).is_ok()
        });
        assert_eq!(decoded, as_json, "{} v{version} {body:02x?}", schema.name);
        let factors = [schema.memory_factor, json::MEMORY_FACTOR];
        for (at, (peak, factor)) in [static_peak, json_peak].into_iter().zip(factors).enumerate() {
            let most = factor * body.len() + FREE;
            assert!(
                peak <= most,
                "{} v{version}: {peak} bytes for {}, at most {most}; as JSON: {}\n{body:02x?}",
                schema.name,
                body.len(),
                at == 1
            );
            if body.len() > 1000 {
                let dear = peak.saturating_sub(FREE) as f64 / body.len() as f64;
                self.dearest[at] = self.dearest[at].max(dear);
            }
        }
        *(if decoded { &mut self.decoded } else { &mut self.refused }) += 1;
    }
}

/// What it gave, and how many bytes it held at once beside what there was before.
fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = run();
    (result, ALLOCATOR.peak_usage().saturating_sub(before))
}

#[test]
fn peak_memory_is_bounded_by_the_input() {
    let mut codecs = Codecs(Vec::new());
    visit_all(&mut codecs);
    let codec = |schema: &MessageSchema| {
        let at = SCHEMAS.iter().position(|other| other.name == schema.name);
        codecs.0[at.expect("a message of the protocol")]
    };
    let mut tally = Tally::default();
    let packed = pack::read();
    for packed in &packed {
        tally.check(packed.schema, codec(packed.schema), packed.version, &packed.body);
    }
    assert_eq!((tally.decoded, tally.refused), (packed.len(), 0));
    let mut random = Random(0x006d_656d_6f72_7900);
    for number in 0..MUTATIONS {
        let packed = &packed[random.below(packed.len())];
        let (schema, version) = (packed.schema, packed.version);
        let body = if number % WIDE_ONE_IN == 0 {
            let count = 1 + random.below(WIDE_MAX);
            let wide = bodies::wide(schema, version, random.below(8), count);
            // As it is, or mutated.
            if random.below(2) == 0 { wide } else { mutated(&[wide], &mut random) }
        } else {
            mutated(from_ref(&packed.body), &mut random)
        };
        tally.check(schema, codec(schema), version, &body);
    }
    println!("{tally:?}");
    assert!(tally.decoded > 10_000 && tally.refused > 10_000, "{tally:?}");
    // It would not do to measure only what is cheap.
    assert!(tally.dearest[0] > 6.0 && tally.dearest[1] > 60.0, "{tally:?}");
}
