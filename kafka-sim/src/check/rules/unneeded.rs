//! I43, between brokers: a batch that may leave, to a broker that has nothing else of the client's to answer, leaves at once,
//! whatever other brokers are doing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_proto::ErrorCode;

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Partition, RecordId};
use crate::check::numbered::Numbered;
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

/// A connection with Produce requests.
#[derive(Default)]
struct Producing {
    in_flight: BTreeSet<i32>,
    /// Since when nothing is on its way.
    idle_since: Time,
    /// Partitions that it has written, with the producer id and epoch: nothing more has to be found out for them.
    proven: BTreeSet<(i64, i16, Partition)>,
    sent: BTreeMap<(i32, Partition), (i64, i16)>,
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut conns: Numbered<ConnId, Producing> = Numbered::default();
    let mut round_trips: BTreeMap<(ClientId, i32), Duration> = BTreeMap::new();
    let mut before: BTreeSet<RecordId> = BTreeSet::new();
    for (at, event) in run.events.iter() {
        let (client, conn, node, wire) = match *event {
            Event::RoundTrip { client, node, round_trip } => {
                round_trips.insert((client, node), round_trip);
                continue;
            }
            Event::Disconnected { conn, .. } => {
                conns.remove(conn);
                continue;
            }
            Event::Wire { client, conn, node, wire } => (client, conn, node, wire),
            _ => continue,
        };
        let producing = conns.or_default(conn);
        match wire {
            Wire::Batch { correlation_id, partition, producer_id, epoch, first, .. } => {
                let partition = run.name(partition);
                let round_trip = round_trips.get(&(client, node)).copied();
                let first = first.filter(|rid| before.insert(*rid));
                if let (Some(rid), Some(round_trip)) = (first, round_trip)
                    && producing.in_flight.iter().all(|id| *id == correlation_id)
                    && producing.proven.contains(&(producer_id, epoch, partition))
                {
                    judge(run, *at, rid, producing.idle_since, round_trip, findings);
                }
                producing.sent.insert((correlation_id, partition), (producer_id, epoch));
            }
            Wire::Produce { correlation_id, acks } if acks != 0 => {
                producing.in_flight.insert(correlation_id);
            }
            Wire::Produced { correlation_id, partition, error, .. } => {
                let partition = run.name(partition);
                let sent = producing.sent.remove(&(correlation_id, partition));
                if ErrorCode(error).is_retriable() {
                    // What was refused goes again after a backoff, and whatever comes for it goes behind.
                    producing.proven.retain(|(_, _, proven)| *proven != partition);
                } else if let Some((id, epoch)) = sent.filter(|_| error == ErrorCode::NONE.0) {
                    producing.proven.insert((id, epoch, partition));
                }
            }
            Wire::Response { correlation_id, .. } => {
                producing.in_flight.remove(&correlation_id);
                producing.idle_since = *at;
            }
            _ => {}
        }
    }
}

/// A batch has left, the first time; nothing else was on its way there.
fn judge(
    run: &Run<'_>,
    at: Time,
    rid: RecordId,
    idle_since: Time,
    round_trip: Duration,
    findings: &mut Findings,
) {
    let Some(sent) = run.record(rid) else { return };
    let ready = (sent.at + run.contract(sent.producer).linger).max(idle_since);
    if !run.calm.throughout(sent.at, at) {
        return;
    }
    let holds = at <= ready + round_trip + run.settings.tick;
    findings.judge(Invariant::HeadOfLine, holds, at, || {
        let waited = at.since(ready);
        format!(
            "{} was ready, and its broker was not busy, for {waited:?}",
            super::logs::told(run, sent)
        )
    });
}
