//! I01 to I05 and I07: what is in the logs in the end, against what producers were told.

use crate::Time;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::Certainty;
use crate::check::log::FinalLog;
use crate::check::run::{Outcome, Run, Sent, record_at};

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    for sent in &run.sent {
        placed(run, sent, findings);
        match sent.ended {
            Some((at, Outcome::Acked(offset))) => acked(run, sent, at, offset, findings),
            Some((at, Outcome::Failed(Certainty::NotAppended, _))) => {
                let holds = sent.copies == 0 && sent.elsewhere.is_none();
                findings.judge(Invariant::GhostAppend, holds, at, || {
                    format!("{} failed as not appended, and is in the log", told(run, sent))
                });
            }
            _ => {}
        }
    }
    for log in run.logs.values() {
        contents(run, log, findings);
    }
}

/// Where a record may be, and how often.
fn placed(run: &Run<'_>, sent: &Sent, findings: &mut Findings) {
    if sent.copies > 0 || sent.elsewhere.is_some() {
        findings.judge(Invariant::WrongHome, sent.elsewhere.is_none(), sent.at, || {
            let (partition, offset) = sent.elsewhere.unwrap_or((sent.partition, 0));
            format!("{} is at {offset} of {}", told(run, sent), run.show(partition))
        });
    }
    // Retries without idempotence may append twice.
    if run.contract(sent.producer).idempotent && sent.copies > 0 {
        findings.judge(Invariant::Duplicate, sent.copies == 1, sent.at, || {
            format!("{} is in the log {} times", told(run, sent), sent.copies)
        });
    }
}

fn acked(run: &Run<'_>, sent: &Sent, at: Time, offset: Option<i64>, findings: &mut Findings) {
    let Some(log) = run.logs.get(&sent.partition) else { return };
    if run.may_be_cut(sent.partition, sent.at, offset) {
        return;
    }
    let all = run.contract(sent.producer).acks == -1;
    if all && !trimmed(run, log, sent, offset) {
        findings.judge(Invariant::LostWrite, sent.copies > 0, at, || {
            format!("{} was acknowledged at {offset:?}, and is not in the log", told(run, sent))
        });
    }
    // What a deposed leader has acknowledged alone is lost with it, and its offset is another's.
    if !all && sent.offset != offset {
        return;
    }
    let Some(offset) = offset.filter(|offset| *offset >= log.log_start) else { return };
    if let Some(found) = record_at(log, offset) {
        findings.judge(Invariant::BadOffset, found.rid == Some(sent.rid), at, || {
            let told = told(run, sent);
            format!("{told} was acknowledged at {offset}, where {:?} is", found.rid)
        });
    } else if !log.compacted && sent.copies > 0 {
        findings.judge(Invariant::BadOffset, false, at, || {
            let told = told(run, sent);
            format!("{told} was acknowledged at {offset}, and is at {:?}", sent.offset)
        });
    }
}

/// Whether a record may be gone by retention, by a deletion of records, or because a later one has its key.
fn trimmed(run: &Run<'_>, log: &FinalLog, sent: &Sent, offset: Option<i64>) -> bool {
    let starts = run.truth.get(&sent.partition).map(|truths| truths.log_starts.as_slice());
    let moved = || starts.unwrap_or_default().iter().any(|(at, _)| *at >= sent.at);
    log.compacted || offset.map_or_else(moved, |offset| offset < log.log_start)
}

/// Every record in a log is one that was sent, as it was sent.
fn contents(run: &Run<'_>, log: &FinalLog, findings: &mut Findings) {
    for found in &log.records {
        let sent = found.rid.and_then(|rid| run.record(rid));
        let holds = sent.is_some_and(|sent| sent.hash == found.hash);
        findings.judge(Invariant::Payload, holds, sent.map_or(run.end, |sent| sent.at), || {
            let (offset, partition) = (found.offset, run.show(log.partition));
            match sent {
                Some(sent) => format!("{} is not as it was sent, at {offset}", told(run, sent)),
                None => format!("nobody sent what is at {offset} of {partition}: {:?}", found.rid),
            }
        });
    }
}

/// A record, for people.
pub(super) fn told(run: &Run<'_>, sent: &Sent) -> String {
    let partition = run.show(sent.partition);
    format!("record {} of producer {} to {partition}", sent.rid.0, sent.producer.0)
}
