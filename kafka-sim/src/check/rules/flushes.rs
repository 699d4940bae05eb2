//! I10, of a flush: when it has ended well, all that was accepted before it began has an outcome.

use std::collections::{BTreeMap, BTreeSet};

use super::logs::told;
use crate::check::event::{Event, FLUSH};
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, OpRef, RecordId};
use crate::check::run::Run;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut open: BTreeMap<ClientId, BTreeSet<RecordId>> = BTreeMap::new();
    let mut flushes: BTreeMap<OpRef, BTreeSet<RecordId>> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        match *event {
            Event::Send { client, rid, .. } => _ = open.entry(client).or_default().insert(rid),
            Event::Ack { rid, .. } | Event::Fail { rid, .. } => {
                let Some(sent) = run.record(rid) else { continue };
                open.entry(sent.client).or_default().remove(&rid);
            }
            Event::OpStarted { client, op, kind: FLUSH, .. } => {
                flushes.insert(op, open.get(&client).cloned().unwrap_or_default());
            }
            Event::OpEnded { op, failure } => {
                let Some(flushed) = flushes.remove(&op).filter(|_| failure.is_none()) else {
                    continue;
                };
                for sent in flushed.iter().filter_map(|rid| run.record(*rid)) {
                    // Who waits for a record and who waits for the flush are told at the same time, in whichever order.
                    let ended = sent.ended.is_some_and(|(ended, _)| ended <= *at);
                    findings.judge(Invariant::Ledger, ended, *at, || {
                        format!("{} is open, though it was flushed", told(run, sent))
                    });
                }
            }
            _ => {}
        }
    }
}
