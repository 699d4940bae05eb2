//! I42: a record that can be read reaches a consumer that polls within a round trip and a tick, if its fetch waits at the
//! leader; within half a round trip more, if an answer or the next fetch was on its way. What is there when a poll begins
//! comes within a tick.
//!
//! A partition that its leader was not asked for yet, whom the client knows, or that it refused when it was asked last, has
//! to wait for the fetch that is on its way there, as with Kafka's own consumer, then a poll that does not park for long, and
//! a few round trips. Where an application
//! leaves records of the same leader waiting, their queue may be full, and no fetch parks: then it may take the time between
//! two that do not. What the consumer's configuration asks for is no lateness: more than one byte an answer, or so few that
//! partitions take turns.

mod asked;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asked::{Asked, Bound};

use crate::check::event::{Event, LogEvent};
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, ConsumerRef, Partition, Start, TopicRef};
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

/// A leader is asked this often at least for all whose queue is not full.
const REST_AFTER: Duration = Duration::from_secs(1);

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut waiting = Waiting { run, findings, state: State::default() };
    for (at, event) in run.events.iter() {
        waiting.judge_until(*at);
        waiting.handle(*at, event);
    }
}

type Key = (ConsumerRef, Partition);

struct Waiting<'a, 'run> {
    run: &'a Run<'run>,
    findings: &'a mut Findings,
    state: State,
}

#[derive(Default)]
struct State {
    asked: Asked,
    /// Where positions are not known, nothing is waited for.
    positions: BTreeMap<Key, i64>,
    paused: BTreeSet<Key>,
    /// It is for the application to go on.
    stuck: BTreeSet<Key>,
    /// Where a batch came that was broken.
    broken: BTreeSet<Key>,
    /// Polls without an end, and when they began.
    polls: BTreeMap<ConsumerRef, Time>,
    high_watermarks: BTreeMap<Partition, i64>,
    expected: BTreeMap<Key, Expected>,
    /// When to look at them.
    due: BTreeSet<(Time, ConsumerRef, Partition)>,
}

/// A record that should come.
#[derive(Clone, Copy)]
struct Expected {
    offset: i64,
    since: Time,
    by: Time,
    /// The connection that should bring it, and by when if an answer was on its way there that did not have it yet.
    conn: Option<ConnId>,
    latest: Time,
}

impl Waiting<'_, '_> {
    fn handle(&mut self, at: Time, event: &Event) {
        let run = self.run;
        match *event {
            Event::RoundTrip { client, node, round_trip } => {
                self.state.asked.set_round_trip(client, node, round_trip);
            }
            Event::Deliver { consumer, partition, offset, .. } => {
                self.delivered(at, (consumer, run.name(partition)), offset);
            }
            Event::Position { consumer, partition, offset } => {
                self.told_position((consumer, run.name(partition)), offset);
            }
            Event::PollStarted { consumer, .. } => self.poll_started(at, consumer),
            Event::PollEnded { consumer, .. } => _ = self.state.polls.remove(&consumer),
            Event::ConsumerClosed { consumer } => self.forget(|of| of.0 == consumer),
            Event::CloseStarted { client, .. } | Event::Crashed { client } => {
                self.forget(|of| run.client_of(of.0) == Some(client));
            }
            Event::Connecting { client, conn, node } => {
                self.state.asked.connecting(at, client, conn, node);
            }
            Event::Connected { conn, .. } => self.state.asked.connected(conn),
            Event::Disconnected { client, conn, node } => {
                self.state.asked.disconnected(at, client, conn, node);
                self.state.expected.retain(|key, expected| {
                    run.client_of(key.0) != Some(client)
                        || expected.conn.is_some_and(|of| of != conn)
                });
            }
            Event::TopicDeleted { topic } => self.deleted(topic),
            Event::Truth { partition, truth: LogEvent::HighWatermark { offset } } => {
                self.visible(at, run.name(partition), offset);
            }
            Event::Wire { client, wire: Wire::BrokenBatch { partition, .. }, .. } => {
                self.broken(client, run.name(partition));
            }
            Event::Wire { client, conn, node, wire } => {
                if self.state.asked.note(run, at, (client, conn, node), wire) {
                    self.answered(conn);
                }
            }
            ref event => self.moved(event),
        }
    }

    /// What came is fetched once more when its turn has come to be handed out, whenever that is.
    fn broken(&mut self, client: ClientId, partition: Partition) {
        let theirs = self.run.consumers.iter().filter(|(_, (of, _))| *of == client);
        for key in theirs.map(|(consumer, _)| (*consumer, partition)) {
            self.turn_from(key);
            self.state.broken.insert(key);
        }
    }

    /// The application, or an error, changes what is waited for.
    fn moved(&mut self, event: &Event) {
        let run = self.run;
        match *event {
            Event::Assigned { consumer, partition, start }
            | Event::Seek { consumer, partition, to: start } => {
                let key = (consumer, run.name(partition));
                self.turn_from(key);
                self.state.stuck.remove(&key);
                if let Start::Offset(offset) = start {
                    self.state.positions.insert(key, offset);
                }
                if matches!(event, Event::Assigned { .. }) {
                    self.state.paused.remove(&key);
                }
            }
            Event::Unassigned { consumer, partition }
            | Event::Reset { consumer, partition, .. } => {
                self.turn_from((consumer, run.name(partition)));
            }
            Event::Pause { consumer, partition } => {
                let key = (consumer, run.name(partition));
                self.turn_from(key);
                self.state.paused.insert(key);
            }
            Event::Resume { consumer, partition } => {
                let key = (consumer, run.name(partition));
                self.turn_from(key);
                self.state.paused.remove(&key);
            }
            Event::ConsumerFailed { consumer, partition: Some(partition), .. } => {
                let key = (consumer, run.name(partition));
                self.turn_from(key);
                self.state.stuck.insert(key);
            }
            _ => {}
        }
    }

    /// Nothing is waited for there until the position is told again, and what was asked for is worth nothing.
    fn turn_from(&mut self, key: Key) {
        self.state.positions.remove(&key);
        self.state.expected.remove(&key);
        if let Some(client) = self.run.client_of(key.0) {
            self.state.asked.void(client, key.1);
        }
    }

    fn forget(&mut self, meant: impl Fn(&Key) -> bool) {
        self.state.positions.retain(|key, _| !meant(key));
        self.state.expected.retain(|key, _| !meant(key));
    }

    fn deleted(&mut self, topic: TopicRef) {
        let topic = self.run.name(Partition { topic, partition: 0 }).topic;
        self.forget(|(_, partition)| partition.topic == topic);
        self.state.high_watermarks.retain(|partition, _| partition.topic != topic);
    }

    /// Where a consumer says that it is. It goes beyond what it handed out where the log has gaps.
    fn told_position(&mut self, key: Key, offset: i64) {
        let before = self.state.positions.insert(key, offset);
        if before.is_some_and(|before| offset < before) {
            self.turn_from(key);
            self.state.positions.insert(key, offset);
        }
        if self.state.expected.get(&key).is_some_and(|expected| expected.offset < offset) {
            self.state.expected.remove(&key);
        }
    }

    /// Records can be read from now on: whoever has all before them should have them soon.
    fn visible(&mut self, at: Time, partition: Partition, offset: i64) {
        let before = self.state.high_watermarks.insert(partition, offset).unwrap_or(0);
        if before >= offset {
            return;
        }
        let run = self.run;
        for consumer in run.consumers.keys() {
            let key = (*consumer, partition);
            if self.state.positions.get(&key) == Some(&before) {
                self.expect(at, key, before);
            }
        }
    }

    /// The record at `offset`, or what follows it, should come: it can be read by now.
    fn expect(&mut self, at: Time, key: Key, offset: i64) {
        let (consumer, partition) = key;
        let State { paused, stuck, expected, asked, .. } = &self.state;
        if paused.contains(&key) || stuck.contains(&key) || expected.contains_key(&key) {
            return;
        }
        if self.state.broken.contains(&key) {
            return;
        }
        let Some((client, min_bytes)) = self.run.consumers.get(&consumer) else { return };
        let asks_for_it = *min_bytes > 1 || asked.is_narrow(*client);
        if asks_for_it || !self.run.calm.at(at) {
            return;
        }
        // Who reads it may not know of the topic yet.
        if self.run.may_be_unbelieved(partition, at) {
            return;
        }
        let Some(truths) = self.run.truth.get(&partition) else { return };
        // Compaction may have taken a record for the sake of one that an election cut off: nothing comes then.
        let compacted = self.run.logs.get(&partition).is_some_and(|log| log.compacted);
        if compacted && !truths.cuts.is_empty() {
            return;
        }
        let Some(leader) = truths.leader_at(at) else { return };
        let Some(bound) = asked.bound(self.run, at, (*client, partition), leader) else { return };
        let Bound { mut by, mut latest, conn, asked } = bound;
        if self.is_crowded(key, (*client, leader)) {
            latest = latest + REST_AFTER;
            // Nothing is parked there.
            by = if asked == at { latest } else { by };
        }
        // What was asked for under a fault may never be answered.
        if !self.run.calm.throughout(asked, at) {
            return;
        }
        self.state.expected.insert(key, Expected { offset, since: at, by, conn, latest });
        self.state.due.insert((by, consumer, partition));
    }

    /// Whether there is more for the consumer at a leader, of another partition.
    fn is_crowded(&self, key: Key, (client, leader): (ClientId, i32)) -> bool {
        let State { positions, high_watermarks, asked, .. } = &self.state;
        positions.iter().any(|(other, position)| {
            let high = high_watermarks.get(&other.1).copied().unwrap_or(0);
            other.0 == key.0
                && other.1 != key.1
                && *position < high
                && asked.leads(client, other.1, leader)
        })
    }

    /// An answer came. If it left before the record could be read, the next one has it.
    fn answered(&mut self, conn: ConnId) {
        for ((consumer, partition), expected) in &mut self.state.expected {
            if expected.conn == Some(conn) && expected.by < expected.latest {
                expected.by = expected.latest;
                self.state.due.insert((expected.by, *consumer, *partition));
            }
        }
    }

    fn delivered(&mut self, at: Time, key: Key, offset: i64) {
        self.state.positions.insert(key, offset.saturating_add(1));
        self.state.stuck.remove(&key);
        if self.state.expected.get(&key).is_some_and(|expected| offset >= expected.offset) {
            self.state.expected.remove(&key);
            self.findings.judge(Invariant::LateDelivery, true, at, String::new);
        }
    }

    /// What came while nobody polled is there at once; what else can be read should come.
    fn poll_started(&mut self, at: Time, consumer: ConsumerRef) {
        self.state.polls.insert(consumer, at);
        let first = (consumer, Partition { topic: TopicRef(0), partition: i32::MIN });
        let next = (ConsumerRef(consumer.0.saturating_add(1)), first.1);
        for (key, expected) in self.state.expected.range_mut(first..next) {
            if expected.by < at {
                expected.by = at + self.run.settings.tick;
                self.state.due.insert((expected.by, consumer, key.1));
            }
        }
        let high = |partition| self.state.high_watermarks.get(partition).copied().unwrap_or(0);
        let theirs = self.state.positions.range(first..next);
        let behind = theirs.filter(|((_, partition), position)| **position < high(partition));
        let behind: Vec<(Key, i64)> = behind.map(|(key, position)| (*key, *position)).collect();
        for (key, position) in behind {
            self.expect(at, key, position);
        }
    }

    /// Looks at what should have come before `now`.
    fn judge_until(&mut self, now: Time) {
        while let Some((by, consumer, partition)) = self.state.due.first().copied() {
            if by >= now {
                return;
            }
            self.state.due.remove(&(by, consumer, partition));
            let key = (consumer, partition);
            let polls = self.state.polls.get(&consumer).is_some_and(|since| *since < by);
            let expected = self.state.expected.get(&key).copied();
            let Some(Expected { offset, since, .. }) = expected.filter(|of| of.by == by) else {
                continue;
            };
            // Without a poll it is looked at again when the next one begins.
            if !polls {
                continue;
            }
            self.state.expected.remove(&key);
            let truths = self.run.truth.get(&partition);
            let trimmed = truths.is_some_and(|truths| truths.trimmed_until(by, offset));
            if trimmed || !self.run.calm.throughout(since, by) {
                continue;
            }
            self.findings.judge(Invariant::LateDelivery, false, by, || {
                let (partition, waited) = (self.run.show(partition), by.since(since));
                format!(
                    "consumer {} waits for {offset} of {partition}, there for {waited:?}",
                    consumer.0
                )
            });
        }
    }
}
