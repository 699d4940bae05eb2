//! I17: an offset is the same record for everybody who reads it. I07: the record is as it was sent.

use std::collections::BTreeMap;

use crate::Time;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{Partition, RecordId};
use crate::check::log::FinalLog;
use crate::check::run::{Run, record_at};

/// What was handed out of each offset.
#[derive(Default)]
pub(super) struct Offsets(BTreeMap<(Partition, i64), Option<RecordId>>);

impl Offsets {
    #[expect(clippy::too_many_arguments, reason = "they are the fields of one event")]
    pub(super) fn delivered(
        &mut self,
        run: &Run<'_>,
        at: Time,
        partition: Partition,
        offset: i64,
        rid: Option<RecordId>,
        hash: u64,
        findings: &mut Findings,
    ) {
        let sent = rid.and_then(|rid| run.record(rid));
        let whole = sent.is_some_and(|sent| sent.hash == hash);
        findings.judge(Invariant::Payload, whole, at, || {
            let partition = run.show(partition);
            format!("what was handed out of {offset} of {partition} is not what was sent: {rid:?}")
        });
        // Both may have been fetched before the log was cut: the order of the deliveries says nothing.
        if run.may_be_cut(partition, Time::ZERO, Some(offset)) {
            return;
        }
        let before = *self.0.entry((partition, offset)).or_insert(rid);
        let log = run.logs.get(&partition).filter(|_| !run.is_recreated(partition));
        let holds = before == rid && log.is_none_or(|log| agrees(log, offset, rid));
        findings.judge(Invariant::InconsistentOffset, holds, at, || {
            let partition = run.show(partition);
            let now = log.and_then(|log| record_at(log, offset)).map(|record| record.rid);
            format!(
                "{offset} of {partition} is {rid:?}; read before: {before:?}; in the log: {now:?}"
            )
        });
    }
}

/// Whether a log has a record at an offset, as far as it still tells.
fn agrees(log: &FinalLog, offset: i64, rid: Option<RecordId>) -> bool {
    match record_at(log, offset) {
        Some(record) => record.rid == rid,
        None => log.compacted || offset < log.log_start,
    }
}
