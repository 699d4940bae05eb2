//! CreatePartitions (key 37), versions 0 to 3 (KIP-195).
//!
//! - Grows topics to a new total: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS for a total that is no more than there is,
//!   INVALID_REPLICA_ASSIGNMENT for assignments of another number or size. A topic named twice is INVALID_REQUEST,
//!   answered once. `validate_only` only checks.
//! - Before 4.0 only the controller's node does so, the others answer NOT_CONTROLLER.
//!
//! Deviation: the new partitions are known to all nodes at once.

use kafka_proto::messages::create_partitions::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsTopic,
    CreatePartitionsTopicResult,
};
use kafka_proto::{ApiKey, ErrorCode};

use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, last_of_each, repeated};
use crate::fault::Fault;
use crate::state::Rejection;

pub(super) fn handle(
    call: &mut Call<'_>,
    request: CreatePartitionsRequest,
) -> Reply<CreatePartitionsResponse> {
    let validate_only = request.validate_only;
    let repeated = repeated(request.topics.iter().map(|topic| topic.name.clone()));
    let mut results = Vec::with_capacity(request.topics.len());
    for topic in last_of_each(request.topics, |topic| topic.name.clone()) {
        let grown = if repeated.contains(&topic.name) {
            Err((ErrorCode::INVALID_REQUEST, "Duplicate topic name.".to_owned()))
        } else {
            grow(call, &topic, validate_only)
        };
        // That there is no such topic needs no words.
        let wordy = |code| code != ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        let (code, text) = match grown {
            Ok(()) => (ErrorCode::NONE, None),
            Err((code, text)) => (code, Some(text).filter(|text| !text.is_empty() && wordy(code))),
        };
        results.push(CreatePartitionsTopicResult {
            name: topic.name,
            error_code: code.0,
            error_message: text.map(Into::into),
            ..Default::default()
        });
    }
    Reply::Answer(CreatePartitionsResponse { results, ..Default::default() })
}

fn grow(
    call: &mut Call<'_>,
    topic: &CreatePartitionsTopic,
    validate_only: bool,
) -> Result<(), Rejection> {
    if let Some(code) = call.script.refusal_of_topic(ApiKey::CreatePartitions, &topic.name) {
        return Err((code, code.to_string()));
    }
    if !call.state.takes_controllers_work(call.node) {
        return Err((ErrorCode::NOT_CONTROLLER, String::new()));
    }
    let assigned = topic.assignments.as_ref().map(|assignments| {
        assignments.iter().map(|assignment| assignment.broker_ids.clone()).collect()
    });
    let placed = call.state.plan_growth(&topic.name, topic.count, assigned)?;
    if !validate_only {
        call.state.grow(&topic.name, placed);
    }
    Ok(())
}

impl Tamper for CreatePartitionsResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let fail = |topic: &mut CreatePartitionsTopicResult, code| topic.error_code = code;
        tamper_list(&mut self.results, fault, |at, topic| at.matches_topic(&topic.name))
            | fail_list(&mut self.results, fault, |at, topic| at.matches_topic(&topic.name), fail)
    }
}
