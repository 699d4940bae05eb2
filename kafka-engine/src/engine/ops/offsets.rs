//! Offsets by partition, from each partition's leader.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;

use kafka_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsTopic,
};
use kafka_proto::messages::{ListOffsetsRequest, ListOffsetsResponse};
use kafka_proto::{ErrorCode, Str};

use super::{Op, OpKind, Ops, Slots, Step, settle};
use crate::command::{ByPartition, ListedOffset, OffsetSpec, Reply};
use crate::engine::consumer::{EARLIEST, LATEST};
use crate::engine::metadata::Metadata;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::OpId;

/// What is asked of one partition: its slot in the operation, its number, the timestamp.
type Question<'a> = (&'a str, i32, i64);

impl Op {
    /// Which leader is asked for which slots; a partition that does not exist gets its error.
    pub(super) fn shares(&mut self, world: &World) -> BTreeMap<i32, Vec<usize>> {
        match &mut self.kind {
            OpKind::Offsets { partitions, results } => share(&world.metadata, partitions, results),
            OpKind::DeleteRecords { partitions, results, .. } => {
                share(&world.metadata, partitions, results)
            }
            _ => BTreeMap::new(),
        }
    }

    /// The answer, once every partition has its result.
    pub(super) fn take_shared_reply(&mut self) -> Option<Reply> {
        match &mut self.kind {
            OpKind::Offsets { partitions, results } => {
                Some(Reply::Offsets(complete(partitions, results)?))
            }
            OpKind::DeleteRecords { partitions, results, .. } => {
                Some(Reply::RecordsDeleted(complete(partitions, results)?))
            }
            _ => None,
        }
    }
}

/// Slots without a result, by the leader of their partition.
fn share<S, T>(
    metadata: &Metadata,
    partitions: &[(Arc<str>, i32, S)],
    results: &mut Slots<T>,
) -> BTreeMap<i32, Vec<usize>> {
    let mut shares: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (slot, ((topic, partition, _), result)) in
        partitions.iter().zip(results.iter_mut()).enumerate()
    {
        if result.is_some() {
            continue;
        }
        match group_by_leader(metadata, topic, *partition) {
            Ok(Some(leader)) => shares.entry(leader).or_default().push(slot),
            Ok(None) => {}
            Err(error) => *result = Some(Err(error)),
        }
    }
    shares
}

/// Partitions with their results, if none is missing.
fn complete<S, T>(
    partitions: &[(Arc<str>, i32, S)],
    results: &mut Slots<T>,
) -> Option<ByPartition<T>> {
    if results.iter().any(Option::is_none) {
        return None;
    }
    let rows = partitions
        .iter()
        .zip(results.drain(..).flatten())
        .map(|((topic, partition, _), result)| (Arc::clone(topic), *partition, result));
    Some(rows.collect())
}

impl Ops {
    pub(crate) fn handle_offsets(
        &mut self,
        world: &mut World,
        id: OpId,
        slots: &[usize],
        response: &ListOffsetsResponse,
    ) -> Step {
        let Some(op) = self.get_mut(id) else {
            return Step::Wait;
        };
        op.answered();
        let OpKind::Offsets { partitions, results } = &mut op.kind else {
            return Step::Wait;
        };
        let passing = settle(slots, partitions, results, |topic, partition| {
            find(response, topic, partition).map(|answer| read(topic, answer))
        });
        let complete = results.iter().all(Option::is_some);
        self.after_share(world, id, passing, complete)
    }
}

/// The leader of a partition, if it has one; an error if there is no such partition.
pub(crate) fn group_by_leader(
    metadata: &Metadata,
    topic: &Arc<str>,
    partition: i32,
) -> Result<Option<i32>, Error> {
    let Some(known) = metadata.key_of(topic).and_then(|key| metadata.topic(key)) else {
        return Ok(None);
    };
    let found = usize::try_from(partition).ok().and_then(|index| known.partitions.get(index));
    match found {
        Some(found) => Ok(found.leader),
        None => Err(Error::new(ErrorKind::UnknownPartition {
            topic: Arc::clone(topic),
            partition,
            partitions: known.partitions.len(),
        })),
    }
}

/// The request for some slots of an operation.
pub(crate) fn offsets_request(
    metadata: &Metadata,
    kind: &OpKind,
    slots: &[usize],
) -> ListOffsetsRequest {
    let OpKind::Offsets { partitions, .. } = kind else {
        return ListOffsetsRequest::default();
    };
    let asked = slots.iter().filter_map(|slot| partitions.get(*slot));
    let questions =
        asked.map(|(topic, partition, spec)| (&**topic, *partition, timestamp_of(*spec)));
    let mut topics: BTreeMap<&str, Vec<ListOffsetsPartition>> = BTreeMap::new();
    for question in questions {
        topics.entry(question.0).or_default().push(entry(metadata, question));
    }
    let topic = |(name, partitions)| ListOffsetsTopic {
        name: Str::from(name),
        partitions,
        ..Default::default()
    };
    ListOffsetsRequest {
        replica_id: -1,
        topics: topics.into_iter().map(topic).collect(),
        ..Default::default()
    }
}

fn entry(metadata: &Metadata, (topic, partition, timestamp): Question<'_>) -> ListOffsetsPartition {
    let leader = metadata.key_of(topic).and_then(|key| metadata.leader(key, partition));
    ListOffsetsPartition {
        partition_index: partition,
        current_leader_epoch: leader.map_or(-1, |(_, epoch)| epoch),
        timestamp,
        ..Default::default()
    }
}

fn timestamp_of(spec: OffsetSpec) -> i64 {
    match spec {
        OffsetSpec::Earliest => EARLIEST,
        OffsetSpec::Latest => LATEST,
        OffsetSpec::Timestamp(timestamp) => timestamp.max(0),
    }
}

fn find<'a>(
    response: &'a ListOffsetsResponse,
    topic: &str,
    partition: i32,
) -> Option<&'a ListOffsetsPartitionResponse> {
    let topic = response.topics.iter().find(|answer| &*answer.name == topic)?;
    topic.partitions.iter().find(|answer| answer.partition_index == partition)
}

fn read(topic: &str, answer: &ListOffsetsPartitionResponse) -> Result<ListedOffset, Error> {
    match ErrorCode::from(answer.error_code) {
        ErrorCode::NONE => Ok(ListedOffset {
            offset: (answer.offset >= 0).then_some(answer.offset),
            timestamp: (answer.timestamp >= 0).then_some(answer.timestamp),
            leader_epoch: (answer.leader_epoch >= 0).then_some(answer.leader_epoch),
        }),
        code => {
            let context = format!("offsets of {topic}-{}", answer.partition_index);
            Err(Error::new(ErrorKind::Broker { code, context, message: None }))
        }
    }
}
