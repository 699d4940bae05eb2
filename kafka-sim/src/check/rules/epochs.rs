//! I35: the leader epoch that a client fetches with never goes back.

use std::collections::BTreeMap;

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Partition};
use crate::check::run::Run;
use crate::check::wire::Wire;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut epochs: BTreeMap<(ClientId, Partition), i32> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        let Event::Wire { client, wire, .. } = *event else { continue };
        let Wire::FetchPartition { partition, leader_epoch, .. } = wire else { continue };
        let Some(log) = run.one_log(partition).filter(|_| leader_epoch >= 0) else { continue };
        let highest = epochs.entry((client, log)).or_insert(leader_epoch);
        let before = *highest;
        findings.judge(Invariant::Epoch, leader_epoch >= before, *at, || {
            let partition = run.show(partition);
            format!(
                "client {} fetches {partition} with epoch {leader_epoch} after {before}",
                client.0
            )
        });
        *highest = before.max(leader_epoch);
    }
}
