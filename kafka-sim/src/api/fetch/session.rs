//! Fetch sessions (KIP-227): what a node remembers of a client's fetches, so that neither side repeats it.
//!
//! A node keeps at most `max.incremental.fetch.session.cache.slots` of them. A new one takes the place of one that has
//! not been used for `min.incremental.fetch.session.eviction.ms`, the one unused for longest first; else of a client's,
//! if it is a replica's; else of a smaller one that has been in use for that long. If there is none, there is no session.
//! It isn't bound to a connection, and the end of its node is its end.
//!
//! Deviations: real brokers since 3.9 split the cache into 8 shards that take turns, each with an eighth of the slots.
//! The partitions of all sessions of a node are limited here.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_proto::messages::fetch::PartitionData;
use kafka_proto::{ErrorCode, Str, Uuid};

use super::Wanted;
use crate::rng::Rng;
use crate::{ClusterOptions, Time};

/// Partitions of all sessions of a node: a bound on memory that no real broker has.
const PARTITIONS_MAX: usize = 1 << 20;

/// A partition as requests name it: by the topic's name, or by its id and an empty name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    // What tells most of them apart comes first.
    pub(crate) id: Uuid,
    pub(crate) partition: i32,
    pub(crate) name: Str,
}

/// The sessions of all nodes.
#[derive(Debug)]
pub(crate) struct Sessions {
    by_node: BTreeMap<i32, BTreeMap<i32, Session>>,
    slots: usize,
    eviction: Duration,
    rng: Rng,
}

/// One session.
#[derive(Debug)]
pub(super) struct Session {
    /// Begun by a replica.
    privileged: bool,
    by_id: bool,
    created: Time,
    last_used: Time,
    /// The number that the next request has to have.
    pub(super) epoch: i32,
    /// The partitions by their place in line: what gave records goes to the end of it.
    line: BTreeMap<u64, Cached>,
    places: BTreeMap<Key, u64>,
    next_place: u64,
}

/// What both sides know of a partition.
#[derive(Debug)]
struct Cached {
    wanted: Wanted,
    /// As last told.
    high_watermark: i64,
    log_start: i64,
}

impl Sessions {
    pub(crate) fn new(options: &ClusterOptions) -> Self {
        Self {
            by_node: BTreeMap::new(),
            slots: options.fetch_session_slots,
            eviction: options.fetch_session_eviction,
            // Another stretch of numbers than that of the topic ids.
            rng: Rng::new(!options.seed),
        }
    }

    /// Forgets all sessions of a node.
    pub(crate) fn evict_all(&mut self, node: i32) -> bool {
        self.by_node.remove(&node).is_some_and(|sessions| !sessions.is_empty())
    }

    /// What a session asks for, in line.
    pub(crate) fn wanted(&self, node: i32, id: i32) -> Option<impl Iterator<Item = &Wanted>> {
        let session = self.by_node.get(&node)?.get(&id)?;
        Some(session.line.values().map(|cached| &cached.wanted))
    }

    pub(super) fn get_mut(&mut self, node: i32, id: i32) -> Option<&mut Session> {
        self.by_node.get_mut(&node)?.get_mut(&id)
    }

    pub(super) fn remove(&mut self, node: i32, id: i32) {
        if let Some(sessions) = self.by_node.get_mut(&node) {
            sessions.remove(&id);
        }
    }

    /// Begins a session with what a full request asked for and was answered. Gives its id, 0 if there is no place for it.
    pub(super) fn begin<'a>(
        &mut self,
        node: i32,
        now: Time,
        kind: Kind,
        answered: impl ExactSizeIterator<Item = (&'a Wanted, &'a PartitionData)>,
    ) -> i32 {
        let sessions = self.by_node.entry(node).or_default();
        let size = answered.len();
        if sessions.len() >= self.slots {
            let Some(evicted) = evictable(sessions, kind.privileged, size, now, self.eviction)
            else {
                return 0;
            };
            sessions.remove(&evicted);
        }
        if partitions_of(sessions).saturating_add(size) > PARTITIONS_MAX {
            return 0;
        }
        let mut session = Session::new(kind, now);
        for (wanted, data) in answered {
            session.add(wanted.clone(), data.high_watermark, data.log_start_offset);
        }
        let id = loop {
            // The upper half of the number, without its sign: any positive one that is free.
            let id = i32::try_from(self.rng.next_u64() >> 33).unwrap_or(0);
            if id != 0 && !sessions.contains_key(&id) {
                break id;
            }
        };
        sessions.insert(id, session);
        id
    }

    /// Takes an incremental request into its session. Gives all that the session asks for now, in line, and the epoch of
    /// the request to come; `None` if it was emptied, which is its end.
    pub(super) fn go_on(
        &mut self,
        node: i32,
        now: Time,
        request: Step<'_>,
    ) -> Result<Option<(Vec<Wanted>, i32)>, ErrorCode> {
        let Step { id, epoch, by_id, wanted, forgotten } = request;
        let sessions = self.by_node.entry(node).or_default();
        let others = partitions_of(sessions);
        let session = sessions.get_mut(&id).ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
        if session.epoch != epoch {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        if session.by_id != by_id {
            return Err(ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        }
        for wanted in wanted {
            session.update(wanted);
        }
        for key in &forgotten {
            session.forget(key);
        }
        if session.line.is_empty() {
            sessions.remove(&id);
            return Ok(None);
        }
        if others.saturating_add(wanted.len()) > PARTITIONS_MAX {
            sessions.remove(&id);
            return Err(ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        }
        session.last_used = now;
        session.epoch = next_epoch(epoch);
        let all = session.line.values().map(|cached| cached.wanted.clone()).collect();
        Ok(Some((all, session.epoch)))
    }
}

/// What distinguishes sessions from the beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) privileged: bool,
    pub(super) by_id: bool,
}

/// An incremental request.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) id: i32,
    pub(super) epoch: i32,
    pub(super) by_id: bool,
    pub(super) wanted: &'a [Wanted],
    pub(super) forgotten: Vec<Key>,
}

impl Session {
    fn new(kind: Kind, now: Time) -> Self {
        Self {
            privileged: kind.privileged,
            by_id: kind.by_id,
            created: now,
            last_used: now,
            epoch: 1,
            line: BTreeMap::new(),
            places: BTreeMap::new(),
            next_place: 0,
        }
    }

    fn add(&mut self, wanted: Wanted, high_watermark: i64, log_start: i64) {
        let place = self.next_place;
        self.next_place = place.saturating_add(1);
        self.places.insert(wanted.key.clone(), place);
        self.line.insert(place, Cached { wanted, high_watermark, log_start });
    }

    fn update(&mut self, wanted: &Wanted) {
        let place = self.places.get(&wanted.key);
        match place.and_then(|place| self.line.get_mut(place)) {
            Some(cached) => cached.wanted = wanted.clone(),
            None => self.add(wanted.clone(), -1, -1),
        }
    }

    fn forget(&mut self, key: &Key) {
        if let Some(place) = self.places.remove(key) {
            self.line.remove(&place);
        }
    }

    /// Whether an answer tells anything of a partition that the client doesn't know yet. It does from here on, and what
    /// gave records is the last to be asked next time.
    pub(super) fn is_news(&mut self, key: &Key, data: &PartitionData) -> bool {
        let Some(place) = self.places.get(key).copied() else {
            return false;
        };
        let Some(cached) = self.line.get_mut(&place) else {
            return false;
        };
        let records = data.records.as_ref().is_some_and(|records| !records.is_empty());
        let failed = data.error_code != 0;
        let news = records
            || failed
            || cached.high_watermark != data.high_watermark
            || cached.log_start != data.log_start_offset
            || data.preferred_read_replica >= 0
            || data.diverging_epoch.epoch >= 0;
        // When an error goes away, the partition is told of again.
        cached.high_watermark = if failed { -1 } else { data.high_watermark };
        cached.log_start = data.log_start_offset;
        if records
            && let Some(Cached { wanted, high_watermark, log_start }) = self.line.remove(&place)
        {
            self.add(wanted, high_watermark, log_start);
        }
        news
    }

    /// What is given up first is the least.
    fn worth(&self, id: i32) -> (bool, usize, i32) {
        (self.privileged, self.line.len(), id)
    }
}

/// The session that a new one may replace, if there is one.
fn evictable(
    sessions: &BTreeMap<i32, Session>,
    privileged: bool,
    size: usize,
    now: Time,
    eviction: Duration,
) -> Option<i32> {
    let (oldest, idle) = sessions.iter().min_by_key(|(id, session)| (session.last_used, **id))?;
    if now.since(idle.last_used) > eviction {
        return Some(*oldest);
    }
    let in_use_for_long = |session: &Session| session.last_used.since(session.created) > eviction;
    let open = sessions
        .iter()
        .filter(|(_, session)| in_use_for_long(session) || (privileged && !session.privileged));
    let (id, least) = open.min_by_key(|(id, session)| session.worth(**id))?;
    ((privileged, size, 0) > least.worth(*id)).then_some(*id)
}

fn partitions_of(sessions: &BTreeMap<i32, Session>) -> usize {
    sessions.values().map(|session| session.line.len()).sum()
}

/// The number of the request after one with this number.
fn next_epoch(epoch: i32) -> i32 {
    epoch.checked_add(1).unwrap_or(1)
}
