//! I06: records are in the log in the order in which their producer accepted them.
//!
//! A producer that names topics cannot see that one was deleted and made again until it is told. Nor can the new log, to which
//! any sequence is the first: of what was sent before anybody knew, it may refuse the first batch for a passing error and take
//! the second.

use std::collections::BTreeMap;

use kafka_proto::{ApiKey, ErrorCode};

use super::logs::told;
use crate::Time;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Partition, ProducerRef};
use crate::check::run::{Outcome, Run, Sent};
use crate::check::wire::Wire;

/// The first version of Produce that has ids of topics.
const WITH_TOPIC_ID: i16 = 13;

/// How far a producer has come in a log.
struct Progress<'a> {
    /// The lowest offset that it has there by right.
    first: i64,
    /// The highest, and what is there.
    last: (i64, &'a Sent),
    /// The same of what came before all that, because nobody knew of the log.
    overtook: Option<(i64, &'a Sent)>,
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let by_name = run.asked_below(ApiKey::Produce, WITH_TOPIC_ID);
    let told_at = told_of_deletions(run);
    let mut logs: BTreeMap<(ProducerRef, Partition), Progress<'_>> = BTreeMap::new();
    for sent in &run.sent {
        let contract = run.contract(sent.producer);
        let Some(offset) = sent.offset.filter(|_| contract.is_ordered()) else { continue };
        // Without idempotence a request that was given up may come to the broker behind those that followed it, and so
        // may one that nobody waits for, by way of another leader.
        // So does a copy of a record that was acknowledged elsewhere: that one may have been trimmed meanwhile.
        let acked =
            matches!(sent.ended, Some((_, Outcome::Acked(at))) if at.is_none_or(|at| at == offset));
        if !contract.idempotent && (!acked || sent.copies > 1 || contract.acks == 0) {
            continue;
        }
        let fresh = Progress { first: offset, last: (offset, sent), overtook: None };
        let progress = logs.entry((sent.producer, sent.partition)).or_insert(fresh);
        if progress.last.1.rid == sent.rid {
            continue;
        }
        let told_before =
            told_at.get(&(sent.client, sent.partition)).is_some_and(|at| *at <= sent.at);
        let overtakes = offset < progress.first
            && run.is_recreated(sent.partition)
            && by_name.contains(&sent.client)
            && !told_before;
        if overtakes && progress.overtook.is_none() {
            progress.overtook = Some((offset, sent));
            continue;
        }
        let last = match &mut progress.overtook {
            Some(last) if overtakes => last,
            _ => &mut progress.last,
        };
        let (before, earlier) = *last;
        findings.judge(Invariant::SendOrder, before < offset, sent.at, || {
            let earlier = earlier.rid.0;
            format!("{} is at {offset}, before record {earlier} at {before}", told(run, sent))
        });
        if before < offset {
            *last = (offset, sent);
        }
    }
}

/// When clients were first told that a topic is not there, after it was deleted for the last time.
fn told_of_deletions(run: &Run<'_>) -> BTreeMap<(ClientId, Partition), Time> {
    let mut told = BTreeMap::new();
    for (at, event) in run.events.iter() {
        let Event::Wire { client, wire: Wire::Produced { partition, error, .. }, .. } = *event
        else {
            continue;
        };
        let partition = run.name(partition);
        let deleted = run.truth.get(&partition).and_then(|truths| truths.deleted.last());
        let unknown = error == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
        if unknown && deleted.is_some_and(|deleted| deleted <= at) {
            told.entry((client, partition)).or_insert(*at);
        }
    }
    told
}
