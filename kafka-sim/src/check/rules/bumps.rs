//! I08: a producer gives up an epoch and its sequences only if a batch can't be sent under them any more (KIP-360): one has
//! failed, or a broker's word about it is final. That a broker finds a batch out of order while one before it is still to be
//! sent again says nothing.

use std::collections::{BTreeMap, BTreeSet};

use kafka_proto::ErrorCode;

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::Partition;
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

/// What a producer id has sent to a partition under one epoch.
struct Epoch {
    epoch: i16,
    since: Time,
    /// First sequences of batches that no broker has said to have.
    open: BTreeSet<i32>,
    /// A broker has said what ends the epoch.
    over: bool,
}

/// A batch on its way: producer id, epoch and first sequence.
type Stamp = (i64, i16, i32);

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut epochs: BTreeMap<(i64, Partition), Epoch> = BTreeMap::new();
    let mut sent: BTreeMap<ConnId, BTreeMap<(i32, Partition), Stamp>> = BTreeMap::new();
    let failures = failures(run);
    for (at, event) in run.events.iter() {
        let (conn, wire) = match *event {
            Event::Wire { conn, wire, .. } => (conn, wire),
            Event::Disconnected { conn, .. } => {
                sent.remove(&conn);
                continue;
            }
            _ => continue,
        };
        match wire {
            Wire::Batch { correlation_id, partition, producer_id, epoch, sequence, .. } => {
                let Some(log) = run.one_log(partition).filter(|_| producer_id >= 0) else {
                    continue;
                };
                sent.entry(conn)
                    .or_default()
                    .insert((correlation_id, log), (producer_id, epoch, sequence));
                let fresh = || Epoch { epoch, since: *at, open: BTreeSet::new(), over: false };
                let known = epochs.entry((producer_id, log)).or_insert_with(fresh);
                if epoch > known.epoch {
                    let failed = failures.get(&run.name(log)).is_some_and(|times| {
                        let first = times.partition_point(|time| *time < known.since);
                        times.get(first).is_some_and(|time| time <= at)
                    });
                    // Who hears late of a topic that was made again may take it for another one more than once.
                    let holds = known.over || failed || run.was_deleted(run.name(log), *at);
                    findings.judge(Invariant::SequenceDiscipline, holds, *at, || {
                        let log = run.show(log);
                        format!("producer id {producer_id} gave up epoch {} of {log}, and nothing had failed", known.epoch)
                    });
                    *known = fresh();
                }
                known.open.insert(sequence);
            }
            Wire::Produced { correlation_id, partition, error, .. } => {
                let Some(log) = run.one_log(partition) else { continue };
                let stamp =
                    sent.get_mut(&conn).and_then(|sent| sent.remove(&(correlation_id, log)));
                let Some((producer_id, epoch, sequence)) = stamp else { continue };
                let known = epochs.get_mut(&(producer_id, log));
                if let Some(known) = known.filter(|known| known.epoch == epoch) {
                    known.answered(sequence, ErrorCode(error));
                }
            }
            _ => {}
        }
    }
}

impl Epoch {
    fn answered(&mut self, sequence: i32, code: ErrorCode) {
        match code {
            ErrorCode::NONE | ErrorCode::DUPLICATE_SEQUENCE_NUMBER => {
                self.open.remove(&sequence);
            }
            ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER
            | ErrorCode::UNKNOWN_PRODUCER_ID
            | ErrorCode::INVALID_PRODUCER_EPOCH => {
                self.over |= self.open.range(..sequence).next().is_none();
            }
            code => self.over |= !code.is_retriable(),
        }
    }
}

/// When records of each partition failed.
fn failures(run: &Run<'_>) -> BTreeMap<Partition, Vec<Time>> {
    let mut failures: BTreeMap<Partition, Vec<Time>> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        if let Event::Fail { rid, .. } = *event
            && let Some(sent) = run.record(rid)
        {
            failures.entry(run.name(sent.partition)).or_default().push(*at);
        }
    }
    failures
}
