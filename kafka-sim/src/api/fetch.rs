//! Fetch (key 1), versions 4 to 18.
//!
//! - Answered at once when min_bytes (at most max_bytes) are there, a partition is in error or has
//!   diverged, or nothing was asked for; else parked until they are, a partition changes hands or
//!   vanishes, or max_wait is over.
//! - Sizes are those of whole batches up to the partition's and the request's limit, the last batch
//!   cut short; the first batch of the answer comes whatever its size (KIP-74).
//! - Leader epochs are checked (version 9, KIP-320), as is the epoch last fetched (version 12,
//!   KIP-595): a log that departed from it answers with the epoch and offset where it did.
//! - From version 11 in-sync followers answer as the leader does (KIP-392).
//! - Versions 13 and later name topics by id (KIP-516). NOT_LEADER_OR_FOLLOWER tells the leader
//!   from version 12 on, FENCED_LEADER_EPOCH from 16 on, both with its endpoint from 16 on
//!   (KIP-951).
//! - A partition named twice counts once, with what came last.
//!
//! Deviations: sessions (KIP-227) are not kept: asking for one is answered in full with session id
//! 0, as by a broker whose cache is full, and naming one is FETCH_SESSION_ID_NOT_FOUND. Followers
//! never lag, and no leader sends a client to one. There are no transactions, so the last stable
//! offset is the high watermark.

use core::time::Duration;
use std::collections::BTreeSet;

use kafka_proto::messages::fetch::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchResponse, FetchTopic,
    FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use kafka_proto::{ApiKey, Chunks, ErrorCode, Records, Str};

use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply, last_of_each};
use crate::fault::Fault;
use crate::log::EpochEnd;
use crate::state::{Partition, State};
use crate::{ConnId, Time};

/// `fetch.max.bytes` of a broker: no answer is larger, whatever the client allows.
const BROKER_MAX_BYTES: i32 = 57_671_680;
/// The versions from which on followers answer, topics have ids, and endpoints are told.
const FOLLOWERS_FROM: i16 = 11;
const IDS_FROM: i16 = 13;
const ENDPOINTS_FROM: i16 = 16;
/// The version from which on NOT_LEADER_OR_FOLLOWER tells who leads.
const LEADER_FROM: i16 = 12;
/// Session epochs that ask for no session, and for a new one; any other belongs to a session.
const NO_SESSION: i32 = -1;
const NEW_SESSION: i32 = 0;

/// A Fetch that waits.
#[derive(Debug)]
pub(crate) struct Parked {
    /// When it is answered with what there is.
    pub(crate) deadline: Time,
    /// Bytes to be appended until it is worth another look.
    pub(crate) missing: u64,
    fetch: Fetch,
}

/// A request with its topics' names found out.
#[derive(Debug)]
struct Fetch {
    from_replica: bool,
    read_committed: bool,
    max_bytes: usize,
    min_bytes: u64,
    topics: Vec<Wanted>,
}

#[derive(Debug)]
struct Wanted {
    name: Result<Str, ErrorCode>,
    topic: FetchTopic,
}

pub(super) fn handle(call: &mut Call<'_>, request: FetchRequest) -> Reply<FetchResponse> {
    if !matches!(request.session_epoch, NO_SESSION | NEW_SESSION) {
        let error_code = ErrorCode::FETCH_SESSION_ID_NOT_FOUND.0;
        return Reply::Answer(FetchResponse { error_code, ..Default::default() });
    }
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let deadline = call.now + wait;
    let fetch = Fetch::new(call, request);
    decide(call, fetch, deadline, wait.is_zero())
}

/// Looks again at a parked request; `last` when its time is up.
pub(super) fn retry(call: &mut Call<'_>, parked: Box<Parked>, last: bool) -> Reply<FetchResponse> {
    stop_waiting(call.state, &parked, call.conn);
    let Parked { deadline, fetch, .. } = *parked;
    decide(call, fetch, deadline, last)
}

/// Takes the connection off the lists of the partitions that it waited for.
pub(crate) fn stop_waiting(state: &mut State, parked: &Parked, conn: ConnId) {
    parked.fetch.each_partition(|name, partition| {
        if let Some(partition) = state.partition_mut(name, partition.partition) {
            partition.waiting.remove(&conn);
        }
    });
}

fn decide(call: &mut Call<'_>, fetch: Fetch, deadline: Time, last: bool) -> Reply<FetchResponse> {
    let missing = if last { None } else { fetch.missing(call) };
    let Some(missing) = missing else {
        return Reply::Answer(fetch.answer(call));
    };
    let Call { state, conn, .. } = call;
    fetch.each_partition(|name, partition| {
        if let Some(partition) = state.partition_mut(name, partition.partition) {
            partition.waiting.insert(*conn);
        }
    });
    Reply::Park(Box::new(Parked { deadline, missing, fetch }))
}

/// What becomes of one partition of a request.
enum Verdict<'a> {
    Read(&'a Partition),
    Diverged(&'a Partition, EpochEnd),
    Refused(ErrorCode),
}

impl Fetch {
    fn new(call: &Call<'_>, request: FetchRequest) -> Self {
        let limit = |bytes: i32| u64::try_from(bytes).unwrap_or(0);
        let max_bytes = request.max_bytes.min(BROKER_MAX_BYTES);
        let wanted = |topic: FetchTopic| Wanted {
            name: call.state.topic_name(call.version >= IDS_FROM, &topic.topic, topic.topic_id),
            topic: FetchTopic {
                partitions: last_of_each(topic.partitions, |partition| partition.partition),
                ..topic
            },
        };
        Self {
            from_replica: request.replica_id >= 0 || request.replica_state.replica_id >= 0,
            read_committed: request.isolation_level == 1,
            max_bytes: usize::try_from(max_bytes).unwrap_or(0),
            min_bytes: limit(request.min_bytes.min(max_bytes)),
            topics: request.topics.into_iter().map(wanted).collect(),
        }
    }

    fn each_partition(&self, mut visit: impl FnMut(&str, &FetchPartition)) {
        for Wanted { name, topic } in &self.topics {
            if let Ok(name) = name {
                topic.partitions.iter().for_each(|partition| visit(name, partition));
            }
        }
    }

    /// Bytes to wait for; `None` when there is something to say already.
    fn missing(&self, call: &mut Call<'_>) -> Option<u64> {
        let mut ready = 0_u64;
        let mut partitions = 0_usize;
        for Wanted { name, topic } in &self.topics {
            for wanted in &topic.partitions {
                let Verdict::Read(partition) = self.judge(call, name, wanted) else {
                    return None;
                };
                let most = u64::try_from(wanted.partition_max_bytes).unwrap_or(0);
                // The first batch of an answer comes whatever its size, and so counts whatever its
                // size.
                let least =
                    if ready == 0 { partition.log.first_batch_len(wanted.fetch_offset) } else { 0 };
                ready = ready.saturating_add(
                    partition.log.bytes_from(wanted.fetch_offset).min(most).max(least),
                );
                partitions = partitions.saturating_add(1);
            }
        }
        self.min_bytes.checked_sub(ready).filter(|missing| *missing > 0 && partitions > 0)
    }

    fn judge<'a>(
        &self,
        call: &'a mut Call<'_>,
        name: &Result<Str, ErrorCode>,
        wanted: &FetchPartition,
    ) -> Verdict<'a> {
        let name = match name {
            Ok(name) => name,
            Err(code) => return Verdict::Refused(*code),
        };
        if let Some(code) = call.script.refusal(ApiKey::Fetch, name, wanted.partition) {
            return Verdict::Refused(code);
        }
        let (index, epoch) = (wanted.partition, wanted.current_leader_epoch);
        let found = match call.version {
            FOLLOWERS_FROM.. => call.state.followed_by(call.node, name, index, epoch),
            _ => call.state.led_by(call.node, name, index, epoch),
        };
        let partition = match found {
            Ok(_) if self.from_replica => {
                return Verdict::Refused(ErrorCode::NOT_LEADER_OR_FOLLOWER);
            }
            Ok(partition) => partition,
            Err(code) => return Verdict::Refused(code),
        };
        if wanted.last_fetched_epoch >= 0 {
            match partition.log.epoch_end(wanted.last_fetched_epoch) {
                None => return Verdict::Refused(ErrorCode::OFFSET_OUT_OF_RANGE),
                Some(end)
                    if end.epoch < wanted.last_fetched_epoch || end.end < wanted.fetch_offset =>
                {
                    return Verdict::Diverged(partition, end);
                }
                Some(_) => {}
            }
        }
        if (partition.log.start()..=partition.log.end()).contains(&wanted.fetch_offset) {
            Verdict::Read(partition)
        } else {
            Verdict::Refused(ErrorCode::OFFSET_OUT_OF_RANGE)
        }
    }

    fn answer(&self, call: &mut Call<'_>) -> FetchResponse {
        let mut budget = Budget { left: self.max_bytes, nothing_yet: true };
        let mut leaders = BTreeSet::new();
        let mut responses = Vec::with_capacity(self.topics.len());
        for Wanted { name, topic } in &self.topics {
            let partitions = topic.partitions.iter().map(|wanted| {
                let mut data = self.partition_data(call, name, wanted, &mut budget);
                hint(call, name, &mut data, &mut leaders);
                data
            });
            let partitions = partitions.collect();
            let FetchTopic { topic: asked, topic_id, .. } = topic;
            let topic = name.as_ref().unwrap_or(asked).clone();
            responses.push(FetchableTopicResponse {
                topic,
                topic_id: *topic_id,
                partitions,
                ..Default::default()
            });
        }
        let endpoint = |(node_id, endpoint): (i32, &crate::Endpoint)| NodeEndpoint {
            node_id,
            host: endpoint.host.as_str().into(),
            port: i32::from(endpoint.port),
            ..Default::default()
        };
        let hinted = call.state.nodes_up().filter(|(node, _)| leaders.contains(node));
        FetchResponse {
            responses,
            node_endpoints: hinted.map(endpoint).collect(),
            ..Default::default()
        }
    }

    fn partition_data(
        &self,
        call: &mut Call<'_>,
        name: &Result<Str, ErrorCode>,
        wanted: &FetchPartition,
        budget: &mut Budget,
    ) -> PartitionData {
        let (partition, diverged) = match self.judge(call, name, wanted) {
            Verdict::Refused(code) => return failed(wanted.partition, code.0),
            Verdict::Diverged(partition, end) => (partition, Some(end)),
            Verdict::Read(partition) => (partition, None),
        };
        let mut data = PartitionData {
            partition_index: wanted.partition,
            high_watermark: partition.log.end(),
            last_stable_offset: partition.log.end(),
            log_start_offset: partition.log.start(),
            aborted_transactions: self.read_committed.then(Vec::new),
            records: Some(Records::default()),
            ..Default::default()
        };
        match diverged {
            Some(EpochEnd { epoch, end }) => {
                data.diverging_epoch =
                    EpochEndOffset { epoch, end_offset: end, ..Default::default() };
            }
            None => data.records = Some(budget.read(partition, wanted)),
        }
        data
    }
}

/// Bytes that the rest of an answer may have.
struct Budget {
    left: usize,
    nothing_yet: bool,
}

impl Budget {
    fn read(&mut self, partition: &Partition, wanted: &FetchPartition) -> Records {
        let most = usize::try_from(wanted.partition_max_bytes).unwrap_or(0).min(self.left);
        let mut chunks = Chunks::default();
        let given = partition.log.read(wanted.fetch_offset, most, self.nothing_yet, &mut chunks);
        self.left = self.left.saturating_sub(given);
        self.nothing_yet &= given == 0;
        Records::from(chunks)
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
        ErrorCode::NOT_LEADER_OR_FOLLOWER => call.version >= LEADER_FROM,
        ErrorCode::FENCED_LEADER_EPOCH => call.version >= ENDPOINTS_FROM,
        _ => false,
    };
    let Ok(name) = name.as_ref() else { return };
    if let Some(partition) = call.state.partition(name, data.partition_index).filter(|_| told) {
        let (leader_id, leader_epoch) = (partition.leader, partition.leader_epoch);
        data.current_leader = LeaderIdAndEpoch { leader_id, leader_epoch, ..Default::default() };
        if call.version >= ENDPOINTS_FROM {
            leaders.insert(leader_id);
        }
    }
}

impl Tamper for FetchResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let mut met = false;
        for topic in &mut self.responses {
            let FetchableTopicResponse { topic: name, partitions, .. } = topic;
            let fail = |partition: &mut PartitionData, code| {
                *partition = failed(partition.partition_index, code);
            };
            met |= tamper_list(partitions, fault, |at, p| at.matches(name, p.partition_index));
            met |= fail_list(partitions, fault, |at, p| at.matches(name, p.partition_index), fail);
        }
        met
    }
}
