//! Decoding takes no more memory than its input allows, whatever the input claims.
//!
//! A binary of its own with a single test, because the allocator counts for the whole process.

use bytes::Bytes;
use kafka_proto::{
    Message, Reader, Writer,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, CreateTopicsRequest, DeleteTopicsRequest,
        FetchResponse, MetadataRequest, MetadataResponse, ProduceRequest,
        delete_topics::DeleteTopicState,
        fetch::{FetchableTopicResponse, PartitionData},
        metadata::{MetadataResponsePartition, MetadataResponseTopic},
    },
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const KIB: usize = 1024;

/// Decodes and returns whether that worked and how many bytes it had allocated at most.
fn peak<M: Message>(version: i16, body: &[u8]) -> (bool, usize) {
    let mut reader = Reader::new(Bytes::copy_from_slice(body), version, false);
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let decoded = M::decode(&mut reader);
    (decoded.is_ok(), ALLOCATOR.peak_usage() - before)
}

/// A body that is refused, and costs at most `most` bytes.
fn refused<M: Message>(version: i16, body: &[u8], most: usize) {
    let (decoded, peak) = peak::<M>(version, body);
    assert!(!decoded && peak <= most, "{} v{version}: {decoded} {peak}", M::NAME);
}

/// A body that is decoded within its message's factor.
fn accepted<M: Message>(version: i16, message: &M) {
    let mut writer = Writer::new(version, false);
    message.encode(&mut writer).unwrap();
    let body = writer.finish().unwrap().chunks.to_bytes();
    let (decoded, peak) = peak::<M>(version, &body);
    let most = M::MEMORY_FACTOR * body.len() + 64 * KIB;
    assert!(decoded && peak <= most, "{} v{version}: {decoded} {peak} {most}", M::NAME);
}

#[test]
fn peak_memory_is_bounded_by_the_input() {
    c15_counts_beyond_the_bytes();
    c16_nested_arrays();
    c17_minimal_elements();
    c20_tags();
    honest_bodies();
}

/// An array that claims i32::MAX elements before a tiny rest allocates nothing but the error.
fn c15_counts_beyond_the_bytes() {
    let fixed = [0x7f, 0xff, 0xff, 0xff, 1, 2, 3];
    let compact = [0x80, 0x80, 0x80, 0x80, 0x08, 1, 2, 3];
    refused::<MetadataRequest>(0, &fixed, KIB);
    refused::<MetadataRequest>(12, &compact, KIB);
    refused::<DeleteTopicsRequest>(0, &fixed, KIB);
    refused::<CreateTopicsRequest>(0, &fixed, KIB);
    refused::<ProduceRequest>(0, &[&[0; 6], &fixed[..]].concat(), KIB);
    refused::<FetchResponse>(0, &fixed, KIB);
    refused::<ApiVersionsResponse>(3, &[&[0; 2], &compact[..]].concat(), KIB);
}

/// A thousand topics, each claiming as many partitions as the rest could hold.
fn c16_nested_arrays() {
    let mut body = vec![0; 10];
    body.extend([0xe9, 0x07]);
    for _ in 0..1000 {
        body.extend([1, 0x80, 0x80, 0x01]);
    }
    body.extend(vec![0; 400 * KIB]);
    let most = FetchResponse::MEMORY_FACTOR * body.len() + 65 * KIB;
    refused::<FetchResponse>(12, &body, most);
}

/// Elements of one byte that take many in memory.
fn c17_minimal_elements() {
    for count in [1_000, 10_000, 1_000_000] {
        let mut body = vec![];
        bytes::BufMut::put_i32(&mut body, count);
        body.extend(vec![0; 2 * count as usize + 100]);
        let (_, peak) = peak::<DeleteTopicsRequest>(0, &body);
        let most = 8 * body.len() + 65 * KIB;
        assert!(peak <= most, "{count}: {peak} {most}");
    }
}

/// As many unknown tags as fit.
fn c20_tags() {
    for count in [100_u32, 10_000] {
        let mut body = vec![1, 1, count as u8 | 0x80, (count >> 7) as u8];
        for tag in 0..count {
            body.extend([tag as u8 | 0x80, (tag >> 7) as u8, 0]);
        }
        let (_, peak) = peak::<ApiVersionsRequest>(3, &body);
        assert!(peak <= 8 * body.len() + 65 * KIB, "{count}: {peak}");
    }
}

/// The leanest bodies that a real cluster could send, large enough for the 64 KiB not to matter.
fn honest_bodies() {
    let partitions = vec![PartitionData::default(); 20_000];
    for version in FetchResponse::VERSIONS {
        let responses =
            vec![FetchableTopicResponse { partitions: partitions.clone(), ..Default::default() }];
        accepted(version, &FetchResponse { responses, ..Default::default() });
    }
    let topics: Vec<_> = (0..20_000)
        .map(|number| MetadataResponseTopic {
            name: Some(format!("{number:04}").into()),
            partitions: vec![MetadataResponsePartition::default()],
            ..Default::default()
        })
        .collect();
    for version in MetadataResponse::VERSIONS {
        accepted(version, &MetadataResponse { topics: topics.clone(), ..Default::default() });
    }
    let topics = vec![DeleteTopicState::default(); 20_000];
    accepted(6, &DeleteTopicsRequest { topics, ..Default::default() });
}
