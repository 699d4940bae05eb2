//! I42: a record that can be read reaches a consumer that waits for it within a round trip and a tick, if its fetch waits at
//! the leader; within two, if an answer or the next fetch was on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::check::event::{Event, LogEvent};
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, ConsumerRef, Partition, Start};
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut waiting = Waiting { run, findings, state: State::default() };
    for (at, event) in run.events.iter() {
        waiting.judge_until(*at);
        waiting.handle(*at, event);
    }
}

struct Waiting<'a, 'run> {
    run: &'a Run<'run>,
    findings: &'a mut Findings,
    state: State,
}

#[derive(Default)]
struct State {
    positions: BTreeMap<(ConsumerRef, Partition), i64>,
    /// Polls without an end, and when they began.
    polls: BTreeMap<ConsumerRef, Time>,
    high_watermarks: BTreeMap<Partition, i64>,
    round_trips: BTreeMap<(ClientId, i32), Duration>,
    /// The connection on which a partition was fetched last, and its node.
    fetching: BTreeMap<(ClientId, Partition), (ConnId, i32)>,
    /// Fetches without an answer, and since when.
    parked: BTreeMap<ConnId, (i32, Time)>,
    /// Connections whose fetches wait for more than a byte, or take so little that records wait for their turn.
    greedy: BTreeSet<ConnId>,
    expected: BTreeMap<(ConsumerRef, Partition), Expected>,
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
    conn: ConnId,
    latest: Time,
}

impl Waiting<'_, '_> {
    fn handle(&mut self, at: Time, event: &Event) {
        let run = self.run;
        match *event {
            Event::RoundTrip { client, node, round_trip } => {
                self.state.round_trips.insert((client, node), round_trip);
            }
            Event::Assigned { consumer, partition, start }
            | Event::Seek { consumer, partition, to: start } => {
                let key = (consumer, run.name(partition));
                self.drop_expected(|of| *of == key);
                match start {
                    Start::Offset(offset) => self.state.positions.insert(key, offset),
                    _ => self.state.positions.remove(&key),
                };
            }
            Event::Unassigned { consumer, partition }
            | Event::Pause { consumer, partition }
            | Event::Reset { consumer, partition, .. }
            | Event::ConsumerFailed { consumer, partition: Some(partition), .. } => {
                let key = (consumer, run.name(partition));
                self.drop_expected(|of| *of == key);
                self.state.positions.remove(&key);
            }
            Event::Deliver { consumer, partition, offset, .. } => {
                self.delivered(at, consumer, run.name(partition), offset);
            }
            Event::PollStarted { consumer, .. } => self.poll_started(at, consumer),
            Event::PollEnded { consumer, .. } => {
                self.state.polls.remove(&consumer);
            }
            Event::ConsumerClosed { consumer } => self.drop_expected(|of| of.0 == consumer),
            Event::CloseStarted { client, .. } => {
                self.drop_expected(|of| run.client_of(of.0) == Some(client));
            }
            Event::Disconnected { client, conn, .. } => {
                self.state.fetching.retain(|_, (of, _)| *of != conn);
                self.state.parked.remove(&conn);
                self.drop_expected(|of| run.client_of(of.0) == Some(client));
            }
            Event::Truth { partition, truth: LogEvent::HighWatermark { offset } } => {
                self.visible(at, run.name(partition), offset);
            }
            Event::Wire { client, conn, node, wire } => self.wire(at, (client, conn, node), wire),
            _ => {}
        }
    }

    fn wire(&mut self, at: Time, (client, conn, node): (ClientId, ConnId, i32), wire: Wire) {
        match wire {
            Wire::Fetch { correlation_id, min_bytes, .. } => {
                self.state.parked.insert(conn, (correlation_id, at));
                if min_bytes > 1 {
                    self.state.greedy.insert(conn);
                }
            }
            Wire::FetchPartition { partition, .. } => {
                let key = (client, self.run.name(partition));
                self.state.fetching.insert(key, (conn, node));
            }
            Wire::Narrow { .. } => _ = self.state.greedy.insert(conn),
            Wire::Forgotten { partition, .. } => {
                self.state.fetching.remove(&(client, self.run.name(partition)));
            }
            Wire::Fetched { correlation_id, .. }
                if self.state.parked.get(&conn).is_some_and(|(id, _)| *id == correlation_id) =>
            {
                self.state.parked.remove(&conn);
                self.answered(conn);
            }
            _ => {}
        }
    }

    /// Records can be read from now on: whoever has all before them and polls should have them soon.
    fn visible(&mut self, at: Time, partition: Partition, offset: i64) {
        let before = self.state.high_watermarks.insert(partition, offset);
        let Some(before) = before.filter(|before| *before < offset) else { return };
        let leader = self.run.truth.get(&partition).and_then(|truths| truths.leader_at(at));
        let consumers: Vec<ConsumerRef> = self.state.polls.keys().copied().collect();
        for consumer in consumers {
            let key = (consumer, partition);
            if self.state.positions.get(&key) != Some(&before) {
                continue;
            }
            let Some((conn, round_trip)) = self.fetching(consumer, partition, leader) else {
                continue;
            };
            let tick = self.run.settings.tick;
            let latest = at + round_trip * 2 + tick;
            let parked = self.state.parked.get(&conn);
            // What was asked for under a fault may never be answered.
            if parked.is_some_and(|(_, since)| !self.run.calm.throughout(*since, at)) {
                continue;
            }
            let parked = parked.is_some();
            let by = if parked { at + round_trip + tick } else { latest };
            let expected = Expected { offset: before, since: at, by, conn, latest };
            self.state.expected.insert(key, expected);
            self.state.due.insert((by, consumer, partition));
        }
    }

    /// The connection by which a consumer fetches from the leader, and how long there and back takes.
    fn fetching(
        &self,
        consumer: ConsumerRef,
        partition: Partition,
        leader: Option<i32>,
    ) -> Option<(ConnId, Duration)> {
        let client = self.run.client_of(consumer)?;
        let (conn, node) = *self.state.fetching.get(&(client, partition))?;
        if leader.is_some_and(|leader| leader != node) || self.state.greedy.contains(&conn) {
            return None;
        }
        Some((conn, *self.state.round_trips.get(&(client, node))?))
    }

    /// An answer came. If it left before the record could be read, the next one has it.
    fn answered(&mut self, conn: ConnId) {
        for ((consumer, partition), expected) in &mut self.state.expected {
            if expected.conn == conn && expected.by < expected.latest {
                self.state.due.remove(&(expected.by, *consumer, *partition));
                expected.by = expected.latest;
                self.state.due.insert((expected.by, *consumer, *partition));
            }
        }
    }

    fn delivered(&mut self, at: Time, consumer: ConsumerRef, partition: Partition, offset: i64) {
        let key = (consumer, partition);
        self.state.positions.insert(key, offset.saturating_add(1));
        let Some(expected) = self.state.expected.get(&key).copied() else { return };
        if offset >= expected.offset {
            self.state.expected.remove(&key);
            self.state.due.remove(&(expected.by, consumer, partition));
            self.findings.judge(Invariant::LateDelivery, true, at, String::new);
        }
    }

    /// What came while nobody polled is there at once.
    fn poll_started(&mut self, at: Time, consumer: ConsumerRef) {
        self.state.polls.insert(consumer, at);
        let tick = self.run.settings.tick;
        for ((of, partition), expected) in &mut self.state.expected {
            if *of == consumer && expected.by < at {
                self.state.due.remove(&(expected.by, *of, *partition));
                expected.by = at + tick;
                self.state.due.insert((expected.by, *of, *partition));
            }
        }
    }

    /// Looks at what should have come before `now`.
    fn judge_until(&mut self, now: Time) {
        while let Some((by, consumer, partition)) = self.state.due.first().copied() {
            if by >= now {
                return;
            }
            self.state.due.remove(&(by, consumer, partition));
            let polls = self.state.polls.get(&consumer).is_some_and(|since| *since < by);
            let expected = self.state.expected.get(&(consumer, partition)).copied();
            let Some(Expected { offset, since, .. }) = expected.filter(|of| of.by == by) else {
                continue;
            };
            // Without a poll it is looked at again when the next one begins.
            if !polls {
                continue;
            }
            self.state.expected.remove(&(consumer, partition));
            if !self.run.calm.throughout(since, by) {
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

    fn drop_expected(&mut self, meant: impl Fn(&(ConsumerRef, Partition)) -> bool) {
        self.state.expected.retain(|key, _| !meant(key));
    }
}
