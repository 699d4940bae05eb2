//! A Produce with acks=-1 waits for the in-sync replicas: until the high watermark has passed its
//! batches, or its time is up.
//!
//! The answer is written when the batches are appended, and then only changed where the wait ends
//! badly: it tells the base offset all the same.

use std::collections::{BTreeSet, VecDeque};

use kafka_proto::messages::produce::{PartitionProduceResponse, ProduceResponse};
use kafka_proto::{ErrorCode, Str, Uuid};

use super::{endpoints, hint};
use crate::api::{Call, Parked as AnyParked, Reply};
use crate::state::State;
use crate::{ConnId, Time};

/// A Produce that waits.
#[derive(Debug)]
pub(crate) struct Parked {
    /// When it waits no longer.
    pub(crate) deadline: Time,
    pub(super) response: ProduceResponse,
    /// Nodes that the response points to.
    pub(super) leaders: BTreeSet<i32>,
    /// What is not replicated yet. The request stands on the list of the first one's partition: all
    /// have to be through before it is answered, so the others can be looked at afterwards.
    pub(super) pending: VecDeque<Pending>,
}

/// A batch that was appended.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) topic: Uuid,
    pub(super) name: Str,
    pub(super) index: i32,
    /// Its place in the response: topic and partition.
    pub(super) place: (usize, usize),
    /// Where the high watermark must be for it.
    pub(super) required: i64,
    /// The epoch of the leader whose log took it: under another, its offset is another batch's.
    pub(super) leader_epoch: i32,
}

/// Looks again at a parked request; `last` when its time is up.
pub(crate) fn retry(
    call: &mut Call<'_>,
    mut parked: Box<Parked>,
    last: bool,
) -> Reply<ProduceResponse> {
    stop_waiting(call.state, &parked, call.conn);
    while let Some(first) = parked.pending.front() {
        let code = match judge(call, first) {
            Some(code) => code,
            None if last => ErrorCode::REQUEST_TIMED_OUT,
            None => {
                let partition = call.state.partition_mut(&first.name, first.index);
                if let Some(partition) = partition {
                    partition.waiting.insert(call.conn);
                }
                return Reply::Park(AnyParked::Produce(parked));
            }
        };
        let Parked { response, leaders, pending, .. } = &mut *parked;
        let Some(done) = pending.pop_front() else { break };
        if let Some(told) = told(response, done.place).filter(|_| code != ErrorCode::NONE) {
            told.error_code = code.0;
            hint(call, &done.name, told, leaders);
        }
    }
    let Parked { mut response, leaders, .. } = *parked;
    response.node_endpoints = endpoints(call, &leaders);
    Reply::Answer(response)
}

/// Takes the connection off the list of the partition that it waits for.
pub(crate) fn stop_waiting(state: &mut State, parked: &Parked, conn: ConnId) {
    if let Some(Pending { name, index, .. }) = parked.pending.front()
        && let Some(partition) = state.partition_mut(name, *index)
    {
        partition.waiting.remove(&conn);
    }
}

/// How the wait for one batch ends, if it does.
fn judge(call: &Call<'_>, pending: &Pending) -> Option<ErrorCode> {
    let Pending { topic, name, index, required, leader_epoch, .. } = pending;
    let same = call.state.topics.get(name.as_str()).filter(|found| found.id == *topic);
    let Some(topic) = same else {
        return Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    };
    let partition = match call.state.led_by(call.node, name, *index, -1) {
        Ok(replica) => replica.partition,
        Err(code) => return Some(code),
    };
    // A node that has led without knowing that it did not gives up its log as it hears of it, even if it leads again.
    let last = *required - 1;
    let replaced =
        || last >= partition.log.start() && partition.log.epoch_at(last) != *leader_epoch;
    if partition.log.end() < *required || replaced() {
        return Some(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    if partition.high_watermark() < *required {
        return None;
    }
    Some(if partition.is_under_min_isr(&topic.config) {
        ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
    } else {
        ErrorCode::NONE
    })
}

fn told(
    response: &mut ProduceResponse,
    (topic, partition): (usize, usize),
) -> Option<&mut PartitionProduceResponse> {
    response.responses.get_mut(topic)?.partition_responses.get_mut(partition)
}
