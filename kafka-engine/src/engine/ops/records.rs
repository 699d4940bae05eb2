//! Deleting records by offset, at each partition's leader.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use kafka_proto::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsPartitionResult, DeleteRecordsTopic,
};
use kafka_proto::messages::{DeleteRecordsRequest, DeleteRecordsResponse};
use kafka_proto::{ErrorCode, Str};

use super::{OpKind, Ops, Step, settle};
use crate::command::DeleteBefore;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::OpId;

/// The offset that stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

impl OpKind {
    /// The DeleteRecords request for some slots. A partition that is there twice is asked once, for the larger offset.
    pub(crate) fn delete_records_request(&self, slots: &[usize]) -> DeleteRecordsRequest {
        let Self::DeleteRecords { partitions, timeout_ms, .. } = self else {
            return DeleteRecordsRequest::default();
        };
        let mut furthest: BTreeMap<&str, BTreeMap<i32, DeleteBefore>> = BTreeMap::new();
        for (topic, partition, before) in slots.iter().filter_map(|slot| partitions.get(*slot)) {
            let of_topic = furthest.entry(topic).or_default();
            let known = of_topic.entry(*partition).or_insert(*before);
            *known = (*known).max(*before);
        }
        let partition = |(partition_index, before): (i32, DeleteBefore)| DeleteRecordsPartition {
            partition_index,
            offset: match before {
                DeleteBefore::Offset(offset) => offset.max(0),
                DeleteBefore::HighWatermark => HIGH_WATERMARK,
            },
            ..Default::default()
        };
        let topic = |(name, partitions): (&str, BTreeMap<i32, DeleteBefore>)| DeleteRecordsTopic {
            name: Str::from(name),
            partitions: partitions.into_iter().map(partition).collect::<Vec<_>>(),
            ..Default::default()
        };
        DeleteRecordsRequest {
            topics: furthest.into_iter().map(topic).collect(),
            timeout_ms: *timeout_ms,
            ..Default::default()
        }
    }
}

impl Ops {
    pub(crate) fn handle_records_deleted(
        &mut self,
        world: &mut World,
        id: OpId,
        slots: &[usize],
        response: &DeleteRecordsResponse,
    ) -> Step {
        let Some(op) = self.get_mut(id) else {
            return Step::Wait;
        };
        op.answered();
        let OpKind::DeleteRecords { partitions, results, .. } = &mut op.kind else {
            return Step::Wait;
        };
        let passing = settle(slots, partitions, results, |topic, partition| {
            find(response, topic, partition).map(|answer| read(topic, answer))
        });
        let complete = results.iter().all(Option::is_some);
        self.after_share(world, id, passing, complete)
    }
}

fn find<'a>(
    response: &'a DeleteRecordsResponse,
    topic: &str,
    partition: i32,
) -> Option<&'a DeleteRecordsPartitionResult> {
    let topic = response.topics.iter().find(|answer| &*answer.name == topic)?;
    topic.partitions.iter().find(|answer| answer.partition_index == partition)
}

fn read(topic: &str, answer: &DeleteRecordsPartitionResult) -> Result<i64, Error> {
    match ErrorCode::from(answer.error_code) {
        ErrorCode::NONE => Ok(answer.low_watermark),
        code => {
            let context = format!("delete records of {topic}-{}", answer.partition_index);
            Err(Error::new(ErrorKind::Broker { code, context, message: None }))
        }
    }
}
