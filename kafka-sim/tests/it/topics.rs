//! Topics: created, described, deleted.

use kafka_proto::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreatableTopicResult,
    CreateTopicsRequest,
};
use kafka_proto::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use kafka_proto::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponseTopic,
};
use kafka_proto::{ErrorCode, Uuid};
use kafka_sim::{ClusterOptions, ConnId};

use crate::world::{World, options};

fn topic(name: &str, num_partitions: i32, replication_factor: i16) -> CreatableTopic {
    CreatableTopic { name: name.into(), num_partitions, replication_factor, ..Default::default() }
}

fn create(
    world: &mut World,
    conn: ConnId,
    version: i16,
    topics: Vec<CreatableTopic>,
) -> Vec<CreatableTopicResult> {
    world.call(conn, version, &CreateTopicsRequest { topics, ..Default::default() }).topics
}

fn named(names: &[&str]) -> Option<Vec<MetadataRequestTopic>> {
    let topic =
        |name: &&str| MetadataRequestTopic { name: Some((*name).into()), ..Default::default() };
    Some(names.iter().map(topic).collect())
}

fn describe(
    world: &mut World,
    conn: ConnId,
    version: i16,
    topics: Option<Vec<MetadataRequestTopic>>,
) -> Vec<MetadataResponseTopic> {
    world.call(conn, version, &MetadataRequest { topics, ..Default::default() }).topics
}

#[test]
fn created_topics_are_described_by_every_version() {
    let mut world = World::new(3);
    let conn = world.connect(2);
    for version in 2..=7 {
        let result =
            create(&mut world, conn, version, vec![topic(&format!("t{version}"), 4, 3)]).remove(0);
        assert_eq!(result.error_code, 0, "version {version}");
        if version >= 5 {
            assert_eq!((result.num_partitions, result.replication_factor), (4, 3));
            assert!(
                result.configs.unwrap().iter().any(|config| config.name == "max.message.bytes")
            );
        }
        if version >= 7 {
            assert_eq!(Some(result.topic_id), world.cluster.topic_id("t7"));
        }
    }
    world.cluster.stop_node(3);
    for version in 0..=13 {
        let request = MetadataRequest { topics: named(&["t7"]), ..Default::default() };
        let response = world.call(conn, version, &request);
        let nodes: Vec<_> = response
            .brokers
            .iter()
            .map(|node| (node.node_id, node.host.as_str(), node.port))
            .collect();
        assert_eq!(nodes, [(1, "node1", 9091), (2, "node2", 9092)], "version {version}");
        assert_eq!(response.controller_id, if version == 0 { -1 } else { 1 });
        assert_eq!(response.cluster_id.is_some(), version >= 2);
        let topic = &response.topics[0];
        assert_eq!(topic.topic_id.is_zero(), version < 10);
        assert_eq!(topic.partitions.len(), 4);
        for partition in &topic.partitions {
            let (leader, epoch) = world.cluster.leader("t7", partition.partition_index).unwrap();
            assert_eq!((partition.error_code, partition.leader_id), (0, leader));
            assert_eq!(partition.leader_epoch, if version < 7 { -1 } else { epoch });
            assert_eq!((partition.replica_nodes.len(), partition.isr_nodes.len()), (3, 2));
            assert_eq!(partition.offline_replicas, if version < 5 { vec![] } else { vec![3] });
        }
    }
}

#[test]
fn which_topics_are_described() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    let a = world.cluster.create_topic("a", 1, 1).unwrap();
    world.cluster.create_topic("b", 1, 1).unwrap();
    let mut names = |version, topics| -> Vec<String> {
        let topics = describe(&mut world, conn, version, topics);
        topics.into_iter().map(|topic| topic.name.map_or("-".into(), String::from)).collect()
    };
    assert_eq!(names(0, named(&[])), ["a", "b"]);
    assert_eq!(names(1, named(&[])), [""; 0]);
    assert_eq!(names(1, None), ["a", "b"]);
    assert_eq!(names(13, named(&["b", "a", "b"])), ["b", "a"]);
    let by_id = |topic_id| MetadataRequestTopic { topic_id, ..Default::default() };
    assert_eq!(names(12, Some(vec![by_id(a), by_id(Uuid([5; 16])), by_id(a)])), ["a", "-"]);
    let both = MetadataRequestTopic { name: Some("b".into()), topic_id: a, ..Default::default() };
    assert_eq!(names(12, Some(vec![both.clone()])), ["a"]);
    let refused = describe(&mut world, conn, 11, Some(vec![both]));
    assert_eq!(ErrorCode(refused[0].error_code), ErrorCode::INVALID_REQUEST);
    let unknown = describe(&mut world, conn, 12, Some(vec![by_id(Uuid([5; 16]))]));
    assert_eq!(ErrorCode(unknown[0].error_code), ErrorCode::UNKNOWN_TOPIC_ID);
}

#[test]
fn metadata_creates_topics_if_it_may() {
    let check = |version: i16, allowed: bool, enabled: bool, expected: usize| {
        let mut world = World::with_options(ClusterOptions {
            auto_create: enabled,
            default_partitions: 6,
            ..options(1)
        });
        let conn = world.connect(1);
        let request = MetadataRequest {
            topics: named(&["new"]),
            allow_auto_topic_creation: allowed,
            ..Default::default()
        };
        let first = world.call(conn, version, &request).topics.remove(0);
        assert_eq!(
            ErrorCode(first.error_code),
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            "comes up with the next request"
        );
        let second = world.call(conn, version, &request).topics.remove(0);
        assert_eq!(second.partitions.len(), expected, "version {version}, {allowed}, {enabled}");
    };
    check(12, true, true, 6);
    check(12, false, true, 0);
    check(12, true, false, 0);
    check(3, true, true, 6);
}

#[test]
fn operations_are_listed_when_asked_for() {
    let mut world = World::new(1);
    world.cluster.create_topic("t", 1, 1).unwrap();
    let conn = world.connect(1);
    let request = MetadataRequest {
        topics: None,
        include_cluster_authorized_operations: true,
        include_topic_authorized_operations: true,
        ..Default::default()
    };
    let response = world.call(conn, 8, &request);
    assert_eq!(
        (response.cluster_authorized_operations, response.topics[0].topic_authorized_operations),
        (8096, 3576)
    );
    let response = world.call(conn, 8, &MetadataRequest { topics: None, ..Default::default() });
    assert_eq!(
        (response.cluster_authorized_operations, response.topics[0].topic_authorized_operations),
        (i32::MIN, i32::MIN)
    );
}

#[test]
fn names_are_checked() {
    let mut world = World::new(1);
    world.cluster.create_topic("a.b", 1, 1).unwrap();
    let conn = world.connect(1);
    let mut check = |name: &str, expected: ErrorCode| {
        let result = create(&mut world, conn, 7, vec![topic(name, 1, 1)]).remove(0);
        assert_eq!(ErrorCode(result.error_code), expected, "{name:?}");
        if expected.is_error() {
            assert!(result.error_message.is_some() && result.topic_id.is_zero());
            assert_eq!(
                (result.num_partitions, result.replication_factor, result.configs),
                (-1, -1, Some(Vec::new()))
            );
        }
    };
    let invalid = ErrorCode::INVALID_TOPIC_EXCEPTION;
    for name in ["", ".", "..", "bad name", "a/b", "caf\u{e9}", &"x".repeat(250), "a_b"] {
        check(name, invalid);
    }
    check("a.b", ErrorCode::TOPIC_ALREADY_EXISTS);
    for name in ["...", "-", "__consumer_offsets", &"x".repeat(249)] {
        check(name, ErrorCode::NONE);
    }
    let described = describe(&mut world, conn, 12, named(&["bad name"]));
    assert_eq!(ErrorCode(described[0].error_code), invalid);
}

#[test]
fn counts_and_assignments_are_checked() {
    let mut world = World::with_options(ClusterOptions { default_partitions: 5, ..options(2) });
    let conn = world.connect(1);
    let mut turn = 0;
    let mut check = |partitions: i32,
                     factor: i16,
                     assignments: &[(i32, &[i32])],
                     expected: Result<(i32, i16), ErrorCode>| {
        turn += 1;
        let assignment = |(partition_index, nodes): &(i32, &[i32])| CreatableReplicaAssignment {
            partition_index: *partition_index,
            broker_ids: nodes.to_vec(),
            ..Default::default()
        };
        let assignments: Vec<_> = assignments.iter().map(assignment).collect();
        let wanted =
            CreatableTopic { assignments, ..topic(&format!("t{turn}"), partitions, factor) };
        let result = create(&mut world, conn, 7, vec![wanted]).remove(0);
        let found = match ErrorCode(result.error_code) {
            ErrorCode::NONE => Ok((result.num_partitions, result.replication_factor)),
            code => Err(code),
        };
        assert_eq!(found, expected, "{partitions} x {factor}");
    };
    check(-1, -1, &[], Ok((5, 2)));
    check(3, 1, &[], Ok((3, 1)));
    for partitions in [0, -2, i32::MAX] {
        check(partitions, 1, &[], Err(ErrorCode::INVALID_PARTITIONS));
    }
    for factor in [0, -2, 3, i16::MAX] {
        check(1, factor, &[], Err(ErrorCode::INVALID_REPLICATION_FACTOR));
    }
    let bad = Err(ErrorCode::INVALID_REPLICA_ASSIGNMENT);
    check(-1, -1, &[(1, &[2, 1]), (0, &[1, 2])], Ok((2, 2)));
    check(1, -1, &[(0, &[1])], Err(ErrorCode::INVALID_REQUEST));
    check(-1, 1, &[(0, &[1])], Err(ErrorCode::INVALID_REQUEST));
    check(-1, -1, &[(0, &[7])], bad);
    check(-1, -1, &[(0, &[1]), (2, &[1])], bad);
    check(-1, -1, &[(0, &[1]), (0, &[1])], bad);
    check(-1, -1, &[(0, &[1]), (1, &[1, 2])], bad);
    check(-1, -1, &[(0, &[1, 1])], bad);
    check(-1, -1, &[(0, &[])], bad);
}

#[test]
fn configuration_is_checked_and_told() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    let with = |name: &str, value: Option<&str>| {
        let config = CreatableTopicConfig {
            name: name.into(),
            value: value.map(Into::into),
            ..Default::default()
        };
        CreatableTopic { configs: vec![config], ..topic("t", 1, 1) }
    };
    for wanted in [
        with("no.such.key", Some("1")),
        with("max.message.bytes", Some("x")),
        with("retention.ms", None),
    ] {
        let result = create(&mut world, conn, 7, vec![wanted]).remove(0);
        assert_eq!(ErrorCode(result.error_code), ErrorCode::INVALID_CONFIG);
    }
    let result = create(&mut world, conn, 7, vec![with("max.message.bytes", Some("77"))]).remove(0);
    let configs = result.configs.unwrap();
    let of = |name: &str| {
        configs
            .iter()
            .find(|config| config.name == name)
            .map(|c| (c.value.as_deref(), c.config_source))
    };
    assert_eq!(of("max.message.bytes"), Some((Some("77"), 1)));
    assert_eq!(of("cleanup.policy"), Some((Some("delete"), 5)));
}

#[test]
fn only_validating_creates_nothing() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    let request = CreateTopicsRequest {
        topics: vec![topic("t", 2, 1)],
        validate_only: true,
        ..Default::default()
    };
    let result = world.call(conn, 7, &request).topics.remove(0);
    assert_eq!((result.error_code, result.num_partitions), (0, 2));
    assert_eq!(world.cluster.topics().count(), 0);
    let twice =
        create(&mut world, conn, 7, vec![topic("t", 1, 1), topic("u", 1, 1), topic("t", 2, 1)]);
    let codes: Vec<_> =
        twice.iter().map(|result| (result.name.as_str(), result.error_code)).collect();
    assert_eq!(codes.len(), 2);
    assert!(codes.contains(&("t", 42)) && codes.contains(&("u", 0)));
}

#[test]
fn topics_are_deleted_by_name_and_by_id() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    for version in 1..=5 {
        world.cluster.create_topic("t", 1, 1).unwrap();
        let topic_names = vec!["t".into(), "u".into(), "v".into(), "v".into()];
        let responses = world
            .call(conn, version, &DeleteTopicsRequest { topic_names, ..Default::default() })
            .responses;
        let codes: Vec<_> = responses.iter().map(|result| result.error_code).collect();
        assert_eq!(codes, [0, 3, 42], "version {version}");
        assert_eq!(world.cluster.topics().count(), 0);
    }
    let id = world.cluster.create_topic("t", 1, 1).unwrap();
    let wanted = |name: Option<&str>, topic_id| DeleteTopicState {
        name: name.map(Into::into),
        topic_id,
        ..Default::default()
    };
    let topics = vec![
        wanted(Some("t"), id),
        wanted(None, Uuid([4; 16])),
        wanted(None, Uuid::ZERO),
        wanted(None, id),
    ];
    let responses =
        world.call(conn, 6, &DeleteTopicsRequest { topics, ..Default::default() }).responses;
    let codes: Vec<_> = responses.iter().map(|result| result.error_code).collect();
    assert_eq!(codes, [42, 100, 42, 0]);
    assert_eq!((responses[3].name.as_deref(), responses[3].topic_id), (Some("t"), id));
    let again = world.cluster.create_topic("t", 1, 1).unwrap();
    assert_ne!(again, id, "a topic created anew is another one");
}

#[test]
fn topics_grow() {
    let mut world = World::new(2);
    world.cluster.create_topic("t", 2, 2).unwrap();
    assert_eq!(world.cluster.add_partitions("t", 2), Err(ErrorCode::INVALID_PARTITIONS));
    assert_eq!(world.cluster.add_partitions("u", 2), Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    world.cluster.add_partitions("t", 5).unwrap();
    let conn = world.connect(1);
    let described = describe(&mut world, conn, 12, named(&["t"])).remove(0);
    let indices: Vec<_> =
        described.partitions.iter().map(|partition| partition.partition_index).collect();
    assert_eq!(indices, [0, 1, 2, 3, 4]);
}
