//! I01 to I05 and I07: what is in the logs in the end, against what producers were told.
//!
//! Of a compacted log I01 says only this: what was acknowledged is there if nothing was ever appended behind it, neither what
//! is there now nor what an election has cut off since; and I03: where something is, it is what was acknowledged there. An
//! election can cut off the record for whose sake compaction took another, and then neither is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::Time;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{Certainty, ClientId, Partition};
use crate::check::log::FinalLog;
use crate::check::run::{Outcome, Run, Sent, heard_by, record_at};
use crate::check::wire::Wire;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let answers = answers(run);
    for sent in &run.sent {
        placed(run, sent, findings);
        match sent.ended {
            Some((at, Outcome::Acked(offset))) => {
                acked(run, &answers, sent, (at, offset), findings);
            }
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

/// Who told a client, and when, that something of it was appended.
type Answers = BTreeMap<(ClientId, Partition), Vec<(Time, i32)>>;

/// They say something only of producers that ask for one acknowledgement.
fn answers(run: &Run<'_>) -> Answers {
    let mut answers = Answers::new();
    let asks: BTreeSet<ClientId> = run
        .producers
        .values()
        .filter(|(_, contract)| contract.acks == 1)
        .map(|(client, _)| *client)
        .collect();
    for (at, event) in run.events.iter().filter(|_| !asks.is_empty()) {
        let Event::Wire { client, node, wire, .. } = *event else { continue };
        if let Wire::Produced { partition, error: 0, .. } = wire
            && asks.contains(&client)
        {
            answers.entry((client, run.name(partition))).or_default().push((*at, node));
        }
    }
    answers
}

/// Whether a record may have been acknowledged by somebody else than the one leader that there was all the time.
fn may_be_deposed(run: &Run<'_>, answers: &Answers, sent: &Sent, at: Time) -> bool {
    let since = heard_by(sent.at);
    let leader = run.truth.get(&sent.partition).and_then(|truths| truths.led_throughout(since, at));
    let Some(answers) = answers.get(&(sent.client, sent.partition)).filter(|_| leader.is_some())
    else {
        return true;
    };
    let first = answers.partition_point(|(time, _)| *time < sent.at);
    let mut within = answers.iter().skip(first).take_while(|(time, _)| *time <= at);
    !within.all(|(_, node)| Some(*node) == leader)
}

fn acked(
    run: &Run<'_>,
    answers: &Answers,
    sent: &Sent,
    (at, offset): (Time, Option<i64>),
    findings: &mut Findings,
) {
    let Some(log) = run.logs.get(&sent.partition) else { return };
    // What was cut off before it was appended is nothing of it.
    let truths = run.truth.get(&sent.partition);
    let appended = truths
        .zip(offset)
        .and_then(|(truths, offset)| truths.appended_at(offset, sent.at, at))
        .unwrap_or(sent.at);
    if run.may_be_cut(sent.partition, appended, offset) {
        return;
    }
    let all = run.contract(sent.producer).acks == -1;
    if all && !trimmed(run, log, sent, (appended, offset)) {
        findings.judge(Invariant::LostWrite, sent.copies > 0, at, || {
            format!("{} was acknowledged at {offset:?}, and is not in the log", told(run, sent))
        });
    }
    // What a deposed leader has acknowledged alone is lost with it, and its offset is another's.
    if !all && sent.offset != offset && may_be_deposed(run, answers, sent, at) {
        return;
    }
    let Some(offset) = offset.filter(|offset| *offset >= log.log_start) else { return };
    if let Some(found) = record_at(log, offset) {
        findings.judge(Invariant::BadOffset, found.rid == Some(sent.rid), at, || {
            let told = told(run, sent);
            format!("{told} was acknowledged at {offset}, where {:?} is", found.rid)
        });
    } else if !log.compacted && (sent.copies > 0 || !all) {
        findings.judge(Invariant::BadOffset, false, at, || {
            let told = told(run, sent);
            format!("{told} was acknowledged at {offset}, and is at {:?}", sent.offset)
        });
    }
}

/// Whether a record may be gone by retention, by a deletion of records, or because a later one has its key.
fn trimmed(
    run: &Run<'_>,
    log: &FinalLog,
    sent: &Sent,
    (appended, offset): (Time, Option<i64>),
) -> bool {
    let truths = run.truth.get(&sent.partition);
    let starts = truths.map(|truths| truths.log_starts.as_slice());
    let moved = || starts.unwrap_or_default().iter().any(|(at, _)| *at >= sent.at);
    let later = |offset| {
        // It may have been cut off when it had taken the other's place.
        log.records.last().is_some_and(|last| last.offset > offset)
            || truths.is_some_and(|truths| truths.cut_behind(appended, offset))
    };
    let replaced = log.compacted && offset.is_none_or(later);
    replaced || offset.map_or_else(moved, |offset| offset < log.log_start)
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
