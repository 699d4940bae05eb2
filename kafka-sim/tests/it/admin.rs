//! Changing and describing topics that are there, and the cluster.

use kafka_proto::messages::alter_configs::{self, AlterConfigsRequest};
use kafka_proto::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use kafka_proto::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use kafka_proto::messages::describe_cluster::DescribeClusterRequest;
use kafka_proto::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
    DescribeConfigsResult,
};
use kafka_proto::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault};

use crate::world::{World, batch};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

fn deletion(topic: &str, partition_index: i32, offset: i64) -> DeleteRecordsRequest {
    let partition = DeleteRecordsPartition { partition_index, offset, ..Default::default() };
    let topic = DeleteRecordsTopic {
        name: topic.into(),
        partitions: vec![partition],
        ..Default::default()
    };
    DeleteRecordsRequest { topics: vec![topic], timeout_ms: 1000, ..Default::default() }
}

#[test]
fn records_are_deleted_up_to_an_offset() {
    let (mut world, conn) = World::with_topic();
    world.produce(conn, 12, batch(&["a", "b", "c"]));
    world.produce(conn, 12, batch(&["d", "e"]));
    let mut check = |version: i16, offset: i64, low_watermark: i64, code: ErrorCode| {
        let answer = world.call(conn, version, &deletion("t", 0, offset));
        let found = &answer.topics[0].partitions[0];
        let seen = (found.low_watermark, ErrorCode(found.error_code));
        assert_eq!(seen, (low_watermark, code), "to {offset}");
    };
    check(0, 0, 0, ErrorCode::NONE);
    check(1, 2, 2, ErrorCode::NONE);
    check(2, 1, 2, ErrorCode::NONE);
    check(2, 6, -1, ErrorCode::OFFSET_OUT_OF_RANGE);
    check(2, -2, -1, ErrorCode::OFFSET_OUT_OF_RANGE);
    check(2, -1, 5, ErrorCode::NONE);
    assert_eq!(world.cluster.offsets("t", 0), Some((5, 5)));
    assert_eq!(world.produce(conn, 12, batch(&["f"])).base_offset, 5);
}

#[test]
fn records_are_not_deleted_where_they_must_not() {
    let mut world = World::new(2);
    world.cluster.create_topic("t", 1, 1).unwrap();
    world.cluster.create_topic("compact", 1, 1).unwrap();
    world.cluster.set_config("compact", "cleanup.policy", "compact").unwrap();
    let leader = |world: &World, topic: &str| world.cluster.leader(topic, 0).unwrap().0;
    let conns = [world.connect(1), world.connect(2)];
    let at = |node: i32| conns[usize::try_from(node).unwrap() - 1];
    let leads = leader(&world, "t");
    let mut check = |node: i32, topic: &str, partition: i32, code: ErrorCode| {
        let answer = world.call(at(node), 2, &deletion(topic, partition, 0));
        let found = &answer.topics[0].partitions[0];
        assert_eq!((found.low_watermark, ErrorCode(found.error_code)), (-1, code), "{topic}");
    };
    check(leads, "nope", 0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    check(leads, "t", 1, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    check(3 - leads, "t", 0, ErrorCode::NOT_LEADER_OR_FOLLOWER);
    let leads = 3 - leads;
    check(leads, "compact", 0, ErrorCode::POLICY_VIOLATION);
}

fn growth(topic: &str, count: i32, assigned: Option<&[&[i32]]>) -> CreatePartitionsRequest {
    let assignment = |nodes: &&[i32]| CreatePartitionsAssignment {
        broker_ids: nodes.to_vec(),
        ..Default::default()
    };
    let topic = CreatePartitionsTopic {
        name: topic.into(),
        count,
        assignments: assigned.map(|assigned| assigned.iter().map(assignment).collect()),
        ..Default::default()
    };
    CreatePartitionsRequest { topics: vec![topic], timeout_ms: 1000, ..Default::default() }
}

#[test]
fn topics_grow() {
    let mut world = World::new(2);
    world.cluster.create_topic("t", 2, 2).unwrap();
    let conn = world.connect(2);
    let mut check = |request: CreatePartitionsRequest, code: ErrorCode, partitions: i32| {
        for version in 0..=3 {
            let answer = world.call(conn, version, &request);
            let found = ErrorCode(answer.results[0].error_code);
            if version == 0 {
                assert_eq!(found, code, "{request:?}");
            } else {
                assert!(found.is_error() || request.validate_only, "once more");
            }
            let wordy = found.is_error() && found != ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            assert_eq!(answer.results[0].error_message.is_some(), wordy);
            assert_eq!(world.cluster.topics().next(), Some(("t", partitions)));
        }
    };
    check(growth("nope", 3, None), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, 2);
    check(growth("t", 2, None), ErrorCode::INVALID_PARTITIONS, 2);
    check(growth("t", 1, None), ErrorCode::INVALID_PARTITIONS, 2);
    check(growth("t", -1, None), ErrorCode::INVALID_PARTITIONS, 2);
    check(growth("t", i32::MAX, None), ErrorCode::INVALID_PARTITIONS, 2);
    let mut only_check = growth("t", 3, None);
    only_check.validate_only = true;
    check(only_check, ErrorCode::NONE, 2);
    check(growth("t", 3, None), ErrorCode::NONE, 3);
    let bad: [&[&[i32]]; 4] = [&[], &[&[1]], &[&[1, 7]], &[&[1, 1]]];
    for assigned in bad {
        check(growth("t", 4, Some(assigned)), ErrorCode::INVALID_REPLICA_ASSIGNMENT, 3);
    }
    check(growth("t", 5, Some(&[&[2, 1], &[1, 2]])), ErrorCode::NONE, 5);
    assert_eq!(world.cluster.leader("t", 3), Some((2, 0)));
    assert_eq!(world.cluster.leader("t", 4), Some((1, 0)));
    let mut twice = growth("t", 6, None);
    twice.topics.push(twice.topics[0].clone());
    let answer = world.call(conn, 3, &twice);
    assert_eq!(answer.results.len(), 1);
    assert_eq!(ErrorCode(answer.results[0].error_code), ErrorCode::INVALID_REQUEST);
}

fn change(topic: &str, changes: &[(&str, i8, Option<&str>)]) -> IncrementalAlterConfigsRequest {
    let config = |(name, operation, value): &(&str, i8, Option<&str>)| AlterableConfig {
        name: (*name).into(),
        config_operation: *operation,
        value: value.map(Into::into),
        ..Default::default()
    };
    let resource = AlterConfigsResource {
        resource_type: TOPIC,
        resource_name: topic.into(),
        configs: changes.iter().map(config).collect(),
        ..Default::default()
    };
    IncrementalAlterConfigsRequest { resources: vec![resource], ..Default::default() }
}

fn description(resource_type: i8, name: &str, keys: Option<&[&str]>) -> DescribeConfigsRequest {
    let resource = DescribeConfigsResource {
        resource_type,
        resource_name: name.into(),
        configuration_keys: keys.map(|keys| keys.iter().map(|key| (*key).into()).collect()),
        ..Default::default()
    };
    DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: true,
        ..Default::default()
    }
}

fn describe(
    world: &mut World,
    version: i16,
    request: &DescribeConfigsRequest,
) -> DescribeConfigsResult {
    let conn = world.connect(1);
    let mut request = request.clone();
    request.include_synonyms &= version > 0;
    world.call(conn, version, &request).results.remove(0)
}

#[test]
fn a_topics_configuration_is_changed_and_described() {
    let (mut world, conn) = World::with_topic();
    let value = |world: &mut World, key: &str| {
        let found = describe(world, 4, &description(TOPIC, "t", Some(&[key])));
        let [config] = <[_; 1]>::try_from(found.configs).unwrap();
        (config.value.unwrap().to_string(), config.config_source, config.synonyms.len())
    };
    let mut check =
        |changes: &[(&str, i8, Option<&str>)], code: ErrorCode, expected: (&str, i8)| {
            let answer = world.call(conn, 1, &change("t", changes));
            let response = &answer.responses[0];
            assert_eq!(ErrorCode(response.error_code), code, "{changes:?}");
            let (found, source, synonyms) = value(&mut world, "cleanup.policy");
            assert_eq!((found.as_str(), source), expected, "{changes:?}");
            assert_eq!(synonyms, if source == 1 { 2 } else { 1 });
        };
    let key = "cleanup.policy";
    check(&[], ErrorCode::NONE, ("delete", 5));
    check(&[(key, 0, Some("compact"))], ErrorCode::NONE, ("compact", 1));
    check(&[(key, 2, Some("delete"))], ErrorCode::NONE, ("compact,delete", 1));
    check(&[(key, 3, Some("compact"))], ErrorCode::NONE, ("delete", 1));
    check(&[(key, 1, None)], ErrorCode::NONE, ("delete", 5));
    check(&[(key, 2, Some("compact"))], ErrorCode::NONE, ("delete,compact", 1));
    let same = ("delete,compact", 1);
    check(&[(key, 0, Some("shred"))], ErrorCode::INVALID_CONFIG, same);
    check(&[(key, 0, None)], ErrorCode::INVALID_REQUEST, same);
    check(&[(key, 7, Some("delete"))], ErrorCode::UNKNOWN_SERVER_ERROR, same);
    check(&[("retention.ms", 2, Some("5"))], ErrorCode::INVALID_CONFIG, same);
    check(&[("no.such.key", 1, None)], ErrorCode::NONE, same);
    check(&[("no.such.key", 0, Some("1"))], ErrorCode::INVALID_CONFIG, same);
    let (good, bad) = ((key, 0, Some("compact")), ("retention.ms", 0, Some("soon")));
    check(&[good, bad], ErrorCode::INVALID_CONFIG, same);
    check(&[good, good], ErrorCode::INVALID_REQUEST, same);

    // The older API replaces everything.
    let config = alter_configs::AlterableConfig {
        name: "retention.ms".into(),
        value: Some("5".into()),
        ..Default::default()
    };
    let resource = alter_configs::AlterConfigsResource {
        resource_type: TOPIC,
        resource_name: "t".into(),
        configs: vec![config],
        ..Default::default()
    };
    let request = AlterConfigsRequest { resources: vec![resource], ..Default::default() };
    for version in 0..=2 {
        assert_eq!(world.call(conn, version, &request).responses[0].error_code, 0);
    }
    assert_eq!(value(&mut world, key), ("delete".into(), 5, 1));
    assert_eq!(value(&mut world, "retention.ms"), ("5".into(), 1, 2));
}

#[test]
fn configurations_are_described_in_every_version() {
    let (mut world, _) = World::with_topic();
    world.cluster.set_config("t", "max.message.bytes", "1000").unwrap();
    // Version 0 went with 4.0.
    let range = kafka_proto::VersionRange::new(0, 4);
    world.cluster.set_versions(ApiKey::DescribeConfigs, Some(range));
    for version in 0..=4 {
        let all = describe(&mut world, version, &description(TOPIC, "t", None));
        assert!(all.configs.len() > 30);
        let is_set = |config: &&DescribeConfigsResourceResult| match version {
            0 => !config.is_default,
            _ => config.config_source == 1,
        };
        let set: Vec<_> = all.configs.iter().filter(is_set).collect();
        let names: Vec<_> = set.iter().map(|config| config.name.as_str()).collect();
        assert_eq!(names, ["max.message.bytes"], "version {version}");
        assert_eq!(set[0].config_type, if version >= 3 { 3 } else { 0 });
    }
    let mut check = |resource_type: i8, name: &str, code: ErrorCode, entries: bool| {
        let found = describe(&mut world, 4, &description(resource_type, name, None));
        assert_eq!(ErrorCode(found.error_code), code, "{resource_type} {name}");
        assert_eq!(!found.configs.is_empty(), entries, "{resource_type} {name}");
        assert_eq!((found.resource_type, found.resource_name.as_str()), (resource_type, name));
    };
    check(TOPIC, "nope", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, false);
    check(TOPIC, "not/legal", ErrorCode::INVALID_TOPIC_EXCEPTION, false);
    check(BROKER, "1", ErrorCode::NONE, true);
    check(BROKER, "", ErrorCode::NONE, true);
    check(BROKER, "2", ErrorCode::INVALID_REQUEST, false);
    check(9, "x", ErrorCode::INVALID_REQUEST, false);
}

#[test]
fn the_cluster_is_described() {
    let mut world = World::new(3);
    world.cluster.stop_node(1);
    let conn = world.connect(3);
    let mut check = |version: i16,
                     endpoint_type: i8,
                     fenced: bool,
                     expected: Result<&[i32], ErrorCode>| {
        let request = DescribeClusterRequest {
            endpoint_type,
            include_fenced_brokers: fenced,
            include_cluster_authorized_operations: true,
            ..Default::default()
        };
        let answer = world.call(conn, version, &request);
        let found: Vec<i32> = answer.brokers.iter().map(|broker| broker.broker_id).collect();
        match expected {
            Ok(brokers) => {
                assert_eq!((answer.error_code, found.as_slice()), (0, brokers));
                assert_eq!((answer.controller_id, answer.cluster_authorized_operations), (2, 8096));
                assert_eq!(&*answer.cluster_id, world.cluster.cluster_id());
                assert!(answer.brokers.iter().all(|it| it.is_fenced == (it.broker_id == 1)));
            }
            Err(code) => assert_eq!((ErrorCode(answer.error_code), found), (code, vec![])),
        }
    };
    check(0, 1, false, Ok(&[2, 3]));
    check(1, 1, false, Ok(&[2, 3]));
    check(2, 1, false, Ok(&[2, 3]));
    check(2, 1, true, Ok(&[1, 2, 3]));
    check(1, 2, false, Err(ErrorCode::MISMATCHED_ENDPOINT_TYPE));
    check(1, 3, false, Err(ErrorCode::UNSUPPORTED_ENDPOINT_TYPE));
}

#[test]
fn administration_can_be_made_to_fail() {
    let (mut world, conn) = World::with_topic();
    let code = ErrorCode::REQUEST_TIMED_OUT;
    for fault in
        [Fault::Refuse { at: At::topic("t"), code }, Fault::FailAfter { at: At::any(), code }]
    {
        for api in [
            ApiKey::DeleteRecords,
            ApiKey::CreatePartitions,
            ApiKey::IncrementalAlterConfigs,
            ApiKey::DescribeConfigs,
        ] {
            world.cluster.fail_next(api, fault.clone());
        }
        let deleted = world.call(conn, 2, &deletion("t", 0, 0));
        let grown = world.call(conn, 3, &growth("t", 9, None));
        let changed = world.call(conn, 1, &change("t", &[("retention.ms", 0, Some("5"))]));
        let described = describe(&mut world, 4, &description(TOPIC, "t", None));
        let codes = [
            deleted.topics[0].partitions[0].error_code,
            grown.results[0].error_code,
            changed.responses[0].error_code,
            described.error_code,
        ];
        assert_eq!(codes, [code.0; 4], "{fault:?}");
        assert_eq!(world.cluster.pending_faults(), 0);
        let done = !matches!(fault, Fault::Refuse { .. });
        assert_eq!(world.cluster.topics().next(), Some(("t", if done { 9 } else { 1 })));
    }
}
