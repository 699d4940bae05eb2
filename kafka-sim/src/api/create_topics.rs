//! CreateTopics (key 19), versions 0 to 7.
//!
//! - Names, counts, manual assignments and configuration are checked as KRaft's controller checks
//!   them, with its codes; a name that comes twice is INVALID_REQUEST, answered once.
//! - -1 partitions or replicas stand for the cluster's defaults. `validate_only` checks and makes
//!   up an id.
//! - From version 5 the answer lists the counts and the topic's whole configuration (KIP-525), from
//!   7 its id (KIP-516).
//!
//! - Before 4.0 only the controller's node does so, the others answer NOT_CONTROLLER; before 2.4 the counts have no
//!   defaults: -1 is INVALID_PARTITIONS or INVALID_REPLICATION_FACTOR.
//!
//! Deviations: brokers before 4.0 check as KRaft does, with its texts; any node creates topics itself; the topic is known to all nodes at once.

use kafka_proto::messages::create_topics::{
    CreatableTopic, CreatableTopicConfigs, CreatableTopicResult, CreateTopicsRequest,
    CreateTopicsResponse,
};
use kafka_proto::{ApiKey, ErrorCode, Str, Uuid};

use super::describe_configs::source;
use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, last_of_each, repeated};
use crate::fault::Fault;
use crate::releases::Ways;
use crate::state::config::TopicConfig;
use crate::state::{NewTopic, Rejection, Replicas, State};

/// Where a configuration value comes from: set on the topic, or the default.
pub(super) const SOURCE_TOPIC: i8 = 1;
pub(super) const SOURCE_DEFAULT: i8 = 5;

pub(super) fn handle(
    call: &mut Call<'_>,
    request: CreateTopicsRequest,
) -> Reply<CreateTopicsResponse> {
    let validate_only = request.validate_only;
    let mut topics = Vec::with_capacity(request.topics.len());
    let repeated = repeated(request.topics.iter().map(|topic| topic.name.clone()));
    for topic in &last_of_each(request.topics, |topic| topic.name.clone()) {
        let result = if repeated.contains(&topic.name) {
            Err((ErrorCode::INVALID_REQUEST, "Duplicate topic name.".to_owned()))
        } else {
            create(call, topic, validate_only)
        };
        topics.push(result.unwrap_or_else(|rejection| rejected(topic, rejection)));
    }
    Reply::Answer(CreateTopicsResponse { topics, ..Default::default() })
}

fn create(
    call: &mut Call<'_>,
    topic: &CreatableTopic,
    validate_only: bool,
) -> Result<CreatableTopicResult, Rejection> {
    if let Some(code) = call.script.refusal_of_topic(ApiKey::CreateTopics, &topic.name) {
        return Err((code, code.to_string()));
    }
    if !call.state.takes_controllers_work(call.node) {
        return Err((ErrorCode::NOT_CONTROLLER, String::new()));
    }
    let new = new_topic(call.state, topic)?;
    let config = new.config.clone();
    let placed = call.state.plan_topic(&new)?;
    let id = if validate_only { call.state.unused_id() } else { call.state.create_topic(new)? };
    Ok(created(call.state.ways(), topic, id, &placed, &config))
}

fn new_topic(state: &State, topic: &CreatableTopic) -> Result<NewTopic, Rejection> {
    // Names are judged before anything else about the topic is.
    let counted =
        Replicas::Counted { partitions: topic.num_partitions, factor: topic.replication_factor };
    let mut new =
        NewTopic { name: topic.name.clone(), replicas: counted, config: TopicConfig::default() };
    state.check_new_name(&new.name)?;
    for config in &topic.configs {
        let value = config.value.as_deref().ok_or_else(|| {
            (
                ErrorCode::INVALID_CONFIG,
                format!("Null value not supported for topic configs: {}", config.name),
            )
        })?;
        new.config.set(&config.name, value).map_err(|text| (ErrorCode::INVALID_CONFIG, text))?;
    }
    if !state.ways().has_default_counts() && topic.assignments.is_empty() {
        check_counts(topic)?;
    }
    if !topic.assignments.is_empty() {
        if topic.num_partitions != -1 || topic.replication_factor != -1 {
            let text =
                "A manual partition assignment was specified, but a count was not set to -1.";
            return Err((ErrorCode::INVALID_REQUEST, text.to_owned()));
        }
        let assignments = topic
            .assignments
            .iter()
            .map(|assignment| (assignment.partition_index, assignment.broker_ids.clone()));
        new.replicas = Replicas::Assigned(assignments.collect());
    }
    Ok(new)
}

/// Before KIP-464, counts had no defaults.
fn check_counts(topic: &CreatableTopic) -> Result<(), Rejection> {
    if topic.num_partitions == -1 {
        let text = "Number of partitions must be larger than 0.";
        return Err((ErrorCode::INVALID_PARTITIONS, text.to_owned()));
    }
    if topic.replication_factor == -1 {
        let text = "Replication factor must be larger than 0.";
        return Err((ErrorCode::INVALID_REPLICATION_FACTOR, text.to_owned()));
    }
    Ok(())
}

fn created(
    ways: Ways,
    topic: &CreatableTopic,
    topic_id: Uuid,
    placed: &[Vec<i32>],
    config: &TopicConfig,
) -> CreatableTopicResult {
    let config_of = |(name, value, set): (&'static str, &str, bool)| CreatableTopicConfigs {
        name: name.into(),
        value: Some(value.into()),
        config_source: source(ways, name, set),
        ..Default::default()
    };
    CreatableTopicResult {
        name: topic.name.clone(),
        topic_id,
        num_partitions: i32::try_from(placed.len()).unwrap_or(i32::MAX),
        replication_factor: placed
            .first()
            .map_or(-1, |nodes| i16::try_from(nodes.len()).unwrap_or(i16::MAX)),
        configs: Some(config.effective(ways).map(config_of).collect()),
        ..Default::default()
    }
}

fn rejected(topic: &CreatableTopic, (code, text): Rejection) -> CreatableTopicResult {
    CreatableTopicResult {
        name: topic.name.clone(),
        error_code: code.0,
        error_message: Some(text.into()).filter(|text: &Str| !text.is_empty()),
        configs: Some(Vec::new()),
        ..Default::default()
    }
}

impl Tamper for CreateTopicsResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let fail = |topic: &mut CreatableTopicResult, code| topic.error_code = code;
        tamper_list(&mut self.topics, fault, |at, topic| at.matches_topic(&topic.name))
            | fail_list(&mut self.topics, fault, |at, topic| at.matches_topic(&topic.name), fail)
    }
}
