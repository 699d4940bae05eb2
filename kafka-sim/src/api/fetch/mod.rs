//! Fetch (key 1), versions 0 to 18.
//!
//! - Answered at once when min_bytes (at most max_bytes) are there, a partition is in error or has
//!   diverged, or nothing was asked for; else parked until they are, a partition changes hands or
//!   vanishes, or max_wait is over.
//! - Sizes are those of whole batches up to the partition's and the request's limit, the last batch
//!   cut short; the first batch of the answer comes whatever its size (KIP-74).
//! - From version 7 on there are sessions (KIP-227): `session.rs`.
//! - Leader epochs are checked (version 9, KIP-320), as is the epoch last fetched (version 12,
//!   KIP-595): a log that departed from it answers with the epoch and offset where it did.
//! - From version 11 followers answer too, as far as they have come (KIP-392).
//! - Versions 13 and later name topics by id (KIP-516). NOT_LEADER_OR_FOLLOWER tells the leader
//!   from version 12 on, FENCED_LEADER_EPOCH from 16 on, both with its endpoint from 16 on
//!   (KIP-951).
//! - Versions 0 to 3, served before 4.0, are given message sets of format 0 or 1; up to version 2 even the first of them
//!   is cut short, if it is larger than the partition's limit.
//! - A client over its quota gets an empty answer (KIP-219).
//! - A partition named twice counts once, with what came last.
//! - Only what is below the high watermark is given. An offset between it and the log's end is
//!   answered at once, with nothing.
//!
//! Deviations: no leader sends a client to a follower. There are no transactions, so the last stable
//! offset is the high watermark.

mod read;
mod session;

use core::time::Duration;

use kafka_proto::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, ForgottenTopic, PartitionData,
};
use kafka_proto::{ErrorCode, Str};

use super::{Call, Reply, last_of_each};
use crate::state::State;
use crate::{ConnId, Time};
use read::Verdict;
pub(crate) use session::Sessions;
use session::{Key, Kind, Step};

/// `fetch.max.bytes` of a broker: no answer is larger, whatever the client allows.
const BROKER_MAX_BYTES: i32 = 57_671_680;
/// The version from which on topics have ids.
const IDS_FROM: i16 = 13;
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

/// A request with all partitions that it is about, whether it names them or its session does.
#[derive(Debug)]
struct Fetch {
    from_replica: bool,
    read_committed: bool,
    max_bytes: usize,
    min_bytes: u64,
    place: Place,
    wanted: Vec<Wanted>,
}

/// Where a request stands with regard to sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Alone,
    /// It begins a session.
    First,
    /// It goes on with a session, which expects this epoch of the next one.
    Within {
        id: i32,
        next_epoch: i32,
    },
}

/// A partition that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) key: Key,
    /// The topic's name as it was found; a session keeps it.
    pub(crate) name: Result<Str, ErrorCode>,
    pub(crate) partition: FetchPartition,
}

pub(super) fn handle(call: &mut Call<'_>, request: FetchRequest) -> Reply<FetchResponse> {
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let deadline = call.now + wait;
    match Fetch::new(call, request) {
        Ok(fetch) => decide(call, fetch, deadline, wait.is_zero()),
        Err(code) => Reply::Answer(FetchResponse { error_code: code.0, ..Default::default() }),
    }
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
    Reply::Park(super::Parked::Fetch(Box::new(Parked { deadline, missing, fetch })))
}

impl Fetch {
    /// Takes a request in, and into its session.
    fn new(call: &mut Call<'_>, request: FetchRequest) -> Result<Self, ErrorCode> {
        let limit = |bytes: i32| u64::try_from(bytes).unwrap_or(0);
        let max_bytes = request.max_bytes.min(BROKER_MAX_BYTES);
        let (id, epoch) = (request.session_id, request.session_epoch);
        let by_id = call.version >= IDS_FROM;
        let from_replica = request.replica_id >= 0 || request.replica_state.replica_id >= 0;
        let mut wanted = named(call, by_id, request.topics);
        let place = if matches!(epoch, NO_SESSION | NEW_SESSION) {
            call.sessions.remove(call.node, id);
            if epoch == NEW_SESSION { Place::First } else { Place::Alone }
        } else {
            let forgotten = forgotten(request.forgotten_topics_data);
            let step = Step { id, epoch, by_id, wanted: &wanted, forgotten };
            match call.sessions.go_on(call.node, call.now, step)? {
                None => Place::Alone,
                Some((all, next_epoch)) => {
                    wanted = all;
                    find_names(call, by_id, &mut wanted);
                    Place::Within { id, next_epoch }
                }
            }
        };
        Ok(Self {
            from_replica,
            read_committed: request.isolation_level == 1,
            max_bytes: usize::try_from(max_bytes).unwrap_or(0),
            min_bytes: limit(request.min_bytes.min(max_bytes)),
            place,
            wanted,
        })
    }

    fn each_partition(&self, mut visit: impl FnMut(&str, &FetchPartition)) {
        for Wanted { name, partition, .. } in &self.wanted {
            if let Ok(name) = name {
                visit(name, partition);
            }
        }
    }

    /// Bytes to wait for; `None` when there is something to say already.
    fn missing(&self, call: &mut Call<'_>) -> Option<u64> {
        let mut ready = 0_u64;
        for wanted in &self.wanted {
            let Verdict::Read(replica) = self.judge(call, wanted) else {
                return None;
            };
            let FetchPartition { fetch_offset, partition_max_bytes, .. } = wanted.partition;
            if fetch_offset > replica.high_watermark {
                return None;
            }
            let most = u64::try_from(partition_max_bytes).unwrap_or(0);
            // The first batch of an answer comes whatever its size, and so counts whatever its
            // size.
            let least = if ready == 0 { replica.first_batch_len(fetch_offset) } else { 0 };
            ready = ready.saturating_add(replica.bytes_from(fetch_offset).min(most).max(least));
        }
        self.min_bytes.checked_sub(ready).filter(|missing| *missing > 0 && !self.wanted.is_empty())
    }

    fn answer(&self, call: &mut Call<'_>) -> FetchResponse {
        if let Place::Within { id, next_epoch } = self.place
            && let Some(session) = call.sessions.get_mut(call.node, id)
            && session.epoch != next_epoch
        {
            // Another connection went on with the session while this request waited.
            let error_code = ErrorCode::INVALID_FETCH_SESSION_EPOCH.0;
            return FetchResponse { error_code, session_id: id, ..Default::default() };
        }
        if !call.silence.is_zero() && call.state.ways().mutes() {
            return self.nothing();
        }
        let mut answer = self.read(call);
        let session_id = match self.place {
            Place::Alone => 0,
            Place::First => {
                let kind = Kind { privileged: self.from_replica, by_id: call.version >= IDS_FROM };
                let told = self.wanted.iter().zip(&answer.partitions);
                call.sessions.begin(call.node, call.now, kind, told)
            }
            Place::Within { id, .. } => {
                // A session that was evicted while this request waited tells all that it could have.
                if let Some(session) = call.sessions.get_mut(call.node, id) {
                    let news = |(wanted, data): (&Wanted, &PartitionData)| {
                        session.is_news(&wanted.key, data)
                    };
                    let told: Vec<bool> =
                        self.wanted.iter().zip(&answer.partitions).map(news).collect();
                    answer.keep(&told);
                }
                id
            }
        };
        answer.into_response(session_id)
    }

    /// For a client that is held back: nothing is read, no session begins, and within one nothing has changed.
    fn nothing(&self) -> FetchResponse {
        let session_id = match self.place {
            Place::Alone | Place::First => 0,
            Place::Within { id, .. } => id,
        };
        FetchResponse { session_id, ..Default::default() }
    }
}

/// The partitions that a request names.
fn named(call: &Call<'_>, by_id: bool, topics: Vec<FetchTopic>) -> Vec<Wanted> {
    let wanted = |topic: FetchTopic| {
        let name = call.state.topic_name(call.node, by_id, &topic.topic, topic.topic_id);
        let partitions = last_of_each(topic.partitions, |partition| partition.partition);
        partitions.into_iter().map(move |partition| Wanted {
            key: Key {
                name: topic.topic.clone(),
                id: topic.topic_id,
                partition: partition.partition,
            },
            name: name.clone(),
            partition,
        })
    };
    last_of_each(topics.into_iter().flat_map(wanted).collect(), |wanted| wanted.key.clone())
}

/// Names of topics that were not known when a session first heard of their ids.
fn find_names(call: &Call<'_>, by_id: bool, wanted: &mut [Wanted]) {
    for Wanted { key, name, .. } in wanted.iter_mut().filter(|wanted| wanted.name.is_err()) {
        *name = call.state.topic_name(call.node, by_id, &key.name, key.id);
    }
}

fn forgotten(topics: Vec<ForgottenTopic>) -> Vec<Key> {
    let keys = |topic: ForgottenTopic| {
        let ForgottenTopic { topic: name, topic_id: id, partitions, .. } = topic;
        partitions.into_iter().map(move |partition| Key { name: name.clone(), id, partition })
    };
    topics.into_iter().flat_map(keys).collect()
}
