//! I34: a connection on which nothing is going on is closed after `connections.max.idle.ms`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::ClientId;
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

/// A connection, and since when nothing was on it.
struct Open {
    client: ClientId,
    node: i32,
    unanswered: BTreeSet<i32>,
    since: Time,
}

/// A client drives its timers a little late, and a connection's last bytes take a while to get there.
const SLACK: Duration = Duration::from_millis(500);

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut limits: BTreeMap<ClientId, Duration> = BTreeMap::new();
    let mut open: BTreeMap<ConnId, Open> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        match *event {
            Event::ClientOpened { client, connections_max_idle: Some(limit) } => {
                limits.insert(client, limit);
            }
            Event::Connected { client, conn, node } if limits.contains_key(&client) => {
                let unanswered = BTreeSet::new();
                open.insert(conn, Open { client, node, unanswered, since: *at });
            }
            Event::Disconnected { conn, .. } => {
                if let Some(open) = open.remove(&conn) {
                    open.judge(run, &limits, *at, findings);
                }
            }
            Event::CloseStarted { client, .. } | Event::Crashed { client } => {
                for open in open.values().filter(|open| open.client == client) {
                    open.judge(run, &limits, *at, findings);
                }
                open.retain(|_, open| open.client != client);
            }
            Event::Wire { conn, wire, .. } => {
                let Some(open) = open.get_mut(&conn) else { continue };
                match wire {
                    Wire::Request { correlation_id, .. } => {
                        open.judge(run, &limits, *at, findings);
                        open.unanswered.insert(correlation_id);
                    }
                    Wire::Produce { correlation_id, acks: 0 } => {
                        open.unanswered.remove(&correlation_id);
                    }
                    Wire::Response { correlation_id, .. } => {
                        open.unanswered.remove(&correlation_id);
                    }
                    _ => {}
                }
                open.since = *at;
            }
            _ => {}
        }
    }
}

impl Open {
    fn judge(
        &self,
        run: &Run<'_>,
        limits: &BTreeMap<ClientId, Duration>,
        now: Time,
        findings: &mut Findings,
    ) {
        let Some(limit) = limits.get(&self.client) else { return };
        if !self.unanswered.is_empty() || !run.calm.throughout(self.since, now) {
            return;
        }
        let holds = now <= self.since + *limit + SLACK;
        findings.judge(Invariant::Leak, holds, now, || {
            let (idle, client) = (now.since(self.since), self.client.0);
            format!("client {client} kept a connection to node {} for {idle:?}, of {limit:?}, without use", self.node)
        });
    }
}
