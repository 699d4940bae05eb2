//! Brokers that look like older releases.

use bytes::Bytes;
use kafka_proto::messages::api_versions::ApiVersionsRequest;
use kafka_proto::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use kafka_proto::messages::delete_topics::DeleteTopicsRequest;
use kafka_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use kafka_proto::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use kafka_proto::records::{Codec, MessageSetBuilder, RecordSets};
use kafka_proto::releases::{self, RELEASES, release};
use kafka_proto::{ApiKey, ErrorCode, VersionRange};
use kafka_sim::{ClusterOptions, ConnId, Input};

use crate::world::{
    WALL, World, batch, builder, fetch_request, only_data, options, produce_request, sequenced,
};

fn world(name: &str, nodes: u16) -> World {
    let release = release(name).unwrap();
    World::with_options(ClusterOptions { release, ..options(nodes) })
}

fn with_topic(name: &str) -> (World, ConnId) {
    let mut world = world(name, 1);
    world.cluster.create_topic("t", 1, 1).unwrap();
    let conn = world.connect(1);
    (world, conn)
}

#[test]
fn each_release_advertises_what_its_brokers_do_as_far_as_it_is_served() {
    for release in RELEASES.iter().filter(|release| release.version >= (0, 11, 0)) {
        let mut world = world(release.name, 1);
        let conn = world.connect(1);
        let newest = release.range(ApiKey::ApiVersions).max;
        let named = ApiVersionsRequest {
            client_software_name: "a".into(),
            client_software_version: "1".into(),
            ..Default::default()
        };
        let response = world.call(conn, newest, &named);
        let answer: Vec<_> = response
            .api_keys
            .iter()
            .map(|key| (key.api_key, VersionRange::new(key.min_version, key.max_version)))
            .collect();
        for (key, range) in &answer {
            let real = release.range(ApiKey::from_i16(*key).unwrap());
            assert_eq!(*range, real, "{release}: key {key}");
        }
        for needed in [ApiKey::Produce, ApiKey::Fetch, ApiKey::Metadata, ApiKey::CreateTopics] {
            assert!(answer.iter().any(|(key, _)| *key == needed.to_i16()), "{release}: {needed}");
        }
        let inferred = releases::infer(&answer).unwrap().release;
        assert!(inferred.version <= release.version, "{release} sounds like {inferred}");
        let has_features = release.version >= (4, 0, 0);
        assert_eq!(response.supported_features.is_empty(), !has_features, "{release}");
        assert_eq!(response.finalized_features.is_empty(), !has_features, "{release}");
    }
}

/// ApiVersions of a version from the future, with a header as of the newest versions, and then with the one that 0.11
/// wrote.
#[test]
fn unknown_versions_of_api_versions_are_answered_in_version_0() {
    let check = |name: &str, rest: &[u8], expected: Option<&[u8]>| {
        let mut world = world(name, 1);
        let conn = world.connect(1);
        let header = [0, 18, 0, 127, 0, 0, 0, 7, 0, 1, b'a'];
        let frame: Bytes = [header.as_slice(), rest].concat().into();
        world.input(Input::Frame { conn, frame });
        let answer = world.receive_bytes(conn);
        assert_eq!(answer.as_deref(), expected, "{name}: {:?}", world.closed.get(&conn));
    };
    let empty: &[u8] = &[0, 0, 0, 10, 0, 0, 0, 7, 0, 35, 0, 0, 0, 0];
    let with_itself: &[u8] = &[0, 0, 0, 16, 0, 0, 0, 7, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 3];
    let flexible: &[u8] = &[0, 2, b'a', 2, b'1', 0];
    check("0.11", flexible, Some(empty));
    check("2.3", flexible, Some(empty));
    check("2.3", &[], Some(empty));
    check("2.4", flexible, Some(with_itself));
    check("2.4", &[], None);
    check("3.8", flexible, Some(with_itself));
}

#[test]
fn versions_that_a_release_lacks_close_the_connection() {
    let check = |name: &str, key: ApiKey, version: i16| {
        let mut world = world(name, 1);
        let conn = world.connect(1);
        let frame = [key.to_i16().to_be_bytes(), version.to_be_bytes(), [0, 0], [0, 7], [255, 255]];
        world.input(Input::Frame { conn, frame: frame.concat().into() });
        assert!(world.closed.contains_key(&conn), "{name}: {key} {version}");
    };
    check("0.11", ApiKey::Fetch, 6);
    check("2.8", ApiKey::Produce, 10);
    check("4.0", ApiKey::Fetch, 3);
    check("4.0", ApiKey::ListOffsets, 0);
    check("4.1", ApiKey::Produce, 2);
    check("4.4", ApiKey::CreateTopics, 1);
}

fn messages(magic: i8, codec: Codec, values: &[&str]) -> Bytes {
    let mut set = MessageSetBuilder::new(magic, codec).unwrap();
    for (at, value) in values.iter().enumerate() {
        set.push(WALL + at as i64, Some(b"key"), Some(value.as_bytes())).unwrap();
    }
    set.build(0).unwrap()
}

#[test]
fn message_sets_are_taken_and_become_batches() {
    let values = ["a", "b", "c"];
    let check = |version: i16, records: Bytes, expected: &[(i64, i64)]| {
        let (mut world, conn) = with_topic("0.11");
        world.produce(conn, 3, batch(&["first"]));
        let answer = world.produce(conn, version, records);
        assert_eq!((answer.error_code, answer.base_offset), (0, 1), "version {version}");
        let logged: Vec<_> = world.cluster.log("t", 0).skip(1).collect();
        let found: Vec<_> = logged.iter().map(|record| (record.offset, record.timestamp)).collect();
        assert_eq!(found, expected, "version {version}");
        assert_eq!(world.values("t", 0), ["first", "a", "b", "c"]);
    };
    let timed = [(1, WALL), (2, WALL + 1), (3, WALL + 2)];
    let untimed = [(1, -1), (2, -1), (3, -1)];
    for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4] {
        check(0, messages(0, codec, &values), &untimed);
        check(1, messages(0, codec, &values), &untimed);
        check(2, messages(1, codec, &values), &timed);
    }
    // A plain set, a compressed one, and the beginning of a third.
    let mixed = [
        messages(1, Codec::None, &["a"]),
        messages(1, Codec::Gzip, &["b", "c"]),
        messages(1, Codec::None, &["d"]).slice(..20),
    ];
    check(2, mixed.concat().into(), &[(1, WALL), (2, WALL), (3, WALL + 1)]);
}

#[test]
fn message_sets_are_judged() {
    let check = |name: &str, records: Bytes, expected: ErrorCode, offset: i64| {
        let (mut world, conn) = with_topic(name);
        let answer = world.produce(conn, 2, records);
        let found = (ErrorCode(answer.error_code), answer.base_offset);
        assert_eq!(found, (expected, offset), "{name}");
        assert_eq!(world.cluster.offsets("t", 0), Some((0, 0)));
    };
    let mut flipped = messages(1, Codec::None, &["a"]).to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    check("2.3", flipped.clone().into(), ErrorCode::CORRUPT_MESSAGE, -1);
    check("3.9", flipped.into(), ErrorCode::CORRUPT_MESSAGE, -1);
    check("2.8", Bytes::new(), ErrorCode::NONE, -1);
    let large = "v".repeat(1_100_000);
    check("2.8", messages(1, Codec::None, &[&large]), ErrorCode::MESSAGE_TOO_LARGE, -1);
}

#[test]
fn old_fetches_are_given_message_sets() {
    let (mut world, conn) = with_topic("2.8");
    world.produce(conn, 9, batch(&["a", "b"]));
    let mut with_header = builder(&["c"]);
    with_header.push(WALL + 9, None, Some(b"d"), &[(b"h", Some(b"1"))]).unwrap();
    world.produce(conn, 9, with_header.build(0).unwrap());
    let seen = |world: &mut World, version: i16, offset: i64| {
        let request = fetch_request(&world.cluster, version, "t", &[(0, offset)]);
        let data = only_data(world.call(conn, version, &request));
        assert_eq!((data.error_code, data.high_watermark), (0, 4));
        let mut seen = Vec::new();
        for set in RecordSets::new(data.records.unwrap().into_bytes()) {
            let set = set.unwrap();
            set.verify_crc().unwrap();
            for record in &set.records(1 << 20).unwrap() {
                let record = record.unwrap();
                let value = String::from_utf8(record.value.unwrap().to_vec()).unwrap();
                seen.push((set.magic(), record.offset, record.timestamp, value));
            }
        }
        seen
    };
    let expected = |magic: i8, from: usize| {
        let times = if magic == 0 { [-1; 4] } else { [WALL, WALL + 1, WALL, WALL + 9] };
        let all: Vec<_> = (0..).zip(times).zip(["a", "b", "c", "d"]).collect();
        all[from..].iter().map(|((o, t), v)| (magic, *o, *t, (*v).to_owned())).collect::<Vec<_>>()
    };
    for (version, magic) in [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2)] {
        assert_eq!(seen(&mut world, version, 0), expected(magic, 0), "version {version}");
        // Batches are given whole from format 2 on, older messages stand alone.
        let first = if magic == 2 { 2 } else { 3 };
        assert_eq!(seen(&mut world, version, 3), expected(magic, first), "version {version}");
        assert_eq!(seen(&mut world, version, 1).len(), if magic == 2 { 4 } else { 3 });
    }
}

#[test]
fn a_message_larger_than_the_limit_is_cut_short_for_the_oldest_clients() {
    let (mut world, conn) = with_topic("2.8");
    world.produce(conn, 9, batch(&["large enough to be more than forty bytes long"]));
    for (version, whole) in [(0, false), (2, false), (3, true), (4, true)] {
        let mut request = fetch_request(&world.cluster, version, "t", &[(0, 0)]);
        request.topics[0].partitions[0].partition_max_bytes = 40;
        let data = only_data(world.call(conn, version, &request));
        let mut sets = RecordSets::new(data.records.unwrap().into_bytes());
        assert_eq!(sets.next().is_some(), whole, "version {version}");
        assert_eq!(sets.is_first_too_large(), !whole, "version {version}");
    }
}

#[test]
fn zstd_has_no_place_in_old_formats() {
    let (mut world, conn) = with_topic("2.8");
    let zstd = crate::world::compressed(Codec::Zstd, &["a"]).build(0).unwrap();
    assert_eq!(world.produce(conn, 9, zstd).error_code, 0);
    for (version, expected) in [(3, ErrorCode::UNSUPPORTED_COMPRESSION_TYPE), (10, ErrorCode::NONE)]
    {
        let request = fetch_request(&world.cluster, version, "t", &[(0, 0)]);
        let data = only_data(world.call(conn, version, &request));
        assert_eq!(ErrorCode(data.error_code), expected, "version {version}");
    }
}

#[test]
fn offsets_in_version_0_are_a_list() {
    let (mut world, conn) = with_topic("2.8");
    let check = |world: &mut World, timestamp: i64, max_num_offsets: i32, expected: &[i64]| {
        let partition = ListOffsetsPartition { timestamp, max_num_offsets, ..Default::default() };
        let topic = ListOffsetsTopic {
            name: "t".into(),
            partitions: vec![partition],
            ..Default::default()
        };
        let topics = vec![topic];
        let request = ListOffsetsRequest { replica_id: -1, topics, ..Default::default() };
        let answer = world.call(conn, 0, &request);
        let found = &answer.topics[0].partitions[0];
        assert_eq!((found.error_code, found.old_style_offsets.as_slice()), (0, expected));
    };
    check(&mut world, -1, 9, &[0]);
    world.produce(conn, 9, batch(&["a", "b", "c"]));
    world.cluster.trim("t", 0, 1).unwrap();
    world.advance(1000);
    check(&mut world, -1, 9, &[3, 1]);
    check(&mut world, -1, 1, &[3]);
    check(&mut world, -1, 0, &[]);
    check(&mut world, -2, 9, &[1]);
    check(&mut world, WALL + 2000, 9, &[3, 1]);
    check(&mut world, WALL + 500, 9, &[1]);
    check(&mut world, WALL - 1, 9, &[]);
}

#[test]
fn errors_are_those_of_their_time() {
    let check = |name: &str, records: Bytes, expected: ErrorCode| {
        let (mut world, conn) = with_topic(name);
        world.produce(conn, 3, sequenced(1, 0, 0, &["a"]));
        world.produce(conn, 3, sequenced(1, 0, 1, &["b"]));
        let answer = world.produce(conn, 3, records);
        assert_eq!(ErrorCode(answer.error_code), expected, "{name}");
    };
    let unknown_producer = || sequenced(7, 0, 5, &["c"]);
    check("0.11", unknown_producer(), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    check("1.0", unknown_producer(), ErrorCode::UNKNOWN_PRODUCER_ID);
    check("2.4", unknown_producer(), ErrorCode::UNKNOWN_PRODUCER_ID);
    check("2.5", unknown_producer(), ErrorCode::NONE);
    check("4.4", unknown_producer(), ErrorCode::NONE);
    check("1.0", sequenced(7, 0, 0, &["c"]), ErrorCode::NONE);

    let repetition_of_the_last_but_one = || sequenced(1, 0, 0, &["a"]);
    let out_of_order = ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER;
    check("0.11", repetition_of_the_last_but_one(), out_of_order);
    check("0.11", sequenced(1, 0, 1, &["b"]), ErrorCode::NONE);
    check("1.0", repetition_of_the_last_but_one(), ErrorCode::NONE);

    let negative_sequence = || sequenced(1, 0, -1, &["a"]);
    check("2.3", negative_sequence(), ErrorCode::CORRUPT_MESSAGE);
    check("2.4", negative_sequence(), ErrorCode::INVALID_RECORD);

    let between_the_limits = || batch(&["v".repeat(1_020_000).as_str()]);
    check("2.4", between_the_limits(), ErrorCode::MESSAGE_TOO_LARGE);
    check("2.5", between_the_limits(), ErrorCode::NONE);
}

fn creation(name: &str, num_partitions: i32, replication_factor: i16) -> CreateTopicsRequest {
    let topic = CreatableTopic {
        name: name.into(),
        num_partitions,
        replication_factor,
        ..Default::default()
    };
    CreateTopicsRequest { topics: vec![topic], timeout_ms: 1000, ..Default::default() }
}

#[test]
fn topics_are_the_controllers_before_4_0() {
    let check = |name: &str, node: i32, create: ErrorCode, delete: ErrorCode| {
        let mut world = world(name, 2);
        world.cluster.create_topic("there", 1, 1).unwrap();
        let conn = world.connect(node);
        let metadata = world.call(conn, 4, &MetadataRequest::default());
        assert_eq!(metadata.controller_id, 1);
        let answer = world.call(conn, 2, &creation("t", 1, 1));
        assert_eq!(ErrorCode(answer.topics[0].error_code), create, "{name}, node {node}");
        let deletion =
            DeleteTopicsRequest { topic_names: vec!["there".into()], ..Default::default() };
        let answer = world.call(conn, 1, &deletion);
        assert_eq!(ErrorCode(answer.responses[0].error_code), delete, "{name}, node {node}");
        let expected = if create.is_error() { "there" } else { "t" };
        assert_eq!(world.cluster.topics().collect::<Vec<_>>(), [(expected, 1)]);
    };
    check("2.8", 1, ErrorCode::NONE, ErrorCode::NONE);
    check("2.8", 2, ErrorCode::NOT_CONTROLLER, ErrorCode::NOT_CONTROLLER);
    check("3.9", 2, ErrorCode::NOT_CONTROLLER, ErrorCode::NOT_CONTROLLER);
    check("4.0", 2, ErrorCode::NONE, ErrorCode::NONE);
}

#[test]
fn counts_have_defaults_since_2_4() {
    let check = |name: &str, partitions: i32, factor: i16, expected: ErrorCode| {
        let mut world = world(name, 1);
        let conn = world.connect(1);
        for version in [0, 1, 2] {
            world.cluster.delete_topic("t").ok();
            let answer = world.call(conn, version, &creation("t", partitions, factor));
            assert_eq!(ErrorCode(answer.topics[0].error_code), expected, "{name}");
        }
    };
    check("2.3", 1, 1, ErrorCode::NONE);
    check("2.3", -1, 1, ErrorCode::INVALID_PARTITIONS);
    check("2.3", 1, -1, ErrorCode::INVALID_REPLICATION_FACTOR);
    check("2.4", -1, -1, ErrorCode::NONE);
}

#[test]
fn topics_that_metadata_creates_are_leaderless_or_unknown() {
    let check = |name: &str, node: i32, expected: ErrorCode| {
        let mut world = world(name, 2);
        let conn = world.connect(node);
        for (version, expected) in [(4, expected), (4, ErrorCode::NONE), (0, ErrorCode::NONE)] {
            let wanted = MetadataRequestTopic { name: Some("t".into()), ..Default::default() };
            let request = MetadataRequest { topics: Some(vec![wanted]), ..Default::default() };
            let answer = world.call(conn, version, &request);
            assert_eq!(ErrorCode(answer.topics[0].error_code), expected, "{name}, node {node}");
        }
    };
    check("0.11", 2, ErrorCode::LEADER_NOT_AVAILABLE);
    check("2.8", 1, ErrorCode::LEADER_NOT_AVAILABLE);
    check("2.8", 2, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    check("3.9", 1, ErrorCode::LEADER_NOT_AVAILABLE);
    check("4.0", 1, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
}

#[test]
fn hints_and_followers_come_with_their_release() {
    let check = |name: &str, version: i16, node: i32, expected: (ErrorCode, i32)| {
        let mut world = world(name, 3);
        world.cluster.create_topic("t", 1, 2).unwrap();
        let (leader, _) = world.cluster.leader("t", 0).unwrap();
        let conn = world.connect((leader - 1 + node).rem_euclid(3) + 1);
        let leading = world.connect(leader);
        let records = batch(&["a"]);
        let request = produce_request(&world.cluster, 3, "t", 0, records);
        world.call(leading, 3, &request);
        let request = fetch_request(&world.cluster, version, "t", &[(0, 0)]);
        let data = only_data(world.call(conn, version, &request));
        let told = data.current_leader.leader_id == leader;
        let found = (ErrorCode(data.error_code), i32::from(told));
        assert_eq!(found, expected, "{name} version {version} node {node}");
    };
    let elsewhere = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    // The next node follows, the one after it has no replica.
    check("2.3", 11, 1, (elsewhere, 0));
    check("2.4", 11, 1, (ErrorCode::NONE, 0));
    check("2.8", 12, 2, (elsewhere, 0));
    check("3.6", 12, 2, (elsewhere, 0));
    check("3.7", 12, 2, (elsewhere, 1));
}
