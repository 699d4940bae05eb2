//! What a Fetch reads of each partition, and how that becomes a response.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::BytesMut;
use kafka_proto::messages::fetch::{
    EpochEndOffset, FetchPartition, FetchResponse, FetchableTopicResponse, LeaderIdAndEpoch,
    NodeEndpoint, PartitionData,
};
use kafka_proto::records::BatchHeader;
use kafka_proto::{ApiKey, Chunks, ErrorCode, Records, Str, Uuid};

use super::{Fetch, IDS_FROM, Wanted};
use crate::api::tamper::{Tamper, fail_list, tamper_list};
use crate::api::{Call, old_formats};
use crate::fault::Fault;
use crate::log::EpochEnd;
use crate::state::Replica;

/// The versions from which on followers answer, and endpoints are told.
const FOLLOWERS_FROM: i16 = 11;
const ENDPOINTS_FROM: i16 = 16;
/// The version from which on the first batch of an answer comes whatever its size.
const WHOLE_BATCH_FROM: i16 = 3;
/// The version from which on NOT_LEADER_OR_FOLLOWER tells who leads.
const LEADER_FROM: i16 = 12;

/// What becomes of one partition of a request.
pub(super) enum Verdict<'a> {
    Read(Replica<'a>),
    Diverged(Replica<'a>, EpochEnd),
    Refused(ErrorCode),
}

/// An answer, one entry a partition.
pub(super) struct Answer {
    /// The topics' names and ids, as the response tells them.
    topics: Vec<(Str, Uuid)>,
    pub(super) partitions: Vec<PartitionData>,
    endpoints: Vec<NodeEndpoint>,
}

impl Fetch {
    pub(super) fn judge<'a>(&self, call: &'a mut Call<'_>, wanted: &Wanted) -> Verdict<'a> {
        let Wanted { key, name, partition: wanted } = wanted;
        let name = match name {
            Ok(name) => name,
            Err(code) => return Verdict::Refused(*code),
        };
        if let Some(code) = call.script.refusal(ApiKey::Fetch, name, wanted.partition) {
            return Verdict::Refused(code);
        }
        let topic_id = call.state.topics.get(name).map(|topic| topic.id);
        if call.version >= IDS_FROM && topic_id.is_some_and(|id| id != key.id) {
            // A session's topic was deleted, and made again under another id.
            return Verdict::Refused(ErrorCode::INCONSISTENT_TOPIC_ID);
        }
        let (index, epoch) = (wanted.partition, wanted.current_leader_epoch);
        let found = match call.version {
            FOLLOWERS_FROM.. if call.state.ways().followers_answer() => {
                call.state.followed_by(call.node, name, index, epoch)
            }
            _ => call.state.led_by(call.node, name, index, epoch),
        };
        let replica = match found {
            Ok(_) if self.from_replica => {
                return Verdict::Refused(ErrorCode::NOT_LEADER_OR_FOLLOWER);
            }
            Ok(replica) => replica,
            Err(code) => return Verdict::Refused(code),
        };
        if wanted.last_fetched_epoch >= 0 && wanted.fetch_offset >= replica.partition.log.start() {
            match replica.epoch_end(wanted.last_fetched_epoch) {
                None => return Verdict::Refused(ErrorCode::OFFSET_OUT_OF_RANGE),
                Some(end)
                    if end.epoch < wanted.last_fetched_epoch || end.end < wanted.fetch_offset =>
                {
                    return Verdict::Diverged(replica, end);
                }
                Some(_) => {}
            }
        }
        if replica.has(wanted.fetch_offset) {
            Verdict::Read(replica)
        } else {
            Verdict::Refused(ErrorCode::OFFSET_OUT_OF_RANGE)
        }
    }

    pub(super) fn read(&self, call: &mut Call<'_>) -> Answer {
        let mut budget = Budget {
            left: self.max_bytes,
            nothing_yet: call.version >= WHOLE_BATCH_FROM,
            format: old_formats::format_of_fetch(call.version),
        };
        let mut leaders = BTreeSet::new();
        let mut answer =
            Answer { topics: Vec::new(), partitions: Vec::new(), endpoints: Vec::new() };
        for wanted in &self.wanted {
            let mut data = self.partition_data(call, wanted, &mut budget);
            hint(call, &wanted.name, &mut data, &mut leaders);
            let name = wanted.name.as_ref().unwrap_or(&wanted.key.name).clone();
            answer.topics.push((name, wanted.key.id));
            answer.partitions.push(data);
        }
        let endpoint = |(node_id, endpoint): (i32, &crate::Endpoint)| NodeEndpoint {
            node_id,
            host: endpoint.host.as_str().into(),
            port: i32::from(endpoint.port),
            ..Default::default()
        };
        let hinted = call.state.view(call.node).nodes().filter(|(node, _)| leaders.contains(node));
        answer.endpoints = hinted.map(endpoint).collect();
        answer
    }

    fn partition_data(
        &self,
        call: &mut Call<'_>,
        wanted: &Wanted,
        budget: &mut Budget,
    ) -> PartitionData {
        let partition_index = wanted.partition.partition;
        let (replica, diverged) = match self.judge(call, wanted) {
            Verdict::Refused(code) => return failed(partition_index, code.0),
            Verdict::Diverged(replica, end) => (replica, Some(end)),
            Verdict::Read(replica) => (replica, None),
        };
        let mut data = PartitionData {
            partition_index,
            high_watermark: replica.high_watermark,
            last_stable_offset: replica.high_watermark,
            log_start_offset: replica.partition.log.start(),
            aborted_transactions: self.read_committed.then(Vec::new),
            records: Some(Records::default()),
            ..Default::default()
        };
        match diverged {
            Some(EpochEnd { epoch, end }) => {
                data.diverging_epoch =
                    EpochEndOffset { epoch, end_offset: end, ..Default::default() };
            }
            None => match budget.read(replica, &wanted.partition) {
                Ok(records) => data.records = Some(records),
                Err(code) => return failed(partition_index, code.0),
            },
        }
        data
    }
}

impl Answer {
    /// Keeps the partitions for which there is a `true`.
    pub(super) fn keep(&mut self, kept: &[bool]) {
        let mut keep = kept.iter();
        self.topics.retain(|_| keep.next() == Some(&true));
        let mut keep = kept.iter();
        self.partitions.retain(|_| keep.next() == Some(&true));
    }

    /// The order of the partitions stays, so a topic may come more than once.
    pub(super) fn into_response(self, session_id: i32) -> FetchResponse {
        let mut responses: Vec<FetchableTopicResponse> = Vec::new();
        for ((topic, topic_id), data) in self.topics.into_iter().zip(self.partitions) {
            match responses.last_mut() {
                Some(last) if last.topic == topic && last.topic_id == topic_id => {
                    last.partitions.push(data)
                }
                _ => responses.push(FetchableTopicResponse {
                    topic,
                    topic_id,
                    partitions: vec![data],
                    ..Default::default()
                }),
            }
        }
        FetchResponse {
            session_id,
            responses,
            node_endpoints: self.endpoints,
            ..Default::default()
        }
    }
}

/// Bytes that the rest of an answer may have.
struct Budget {
    left: usize,
    nothing_yet: bool,
    /// The format that the client knows, if it is an old one.
    format: Option<i8>,
}

impl Budget {
    fn read(
        &mut self,
        replica: Replica<'_>,
        wanted: &FetchPartition,
    ) -> Result<Records, ErrorCode> {
        let most = usize::try_from(wanted.partition_max_bytes).unwrap_or(0).min(self.left);
        let mut chunks = Chunks::default();
        let span = (wanted.fetch_offset, replica.high_watermark);
        let given = replica.partition.log.read(span, most, self.nothing_yet, &mut chunks);
        self.left = self.left.saturating_sub(given);
        self.nothing_yet &= given == 0;
        let records = Records::from(chunks);
        match self.format {
            None => Ok(records),
            Some(_) if given == 0 && replica.bytes_from(wanted.fetch_offset) > 0 => {
                Ok(Records::from(old_formats::too_long(most)))
            }
            Some(format) => old_formats::given(records, format, wanted.fetch_offset, most),
        }
    }
}

/// A partition that can't be read. One that isn't known has an empty list of aborted transactions,
/// any other has none.
fn failed(partition_index: i32, error_code: i16) -> PartitionData {
    let unknown = error_code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0
        || error_code == ErrorCode::UNKNOWN_TOPIC_ID.0;
    PartitionData {
        partition_index,
        error_code,
        high_watermark: -1,
        aborted_transactions: unknown.then(Vec::new),
        records: Some(Records::default()),
        ..Default::default()
    }
}

/// Tells a client that came to the wrong node, or too late, who leads.
fn hint(
    call: &Call<'_>,
    name: &Result<Str, ErrorCode>,
    data: &mut PartitionData,
    leaders: &mut BTreeSet<i32>,
) {
    let told = match ErrorCode(data.error_code) {
        _ if !call.state.ways().fetch_hints() => false,
        ErrorCode::NOT_LEADER_OR_FOLLOWER => call.version >= LEADER_FROM,
        ErrorCode::FENCED_LEADER_EPOCH => call.version >= ENDPOINTS_FROM,
        _ => false,
    };
    let Some(name) = name.as_ref().ok().filter(|_| told) else { return };
    if let Some(seat) = call.state.view(call.node).seat(name, data.partition_index) {
        let (leader_id, leader_epoch) = (seat.leader, seat.leader_epoch);
        data.current_leader = LeaderIdAndEpoch { leader_id, leader_epoch, ..Default::default() };
        if call.version >= ENDPOINTS_FROM {
            leaders.insert(leader_id);
        }
    }
}

impl Tamper for FetchResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        if let Fault::FailAfter { code, .. } = fault
            && is_of_session(*code)
        {
            *self = Self { error_code: code.0, ..Self::default() };
            return true;
        }
        let mut met = false;
        for topic in &mut self.responses {
            let FetchableTopicResponse { topic: name, partitions, .. } = topic;
            let fail = |partition: &mut PartitionData, code| {
                *partition = failed(partition.partition_index, code);
            };
            if let Fault::Corrupt { at, bit } = fault {
                let wanted = partitions.iter_mut().filter(|p| at.matches(name, p.partition_index));
                met |= wanted.fold(false, |met, partition| met | corrupt(partition, *bit));
            }
            met |= tamper_list(partitions, fault, |at, p| at.matches(name, p.partition_index));
            met |= fail_list(partitions, fault, |at, p| at.matches(name, p.partition_index), fail);
        }
        met
    }
}

/// Turns one bit that the checksum of the first batch covers, if there is a whole batch.
fn corrupt(partition: &mut PartitionData, bit: u32) -> bool {
    /// Where a batch says how long the rest of it is, and in which format it is.
    const LENGTH: Range<usize> = 8..12;
    const MAGIC: usize = 16;
    let Some(records) = &partition.records else { return false };
    let mut bytes = BytesMut::from(records.clone().into_bytes());
    let length = bytes.get(LENGTH).and_then(|length| length.try_into().ok());
    let length = length.map(i32::from_be_bytes).and_then(|length| usize::try_from(length).ok());
    let end = length.map_or(0, |length| LENGTH.end.saturating_add(length));
    let magic = bytes.get(MAGIC).copied();
    let Some(covered) = bytes.get_mut(BatchHeader::CRC_COVERS_FROM..end) else { return false };
    let at = (bit as usize).checked_rem(covered.len() * 8).filter(|_| magic == Some(2));
    let Some((byte, at)) = at.and_then(|at| Some((covered.get_mut(at / 8)?, at % 8))) else {
        return false;
    };
    *byte ^= 1 << at;
    partition.records = Some(Records::from(bytes.freeze()));
    true
}

/// Whether a code is told of the whole answer.
fn is_of_session(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::FETCH_SESSION_ID_NOT_FOUND
            | ErrorCode::INVALID_FETCH_SESSION_EPOCH
            | ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR
    )
}
