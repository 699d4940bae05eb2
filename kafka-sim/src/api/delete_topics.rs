//! DeleteTopics (key 20), versions 0 to 6.
//!
//! - By name, or from version 6 by id: UNKNOWN_TOPIC_OR_PARTITION and UNKNOWN_TOPIC_ID for those
//!   that aren't there, INVALID_REQUEST for name and id at once, for neither, and for one named
//!   twice.
//! - Before 4.0 only the controller's node does so, the others answer NOT_CONTROLLER.
//! - A topic is gone at once; a Fetch that waits on it is answered.

use kafka_proto::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicState, DeleteTopicsRequest, DeleteTopicsResponse,
};
use kafka_proto::{ApiKey, ErrorCode, Str, Uuid};

use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, last_of_each, repeated};
use crate::fault::Fault;

pub(super) fn handle(
    call: &mut Call<'_>,
    request: DeleteTopicsRequest,
) -> Reply<DeleteTopicsResponse> {
    let named = |name: Str| DeleteTopicState { name: Some(name), ..Default::default() };
    let wanted: Vec<DeleteTopicState> = match call.version {
        6.. => request.topics,
        _ => request.topic_names.into_iter().map(named).collect(),
    };
    let mut responses: Vec<DeletableTopicResult> = Vec::with_capacity(wanted.len());
    let key = |topic: &DeleteTopicState| (topic.name.clone(), topic.topic_id);
    let repeated = repeated(wanted.iter().map(key));
    for topic in &last_of_each(wanted, key) {
        let result = if repeated.contains(&key(topic)) {
            Err((ErrorCode::INVALID_REQUEST, Some("Duplicate topic name.".into())))
        } else {
            delete(call, topic)
        };
        responses.push(answer(call.version, topic, result));
    }
    Reply::Answer(DeleteTopicsResponse { responses, ..Default::default() })
}

type Deleted = Result<(Str, Uuid), (ErrorCode, Option<Str>)>;

fn delete(call: &mut Call<'_>, topic: &DeleteTopicState) -> Deleted {
    if !call.state.takes_controllers_work(call.node) {
        return Err((ErrorCode::NOT_CONTROLLER, None));
    }
    let name = match (&topic.name, topic.topic_id) {
        (Some(name), Uuid::ZERO) => name.clone(),
        (None, id) if !id.is_zero() => match call.state.names.get(&id) {
            Some(name) => name.clone(),
            None => {
                return Err((
                    ErrorCode::UNKNOWN_TOPIC_ID,
                    Some("This server does not host this topic ID.".into()),
                ));
            }
        },
        (Some(_), _) => {
            return Err((
                ErrorCode::INVALID_REQUEST,
                Some("You may not specify both topic name and topic id.".into()),
            ));
        }
        (None, _) => {
            return Err((
                ErrorCode::INVALID_REQUEST,
                Some("Neither topic name nor id were specified.".into()),
            ));
        }
    };
    if let Some(code) = call.script.refusal_of_topic(ApiKey::DeleteTopics, &name) {
        return Err((code, None));
    }
    match call.state.delete_topic(&name) {
        Ok(id) => Ok((name, id)),
        Err(code) => Err((code, Some("This server does not host this topic-partition.".into()))),
    }
}

fn answer(version: i16, topic: &DeleteTopicState, result: Deleted) -> DeletableTopicResult {
    let (name, topic_id, code, error_message) = match result {
        Ok((name, id)) => (Some(name), id, ErrorCode::NONE, None),
        Err((code, message)) => (topic.name.clone(), topic.topic_id, code, message),
    };
    DeletableTopicResult {
        name: if version < 6 { Some(name.unwrap_or_default()) } else { name },
        topic_id,
        error_code: code.0,
        error_message,
        ..Default::default()
    }
}

impl Tamper for DeleteTopicsResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let name = |topic: &DeletableTopicResult| topic.name.clone().unwrap_or_default();
        let fail = |topic: &mut DeletableTopicResult, code| topic.error_code = code;
        tamper_list(&mut self.responses, fault, |at, topic| at.matches_topic(&name(topic)))
            | fail_list(
                &mut self.responses,
                fault,
                |at, topic| at.matches_topic(&name(topic)),
                fail,
            )
    }
}
