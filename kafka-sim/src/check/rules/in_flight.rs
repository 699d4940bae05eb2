//! I09: no more Produce requests without an answer than `max.in.flight.requests.per.connection` allows.
//!
//! With a limit of one there is one batch of a partition without an outcome at a time, on whichever connection: what was sent on one
//! that was lost goes again before anything else, or order would depend on what became of it. Only what was written in the
//! end shows that: when a batch was given up, and others may go, nobody tells in time.

use std::collections::{BTreeMap, BTreeSet};

use kafka_proto::ErrorCode;

use crate::ConnId;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Partition, ProducerContract, ProducerRef, RecordId};
use crate::check::numbered::Numbered;
use crate::check::run::{Outcome, Run};
use crate::check::wire::Wire;

/// What is in order by itself.
type Key = (ProducerRef, Partition);

/// What a connection has on its way.
#[derive(Default)]
struct InFlight {
    requests: BTreeSet<i32>,
    batches: BTreeMap<i32, Vec<Partition>>,
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    requests(run, findings);
    one_by_one(run, findings);
}

/// Looks at each connection by itself.
fn requests(run: &Run<'_>, findings: &mut Findings) {
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

/// Looks at the partitions of producers with a limit of one.
fn one_by_one(run: &Run<'_>, findings: &mut Findings) {
    let single = |contract: &ProducerContract| contract.max_in_flight == 1 && contract.acks != 0;
    if !run.producers.values().any(|(_, contract)| single(contract)) {
        return;
    }
    // By their first records: those that are on their way, and those that have no outcome.
    let mut sent: BTreeMap<(ConnId, i32), Vec<(Key, RecordId)>> = BTreeMap::new();
    let mut open: BTreeMap<Key, RecordId> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        let Event::Wire { conn, wire, .. } = *event else { continue };
        match wire {
            Wire::Batch { correlation_id, partition, first: Some(first), .. } => {
                let Some(record) = run.record(first) else { continue };
                if !single(&run.contract(record.producer)) {
                    continue;
                }
                let key = (record.producer, run.name(partition));
                sent.entry((conn, correlation_id)).or_default().push((key, first));
                let before = open.insert(key, first).filter(|before| *before != first);
                let holds = before.is_none_or(|before| !is_written(run, before));
                findings.judge(Invariant::InFlight, holds, *at, || {
                    let (partition, producer) = (run.show(partition), key.0.0);
                    let before = before.map_or(0, |before| before.0);
                    format!("producer {producer} sends more to {partition} before record {before} has an outcome")
                });
            }
            Wire::Produced { correlation_id, partition, error, .. } => {
                let ends = !ErrorCode(error).is_retriable();
                let Some(batches) = sent.get(&(conn, correlation_id)).filter(|_| ends) else {
                    continue;
                };
                let partition = run.name(partition);
                for (key, first) in batches.iter().filter(|((_, of), _)| *of == partition) {
                    if open.get(key) == Some(first) {
                        open.remove(key);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a record was acknowledged in the end.
fn is_written(run: &Run<'_>, rid: RecordId) -> bool {
    run.record(rid).is_some_and(|sent| matches!(sent.ended, Some((_, Outcome::Acked(_)))))
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
