//! I45: a client that nobody uses wakes up for its long polls and its timers, and for nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Phase};
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

/// Turns that one thing that happens explains: for the thing itself, and for what it leads to.
const TURNS_EACH: u64 = 2;

/// Requests that have reasons of their own: metadata that has become old, connections that are opened again.
const REQUESTS_SPARE: u64 = 4;

/// What clients did in a stretch in which nobody used them.
#[derive(Default)]
struct Stretch {
    begun: Time,
    clients: BTreeMap<ClientId, Counts>,
    /// Fetches and how long each may wait.
    polls: BTreeMap<(ClientId, ConnId), (u64, i32)>,
}

#[derive(Default)]
struct Counts {
    turns: u64,
    explained: u64,
    requests: u64,
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut stretch: Option<Stretch> = None;
    for (at, event) in run.events.iter() {
        if let Event::Phase(phase) = *event {
            if let Some(stretch) = stretch.take() {
                stretch.judge(run, *at, findings);
            }
            stretch = (phase == Phase::Idle).then(|| Stretch { begun: *at, ..Stretch::default() });
        } else if let Some(stretch) = &mut stretch {
            stretch.note(run, event);
        }
    }
    if let Some(stretch) = stretch {
        stretch.judge(run, run.end, findings);
    }
}

impl Stretch {
    fn note(&mut self, run: &Run<'_>, event: &Event) {
        match *event {
            Event::Turn { client, .. } => self.clients.entry(client).or_default().turns += 1,
            Event::Wire { client, conn, wire, .. } => {
                let counts = self.clients.entry(client).or_default();
                match wire {
                    Wire::Request { .. } => {
                        counts.explained += 1;
                        counts.requests += 1;
                    }
                    Wire::Response { .. } => counts.explained += 1,
                    Wire::Fetch { max_wait_ms, .. } => {
                        counts.requests = counts.requests.saturating_sub(1);
                        let polls = self.polls.entry((client, conn)).or_default();
                        *polls = (polls.0 + 1, max_wait_ms.max(1));
                    }
                    _ => {}
                }
            }
            Event::Connecting { client, .. }
            | Event::Connected { client, .. }
            | Event::Disconnected { client, .. }
            | Event::OpStarted { client, .. } => {
                self.clients.entry(client).or_default().explained += 1;
            }
            Event::PollStarted { consumer, .. } | Event::PollEnded { consumer, .. } => {
                let Some(client) = run.client_of(consumer) else { return };
                self.clients.entry(client).or_default().explained += 1;
            }
            _ => {}
        }
    }

    fn judge(self, run: &Run<'_>, until: Time, findings: &mut Findings) {
        if !run.calm.throughout(self.begun, until) {
            return;
        }
        // Who reads a topic that was made again still looks for it, where topics have no ids.
        let looks = run.settings.t_live(Duration::ZERO);
        if run.truth.values().any(|truths| truths.renewed(self.begun, looks)) {
            return;
        }
        let took = until.since(self.begun);
        let per_second = u64::from(run.settings.idle_turns_per_second);
        for (client, counts) in self.clients {
            let Counts { turns, explained, requests } = counts;
            let most = explained * TURNS_EACH + per_second * (took.as_secs() + 1);
            findings.judge(Invariant::Idle, turns <= most, until, || {
                format!(
                    "client {} had {turns} turns in {took:?}, of which {most} have a reason",
                    client.0
                )
            });
            let most = REQUESTS_SPARE + took.as_secs();
            findings.judge(Invariant::Idle, requests <= most, until, || {
                format!("client {} sent {requests} requests in {took:?} while idle", client.0)
            });
        }
        for ((client, _), (polls, max_wait_ms)) in self.polls {
            let wait = Duration::from_millis(u64::from(max_wait_ms.unsigned_abs()));
            let most = u64::try_from(took.as_nanos() / wait.as_nanos().max(1)).unwrap_or(u64::MAX);
            let most = most.saturating_add(REQUESTS_SPARE);
            findings.judge(Invariant::Idle, polls <= most, until, || {
                format!(
                    "client {} sent {polls} fetches of {wait:?} in {took:?} while idle",
                    client.0
                )
            });
        }
    }
}
