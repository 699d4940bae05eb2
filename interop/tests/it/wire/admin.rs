//! Topics, their configuration, the cluster.

use kafka_proto::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use kafka_proto::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use kafka_proto::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use kafka_proto::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use kafka_proto::messages::describe_cluster::DescribeClusterRequest;
use kafka_proto::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use kafka_proto::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use kafka_proto::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use kafka_proto::{Str, Uuid};

use super::Scenario;

const TOPIC: i8 = 2;

fn new(name: &str, num_partitions: i32, replication_factor: i16) -> CreatableTopic {
    CreatableTopic { name: name.into(), num_partitions, replication_factor, ..Default::default() }
}

fn with(name: &str, key: &str, value: &str) -> CreatableTopic {
    let config =
        CreatableTopicConfig { name: key.into(), value: Some(value.into()), ..Default::default() };
    CreatableTopic { configs: vec![config], ..new(name, 1, 1) }
}

fn assigned(name: &str, partitions: i32, nodes: &[i32]) -> CreatableTopic {
    let assignment = CreatableReplicaAssignment { broker_ids: nodes.into(), ..Default::default() };
    CreatableTopic { assignments: vec![assignment], ..new(name, partitions, -1) }
}

pub(super) fn create(scenario: &mut Scenario) {
    let request = |topics: Vec<CreatableTopic>, validate_only| CreateTopicsRequest {
        topics,
        timeout_ms: 30_000,
        validate_only,
        ..Default::default()
    };
    for topic in ["w-t", "w-log", "w-idempotent"] {
        scenario.ask_in(2, topic, &request(vec![new(topic, 1, 1)], false));
        scenario.topic_id(topic);
    }
    for (topic, key, value) in [
        ("w-compact", "cleanup.policy", "compact"),
        ("w-stamped", "message.timestamp.type", "LogAppendTime"),
        ("w-small", "max.message.bytes", "200"),
    ] {
        scenario.ask_in(2, topic, &request(vec![with(topic, key, value)], false));
        scenario.topic_id(topic);
    }
    scenario.ask("fine, to check", |_| request(vec![new("w-n", 2, 1)], true));
    scenario.ask("defaults, to check", |_| request(vec![new("w-n", -1, -1)], true));
    let mut nothing = |case: &str, topics: &[CreatableTopic]| {
        scenario.ask(case, |_| request(topics.to_vec(), false));
        scenario.ask(&format!("{case}, to check"), |_| request(topics.to_vec(), true));
    };
    nothing("no topics", &[]);
    nothing("exists", &[new("w-t", 1, 1)]);
    for name in ["", ".", "..", "bad name", "a/b", "ä", &"n".repeat(250), "w_t"] {
        nothing(&format!("name {name:.9}"), &[new(name, 1, 1)]);
    }
    for (partitions, factor) in [(0, 1), (-2, 1), (1, 0), (1, -2), (1, 2), (0, 0)] {
        nothing(&format!("counts {partitions} {factor}"), &[new("w-n", partitions, factor)]);
    }
    nothing("unknown key", &[with("w-n", "no.such.key", "1")]);
    nothing("bad value", &[with("w-n", "retention.ms", "soon")]);
    nothing("bad word", &[with("w-n", "cleanup.policy", "shred")]);
    nothing("twice", &[new("w-n", 1, 1), new("w-n", 2, 1)]);
    nothing("assigned and counted", &[assigned("w-n", 1, &[1])]);
    nothing("assigned to nobody", &[assigned("w-n", -1, &[])]);
    nothing("assigned to a stranger", &[assigned("w-n", -1, &[77])]);
    nothing("assigned twice", &[assigned("w-n", -1, &[1, 1])]);
    nothing("one of two", &[new("w-t", 1, 1), new("bad name", 1, 1)]);
}

fn named(name: &str) -> MetadataRequestTopic {
    MetadataRequestTopic { name: Some(name.into()), ..Default::default() }
}

pub(super) fn describe(scenario: &mut Scenario) {
    let metadata = |topics: Vec<MetadataRequestTopic>| MetadataRequest {
        topics: Some(topics),
        allow_auto_topic_creation: false,
        ..Default::default()
    };
    // Before version 4 the topic would be created.
    for (case, name) in [("unknown", "w-none"), ("name bad name", "bad name"), ("name", "")] {
        for version in 4..=13 {
            scenario.ask_in(version, case, &metadata(vec![named(name)]));
        }
    }
    scenario.ask("one", |_| metadata(vec![named("w-t")]));
    scenario.ask("twice", |_| metadata(vec![named("w-t"), named("w-t")]));
    for version in 1..=13 {
        scenario.ask_in(version, "none", &metadata(vec![]));
    }
    let id = scenario.topic_id("w-t");
    let by_id = |topic_id| MetadataRequestTopic { topic_id, name: None, ..Default::default() };
    for version in [12, 13] {
        scenario.ask_in(version, "by id", &metadata(vec![by_id(id)]));
        scenario.ask_in(version, "unknown id", &metadata(vec![by_id(Uuid([7; 16]))]));
    }
    scenario.ask("cluster", |version| DescribeClusterRequest {
        include_cluster_authorized_operations: version < 1,
        ..Default::default()
    });
    for endpoint_type in [2, 3] {
        let request = DescribeClusterRequest { endpoint_type, ..Default::default() };
        scenario.ask(&format!("endpoint type {endpoint_type}"), |_| request.clone());
    }
    let configs = |resource_type, name: &str, keys: &[&str]| {
        let keys: Vec<Str> = keys.iter().map(|key| (*key).into()).collect();
        let resource = DescribeConfigsResource {
            resource_type,
            resource_name: name.into(),
            configuration_keys: Some(keys),
            ..Default::default()
        };
        DescribeConfigsRequest { resources: vec![resource], ..Default::default() }
    };
    for key in ["cleanup.policy", "retention.ms", "max.message.bytes", "preallocate", "no.such.key"]
    {
        scenario.ask(key, |_| configs(TOPIC, "w-compact", &[key]));
    }
    scenario.ask("list", |_| configs(TOPIC, "w-t", &["leader.replication.throttled.replicas"]));
    scenario.ask("fraction", |_| configs(TOPIC, "w-t", &["min.cleanable.dirty.ratio"]));
    scenario.ask("word", |_| configs(TOPIC, "w-t", &["compression.type"]));
    scenario.ask("all keys", |_| configs(TOPIC, "w-t", &[]));
    scenario.ask("unknown topic", |_| configs(TOPIC, "w-none", &[]));
    scenario.ask("bad topic", |_| configs(TOPIC, "bad name", &[]));
    scenario.ask("another broker", |_| configs(4, "77", &[]));
    scenario.ask("every broker", |_| configs(4, "", &[]));
    scenario.ask("unknown resource", |_| configs(99, "x", &[]));
}

fn alteration(name: &str, changes: &[(&str, i8, Option<&str>)]) -> IncrementalAlterConfigsRequest {
    let config = |(name, config_operation, value): &(&str, i8, Option<&str>)| AlterableConfig {
        name: (*name).into(),
        config_operation: *config_operation,
        value: value.map(Into::into),
        ..Default::default()
    };
    let resource = AlterConfigsResource {
        resource_type: TOPIC,
        resource_name: name.into(),
        configs: changes.iter().map(config).collect(),
        ..Default::default()
    };
    IncrementalAlterConfigsRequest { resources: vec![resource], ..Default::default() }
}

fn growth(name: &str, count: i32, assigned: Option<&[&[i32]]>) -> CreatePartitionsRequest {
    let assignment = |nodes: &&[i32]| CreatePartitionsAssignment {
        broker_ids: nodes.to_vec(),
        ..Default::default()
    };
    let topic = CreatePartitionsTopic {
        name: name.into(),
        count,
        assignments: assigned.map(|assigned| assigned.iter().map(assignment).collect()),
        ..Default::default()
    };
    CreatePartitionsRequest { topics: vec![topic], timeout_ms: 30_000, ..Default::default() }
}

fn deletion(name: &str, partition_index: i32, offset: i64) -> DeleteRecordsRequest {
    let partition = DeleteRecordsPartition { partition_index, offset, ..Default::default() };
    let topic =
        DeleteRecordsTopic { name: name.into(), partitions: vec![partition], ..Default::default() };
    DeleteRecordsRequest { topics: vec![topic], timeout_ms: 30_000, ..Default::default() }
}

pub(super) fn change(scenario: &mut Scenario) {
    let key = "retention.ms";
    for (case, name, changes) in [
        ("set", "w-t", &[(key, 0, Some("5000000"))][..]),
        ("again", "w-t", &[(key, 0, Some("5000000"))]),
        ("delete", "w-t", &[(key, 1, None)]),
        ("nothing", "w-t", &[]),
        ("unknown key", "w-t", &[("no.such.key", 0, Some("1"))]),
        ("unknown key deleted", "w-t", &[("no.such.key", 1, None)]),
        ("bad value", "w-t", &[(key, 0, Some("soon"))]),
        ("null", "w-t", &[(key, 0, None)]),
        ("append to no list", "w-t", &[(key, 2, Some("5"))]),
        ("append null", "w-t", &[("cleanup.policy", 2, None)]),
        ("append", "w-t", &[("cleanup.policy", 2, Some("compact"))]),
        ("subtract", "w-t", &[("cleanup.policy", 3, Some("compact"))]),
        ("operation", "w-t", &[(key, 9, Some("5"))]),
        ("twice", "w-t", &[(key, 0, Some("5")), (key, 0, Some("6"))]),
        ("unknown topic", "w-none", &[(key, 0, Some("5"))]),
        ("bad topic", "bad name", &[(key, 0, Some("5"))]),
    ] {
        scenario.ask(case, |_| alteration(name, changes));
    }
    let mut resource = alteration("w-t", &[]);
    resource.resources.push(resource.resources[0].clone());
    scenario.ask("resource twice", |_| resource.clone());

    for (case, name, count, assigned) in [
        ("unknown", "w-none", 2, None),
        ("as many", "w-t", 1, None),
        ("fewer", "w-t", 0, None),
        ("negative", "w-t", -1, None),
        ("too few assigned", "w-t", 3, Some(&[&[1][..]][..])),
        ("too many copies", "w-t", 2, Some(&[&[1, 77]])),
        ("a stranger", "w-t", 2, Some(&[&[77]])),
        ("nobody", "w-t", 2, Some(&[&[]])),
    ] {
        scenario.ask(case, |_| growth(name, count, assigned));
    }
    let mut twice = growth("w-t", 2, None);
    twice.topics.push(twice.topics[0].clone());
    scenario.ask("twice", |_| twice.clone());
    scenario.ask("to check", |_| CreatePartitionsRequest {
        validate_only: true,
        ..growth("w-t", 2, None)
    });

    for (case, name, partition, offset) in [
        ("zero", "w-log", 0, 0),
        ("inside a batch", "w-log", 0, 1),
        ("back", "w-log", 0, 0),
        ("beyond", "w-log", 0, 999),
        ("negative", "w-log", 0, -2),
        ("unknown topic", "w-none", 0, 0),
        ("unknown partition", "w-log", 7, 0),
        ("compacted", "w-compact", 0, 0),
        ("all", "w-log", 0, -1),
    ] {
        scenario.ask(case, |_| deletion(name, partition, offset));
    }
}

pub(super) fn delete(scenario: &mut Scenario) {
    let state = |name: Option<&str>, topic_id| DeleteTopicState {
        name: name.map(Into::into),
        topic_id,
        ..Default::default()
    };
    let request = |version: i16, names: &[&str]| DeleteTopicsRequest {
        topic_names: if version < 6 {
            names.iter().map(|it| (*it).into()).collect()
        } else {
            vec![]
        },
        topics: match version {
            6.. => names.iter().map(|it| state(Some(it), Uuid::ZERO)).collect(),
            _ => vec![],
        },
        timeout_ms: 30_000,
        ..Default::default()
    };
    scenario.ask("unknown", |version| request(version, &["w-none"]));
    scenario.ask("bad name", |version| request(version, &["bad name"]));
    scenario.ask("nothing", |version| request(version, &[]));
    scenario.ask("twice", |version| request(version, &["w-t", "w-t"]));
    let by_state = |states: &[DeleteTopicState]| DeleteTopicsRequest {
        topics: states.to_vec(),
        timeout_ms: 30_000,
        ..Default::default()
    };
    scenario.ask_in(6, "unknown id", &by_state(&[state(None, Uuid([7; 16]))]));
    scenario.ask_in(6, "neither", &by_state(&[state(None, Uuid::ZERO)]));
    scenario.ask_in(6, "both", &by_state(&[state(Some("w-t"), Uuid([7; 16]))]));
    let id = scenario.topic_id("w-t");
    scenario.ask_in(6, "by id", &by_state(&[state(None, id)]));
    scenario.ask_in(1, "by name", &request(1, &["w-log"]));
}
