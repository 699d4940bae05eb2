//! OffsetForLeaderEpoch (key 23), versions 0 to 4: where an epoch ends (KIP-101, KIP-279).
//!
//! - Only the leader answers, else NOT_LEADER_OR_FOLLOWER. Leader epochs are checked from version 2 on (KIP-320).
//! - The epoch found is the greatest that is not above the one asked for, and its end is where the next one begins, or
//!   the log's end. Below the first epoch that the log knows, it is the epoch itself and the first one's start. An epoch
//!   in the future, or a negative one, has neither: both are -1, without an error.
//! - The log's end is told as it is, not the high watermark.

use kafka_proto::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition, OffsetForLeaderTopicResult,
};
use kafka_proto::{ApiKey, ErrorCode, Str};

use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply};
use crate::fault::Fault;
use crate::log::EpochEnd;

pub(super) fn handle(
    call: &mut Call<'_>,
    request: OffsetForLeaderEpochRequest,
) -> Reply<OffsetForLeaderEpochResponse> {
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let found = topic.partitions.iter().map(|wanted| {
            let found = find(call, &topic.topic, wanted);
            answer(wanted.partition, found)
        });
        let partitions = found.collect();
        topics.push(OffsetForLeaderTopicResult {
            topic: topic.topic,
            partitions,
            ..Default::default()
        });
    }
    Reply::Answer(OffsetForLeaderEpochResponse { topics, ..Default::default() })
}

fn find(
    call: &mut Call<'_>,
    topic: &Str,
    wanted: &OffsetForLeaderPartition,
) -> Result<Option<EpochEnd>, ErrorCode> {
    let OffsetForLeaderPartition { partition, current_leader_epoch, leader_epoch, .. } = *wanted;
    if let Some(code) = call.script.refusal(ApiKey::OffsetForLeaderEpoch, topic, partition) {
        return Err(code);
    }
    let replica = call.state.led_by(call.node, topic, partition, current_leader_epoch)?;
    Ok(replica.epoch_end(leader_epoch))
}

fn answer(partition: i32, found: Result<Option<EpochEnd>, ErrorCode>) -> EpochEndOffset {
    let (found, code) = match found {
        Ok(found) => (found, ErrorCode::NONE),
        Err(code) => (None, code),
    };
    let EpochEnd { epoch, end } = found.unwrap_or(EpochEnd { epoch: -1, end: -1 });
    EpochEndOffset {
        error_code: code.0,
        partition,
        leader_epoch: epoch,
        end_offset: end,
        ..Default::default()
    }
}

impl Tamper for OffsetForLeaderEpochResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let mut met = false;
        for OffsetForLeaderTopicResult { topic, partitions, .. } in &mut self.topics {
            let fail = |partition: &mut EpochEndOffset, code| {
                *partition = answer(partition.partition, Err(ErrorCode(code)));
            };
            met |= tamper_list(partitions, fault, |at, p| at.matches(topic, p.partition));
            met |= fail_list(partitions, fault, |at, p| at.matches(topic, p.partition), fail);
        }
        met
    }
}
