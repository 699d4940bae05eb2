//! Decoding allocates what the caller keeps, and nothing per field: arrays take one allocation each, strings and bytes
//! share the frame.
//!
//! A binary of its own with a single test, because the allocator counts for the whole process.

#[path = "it/generate.rs"]
#[allow(dead_code)]
mod generate;

use std::{alloc::System, hint::black_box};

use bytes::Bytes;
use kafka_proto::{
    Message, Reader, Records, Request, Str, Writer, decode_body, decode_request_header,
    encode_request, encode_request_into,
    messages::{
        self, FetchResponse, HeartbeatRequest, MetadataResponse,
        fetch::{FetchableTopicResponse, PartitionData},
        metadata::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic},
    },
    records::{BatchBuilder, Batches, Codec, OwnedRecord},
    schema::MessageVisitor,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TOPICS: usize = 20;
const PARTITIONS: usize = 10;
const RECORDS: usize = 100;

/// How often `work` allocates or grows an allocation.
fn allocations<T>(work: impl FnOnce() -> T) -> usize {
    let region = Region::new(ALLOCATOR);
    black_box(work());
    let change = region.change();
    change.allocations + change.reallocations
}

/// A frame as a transport has it, which others share already.
fn shared(bytes: Bytes) -> (Bytes, Bytes) {
    (bytes.clone(), bytes)
}

fn encoded<M: Message>(message: &M, version: i16) -> Bytes {
    let mut writer = Writer::new(version, false);
    message.encode(&mut writer).unwrap();
    writer.finish().unwrap().chunks.into_bytes()
}

fn decodes_in<M: Message>(message: &M, version: i16, most: usize) {
    let (frame, _other) = shared(encoded(message, version));
    let count = allocations(|| {
        decode_body::<M>(Reader::new(frame.clone(), version, M::is_flexible(version))).unwrap()
    });
    assert_eq!(count, most, "{} v{version}", M::NAME);
}

fn metadata() -> MetadataResponse {
    let partition = MetadataResponsePartition {
        replica_nodes: [1, 2, 3].into(),
        isr_nodes: [1, 2].into(),
        ..Default::default()
    };
    let topic = MetadataResponseTopic {
        name: Some(Str::from_static("orders")),
        partitions: vec![partition; PARTITIONS],
        ..Default::default()
    };
    let broker = MetadataResponseBroker {
        host: Str::from_static("broker-1.kafka.example"),
        rack: Some(Str::from_static("rack-1")),
        ..Default::default()
    };
    MetadataResponse { brokers: vec![broker; 3], topics: vec![topic; TOPICS], ..Default::default() }
}

fn batch() -> Bytes {
    let mut batch = BatchBuilder::new(Codec::None);
    for record in 0..RECORDS {
        batch.push(record as i64, Some(b"key"), Some(b"value"), &[]).unwrap();
    }
    batch.build(0).unwrap()
}

fn fetch() -> FetchResponse {
    let records = Some(Records::from(batch()));
    let partition = PartitionData { records, ..Default::default() };
    let topic = FetchableTopicResponse {
        topic: Str::from_static("orders"),
        partitions: vec![partition; PARTITIONS],
        ..Default::default()
    };
    FetchResponse { responses: vec![topic; TOPICS], ..Default::default() }
}

/// Decoding forgets the defaults that it replaces, so a default that owned memory would lose it.
struct LeavesNothing(generate::Random);

impl MessageVisitor for LeavesNothing {
    fn message<M: Message>(&mut self) {
        for version in M::VERSIONS {
            let body = generate::body(M::SCHEMA, version, generate::FEW, &mut self.0);
            let (whole, _other) = shared(body.bytes.into());
            // One that ends early is dropped half-way.
            for body in [whole.slice(..whole.len() / 2), whole] {
                let region = Region::new(ALLOCATOR);
                let message = M::decode(&mut Reader::new(body.clone(), version, false));
                drop(black_box(message));
                let change = region.change();
                let left = change.bytes_allocated as isize - change.bytes_deallocated as isize;
                assert_eq!(left, 0, "{} v{version}", M::NAME);
            }
        }
    }
}

#[test]
fn nothing_is_allocated_per_field_or_left_behind() {
    messages::visit_all(&mut LeavesNothing(generate::Random(7)));

    // One array of brokers, one of topics, one of partitions for each topic.
    decodes_in(&metadata(), 12, 2 + TOPICS);
    decodes_in(&fetch(), 12, 1 + TOPICS);

    let request = HeartbeatRequest {
        group_id: Str::from_static("orders-consumers"),
        member_id: Str::from_static("member-1"),
        ..Default::default()
    };
    let frame = encode_request(&request, 4, 1, Some("client")).unwrap().chunks.into_bytes();
    let (frame, _other) = shared(frame.slice(4..));
    let count = allocations(|| {
        let (header, reader) = decode_request_header(frame.clone()).unwrap();
        (header, decode_body::<HeartbeatRequest>(reader).unwrap())
    });
    assert_eq!(count, 0, "{}", HeartbeatRequest::API.name());

    // The buffer, and what counts its references.
    assert_eq!(allocations(|| encode_request(&request, 4, 1, Some("client")).unwrap()), 2);

    let mut buf = Vec::with_capacity(256);
    let count = allocations(|| encode_request_into(&mut buf, &request, 4, 1, Some("client")));
    assert_eq!(count, 0, "a buffer that has room");

    let (batch, _other) = shared(batch());
    let count = allocations(|| {
        let batch = Batches::new(batch.clone()).next().unwrap().unwrap();
        batch.verify_crc().unwrap();
        batch.records(0).unwrap().iter().map(|record| record.unwrap().offset).sum::<i64>()
    });
    assert_eq!(count, 0, "records in place");
    let count = allocations(|| {
        let batch = Batches::new(batch.clone()).next().unwrap().unwrap();
        let mut owned: Vec<OwnedRecord> = Vec::with_capacity(RECORDS);
        owned.extend(batch.records(0).unwrap().owned().map(Result::unwrap));
        owned
    });
    assert_eq!(count, 2, "the list of owned records, and the count of their references");
}
