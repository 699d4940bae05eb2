//! DeleteRecords (key 21), versions 0 to 2 (KIP-107).
//!
//! - Moves the log start to an offset, -1 for the high watermark, and answers with the log start that there is then; it
//!   never goes back. Beyond the high watermark or below -1 is OFFSET_OUT_OF_RANGE, a topic that is only compacted
//!   POLICY_VIOLATION. Only the leader does it.
//! - A topic or partition that is named twice counts once, with what came last.
//!
//! Deviation: replicas follow at once, so it never takes the request's timeout.

use kafka_proto::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsPartitionResult, DeleteRecordsRequest,
    DeleteRecordsResponse, DeleteRecordsTopicResult,
};
use kafka_proto::{ApiKey, ErrorCode, Str};

use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, last_of_each};
use crate::fault::Fault;
use crate::state::Elected;

/// The offset that stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

pub(super) fn handle(
    call: &mut Call<'_>,
    request: DeleteRecordsRequest,
) -> Reply<DeleteRecordsResponse> {
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in last_of_each(request.topics, |topic| topic.name.clone()) {
        let wanted = last_of_each(topic.partitions, |partition| partition.partition_index);
        let partitions = wanted.iter().map(|wanted| {
            let deleted = delete(call, &topic.name, wanted);
            answer(wanted.partition_index, deleted)
        });
        let partitions = partitions.collect();
        topics.push(DeleteRecordsTopicResult {
            name: topic.name,
            partitions,
            ..Default::default()
        });
    }
    Reply::Answer(DeleteRecordsResponse { topics, ..Default::default() })
}

/// Returns the log start.
fn delete(
    call: &mut Call<'_>,
    topic: &Str,
    wanted: &DeleteRecordsPartition,
) -> Result<i64, ErrorCode> {
    let index = wanted.partition_index;
    if let Some(code) = call.script.refusal(ApiKey::DeleteRecords, topic, index) {
        return Err(code);
    }
    let high_watermark = call.state.led_by(call.node, topic, index, -1)?.high_watermark;
    let deletable = call.state.topics.get(topic.as_str()).is_some_and(|t| t.config.deleted());
    if !deletable {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    let offset = if wanted.offset == HIGH_WATERMARK { high_watermark } else { wanted.offset };
    if !(0..=high_watermark).contains(&offset) {
        return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    call.state.change(topic, index, |partition, _| {
        partition.log.trim(offset);
        Elected::No
    })?;
    let start = call.state.partition(topic, index).map(|partition| partition.log.start());
    start.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
}

fn answer(partition_index: i32, deleted: Result<i64, ErrorCode>) -> DeleteRecordsPartitionResult {
    let (low_watermark, code) = match deleted {
        Ok(start) => (start, ErrorCode::NONE),
        Err(code) => (-1, code),
    };
    DeleteRecordsPartitionResult {
        partition_index,
        low_watermark,
        error_code: code.0,
        ..Default::default()
    }
}

impl Tamper for DeleteRecordsResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let mut met = false;
        for topic in &mut self.topics {
            let DeleteRecordsTopicResult { name, partitions, .. } = topic;
            let fail = |partition: &mut DeleteRecordsPartitionResult, code| {
                partition.low_watermark = -1;
                partition.error_code = code;
            };
            met |= tamper_list(partitions, fault, |at, p| at.matches(name, p.partition_index));
            met |= fail_list(partitions, fault, |at, p| at.matches(name, p.partition_index), fail);
        }
        met
    }
}
