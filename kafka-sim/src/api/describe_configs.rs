//! DescribeConfigs (key 32), versions 0 to 4 (KIP-133).
//!
//! - A topic's configuration, all of it or the keys asked for: UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION. From
//!   version 1 where each value comes from, and the values that it hides, if asked for (KIP-226); from version 3 its type
//!   (KIP-569).
//! - A broker's, by the node that it is about, else INVALID_REQUEST; without a name the cluster-wide dynamic
//!   configuration, which is `min.insync.replicas` since there are eligible leader replicas (KIP-966), else nothing.
//! - Other resources are INVALID_REQUEST.
//!
//! Deviations: of a broker's configuration only what this cluster has options for is told; among the hidden values the
//! default goes by the topic's key, not the broker's; there is no documentation of keys, no logger, group or client metrics.

use kafka_proto::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
    DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_proto::{ApiKey, ErrorCode};

use super::create_topics::{SOURCE_DEFAULT, SOURCE_TOPIC};
use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply};
use crate::fault::Fault;
use crate::releases::Ways;
use crate::state::config::{TopicConfig, Type};
use crate::state::{Rejection, State, check_name};

/// Resource types.
pub(super) const TOPIC: i8 = 2;
pub(super) const BROKER: i8 = 4;

/// Where a value comes from: the cluster-wide dynamic configuration, the broker's own file.
const SOURCE_EVERY_BROKER: i8 = 3;
const SOURCE_STATIC: i8 = 4;

/// What a cluster with eligible leader replicas has in its dynamic configuration from the start.
const EVERYWHERE: &str = "min.insync.replicas";

pub(super) fn handle(
    call: &mut Call<'_>,
    request: DescribeConfigsRequest,
) -> Reply<DescribeConfigsResponse> {
    let synonyms = request.include_synonyms;
    let describe = |resource: DescribeConfigsResource| {
        let described = describe(call, &resource, synonyms);
        let (configs, code, text) = match described {
            Ok(configs) => (configs, ErrorCode::NONE, String::new()),
            Err((code, text)) => (Vec::new(), code, text),
        };
        DescribeConfigsResult {
            error_code: code.0,
            // Without words it is empty, not null.
            error_message: Some(text.into()),
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
            configs,
            ..Default::default()
        }
    };
    let results = request.resources.into_iter().map(describe).collect();
    Reply::Answer(DescribeConfigsResponse { results, ..Default::default() })
}

fn describe(
    call: &mut Call<'_>,
    resource: &DescribeConfigsResource,
    synonyms: bool,
) -> Result<Vec<DescribeConfigsResourceResult>, Rejection> {
    let name = &resource.resource_name;
    if let Some(code) = call.script.refusal_of_topic(ApiKey::DescribeConfigs, name) {
        return Err((code, code.to_string()));
    }
    let mut configs = match resource.resource_type {
        TOPIC => {
            check_name(name)?;
            let unknown = || (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, String::new());
            let topic = call.state.topics.get(name.as_str()).ok_or_else(unknown)?;
            of_topic(call, &topic.config, synonyms)
        }
        BROKER if name.is_empty() => of_every_broker(call),
        BROKER if name.as_str() == call.node.to_string() => of_broker(call),
        BROKER => {
            let text = format!(
                "Unexpected broker id, expected {} or empty string, but received {name}",
                call.node
            );
            return Err((ErrorCode::INVALID_REQUEST, text));
        }
        other => {
            return Err((
                ErrorCode::INVALID_REQUEST,
                format!("Unsupported resource type: {other}"),
            ));
        }
    };
    if let Some(keys) = resource.configuration_keys.as_ref().filter(|keys| !keys.is_empty()) {
        configs.retain(|config| keys.contains(&config.name));
    }
    Ok(configs)
}

fn of_topic(
    call: &Call<'_>,
    config: &TopicConfig,
    synonyms: bool,
) -> Vec<DescribeConfigsResourceResult> {
    let ways = call.state.ways();
    let defaults = TopicConfig::default();
    let entry = |((key, value, set), (_, default, _)): ((&str, &str, bool), (&str, &str, bool))| {
        let synonym = |value: &str, source| DescribeConfigsSynonym {
            name: key.into(),
            value: Some(value.into()),
            source,
            ..Default::default()
        };
        let everywhere = source(ways, key, false);
        let hides = [
            set.then(|| synonym(value, SOURCE_TOPIC)),
            (everywhere != SOURCE_DEFAULT).then(|| synonym(default, everywhere)),
            Some(synonym(default, SOURCE_DEFAULT)),
        ];
        DescribeConfigsResourceResult {
            name: key.into(),
            value: Some(value.into()),
            is_default: call.version == 0 && !set,
            config_source: source(ways, key, set),
            synonyms: hides.into_iter().flatten().filter(|_| synonyms).collect(),
            config_type: type_code(TopicConfig::type_of(key)),
            ..Default::default()
        }
    };
    config.effective(ways).zip(defaults.effective(ways)).map(entry).collect()
}

/// Where the value of a topic's key comes from.
pub(super) fn source(ways: Ways, key: &str, set: bool) -> i8 {
    match key {
        _ if set => SOURCE_TOPIC,
        EVERYWHERE if ways.has_dynamic_min_isr() => SOURCE_EVERY_BROKER,
        _ => SOURCE_DEFAULT,
    }
}

fn of_every_broker(call: &Call<'_>) -> Vec<DescribeConfigsResourceResult> {
    let entry = || DescribeConfigsResourceResult {
        name: EVERYWHERE.into(),
        value: Some("1".into()),
        config_source: SOURCE_EVERY_BROKER,
        config_type: type_code(Type::Int),
        ..Default::default()
    };
    call.state.ways().has_dynamic_min_isr().then(entry).into_iter().collect()
}

fn of_broker(call: &Call<'_>) -> Vec<DescribeConfigsResourceResult> {
    let State { options, .. } = &*call.state;
    let known = [
        ("auto.create.topics.enable", options.auto_create.to_string(), Type::Boolean),
        ("broker.id", call.node.to_string(), Type::Int),
        ("default.replication.factor", call.state.default_replication().to_string(), Type::Int),
        ("message.max.bytes", call.state.ways().max_message_bytes().to_owned(), Type::Int),
        ("num.partitions", options.default_partitions.to_string(), Type::Int),
    ];
    let entry = |(name, value, of): (&str, String, Type)| DescribeConfigsResourceResult {
        name: name.into(),
        value: Some(value.into()),
        read_only: name != "message.max.bytes",
        config_source: SOURCE_STATIC,
        config_type: type_code(of),
        ..Default::default()
    };
    known.into_iter().map(entry).collect()
}

fn type_code(of: Type) -> i8 {
    match of {
        Type::Boolean => 1,
        Type::String => 2,
        Type::Int => 3,
        Type::Long => 5,
        Type::Double => 6,
        Type::List => 7,
    }
}

impl Tamper for DescribeConfigsResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let fail = |result: &mut DescribeConfigsResult, code| {
            result.error_code = code;
            result.configs.clear();
        };
        tamper_list(&mut self.results, fault, |at, r| at.matches_topic(&r.resource_name))
            | fail_list(&mut self.results, fault, |at, r| at.matches_topic(&r.resource_name), fail)
    }
}
