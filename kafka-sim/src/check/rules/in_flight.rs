//! I09: no more Produce requests without an answer than `max.in.flight.requests.per.connection` allows.

use std::collections::{BTreeMap, BTreeSet};

use crate::ConnId;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Partition};
use crate::check::numbered::Numbered;
use crate::check::run::Run;
use crate::check::wire::Wire;

/// What a connection has on its way.
#[derive(Default)]
struct InFlight {
    requests: BTreeSet<i32>,
    batches: BTreeMap<i32, Vec<Partition>>,
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let limits = limits(run);
    let mut conns: Numbered<ConnId, InFlight> = Numbered::default();
    for (at, event) in run.events.iter() {
        let (client, conn, wire) = match *event {
            Event::Disconnected { conn, .. } => {
                conns.remove(conn);
                continue;
            }
            Event::Wire { client, conn, wire, .. } => (client, conn, wire),
            _ => continue,
        };
        let limit = limits.get(&client).copied().unwrap_or(u32::MAX);
        match wire {
            Wire::Produce { correlation_id, acks } if acks != 0 => {
                let in_flight = conns.or_default(conn);
                in_flight.requests.insert(correlation_id);
                let count = in_flight.requests.len();
                let holds = count <= limit as usize;
                findings.judge(Invariant::InFlight, holds, *at, || {
                    format!("client {} has {count} Produce requests of {limit} in flight", client.0)
                });
            }
            Wire::Batch { correlation_id, partition, .. } => {
                let Some(in_flight) = conns.get_mut(conn) else { continue };
                let others = in_flight.batches.values().flatten();
                let holds = limit > 1 || others.into_iter().all(|other| *other != partition);
                in_flight.batches.entry(correlation_id).or_default().push(partition);
                findings.judge(Invariant::InFlight, holds, *at, || {
                    let partition = run.show(partition);
                    format!("client {} has two batches of {partition} in flight", client.0)
                });
            }
            Wire::Response { correlation_id, .. } => {
                let Some(in_flight) = conns.get_mut(conn) else { continue };
                in_flight.requests.remove(&correlation_id);
                in_flight.batches.remove(&correlation_id);
            }
            _ => {}
        }
    }
}

/// A connection does not say whose it is: the highest limit of a client's producers counts.
fn limits(run: &Run<'_>) -> BTreeMap<ClientId, u32> {
    let mut limits: BTreeMap<ClientId, u32> = BTreeMap::new();
    for (client, contract) in run.producers.values() {
        let limit = limits.entry(*client).or_default();
        *limit = contract.max_in_flight.max(*limit);
    }
    limits
}
