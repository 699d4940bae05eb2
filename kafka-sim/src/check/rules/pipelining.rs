//! I44: while more than a full batch of a partition waits, as many requests are on their way as may be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_proto::ErrorCode;

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Partition, ProducerRef, RecordId};
use crate::check::numbered::Numbered;
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

/// More than one full batch: that many times `batch.size`.
const BATCHES: u64 = 2;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut pipelines = Pipelines::default();
    for sent in &run.sent {
        let key = (sent.producer, sent.partition);
        let queue = pipelines.queues.entry(key).or_default();
        pipelines.places.insert(sent.rid, (key, queue.records.len()));
        queue.records.push((State::Coming, 0));
    }
    for (at, event) in run.events.iter() {
        pipelines.handle(run, *at, event, findings);
    }
}

/// One producer's records for one partition.
#[derive(Default)]
struct Queue {
    /// Whether each record has left, in the order in which they were accepted, and the bytes of those that wait.
    records: Vec<(State, u32)>,
    bytes: u64,
    /// Producer id and epoch of its last batch.
    session: (i64, i16),
    /// Where it writes, once the broker has taken a batch of the session.
    conn: Option<ConnId>,
    /// When the broker last took one, unless the client's clock has jumped since.
    taken: Option<Time>,
    /// Since when it could send, and does not.
    stalled: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It will be accepted.
    Coming,
    Waiting,
    Gone,
}

#[derive(Default)]
struct Pipelines {
    /// The place of each record in its queue.
    places: Numbered<RecordId, (Key, usize)>,
    queues: BTreeMap<Key, Queue>,
    /// When clients last began to stand still.
    frozen: BTreeMap<ClientId, Time>,
    /// Who leads, and since which epoch, as each client was told.
    leaders: BTreeMap<(ClientId, Partition), (i32, i32)>,
    conns: Numbered<ConnId, Conn>,
}

#[derive(Default)]
struct Conn {
    client: Option<ClientId>,
    in_flight: BTreeSet<i32>,
    /// Which queue a batch is from, and its session.
    sent: BTreeMap<(i32, Partition), (Key, (i64, i16))>,
}

/// Whose queue.
type Key = (ProducerRef, Partition);

impl Pipelines {
    fn handle(&mut self, run: &Run<'_>, at: Time, event: &Event, findings: &mut Findings) {
        match *event {
            Event::Send { rid, bytes, .. } => {
                let Some((key, place)) = self.places.get(rid).copied() else { return };
                if let Some(queue) = self.queues.get_mut(&key) {
                    queue.accept(place, bytes);
                }
                self.look(run, at, key, findings);
            }
            Event::Ack { rid, .. } | Event::Fail { rid, .. } => {
                let Some((key, place)) = self.places.get(rid).copied() else { return };
                if let Some(queue) = self.queues.get_mut(&key) {
                    if matches!(event, Event::Fail { .. }) && queue.has_left(place) {
                        // A hole in the session's sequence: the next batch begins another.
                        queue.begin_again();
                    }
                    queue.take(place, 1);
                }
            }
            Event::Disconnected { conn, .. } => {
                self.conns.remove(conn);
                for queue in self.queues.values_mut().filter(|queue| queue.conn == Some(conn)) {
                    queue.begin_again();
                }
            }
            Event::Frozen { client } => _ = self.frozen.insert(client, at),
            // Its clock has jumped, and the world's has not.
            Event::Thawed { client } if self.frozen.get(&client) == Some(&at) => {
                let theirs = |key: &Key| run.producers.get(&key.0).is_some_and(|of| of.0 == client);
                for (_, queue) in self.queues.iter_mut().filter(|(key, _)| theirs(key)) {
                    queue.taken = None;
                }
            }
            Event::Wire {
                client, wire: Wire::Leads { partition, leader, leader_epoch }, ..
            } => {
                let (told, partition) = ((leader, leader_epoch), run.name(partition));
                let before = self.leaders.insert((client, partition), told);
                if before.is_some_and(|before| before != told) {
                    self.begin_again(client, partition);
                }
            }
            Event::Wire { client, conn, wire, .. } => {
                self.conns.or_default(conn).client = Some(client);
                self.wire(run, at, conn, wire, findings);
            }
            _ => {}
        }
    }

    fn wire(&mut self, run: &Run<'_>, at: Time, conn: ConnId, wire: Wire, findings: &mut Findings) {
        let of = self.conns.or_default(conn);
        match wire {
            Wire::Produce { correlation_id, acks } if acks != 0 => {
                of.in_flight.insert(correlation_id);
                self.look_at_conn(run, at, conn, findings);
            }
            Wire::Batch {
                correlation_id, partition, records, first, producer_id, epoch, ..
            } => {
                let Some((key, place)) = first.and_then(|rid| self.places.get(rid)).copied() else {
                    return;
                };
                let session = (producer_id, epoch);
                of.sent.insert((correlation_id, run.name(partition)), (key, session));
                if let Some(queue) = self.queues.get_mut(&key) {
                    // A broker may forget who rests for longer than a delivery may take.
                    let timeout = run.contract(key.0).delivery_timeout;
                    let rested = queue.has_rested(at, timeout);
                    // What is sent again may be the last of a session: others wait for what becomes of it.
                    if queue.session != session || rested || queue.has_left(place) {
                        queue.session = session;
                        queue.begin_again();
                    }
                    queue.take(place, usize::try_from(records).unwrap_or(0));
                }
                self.look(run, at, key, findings);
            }
            Wire::Produced { correlation_id, partition, error, .. } => {
                let sent = of.sent.remove(&(correlation_id, run.name(partition)));
                let Some((key, session)) = sent else { return };
                let queue = self.queues.get_mut(&key).filter(|queue| queue.session == session);
                let Some(queue) = queue else { return };
                let proven = error == ErrorCode::NONE.0;
                if proven {
                    queue.taken = Some(at);
                }
                (queue.conn, queue.stalled) = match proven {
                    true if queue.conn == Some(conn) => (queue.conn, queue.stalled),
                    true => (Some(conn), None),
                    false => (None, None),
                };
            }
            Wire::Response { correlation_id, .. } => {
                of.in_flight.remove(&correlation_id);
                self.look_at_conn(run, at, conn, findings);
            }
            _ => {}
        }
    }

    /// Another leader, or the same one elected anew, may know nothing of a producer: its next batch goes alone. What becomes
    /// of those that are on their way is no news of the new one.
    fn begin_again(&mut self, client: ClientId, partition: Partition) {
        for (key, queue) in self.queues.iter_mut().filter(|(key, _)| key.1 == partition) {
            let Some(conn) = queue.conn.and_then(|conn| self.conns.get_mut(conn)) else { continue };
            if conn.client == Some(client) {
                conn.sent.retain(|_, (of, _)| of != key);
                queue.begin_again();
            }
        }
    }

    fn look_at_conn(&mut self, run: &Run<'_>, at: Time, conn: ConnId, findings: &mut Findings) {
        let theirs = self.queues.iter().filter(|(_, queue)| queue.conn == Some(conn));
        let keys: Vec<_> = theirs.map(|(key, _)| *key).collect();
        for key in keys {
            self.look(run, at, key, findings);
        }
    }

    /// Whether a queue stalls, and for how long it has.
    fn look(&mut self, run: &Run<'_>, at: Time, key: Key, findings: &mut Findings) {
        let contract = run.contract(key.0);
        let Some(queue) = self.queues.get_mut(&key) else { return };
        // Who leads a topic that was made again is believed when nobody has told of the old one for a while, and only then
        // its next batch goes alone.
        if run.may_be_unbelieved(key.1, at) {
            queue.stalled = None;
            return;
        }
        // A broker may have forgotten who rested for so long, whatever is on its way to it.
        if queue.has_rested(at, contract.delivery_timeout) {
            queue.begin_again();
            return;
        }
        let Some(conn) = queue.conn.and_then(|conn| self.conns.get(conn)) else { return };
        let count = conn.in_flight.len();
        let room = count < contract.max_in_flight as usize;
        let full = queue.bytes >= BATCHES.saturating_mul(u64::from(contract.batch_bytes));
        let since = queue.stalled;
        if let Some(since) = since
            && run.calm.throughout(since, at)
        {
            let holds = at <= since + run.settings.tick;
            findings.judge(Invariant::Pipelining, holds, at, || {
                let (waits, bytes, partition) = (at.since(since), queue.bytes, run.show(key.1));
                format!("{bytes} bytes for {partition} wait for {waits:?}, with {count} requests in flight")
            });
            if !holds {
                queue.stalled = None;
            }
        }
        queue.stalled = (room && full).then_some(queue.stalled.unwrap_or(at));
    }
}

impl Queue {
    /// Whether a broker took nothing for so long.
    fn has_rested(&self, at: Time, timeout: Duration) -> bool {
        self.taken.is_none_or(|taken| at >= taken + timeout)
    }

    /// Its next batch goes alone, until a broker has taken it.
    fn begin_again(&mut self) {
        (self.conn, self.stalled) = (None, None);
    }

    fn accept(&mut self, place: usize, bytes: u32) {
        if let Some(record) = self.records.get_mut(place).filter(|of| of.0 == State::Coming) {
            *record = (State::Waiting, bytes);
            self.bytes += u64::from(bytes);
        }
    }

    /// Whether a record has left before.
    fn has_left(&self, place: usize) -> bool {
        self.records.get(place).is_some_and(|of| of.0 == State::Gone)
    }

    /// Records leave: `count` from a place on.
    fn take(&mut self, place: usize, count: usize) {
        let leaving = self.records.get_mut(place..).into_iter().flatten().take(count);
        for (state, bytes) in leaving {
            if *state == State::Waiting {
                self.bytes = self.bytes.saturating_sub(u64::from(*bytes));
            }
            *state = State::Gone;
        }
    }
}
