//! Writes down what happens in a run, for the checks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use kafka_handle::{Driver, EngineState, Error, ErrorKind, StartAt, Written};

use super::apps::{DROPPED, Interrupt};
use super::busy::Busy;
use super::promise::Promise;
use crate::check::{
    Certainty, ConsumerRef, Event, Failure, FaultRef, FinalLog, FinalRecord, History, OpRef,
    Partition, ProducerRef, RecordId, Start, Wire, content, payload,
};
use crate::fault::Met;
use crate::world::{ClientId, Tap, WorldHandle};
use crate::{Cluster, ConnId, Time};

/// A share of the history of a run.
///
/// Never locked while the world is locked by the same hand: the world's listener locks it under the world's lock.
#[derive(Clone)]
pub(crate) struct Recorder {
    notes: Arc<Mutex<Notes>>,
}

/// Events that most runs have, and not many more.
const EVENTS: usize = 1 << 15;

/// The history, and the numbers that were given out in it.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) history: History,
    next: u64,
    busy: Busy,
    memory: BTreeMap<ClientId, Watch>,
    /// What states the engines of clients that have ended went into.
    states: BTreeMap<EngineState, u64>,
    /// Faults that wait for something to hit, by the names of their kinds.
    waiting: Vec<(&'static str, Met)>,
}

/// What is looked at of a client's memory.
struct Watch {
    promise: Promise,
    turns: u32,
    /// The most that was seen, by kind.
    peaks: [u64; 4],
}

/// Memory is looked at in one turn of so many: what grows without end will still be there.
const TURNS_A_LOOK: u32 = 8;

impl Default for Recorder {
    fn default() -> Self {
        let history = History::with_capacity(EVENTS);
        Self { notes: Arc::new(Mutex::new(Notes { history, ..Notes::default() })) }
    }
}

impl Recorder {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, at: Time, event: Event) {
        self.lock().history.push(at, event);
    }

    pub(crate) fn partition(&self, topic: &str, partition: i32) -> Partition {
        self.lock().history.partition(topic, partition)
    }

    /// A number that nothing else in the run has.
    pub(crate) fn number(&self) -> u64 {
        let mut notes = self.lock();
        notes.next += 1;
        notes.next
    }

    pub(crate) fn producer(&self) -> ProducerRef {
        ProducerRef(self.number() as u32)
    }

    pub(crate) fn consumer(&self) -> ConsumerRef {
        ConsumerRef(self.number() as u32)
    }

    pub(crate) fn op(&self) -> OpRef {
        OpRef(self.number() as u32)
    }

    pub(crate) fn fault(&self) -> FaultRef {
        FaultRef(self.number() as u32)
    }

    pub(crate) fn record(&self) -> RecordId {
        RecordId(self.number())
    }

    /// A client's memory is to be watched.
    pub(super) fn watch(&self, client: ClientId, promise: Promise) {
        let watch = Watch { promise, turns: 0, peaks: [0; 4] };
        self.lock().memory.insert(client, watch);
    }

    /// A fault of this kind waits for something to hit.
    pub(super) fn waits(&self, kind: &'static str, met: Met) {
        self.lock().waiting.push((kind, met));
    }

    /// Notes which of those that wait have hit anything, and forgets them all.
    pub(super) fn count_met(&self, at: Time) {
        let mut notes = self.lock();
        for (kind, _) in std::mem::take(&mut notes.waiting).iter().filter(|(_, met)| met.get()) {
            notes.history.push(at, Event::FaultHit { kind });
        }
    }

    /// How often engines went into each of their states.
    pub(crate) fn states(&self) -> BTreeMap<EngineState, u64> {
        self.lock().states.clone()
    }

    /// A client has completed something.
    pub(crate) fn alive(&self, at: Time, client: ClientId) {
        self.lock().busy.note(at, client);
    }

    /// A client's poll found that there is nothing: brokers say so every `fetch.max.wait.ms`.
    pub(crate) fn waited(&self, at: Time, client: ClientId, fetch_max_wait: Duration) {
        self.lock().busy.waited(at, client, fetch_max_wait);
    }

    /// A client is expected to do something all the time.
    pub(crate) fn expect(&self, at: Time, client: ClientId) {
        self.lock().busy.expect(at, client);
    }

    /// A client was killed.
    pub(crate) fn crashed(&self, at: Time, client: ClientId) {
        self.push(at, Event::Crashed { client });
        self.lock().busy.crash(at, client);
    }

    /// Seconds in which every client that lived did something.
    pub(crate) fn busy_seconds(&self) -> u64 {
        self.lock().busy.seconds()
    }

    /// Runs an operation until it ends or its application drops it, and notes its begin and end.
    pub(super) async fn op_of<T>(
        &self,
        sim: &WorldHandle,
        client: ClientId,
        kind: &'static str,
        within: Duration,
        (interrupt, operation): (&Interrupt, impl Future<Output = Result<T, Error>>),
    ) -> Option<T> {
        let (op, now) = (self.op(), sim.now());
        self.push(now, Event::OpStarted { client, op, kind, deadline: now + within });
        let result = interrupt.or(operation).await;
        let now = sim.now();
        let failed = match &result {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(failure(error)),
            Err(_) => Some(Failure::Kind(DROPPED)),
        };
        self.push(now, Event::OpEnded { op, failure: failed });
        if failed.is_none() {
            self.alive(now, client);
        }
        result.ok()?.ok()
    }
}

/// An error as the checks know it.
pub(crate) fn failure(error: &Error) -> Failure {
    match error.kind() {
        ErrorKind::Broker { code, .. } => Failure::Code(code.0),
        ErrorKind::TimedOut { .. } => Failure::Kind("TimedOut"),
        ErrorKind::NoBroker { .. } => Failure::Kind("NoBroker"),
        ErrorKind::UnknownTopic { .. } => Failure::Kind("UnknownTopic"),
        ErrorKind::UnknownPartition { .. } => Failure::Kind("UnknownPartition"),
        ErrorKind::NotAssigned { .. } => Failure::Kind("NotAssigned"),
        ErrorKind::BrokerTooOld { .. } => Failure::Kind("BrokerTooOld"),
        ErrorKind::RecordTooLarge { .. } => Failure::Kind("RecordTooLarge"),
        ErrorKind::OffsetOutOfRange { .. } => Failure::Kind("OffsetOutOfRange"),
        ErrorKind::LogTruncated { .. } => Failure::Kind("LogTruncated"),
        ErrorKind::NoOffset { .. } => Failure::Kind("NoOffset"),
        ErrorKind::Corrupt { .. } => Failure::Kind("Corrupt"),
        ErrorKind::Closed => Failure::Kind("Closed"),
        _ => Failure::Kind("Other"),
    }
}

/// The partition that waits for its application to send the consumer elsewhere, if that is what an error says.
pub(crate) fn waiting(error: &Error) -> Option<(&str, i32)> {
    match error.kind() {
        ErrorKind::OffsetOutOfRange { topic, partition, .. }
        | ErrorKind::LogTruncated { topic, partition, .. }
        | ErrorKind::NoOffset { topic, partition }
        | ErrorKind::Corrupt { topic, partition, .. } => Some((topic, *partition)),
        _ => None,
    }
}

pub(crate) fn certainty(error: &Error) -> Certainty {
    match error.written() {
        Written::NotAppended => Certainty::NotAppended,
        _ => Certainty::Unknown,
    }
}

pub(crate) fn start(at: &StartAt) -> Start {
    match at {
        StartAt::Beginning => Start::Earliest,
        StartAt::Offset(offset) => Start::Offset(*offset),
        StartAt::Timestamp(at) => Start::Timestamp(*at),
        // Where `auto.offset.reset` says is not known either.
        _ => Start::Latest,
    }
}

/// What is in a partition now.
pub(crate) fn final_log(cluster: &Cluster, topic: &str, partition: Partition) -> FinalLog {
    let records = cluster.log(topic, partition.partition).map(|record| {
        let value = record.value.unwrap_or_default();
        let (read, hash) = payload::read(&value);
        let headers = record.headers.iter().map(|(key, value)| (&key[..], value.as_deref()));
        let hash = content::hash(hash, record.key.as_deref(), headers, Some(record.timestamp));
        FinalRecord {
            offset: record.offset,
            rid: read.map(|payload| payload.rid),
            hash,
            producer_id: record.producer_id,
            producer_epoch: record.producer_epoch,
            sequence: record.sequence,
        }
    });
    let log_start = cluster.offsets(topic, partition.partition).map_or(0, |(start, _)| start);
    FinalLog { partition, log_start, compacted: false, records: records.collect() }
}

impl Tap for Recorder {
    fn connecting(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32) {
        self.push(at, Event::Connecting { client, conn, node });
    }

    fn connected(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32) {
        self.push(at, Event::Connected { client, conn, node });
    }

    fn disconnected(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32) {
        self.push(at, Event::Disconnected { client, conn, node });
    }

    fn noticed(&mut self, at: Time, since: Time) {
        self.push(at, Event::Faulted { since });
    }

    fn request(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32, frame: &Bytes) {
        self.lock().history.bytes_out(at, client, conn, node, frame);
    }

    fn response(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32, frame: &Bytes) {
        let mut notes = self.lock();
        let Notes { history, busy, .. } = &mut *notes;
        let before = history.events().len();
        history.bytes_in(at, client, conn, node, frame);
        let is_fetched = |(_, event): &(Time, Event)| {
            matches!(event, Event::Wire { wire: Wire::Fetched { error: 0, .. }, .. })
        };
        if history.events().iter().skip(before).any(is_fetched) {
            busy.fetched(at, client);
        }
    }

    fn cluster(&mut self, cluster: &mut Cluster) {
        let truths = cluster.take_truth();
        if truths.is_empty() {
            return;
        }
        let mut notes = self.lock();
        for (at, truth) in &truths {
            notes.history.truth(*at, truth);
        }
    }

    fn frozen(&mut self, at: Time, client: ClientId) {
        self.push(at, Event::Frozen { client });
    }

    fn thawed(&mut self, at: Time, client: ClientId) {
        self.push(at, Event::Thawed { client });
    }

    fn turned(&mut self, at: Time, client: ClientId, actions: u64, until: Option<Time>) {
        let actions = u32::try_from(actions).unwrap_or(u32::MAX);
        self.push(at, Event::Turn { client, actions, wait_until: until });
    }

    fn ended(&mut self, _: Time, _: ClientId, driver: &Driver) {
        let mut notes = self.lock();
        for (state, times) in driver.transitions().iter().filter(|(_, times)| *times > 0) {
            *notes.states.entry(state).or_default() += times;
        }
    }

    fn driver(&mut self, at: Time, client: ClientId, driver: &Driver) {
        let mut notes = self.lock();
        let Notes { memory, history, .. } = &mut *notes;
        let Some(watch) = memory.get_mut(&client) else { return };
        watch.turns = watch.turns.wrapping_add(1);
        if watch.turns.is_multiple_of(TURNS_A_LOOK) {
            watch.look(at, client, driver, history);
        }
    }
}

impl Watch {
    /// Notes what is more than it ever was.
    fn look(&mut self, at: Time, client: ClientId, driver: &Driver, history: &mut History) {
        let parts = self.promise.parts(&driver.memory_use());
        for ((what, bytes, max), peak) in parts.into_iter().zip(&mut self.peaks) {
            if bytes > *peak {
                *peak = bytes;
                history.push(at, Event::Memory { client, what, bytes, max });
            }
        }
    }
}
