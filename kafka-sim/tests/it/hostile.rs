//! Bytes from anybody: whatever arrives, the broker neither panics nor stops serving others.

use bytes::Bytes;
use kafka_proto::Request;
use kafka_proto::header::encode_request;
use kafka_proto::messages::api_versions::ApiVersionsRequest;
use kafka_proto::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use kafka_proto::messages::delete_topics::DeleteTopicsRequest;
use kafka_proto::messages::init_producer_id::InitProducerIdRequest;
use kafka_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use kafka_proto::messages::metadata::MetadataRequest;
use kafka_proto::records::Codec;
use kafka_sim::Input;

use crate::world::{Dice, World, batch, compressed, fetch_request, produce_request, sequenced};

fn frame<R: Request>(request: &R, version: i16) -> Bytes {
    let frame = encode_request(request, version, 1, Some("x")).unwrap().chunks;
    frame.to_bytes().slice(4..)
}

/// An honest request of every API, in an old and in a new version.
fn honest(world: &World) -> Vec<Bytes> {
    let topics = vec![CreatableTopic {
        name: "new".into(),
        num_partitions: 2,
        replication_factor: 1,
        ..Default::default()
    }];
    let create = CreateTopicsRequest { topics, ..Default::default() };
    let delete = DeleteTopicsRequest { topic_names: vec!["new".into()], ..Default::default() };
    let partitions = vec![ListOffsetsPartition { timestamp: 5, ..Default::default() }];
    let wanted = ListOffsetsTopic { name: "t".into(), partitions, ..Default::default() };
    let list = ListOffsetsRequest { topics: vec![wanted], ..Default::default() };
    let lz4 = compressed(Codec::Lz4, &["a", "b"]).build(0).unwrap();
    let mut frames = vec![
        frame(&create, 4),
        frame(&create, 7),
        frame(&delete, 5),
        frame(&InitProducerIdRequest::default(), 5),
        frame(&ApiVersionsRequest::default(), 5),
        frame(&list, 1),
        frame(&list, 11),
        frame(&MetadataRequest::default(), 1),
        frame(&MetadataRequest::default(), 13),
    ];
    for records in [batch(&["a"]), sequenced(3, 0, 0, &["b"]), lz4] {
        frames.push(frame(&produce_request(&world.cluster, 3, "t", 0, records.clone()), 3));
        frames.push(frame(&produce_request(&world.cluster, 13, "t", 0, records), 13));
    }
    for version in [4, 12, 18] {
        frames.push(frame(&fetch_request(&world.cluster, version, "t", &[(0, 0)]), version));
    }
    frames
}

#[test]
fn mutated_requests() {
    let mut dice = Dice(11);
    let (mut world, witness) = World::with_topic();
    let mut answered = 0;
    for _ in 0..20_000 {
        let frames = honest(&world);
        let mut bytes = frames[dice.roll(frames.len() as u64) as usize].to_vec();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(bytes.len() as u64) as usize;
            match dice.roll(4) {
                0 => bytes[at] = dice.roll(256) as u8,
                1 => bytes[at] ^= 1 << dice.roll(8),
                2 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, [0, 0x7f, 0x80, 0xff][dice.roll(4) as usize]),
            }
        }
        let conn = world.connect(1);
        world.input(Input::Frame { conn, frame: bytes.into() });
        answered += usize::from(world.receive_bytes(conn).is_some());
        world.input(Input::Closed { conn });
        world.closed.clear();
    }
    assert!(answered > 2000, "some mutants are still requests: {answered}");
    assert_eq!((world.cluster.connections(), world.cluster.parked()), (1, 0));
    assert_eq!(world.call(witness, 0, &ApiVersionsRequest::default()).error_code, 0);
}

#[test]
fn noise() {
    let mut dice = Dice(12);
    let mut world = World::new(1);
    for _ in 0..20_000 {
        let conn = world.connect(1);
        let len = dice.roll(80) as usize;
        let mut bytes: Vec<u8> = (0..len).map(|_| dice.roll(256) as u8).collect();
        // Most noise should get past the API key and the version.
        for (at, byte) in [(0, 0), (1, dice.roll(24) as u8), (2, 0), (3, dice.roll(14) as u8)] {
            bytes.splice(at.min(len)..(at + 1).min(len), [byte]);
        }
        world.input(Input::Frame { conn, frame: bytes.into() });
        world.input(Input::Closed { conn });
        world.closed.clear();
    }
    assert_eq!(world.cluster.connections(), 0);
}
