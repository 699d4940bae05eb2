//! ListOffsets (key 2), versions 0 to 11.
//!
//! - Version 0, served before 4.0, answers with a list: where segments begin, and where the last one ends, newest first.
//! - -1 latest (the high watermark), -2 earliest, -3 the first record with the largest timestamp (version 7), -4
//!   earliest on local disks (version 8), -5 latest in tiered storage (version 9), -6 first not yet
//!   in tiered storage (version 11); other negative times, or these at older versions, are
//!   UNSUPPORTED_VERSION.
//! - Any other time: the first record in log order that is as late or later, with its own time;
//!   offset -1 if there is none.
//! - While a new leader's high watermark is below the start of its epoch, what lies beyond it is
//!   OFFSET_NOT_AVAILABLE (before version 5 LEADER_NOT_AVAILABLE).
//! - A partition named twice is INVALID_REQUEST, answered once. Leader epochs are checked (version 4,
//!   KIP-320).
//!
//! Deviations: for version 0 a log is one segment, as old as its last record; there is no tiered storage, so -5 and -6 find nothing; there are no transactions, so
//! both isolation levels see the same end.

use kafka_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse,
    ListOffsetsTopicResponse,
};
use kafka_proto::{ApiKey, ErrorCode, Str};

use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, last_of_each, repeated};
use crate::fault::Fault;
use crate::log::Found;
use crate::state::Partition;

/// Special times, each with the first version that knows it.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: (i64, i16) = (-3, 7);
const EARLIEST_LOCAL: (i64, i16) = (-4, 8);
const LATEST_TIERED: (i64, i16) = (-5, 9);
const EARLIEST_PENDING_UPLOAD: (i64, i16) = (-6, 11);

/// The version from which on clients know OFFSET_NOT_AVAILABLE.
const NOT_AVAILABLE_FROM: i16 = 5;

const NOT_FOUND: Found = Found { offset: -1, timestamp: -1, leader_epoch: -1 };

pub(super) fn handle(
    call: &mut Call<'_>,
    request: ListOffsetsRequest,
) -> Reply<ListOffsetsResponse> {
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let repeated = repeated(topic.partitions.iter().map(|partition| partition.partition_index));
        let wanted = last_of_each(topic.partitions, |partition| partition.partition_index);
        let partitions = wanted.iter().map(|partition| {
            let twice = repeated.contains(&partition.partition_index);
            if call.version == 0 {
                return answer_list(partition.partition_index, list(call, &topic.name, partition));
            }
            let found = if twice {
                Err(ErrorCode::INVALID_REQUEST)
            } else {
                find(call, &topic.name, partition)
            };
            answer(call.version, partition.partition_index, found)
        });
        let partitions = partitions.collect();
        topics.push(ListOffsetsTopicResponse {
            name: topic.name,
            partitions,
            ..Default::default()
        });
    }
    Reply::Answer(ListOffsetsResponse { topics, ..Default::default() })
}

fn find(
    call: &mut Call<'_>,
    topic: &Str,
    wanted: &ListOffsetsPartition,
) -> Result<Found, ErrorCode> {
    if let Some(code) = call.script.refusal(ApiKey::ListOffsets, topic, wanted.partition_index) {
        return Err(code);
    }
    let replica =
        call.state.led_by(call.node, topic, wanted.partition_index, wanted.current_leader_epoch)?;
    look_up(replica.partition, wanted.timestamp, call.version)
}

/// Version 0: offsets of segment starts and of the log's end, newest first, from the last one that is not younger than
/// the time asked for.
fn list(
    call: &mut Call<'_>,
    topic: &Str,
    wanted: &ListOffsetsPartition,
) -> Result<Vec<i64>, ErrorCode> {
    if let Some(code) = call.script.refusal(ApiKey::ListOffsets, topic, wanted.partition_index) {
        return Err(code);
    }
    let now = call.state.wall_ms(call.now);
    let replica = call.state.led_by(call.node, topic, wanted.partition_index, -1)?;
    let (log, end) = (&replica.partition.log, replica.high_watermark);
    let modified = log.find_max_time().map_or(now, |found| found.timestamp);
    let mut known = vec![(log.start(), modified)];
    if log.start() < end {
        known.push((end, now));
    }
    let old_enough = match wanted.timestamp {
        LATEST => known.len(),
        EARLIEST => 1,
        time => known.iter().rposition(|(_, modified)| *modified <= time).map_or(0, |at| at + 1),
    };
    let most = usize::try_from(wanted.max_num_offsets).unwrap_or(0);
    Ok(known.iter().take(old_enough).rev().take(most).map(|(offset, _)| *offset).collect())
}

fn answer_list(
    partition_index: i32,
    found: Result<Vec<i64>, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let (old_style_offsets, code) = match found {
        Ok(offsets) => (offsets, ErrorCode::NONE),
        Err(code) => (Vec::new(), code),
    };
    ListOffsetsPartitionResponse {
        partition_index,
        error_code: code.0,
        old_style_offsets,
        ..Default::default()
    }
}

fn look_up(partition: &Partition, timestamp: i64, version: i16) -> Result<Found, ErrorCode> {
    let Partition { log, leader_epoch, epoch_start, .. } = partition;
    let end = partition.high_watermark();
    // A new leader may not know yet how far its predecessor let consumers read.
    let beyond = match version {
        _ if *epoch_start <= end => Ok(NOT_FOUND),
        NOT_AVAILABLE_FROM.. => Err(ErrorCode::OFFSET_NOT_AVAILABLE),
        _ => Err(ErrorCode::LEADER_NOT_AVAILABLE),
    };
    let at = |offset, leader_epoch| Found { offset, timestamp: -1, leader_epoch };
    let readable = |found: Option<Found>| match found {
        Some(found) if found.offset < end => Ok(found),
        _ => beyond,
    };
    let known = |(time, since): (i64, i16)| timestamp == time && version >= since;
    Ok(match timestamp {
        LATEST => beyond.map(|_| at(end, *leader_epoch))?,
        EARLIEST => at(log.start(), log.epoch_at(log.start())),
        _ if known(EARLIEST_LOCAL) => at(log.start(), log.epoch_at(log.start())),
        _ if known(MAX_TIMESTAMP) => readable(log.find_max_time())?,
        _ if known(LATEST_TIERED) || known(EARLIEST_PENDING_UPLOAD) => NOT_FOUND,
        ..0 => return Err(ErrorCode::UNSUPPORTED_VERSION),
        _ => readable(log.find_time(timestamp))?,
    })
}

fn answer(
    version: i16,
    partition_index: i32,
    found: Result<Found, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let (found, code) = match found {
        Ok(found) => (found, ErrorCode::NONE),
        Err(code) => (NOT_FOUND, code),
    };
    ListOffsetsPartitionResponse {
        partition_index,
        error_code: code.0,
        timestamp: found.timestamp,
        offset: found.offset,
        leader_epoch: if version >= 4 { found.leader_epoch } else { -1 },
        ..Default::default()
    }
}

impl Tamper for ListOffsetsResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let mut met = false;
        for topic in &mut self.topics {
            let fail = |partition: &mut ListOffsetsPartitionResponse, code| {
                *partition = answer(0, partition.partition_index, Ok(NOT_FOUND));
                partition.error_code = code;
            };
            met |= tamper_list(&mut topic.partitions, fault, |at, p| {
                at.matches(&topic.name, p.partition_index)
            });
            met |= fail_list(
                &mut topic.partitions,
                fault,
                |at, p| at.matches(&topic.name, p.partition_index),
                fail,
            );
        }
        met
    }
}
