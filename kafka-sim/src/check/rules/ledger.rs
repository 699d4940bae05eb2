//! I10 and I11: everything that was accepted ends exactly once, and by its deadline.

use std::collections::BTreeMap;

use super::logs::told;
use crate::Time;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, OpRef};
use crate::check::run::Run;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    records(run, findings);
    operations(run, findings);
    closes(run, findings);
}

fn records(run: &Run<'_>, findings: &mut Findings) {
    let tick = run.settings.tick;
    for sent in &run.sent {
        let crashed = run.crashed.contains_key(&sent.client);
        if !(crashed && sent.endings == 0) {
            findings.judge(Invariant::Ledger, sent.endings == 1, sent.at, || {
                format!("{} ended {} times", told(run, sent), sent.endings)
            });
        }
        if let Some((at, _)) = sent.ended {
            let by = run.allowed(sent.client, sent.deadline) + tick;
            findings.judge(Invariant::Deadline, at <= by, at, || {
                let late = at.since(sent.deadline);
                format!("{} ended {late:?} after its deadline", told(run, sent))
            });
        }
    }
    for (at, event) in run.events.iter() {
        if let Event::Ack { rid, .. } | Event::Fail { rid, .. } = event
            && run.record(*rid).is_none()
        {
            findings.judge(Invariant::Ledger, false, *at, || {
                format!("record {} ended, and nobody sent it", rid.0)
            });
        }
    }
}

fn operations(run: &Run<'_>, findings: &mut Findings) {
    let tick = run.settings.tick;
    let mut open: BTreeMap<OpRef, (Time, ClientId, &str, Time)> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        match *event {
            Event::OpStarted { client, op, kind, deadline } => {
                open.insert(op, (*at, client, kind, deadline));
            }
            Event::OpEnded { op, .. } => {
                let started = open.remove(&op);
                findings.judge(Invariant::Ledger, started.is_some(), *at, || {
                    format!("operation {} ended, and was not open", op.0)
                });
                let Some((_, client, kind, deadline)) = started else { continue };
                let by = run.allowed(client, deadline) + tick;
                findings.judge(Invariant::Deadline, *at <= by, *at, || {
                    let late = at.since(deadline);
                    format!("operation {} ({kind}) ended {late:?} after its deadline", op.0)
                });
            }
            _ => {}
        }
    }
    for (op, (at, client, kind, _)) in open {
        if !run.crashed.contains_key(&client) {
            findings.judge(Invariant::Ledger, false, at, || {
                format!("operation {} ({kind}) of client {} never ended", op.0, client.0)
            });
        }
    }
}

fn closes(run: &Run<'_>, findings: &mut Findings) {
    let mut open: BTreeMap<ClientId, Time> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        match *event {
            Event::CloseStarted { client, deadline } => {
                open.insert(client, deadline);
            }
            Event::Closed { client } => {
                let Some(deadline) = open.remove(&client) else { continue };
                let holds = *at <= run.allowed(client, deadline) + run.settings.tick;
                findings.judge(Invariant::Deadline, holds, *at, || {
                    let late = at.since(deadline);
                    format!("client {} was closed {late:?} after its deadline", client.0)
                });
            }
            _ => {}
        }
    }
    for (client, deadline) in open {
        if !run.crashed.contains_key(&client) {
            findings.judge(Invariant::Ledger, false, deadline, || {
                format!("closing client {} never ended", client.0)
            });
        }
    }
}
