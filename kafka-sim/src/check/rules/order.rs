//! I06: records are in the log in the order in which their producer accepted them.

use std::collections::BTreeMap;

use super::logs::told;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{Partition, ProducerRef};
use crate::check::run::{Outcome, Run, Sent};

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut last: BTreeMap<(ProducerRef, Partition), (i64, &Sent)> = BTreeMap::new();
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
        let entry = last.entry((sent.producer, sent.partition)).or_insert((offset, sent));
        if entry.1.rid == sent.rid {
            continue;
        }
        let (before, earlier) = *entry;
        findings.judge(Invariant::SendOrder, before < offset, sent.at, || {
            let earlier = earlier.rid.0;
            format!("{} is at {offset}, before record {earlier} at {before}", told(run, sent))
        });
        *entry = (before.max(offset), if before < offset { sent } else { earlier });
    }
}
