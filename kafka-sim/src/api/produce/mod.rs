//! Produce (key 0), versions 0 to 13; a broker from 4.0 on advertises 0 to 2, and closes the connection when it meets them.
//!
//! - acks 0, 1 or -1, else INVALID_REQUIRED_ACKS. acks=0 is never answered; if anything fails the
//!   connection closes. acks=-1 needs min.insync.replicas (at most as many as there are replicas)
//!   in sync, else NOT_ENOUGH_REPLICAS, and waits for them: REQUEST_TIMED_OUT,
//!   NOT_LEADER_OR_FOLLOWER and NOT_ENOUGH_REPLICAS_AFTER_APPEND end the wait with the batch
//!   appended.
//! - Versions 0 to 2 bring message sets of format 0 or 1, which are stored as one batch of format 2.
//! - From version 3 on one batch of format 2 per partition, checked as in `log::validate`: INVALID_RECORD,
//!   CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE, INVALID_TIMESTAMP, with the
//!   culprits from version 8 on (KIP-467).
//! - Idempotence (KIP-98): a repetition of one of the last five batches is a success with the first
//!   one's offset and with its largest timestamp as append time; anything else out of order is
//!   OUT_OF_ORDER_SEQUENCE_NUMBER, an older epoch is INVALID_PRODUCER_EPOCH, and an unknown
//!   producer id may begin anywhere.
//! - Version 10 tells the leader's epoch and endpoint beside NOT_LEADER_OR_FOLLOWER (KIP-951),
//!   version 13 names topics by id (KIP-516). A topic is never created here. A partition named
//!   twice counts once, with what came last.
//!
//! Deviations: records that are null close the connection, where a real broker hangs. There are no
//! transactions: a transactional batch without a transactional id is
//! TRANSACTIONAL_ID_AUTHORIZATION_FAILED as there, with one INVALID_TXN_STATE. `compression.type`
//! has no effect.

mod wait;

use core::time::Duration;
use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use kafka_proto::messages::produce::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceData,
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceData,
    TopicProduceResponse,
};
use kafka_proto::records::Attributes;
use kafka_proto::{ApiKey, ErrorCode, Str};

use wait::Pending;
pub(crate) use wait::{Parked, retry, stop_waiting};

use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, last_of_each, old_formats};
use crate::CloseReason;
use crate::fault::{At, Fault};
use crate::log::Sequenced;
use crate::log::validate::{self, Refusal, Rules};
use crate::state::config::TopicConfig;

/// The oldest version that carries batches of format 2.
const BATCHES_FROM: i16 = 3;
/// The versions from which on the response names the leader, and topics have ids.
const HINTS_FROM: i16 = 10;
const IDS_FROM: i16 = 13;

/// Offset of the first attribute byte of a batch.
const ATTRIBUTES_AT: usize = 21;

pub(super) fn handle(call: &mut Call<'_>, request: ProduceRequest) -> Reply<ProduceResponse> {
    let version = call.version;
    if version < BATCHES_FROM && !call.state.ways().speaks_old_formats() {
        return Reply::Close(CloseReason::UnsupportedVersion {
            key: ApiKey::Produce.to_i16(),
            version,
        });
    }
    let acks = request.acks;
    let common = common_refusal(&request);
    let mut responses = Vec::with_capacity(request.topic_data.len());
    let mut leaders = BTreeSet::new();
    let mut failed = false;
    let mut pending = VecDeque::new();
    for topic in request.topic_data {
        let name =
            call.state.topic_name(call.node, version >= IDS_FROM, &topic.name, topic.topic_id);
        let mut partition_responses = Vec::with_capacity(topic.partition_data.len());
        for PartitionProduceData { index, records, .. } in
            last_of_each(topic.partition_data, |data| data.index)
        {
            let Some(records) = records else {
                return Reply::Close(CloseReason::Refused("records are null"));
            };
            let done = match (common, &name) {
                (Some(code), _) => Err(Refusal::early(code)),
                (None, Err(code)) => Err(Refusal::early(*code)),
                (None, Ok(name)) => append(call, name, index, &records.into_bytes(), acks),
            };
            failed |= done.is_err();
            if let (Ok(name), Ok(appended)) = (&name, &done) {
                let place = (responses.len(), partition_responses.len());
                pending.extend(appended.pending(call, name, index, place));
            }
            partition_responses.push(answer(
                call,
                name.as_deref().unwrap_or_default(),
                index,
                done,
                &mut leaders,
            ));
        }
        let TopicProduceData { name: asked, topic_id, .. } = topic;
        let name = name.unwrap_or(asked);
        responses.push(TopicProduceResponse {
            name,
            topic_id,
            partition_responses,
            ..Default::default()
        });
    }
    if acks == 0 {
        return if failed { Reply::Close(CloseReason::ProduceFailed) } else { Reply::Silence };
    }
    let response = ProduceResponse { responses, ..Default::default() };
    if acks != -1 {
        pending.clear();
    }
    let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    let deadline = call.now + timeout;
    let parked = Parked { deadline, response, leaders, pending };
    retry(call, Box::new(parked), timeout.is_zero())
}

/// What is wrong with the request as a whole, and so answered for each of its partitions.
fn common_refusal(request: &ProduceRequest) -> Option<ErrorCode> {
    let partitions = request.topic_data.iter().flat_map(|topic| &topic.partition_data);
    let mut batches =
        partitions.filter_map(|partition| partition.records.as_ref()?.chunks().next());
    if request.transactional_id.is_none() && batches.any(is_transactional) {
        return Some(ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    }
    (!matches!(request.acks, -1..=1)).then_some(ErrorCode::INVALID_REQUIRED_ACKS)
}

fn is_transactional(batch: &Bytes) -> bool {
    let attributes = batch.get(ATTRIBUTES_AT..).and_then(|bytes| bytes.first_chunk());
    attributes.is_some_and(|bytes| Attributes(i16::from_be_bytes(*bytes)).is_transactional())
}

/// A batch in the log, as the response tells it.
struct Appended {
    base_offset: i64,
    last_offset: i64,
    log_append_time_ms: i64,
}

impl Appended {
    /// What there is to wait for.
    fn pending(
        &self,
        call: &Call<'_>,
        name: &Str,
        index: i32,
        place: (usize, usize),
    ) -> Option<Pending> {
        let topic = call.state.topics.get(name.as_str())?.id;
        let required = self.last_offset.saturating_add(1);
        let replica = call.state.led_by(call.node, name, index, -1);
        let leader_epoch =
            replica.map_or(-1, |replica| replica.partition.log.epoch_at(self.last_offset));
        Some(Pending { topic, name: name.clone(), index, place, required, leader_epoch })
    }
}

/// Appends the batch of one partition, or says why not.
fn append(
    call: &mut Call<'_>,
    topic: &Str,
    index: i32,
    records: &Bytes,
    acks: i16,
) -> Result<Appended, Refusal> {
    if let Some(code) = call.script.refusal(ApiKey::Produce, topic, index) {
        return Err(Refusal::early(code));
    }
    let replica = call.state.led_by(call.node, topic, index, -1).map_err(Refusal::early)?;
    let partition = replica.partition;
    let rules = rules(call, topic);
    let config = call.state.topics.get(topic.as_str()).map(|topic| &topic.config);
    if acks == -1 && config.is_some_and(|config| partition.is_under_min_isr(config)) {
        return Err(Refusal::late(ErrorCode::NOT_ENOUGH_REPLICAS));
    }
    let records = match call.version {
        BATCHES_FROM.. => records.clone(),
        _ => match old_formats::taken(records)? {
            Some(records) => records,
            None => {
                return Ok(Appended { base_offset: -1, last_offset: -1, log_append_time_ms: -1 });
            }
        },
    };
    let candidate = validate::check(&records, &rules)?;
    if candidate.header.attributes.is_transactional() {
        return Err(Refusal::late(ErrorCode::INVALID_TXN_STATE));
    }
    let ways = call.state.ways();
    if let Sequenced::Duplicate { base_offset, last_offset, timestamp } =
        partition.log.sequence(&candidate, ways).map_err(Refusal::late)?
    {
        return Ok(Appended { base_offset, last_offset, log_append_time_ms: timestamp });
    }
    let full = || Refusal::late(ErrorCode::INVALID_RECORD);
    let (base_offset, last_offset) =
        call.state.append(call.node, topic, index, candidate).ok_or_else(full)?;
    Ok(Appended {
        base_offset,
        last_offset,
        log_append_time_ms: if rules.log_append_time { rules.now_ms } else { -1 },
    })
}

fn rules(call: &Call<'_>, topic: &Str) -> Rules {
    let default = TopicConfig::default();
    let config = call.state.topics.get(topic.as_str()).map_or(&default, |topic| &topic.config);
    Rules {
        version: call.version,
        max_message_bytes: config.max_message_bytes(call.state.ways()),
        compacted: config.compacted(),
        log_append_time: config.log_append_time(),
        timestamp_window: config.timestamp_window(),
        now_ms: call.state.wall_ms(call.now),
        look_inside: call.state.options.validate_records,
    }
}

/// One partition's part of the response. Leaders that it points to are noted in `leaders`.
fn answer(
    call: &Call<'_>,
    topic: &str,
    index: i32,
    done: Result<Appended, Refusal>,
    leaders: &mut BTreeSet<i32>,
) -> PartitionProduceResponse {
    let partition = call.state.partition(topic, index);
    let log_start_offset = partition.map_or(-1, |partition| partition.log.start());
    let refusal = match done {
        Ok(Appended { base_offset, log_append_time_ms, .. }) => {
            return PartitionProduceResponse {
                index,
                base_offset,
                log_append_time_ms,
                log_start_offset,
                ..Default::default()
            };
        }
        Err(refusal) => refusal,
    };
    let code = match refusal.code {
        ErrorCode::INVALID_RECORD if !call.state.ways().has_invalid_record() => {
            ErrorCode::CORRUPT_MESSAGE
        }
        code => code,
    };
    let mut response = failed(index, code.0);
    if refusal.tells_start {
        response.log_start_offset = log_start_offset;
    }
    response.error_message = refusal.message.map(Str::from);
    let culprit = |(batch_index, text): (i32, String)| BatchIndexAndErrorMessage {
        batch_index,
        batch_index_error_message: Some(text.into()),
        ..Default::default()
    };
    response.record_errors = refusal.records.into_iter().map(culprit).collect();
    hint(call, topic, &mut response, leaders);
    response
}

/// Tells a client that came to the wrong node who leads.
fn hint(
    call: &Call<'_>,
    topic: &str,
    response: &mut PartitionProduceResponse,
    leaders: &mut BTreeSet<i32>,
) {
    let told =
        response.error_code == ErrorCode::NOT_LEADER_OR_FOLLOWER.0 && call.version >= HINTS_FROM;
    if let Some(seat) = call.state.view(call.node).seat(topic, response.index).filter(|_| told) {
        let (leader_id, leader_epoch) = (seat.leader, seat.leader_epoch);
        response.current_leader =
            LeaderIdAndEpoch { leader_id, leader_epoch, ..Default::default() };
        leaders.insert(leader_id);
    }
}

fn failed(index: i32, error_code: i16) -> PartitionProduceResponse {
    PartitionProduceResponse { index, error_code, base_offset: -1, ..Default::default() }
}

fn endpoints(call: &Call<'_>, leaders: &BTreeSet<i32>) -> Vec<NodeEndpoint> {
    let hinted = call.state.view(call.node).nodes().filter(|(node, _)| leaders.contains(node));
    hinted
        .map(|(node_id, endpoint)| NodeEndpoint {
            node_id,
            host: endpoint.host.as_str().into(),
            port: i32::from(endpoint.port),
            ..Default::default()
        })
        .collect()
}

impl Tamper for ProduceResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let mut met = false;
        for topic in &mut self.responses {
            let TopicProduceResponse { name, partition_responses, .. } = topic;
            // As after a wait for replicas in vain: the batch is there, and the answer says where.
            let fail = |partition: &mut PartitionProduceResponse, code| {
                partition.error_code = code;
            };
            met |= tamper_list(partition_responses, fault, |at, p| at.matches(name, p.index));
            // What was refused was not done.
            let done = |at: &At, p: &PartitionProduceResponse| {
                p.error_code == 0 && at.matches(name, p.index)
            };
            met |= fail_list(partition_responses, fault, done, fail);
        }
        met
    }
}
