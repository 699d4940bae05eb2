//! AlterConfigs (key 33), versions 0 to 2 (KIP-133).
//!
//! - Replaces the whole configuration of topics: UNKNOWN_TOPIC_OR_PARTITION, INVALID_CONFIG for unknown keys and bad
//!   values, INVALID_REQUEST for a resource that comes twice. `validate_only` only checks.
//!
//! Deviation: other resources than topics are INVALID_REQUEST.

use kafka_proto::messages::alter_configs::{
    AlterConfigsRequest, AlterConfigsResource, AlterConfigsResourceResponse, AlterConfigsResponse,
};
use kafka_proto::{ApiKey, ErrorCode, Str};

use super::describe_configs::TOPIC;
use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, repeated};
use crate::fault::Fault;
use crate::state::config::TopicConfig;
use crate::state::{Rejection, check_name};

pub(super) fn handle(
    call: &mut Call<'_>,
    request: AlterConfigsRequest,
) -> Reply<AlterConfigsResponse> {
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
            Err((code, text)) => (code, Some(text)),
        };
        responses.push(AlterConfigsResourceResponse {
            error_code: code.0,
            error_message: text.map(Str::from),
            resource_type: resource.resource_type,
            resource_name: resource.resource_name,
            ..Default::default()
        });
    }
    Reply::Answer(AlterConfigsResponse { responses, ..Default::default() })
}

fn alter(
    call: &mut Call<'_>,
    resource: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), Rejection> {
    let name = &resource.resource_name;
    if let Some(code) = call.script.refusal_of_topic(ApiKey::AlterConfigs, name) {
        return Err((code, code.to_string()));
    }
    if resource.resource_type != TOPIC {
        let text = format!("Unexpected resource type {}.", resource.resource_type);
        return Err((ErrorCode::INVALID_REQUEST, text));
    }
    check_name(name)?;
    let mut config = TopicConfig::default();
    for change in &resource.configs {
        let value = change.value.as_deref().ok_or_else(|| {
            let text = format!("Null value not supported for : {}", change.name);
            (ErrorCode::INVALID_REQUEST, text)
        })?;
        config.set(&change.name, value).map_err(|text| (ErrorCode::INVALID_CONFIG, text))?;
    }
    call.state.set_topic_config(name, config, validate_only)
}

impl Tamper for AlterConfigsResponse {
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
