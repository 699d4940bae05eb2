//! IncrementalAlterConfigs (key 44), versions 0 and 1 (KIP-339).
//!
//! - Sets, deletes, appends to and subtracts from keys of topics, all of a topic's or none: UNKNOWN_TOPIC_OR_PARTITION,
//!   INVALID_CONFIG for unknown keys, bad values and lists that are none, INVALID_REQUEST for a key or a resource that
//!   comes twice, UNKNOWN_SERVER_ERROR for operations that don't exist. `validate_only` only checks.
//!
//! Deviation: other resources than topics are INVALID_REQUEST.

use kafka_proto::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterConfigsResourceResponse, AlterableConfig,
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use kafka_proto::{ApiKey, ErrorCode, Str};

use super::describe_configs::TOPIC;
use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, repeated};
use crate::fault::Fault;
use crate::state::config::TopicConfig;
use crate::state::{Rejection, check_name};

/// Operations.
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

pub(super) fn handle(
    call: &mut Call<'_>,
    request: IncrementalAlterConfigsRequest,
) -> Reply<IncrementalAlterConfigsResponse> {
    let validate_only = request.validate_only;
    let key =
        |resource: &AlterConfigsResource| (resource.resource_type, resource.resource_name.clone());
    let repeated = repeated(request.resources.iter().map(key));
    let mut responses = Vec::with_capacity(request.resources.len());
    for resource in request.resources {
        let altered = if repeated.contains(&key(&resource)) {
            Err((ErrorCode::INVALID_REQUEST, "Each resource must appear at most once.".to_owned()))
        } else {
            alter(call, &resource, validate_only)
        };
        let (code, text) = match altered {
            Ok(()) => (ErrorCode::NONE, None),
            Err((code, text)) => (code, Some(text).filter(|text| !text.is_empty())),
        };
        responses.push(AlterConfigsResourceResponse {
            error_code: code.0,
            error_message: text.map(Str::from),
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
            ..Default::default()
        });
    }
    Reply::Answer(IncrementalAlterConfigsResponse { responses, ..Default::default() })
}

fn alter(
    call: &mut Call<'_>,
    resource: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), Rejection> {
    let name = &resource.resource_name;
    if let Some(code) = call.script.refusal_of_topic(ApiKey::IncrementalAlterConfigs, name) {
        return Err((code, code.to_string()));
    }
    if resource.resource_type != TOPIC {
        let text = format!("Unexpected resource type {}.", resource.resource_type);
        return Err((ErrorCode::INVALID_REQUEST, text));
    }
    check_name(name)?;
    if !repeated(resource.configs.iter().map(|config| config.name.clone())).is_empty() {
        let text = "Error due to duplicate config keys".to_owned();
        return Err((ErrorCode::INVALID_REQUEST, text));
    }
    let current = call.state.topics.get(name.as_str()).map(|topic| &topic.config);
    let mut config = current.cloned().unwrap_or_default();
    for change in &resource.configs {
        apply(&mut config, change)?;
    }
    call.state.set_topic_config(name, config, validate_only)
}

fn apply(config: &mut TopicConfig, change: &AlterableConfig) -> Result<(), Rejection> {
    let AlterableConfig { name, config_operation, value, .. } = change;
    let invalid = |text: String| (ErrorCode::INVALID_CONFIG, text);
    if *config_operation == DELETE {
        config.remove(name);
        return Ok(());
    }
    let value = value.as_deref().ok_or_else(|| {
        (ErrorCode::INVALID_REQUEST, format!("Null value not supported for : {name}"))
    })?;
    let value = match *config_operation {
        SET => value.to_owned(),
        APPEND | SUBTRACT => {
            let mut parts = config.list(name).ok_or_else(|| {
                invalid(format!(
                    "Can't append to or subtract from key {name} because its type is not LIST."
                ))
            })?;
            for part in value.split(',') {
                parts.retain(|known| known != part);
                if *config_operation == APPEND {
                    parts.push(part.to_owned());
                }
            }
            parts.join(",")
        }
        _ => return Err((ErrorCode::UNKNOWN_SERVER_ERROR, String::new())),
    };
    config.set(name, &value).map_err(invalid)
}

impl Tamper for IncrementalAlterConfigsResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let fail = |resource: &mut AlterConfigsResourceResponse, code| resource.error_code = code;
        tamper_list(&mut self.responses, fault, |at, r| at.matches_topic(&r.resource_name))
            | fail_list(
                &mut self.responses,
                fault,
                |at, r| at.matches_topic(&r.resource_name),
                fail,
            )
    }
}
