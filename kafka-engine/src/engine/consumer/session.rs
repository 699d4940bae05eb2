//! The client's side of a fetch session (KIP-227): a broker is told only what it has not been told yet, and tells only
//! what changed.
//!
//! What was *sent* is the session's state, whatever became of it here in the meantime: the next request is the difference
//! to what is wanted by then, so a position that moved is always sent again. A session ends with its connection, with
//! any answer that does not fit, and when topics get or lose their ids; the request that begins the next one ends it at
//! the broker too. A broker that has no room for sessions answers with id 0 and is asked in full each time.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use kafka_proto::messages::FetchResponse;
use kafka_proto::messages::fetch::{FetchPartition, PartitionData};
use kafka_proto::{ErrorCode, Uuid};

use crate::engine::purpose::FetchSpot;
use crate::id::{ConnId, PartitionKey};

/// The first version with sessions.
const SESSIONS: i16 = 7;
/// The first version whose broker is silent after an answer that says so, and empties it (KIP-219).
const SILENCE: i16 = 8;
/// The number of a request that begins a session.
const FIRST: i32 = 0;
/// The number of a request that wants none.
const NONE: i32 = -1;

/// What a broker knows of a consumer's wants.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The connection that it was begun on.
    conn: Option<ConnId>,
    id: i32,
    /// The number of the request that is on its way, or the next.
    epoch: i32,
    /// The version of the last request.
    version: i16,
    /// Whether its topics go by id.
    by_id: bool,
    /// What was sent, by partition.
    sent: BTreeMap<PartitionKey, Sent>,
    /// Counts requests.
    round: u64,
    /// The last partition that gave records.
    served: Option<PartitionKey>,
}

#[derive(Debug)]
struct Sent {
    ask: Ask,
    /// As last told in this session: while it stays, it is not told again.
    high_watermark: Option<i64>,
    /// The last request that was to ask for it.
    round: u64,
}

/// What is wanted of a partition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ask {
    pub(super) partition: PartitionKey,
    /// Zero where topics go by name.
    pub(super) topic_id: Uuid,
    pub(super) entry: FetchPartition,
}

/// What a request has to say.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) session_id: i32,
    pub(super) session_epoch: i32,
    pub(super) asks: Vec<Ask>,
    /// Partitions, with the id that their topic has in the session.
    pub(super) forgotten: Vec<(PartitionKey, Uuid)>,
}

/// What an answer is as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Partitions that it leaves out have nothing new.
    News,
    /// It should have all partitions.
    Full,
    /// It says nothing, for the broker has no such session or holds the client back: ask once more.
    Void,
    /// It is an error.
    Refused(ErrorCode),
}

impl Session {
    /// What to say on a connection for all of `asks` to be answered. `by_id`: topics go by id.
    pub(super) fn step(
        &mut self,
        conn: ConnId,
        version: i16,
        by_id: bool,
        mut asks: Vec<Ask>,
    ) -> Step {
        if self.conn != Some(conn) || self.by_id != by_id || version < SESSIONS {
            self.end();
        }
        (self.conn, self.version, self.by_id) = (Some(conn), version, by_id);
        self.round += 1;
        let mut forgotten = Vec::new();
        if self.epoch == FIRST {
            self.rotate(&mut asks);
            let round = self.round;
            let sent = asks
                .iter()
                .map(|ask| (ask.partition, Sent { ask: ask.clone(), high_watermark: None, round }));
            self.sent = sent.collect();
        } else {
            asks = self.difference(asks, &mut forgotten);
        }
        let (session_id, session_epoch) =
            if version < SESSIONS { (0, NONE) } else { (self.id, self.epoch) };
        Step { session_id, session_epoch, asks, forgotten }
    }

    /// Takes in what an answer says of the session: `answers` by partition, and whether there were others, `strange`
    /// ones, that nobody asked for.
    pub(super) fn hear<'a>(
        &mut self,
        response: &FetchResponse,
        spots: &[FetchSpot],
        answers: impl Iterator<Item = (PartitionKey, &'a PartitionData)>,
        mut strange: bool,
    ) -> Outcome {
        let first = self.epoch == FIRST;
        let code = ErrorCode::from(response.error_code);
        if code.is_error() {
            self.end();
            if code == ErrorCode::FETCH_SESSION_ID_NOT_FOUND {
                self.id = 0;
            }
            return if is_of_session(code) && !first {
                Outcome::Void
            } else {
                Outcome::Refused(code)
            };
        }
        let mut answered = 0_usize;
        for (partition, data) in answers {
            let Some(sent) = self.sent.get_mut(&partition).filter(|sent| sent.round == self.round)
            else {
                strange = true;
                continue;
            };
            answered += 1;
            // When an error is over, the high watermark is told anew.
            sent.high_watermark = (data.error_code == 0).then_some(data.high_watermark);
            if data.records.as_ref().is_some_and(|records| !records.is_empty()) {
                self.served = Some(partition);
            }
        }
        if first {
            return self.hear_first(response, answered, spots.len(), strange);
        }
        match response.session_id {
            0 => {
                self.end();
                self.id = 0;
            }
            id if id != self.id || strange => self.end(),
            _ => self.epoch = self.epoch.checked_add(1).unwrap_or(1),
        }
        Outcome::News
    }

    fn hear_first(
        &mut self,
        response: &FetchResponse,
        answered: usize,
        asked: usize,
        strange: bool,
    ) -> Outcome {
        self.id = response.session_id;
        if answered == 0 && response.throttle_time_ms > 0 && self.version >= SILENCE {
            // A broker that holds a client back does not read for it (KIP-219).
            return Outcome::Void;
        }
        if self.id != 0 && answered == asked && !strange {
            self.epoch = 1;
        }
        Outcome::Full
    }

    /// The high watermark that a broker has no reason to tell again.
    pub(super) fn high_watermark(&self, partition: PartitionKey) -> Option<i64> {
        self.sent.get(&partition)?.high_watermark
    }

    /// The next request begins a new session.
    pub(super) fn end(&mut self) {
        self.epoch = FIRST;
    }

    /// What is new among `asks`; all that is not among them is forgotten.
    fn difference(
        &mut self,
        asks: Vec<Ask>,
        forgotten: &mut Vec<(PartitionKey, Uuid)>,
    ) -> Vec<Ask> {
        let (round, count) = (self.round, asks.len());
        let mut news = Vec::new();
        for ask in asks {
            match self.sent.get_mut(&ask.partition) {
                Some(sent) => {
                    sent.round = round;
                    if sent.ask == ask || mutant!("session_not_told") {
                        continue;
                    }
                    if sent.ask.topic_id != ask.topic_id {
                        forgotten.push((ask.partition, sent.ask.topic_id));
                        sent.high_watermark = None;
                    }
                    sent.ask = ask.clone();
                }
                None => {
                    let sent = Sent { ask: ask.clone(), high_watermark: None, round };
                    self.sent.insert(ask.partition, sent);
                }
            }
            news.push(ask);
        }
        if self.sent.len() > count {
            self.sent.retain(|partition, sent| {
                let wanted = sent.round == round;
                if !wanted && !mutant!("session_not_forgotten") {
                    forgotten.push((*partition, sent.ask.topic_id));
                }
                wanted
            });
        }
        news
    }

    /// Begins with whose turn it is: an answer has no room for all, and a broker without a session does not know who
    /// came last time.
    fn rotate(&self, asks: &mut [Ask]) {
        if let Some(served) = self.served {
            let next = asks.partition_point(|ask| ask.partition <= served);
            asks.rotate_left(next.min(asks.len()));
        }
    }
}

/// Whether an error is about the session and no more.
fn is_of_session(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::FETCH_SESSION_ID_NOT_FOUND
            | ErrorCode::INVALID_FETCH_SESSION_EPOCH
            | ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR
    )
}
