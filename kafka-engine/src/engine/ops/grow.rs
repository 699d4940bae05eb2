//! Growing topics.

use alloc::sync::Arc;

use kafka_proto::messages::create_partitions::CreatePartitionsTopic;
use kafka_proto::messages::{CreatePartitionsRequest, CreatePartitionsResponse};
use kafka_proto::{ErrorCode, Str};

use super::admin::{open, refusal, settle};
use super::{OpKind, Ops, Step};
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::OpId;

impl OpKind {
    /// The CreatePartitions request for what has no result yet.
    pub(crate) fn grow_request(&self) -> CreatePartitionsRequest {
        let Self::Grow { topics, results, timeout_ms } = self else {
            return CreatePartitionsRequest::default();
        };
        let topic = |(name, count): &(Arc<str>, i32)| CreatePartitionsTopic {
            name: Str::from(&**name),
            count: *count,
            ..Default::default()
        };
        CreatePartitionsRequest {
            topics: open(topics, results).map(topic).collect(),
            timeout_ms: *timeout_ms,
            ..Default::default()
        }
    }
}

impl Ops {
    pub(crate) fn handle_grown(
        &mut self,
        world: &mut World,
        id: OpId,
        response: &CreatePartitionsResponse,
    ) -> Step {
        let Some(op) = self.get_mut(id) else {
            return Step::Wait;
        };
        op.answered();
        let OpKind::Grow { topics, results, .. } = &mut op.kind else {
            return Step::Wait;
        };
        let mut passing = None;
        for ((topic, _), slot) in
            topics.iter().zip(results.iter_mut()).filter(|(_, slot)| slot.is_none())
        {
            let answer = response.results.iter().find(|answer| *answer.name == **topic);
            let result = answer.map(|answer| match ErrorCode::from(answer.error_code) {
                ErrorCode::NONE => Ok(()),
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => {
                    Err(Error::new(ErrorKind::UnknownTopic { topic: Arc::clone(topic) }))
                }
                code => Err(refusal("grow", topic, code, answer.error_message.as_ref())),
            });
            settle(slot, result, &mut passing);
        }
        self.after_admin(world, id, passing)
    }
}
