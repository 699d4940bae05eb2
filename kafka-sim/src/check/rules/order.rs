//! I06: records are in the log in the order in which their producer accepted them.
//!
//! A producer that names topics cannot see that one was deleted and made again. Nor can the new log, to which any sequence is
//! the first: of what was sent before anybody knew, it may refuse the first batch for a passing error and take the second.

use std::collections::BTreeMap;

use kafka_proto::ApiKey;

use super::logs::told;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{Partition, ProducerRef};
use crate::check::run::{Outcome, Run, Sent};

/// The first version of Produce that has ids of topics.
const WITH_TOPIC_ID: i16 = 13;

/// How far a producer has come in a log.
struct Progress<'a> {
    /// The lowest offset that it has there by right.
    first: i64,
    /// The highest, and what is there.
    last: (i64, &'a Sent),
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let by_name = run.asked_below(ApiKey::Produce, WITH_TOPIC_ID);
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
        let fresh = Progress { first: offset, last: (offset, sent) };
        let progress = logs.entry((sent.producer, sent.partition)).or_insert(fresh);
        let (before, earlier) = progress.last;
        if earlier.rid == sent.rid {
            continue;
        }
        if offset < progress.first
            && run.is_recreated(sent.partition)
            && by_name.contains(&sent.client)
        {
            continue;
        }
        findings.judge(Invariant::SendOrder, before < offset, sent.at, || {
            let earlier = earlier.rid.0;
            format!("{} is at {offset}, before record {earlier} at {before}", told(run, sent))
        });
        progress.first = progress.first.min(offset);
        if before < offset {
            progress.last = (offset, sent);
        }
    }
}
