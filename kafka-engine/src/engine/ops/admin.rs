//! Describing, creating and deleting topics.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;

use kafka_proto::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreatableTopicResult,
};
use kafka_proto::messages::delete_topics::DeleteTopicState;
use kafka_proto::messages::metadata::MetadataRequestTopic;
use kafka_proto::messages::{
    CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
    MetadataRequest, MetadataResponse,
};
use kafka_proto::{ErrorCode, Str};

use super::{Op, OpKind, Ops, Slots, Step};
use crate::command::{ByTopic, CreatedTopic, NewTopic, Reply};
use crate::engine::snapshot::{self, Verdict};
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::{OpId, TopicKey};

/// The first version that deletes by a list of states, by name or by id.
const DELETE_BY_STATE: i16 = 6;

impl OpKind {
    /// The Metadata request of a description.
    pub(crate) fn describe_request(&self, version: i16) -> MetadataRequest {
        let Self::Describe { topics } = self else {
            return MetadataRequest::default();
        };
        let named = |name: &Arc<str>| MetadataRequestTopic {
            name: Some(Str::from(&**name)),
            ..Default::default()
        };
        MetadataRequest {
            topics: topics.as_ref().map(|topics| topics.iter().map(named).collect()),
            allow_auto_topic_creation: version < 4,
            ..Default::default()
        }
    }

    /// The CreateTopics request for what has no result yet.
    pub(crate) fn create_request(&self) -> CreateTopicsRequest {
        let Self::Create { topics, validate_only, results, timeout_ms } = self else {
            return CreateTopicsRequest::default();
        };
        CreateTopicsRequest {
            topics: open(topics, results).map(creatable).collect(),
            timeout_ms: *timeout_ms,
            validate_only: *validate_only,
            ..Default::default()
        }
    }

    /// The DeleteTopics request for what has no result yet.
    pub(crate) fn delete_request(&self, version: i16) -> DeleteTopicsRequest {
        let Self::Delete { topics, results, timeout_ms } = self else {
            return DeleteTopicsRequest::default();
        };
        let mut request = DeleteTopicsRequest { timeout_ms: *timeout_ms, ..Default::default() };
        for name in open(topics, results) {
            let name = Str::from(&**name);
            if version >= DELETE_BY_STATE {
                request.topics.push(DeleteTopicState { name: Some(name), ..Default::default() });
            } else {
                request.topic_names.push(name);
            }
        }
        request
    }
}

impl Ops {
    pub(crate) fn handle_described(
        &mut self,
        world: &mut World,
        id: OpId,
        response: &MetadataResponse,
    ) -> Step {
        let Some(op) = self.get_mut(id) else {
            return Step::Wait;
        };
        op.answered();
        let mut topics = BTreeMap::new();
        for described in &response.topics {
            let Some(name) = described.name.as_deref().map(Arc::<str>::from) else {
                continue;
            };
            let key = world.metadata.key_of(&name).unwrap_or(TopicKey(u32::MAX));
            let entry = match snapshot::judge(key, &name, Some(described), None) {
                Verdict::Known { topic, .. } => Ok(topic),
                Verdict::Unknown => {
                    Err(Error::new(ErrorKind::UnknownTopic { topic: Arc::clone(&name) }))
                }
                Verdict::Passing => {
                    Err(refusal("describe", &name, ErrorCode::LEADER_NOT_AVAILABLE, None))
                }
                Verdict::Refused(code) => Err(refusal("describe", &name, code, None)),
            };
            topics.insert(name, entry);
        }
        Step::Done(Ok(Reply::Topics(topics.into_iter().collect())))
    }

    pub(crate) fn handle_created(
        &mut self,
        world: &mut World,
        id: OpId,
        response: &CreateTopicsResponse,
    ) -> Step {
        let Some(op) = self.get_mut(id) else {
            return Step::Wait;
        };
        op.answered();
        let OpKind::Create { topics, results, .. } = &mut op.kind else {
            return Step::Wait;
        };
        let mut passing = None;
        for (topic, slot) in
            topics.iter().zip(results.iter_mut()).filter(|(_, slot)| slot.is_none())
        {
            let answer = response.topics.iter().find(|answer| *answer.name == *topic.name);
            settle(slot, answer.map(|answer| created(topic, answer)), &mut passing);
        }
        self.after_admin(world, id, passing)
    }

    pub(crate) fn handle_deleted(
        &mut self,
        world: &mut World,
        id: OpId,
        response: &DeleteTopicsResponse,
    ) -> Step {
        let Some(op) = self.get_mut(id) else {
            return Step::Wait;
        };
        op.answered();
        let maybe_done = op.maybe_done;
        let OpKind::Delete { topics, results, .. } = &mut op.kind else {
            return Step::Wait;
        };
        let mut passing = None;
        for (topic, slot) in
            topics.iter().zip(results.iter_mut()).filter(|(_, slot)| slot.is_none())
        {
            let answer =
                response.responses.iter().find(|answer| answer.name.as_deref() == Some(&**topic));
            let result = answer.map(|answer| match ErrorCode::from(answer.error_code) {
                ErrorCode::NONE => Ok(()),
                // An answer was lost, so it is this operation that deleted the topic.
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION if maybe_done => Ok(()),
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => {
                    Err(Error::new(ErrorKind::UnknownTopic { topic: Arc::clone(topic) }))
                }
                code => Err(refusal("delete", topic, code, answer.error_message.as_ref())),
            });
            settle(slot, result, &mut passing);
        }
        self.after_admin(world, id, passing)
    }

    /// Retries what was refused for a reason that passes; else the operation may be over.
    pub(super) fn after_admin(
        &mut self,
        world: &mut World,
        id: OpId,
        passing: Option<Error>,
    ) -> Step {
        world.metadata.refresh(&mut world.ctx);
        match (passing, self.get_mut(id)) {
            (Some(error), Some(op)) => {
                op.note_refusal(error);
                op.try_again(world, id);
                Step::Wait
            }
            _ => self.step(world, id),
        }
    }
}

impl Op {
    /// The answer, once every topic has its result.
    pub(super) fn take_admin_reply(&mut self) -> Option<Reply> {
        match &mut self.kind {
            OpKind::Create { topics, results, .. } => {
                let names = topics.iter().map(|topic| Arc::clone(&topic.name));
                Some(Reply::Created(complete(names, results)?))
            }
            OpKind::Delete { topics, results, .. } => {
                Some(Reply::Deleted(complete(topics.iter().map(Arc::clone), results)?))
            }
            OpKind::Grow { topics, results, .. } => {
                let names = topics.iter().map(|(topic, _)| Arc::clone(topic));
                Some(Reply::Grown(complete(names, results)?))
            }
            _ => None,
        }
    }
}

/// Names with their results, if none is missing.
fn complete<T>(
    names: impl Iterator<Item = Arc<str>>,
    results: &mut Slots<T>,
) -> Option<ByTopic<T>> {
    if results.iter().any(Option::is_none) {
        return None;
    }
    Some(names.zip(results.drain(..).flatten()).collect())
}

/// Those without a result yet.
pub(super) fn open<'a, T, R>(asked: &'a [T], results: &'a Slots<R>) -> impl Iterator<Item = &'a T> {
    asked.iter().zip(results).filter(|(_, result)| result.is_none()).map(|(asked, _)| asked)
}

/// Takes a result, unless it is a refusal that passes.
pub(super) fn settle<T>(
    slot: &mut Option<Result<T, Error>>,
    result: Option<Result<T, Error>>,
    passing: &mut Option<Error>,
) {
    match result {
        Some(Err(error)) if error.is_retriable() => *passing = Some(error),
        Some(result) => *slot = Some(result),
        // A broker that leaves a topic out has not said anything about it: it is asked again.
        None => {
            *passing = Some(refusal("administration", "", ErrorCode::UNKNOWN_SERVER_ERROR, None))
        }
    }
}

fn created(topic: &NewTopic, answer: &CreatableTopicResult) -> Result<CreatedTopic, Error> {
    match ErrorCode::from(answer.error_code) {
        ErrorCode::NONE => Ok(CreatedTopic {
            id: answer.topic_id,
            partitions: (answer.num_partitions >= 0).then_some(answer.num_partitions),
            replication_factor: (answer.replication_factor >= 0)
                .then_some(answer.replication_factor),
        }),
        code => Err(refusal("create", &topic.name, code, answer.error_message.as_ref())),
    }
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let config =
        |(name, value): &(alloc::string::String, alloc::string::String)| CreatableTopicConfig {
            name: Str::from(name.as_str()),
            value: Some(Str::from(value.as_str())),
            ..Default::default()
        };
    CreatableTopic {
        name: Str::from(&*topic.name),
        num_partitions: topic.partitions.unwrap_or(-1),
        replication_factor: topic.replication_factor.unwrap_or(-1),
        configs: topic.configs.iter().map(config).collect(),
        ..Default::default()
    }
}

pub(super) fn refusal(what: &str, topic: &str, code: ErrorCode, message: Option<&Str>) -> Error {
    let context = format!("{what} topic {topic}");
    Error::new(ErrorKind::Broker { code, context, message: message.map(|words| words.to_string()) })
}
