//! I31: nobody spins, neither on the wire nor in the engine.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use kafka_proto::{ApiKey, ErrorCode};

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Partition, RecordId};
use crate::check::numbered::Numbered;
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

const WINDOW: Duration = Duration::from_secs(1);

/// A timer that is due in the past may be one that became due in this turn; the second time it was not looked at.
const PAST_TURNS_MAX: u32 = 1;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    requests(run, findings);
    turns(run, findings);
}

/// Requests of a connection since something changed by them.
#[derive(Default)]
struct Recent {
    client: Option<ClientId>,
    requests: VecDeque<Time>,
    /// Batches that were sent: a new one is a change.
    batches: BTreeSet<(i64, i16, Partition, i32)>,
    /// First records of batches that have no sequence.
    unstamped: BTreeSet<(Partition, RecordId)>,
}

fn requests(run: &Run<'_>, findings: &mut Findings) {
    let max = run.settings.requests_per_second_max as usize;
    let mut conns: Numbered<ConnId, Recent> = Numbered::default();
    for (at, event) in run.events.iter() {
        let (client, conn, wire) = match *event {
            Event::Wire { client, conn, wire, .. } => (client, conn, wire),
            Event::Disconnected { conn, .. } => {
                conns.remove(conn);
                continue;
            }
            event => {
                if let Some(client) = asks(run, &event) {
                    let theirs = conns.values_mut().filter(|recent| recent.client == Some(client));
                    theirs.for_each(|recent| recent.requests.clear());
                }
                continue;
            }
        };
        let recent = conns.or_default(conn);
        recent.client = Some(client);
        if let Wire::Request { api, .. } = wire {
            recent.requests.push_back(*at);
            while recent.requests.front().is_some_and(|first| *first + WINDOW <= *at) {
                recent.requests.pop_front();
            }
            let count = recent.requests.len();
            findings.judge(Invariant::HotLoop, count <= max, *at, || {
                let name = ApiKey::from_i16(api).map_or("?", ApiKey::name);
                format!(
                    "client {} sent {count} requests in a second for nothing, {name} last",
                    client.0
                )
            });
            if count > max {
                recent.requests.clear();
            }
        } else if recent.is_change(wire) {
            recent.requests.clear();
        }
    }
}

/// Who has a reason to send requests, by what an application did.
fn asks(run: &Run<'_>, event: &Event) -> Option<ClientId> {
    match *event {
        Event::Assigned { consumer, .. }
        | Event::Seek { consumer, .. }
        | Event::Pause { consumer, .. }
        | Event::Resume { consumer, .. } => run.client_of(consumer),
        Event::OpStarted { client, .. } => Some(client),
        _ => None,
    }
}

impl Recent {
    fn is_change(&mut self, wire: Wire) -> bool {
        match wire {
            Wire::Batch { producer_id: ..0, partition, first, .. } => {
                first.is_none_or(|first| self.unstamped.insert((partition, first)))
            }
            Wire::Batch { producer_id, epoch, partition, sequence, .. } => {
                self.batches.insert((producer_id, epoch, partition, sequence))
            }
            Wire::Produced { error, .. } => error == ErrorCode::NONE.0,
            Wire::FetchedBatch { .. } => true,
            _ => false,
        }
    }
}

/// Turns of a driver that led to nothing, and that nothing led to: an answer that has come is a reason for a turn, and
/// when a network wakes up many come at one instant.
#[derive(Default)]
struct Idle {
    at: Time,
    turns: u32,
    past: u32,
}

fn turns(run: &Run<'_>, findings: &mut Findings) {
    let mut clients: BTreeMap<ClientId, Idle> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        let Event::Turn { client, actions, wait_until } = *event else {
            if let Some(client) = stirred(run, event) {
                clients.entry(client).or_default().turns = 0;
            }
            continue;
        };
        let idle = clients.entry(client).or_default();
        let counts = actions == 0 && idle.at == *at;
        idle.turns = if counts { idle.turns + 1 } else { u32::from(actions == 0) };
        // The beginning of time is no timer: the turn was long enough, and what is left is for the next.
        let past = wait_until.is_some_and(|until| until <= *at && until != Time::ZERO);
        idle.past = if past { idle.past + 1 } else { 0 };
        idle.at = *at;
        let holds = idle.turns <= run.settings.idle_turns_max && idle.past <= PAST_TURNS_MAX;
        findings.judge(Invariant::HotLoop, holds, *at, || {
            let Idle { turns, past, .. } = idle;
            let client = client.0;
            format!("client {client} had {turns} turns at one instant for nothing, {past} with a timer of the past")
        });
    }
}

/// Whose driver something gives a reason for a turn: a frame that came or has left, a connection that came or went, a call.
fn stirred(run: &Run<'_>, event: &Event) -> Option<ClientId> {
    match *event {
        Event::Wire {
            client,
            wire: Wire::Request { .. } | Wire::Response { .. } | Wire::Undecodable { .. },
            ..
        }
        | Event::Connected { client, .. }
        | Event::Disconnected { client, .. }
        | Event::Send { client, .. } => Some(client),
        _ => asks(run, event),
    }
}
