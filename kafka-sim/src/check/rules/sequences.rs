//! I08: the sequences of a producer id, an epoch and a partition begin at 0 and leave nothing out; a sequence that is sent
//! again comes with the same bytes. What an idempotent producer sends has a producer id: without one a broker appends whatever
//! comes again.

use std::collections::BTreeMap;

use super::logs::told;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::Partition;
use crate::check::run::Run;
use crate::check::wire::Wire;

/// The sequences of one producer id, epoch and partition.
#[derive(Default)]
struct Sequences {
    next: i32,
    /// Records and CRC of every batch, by its first sequence.
    batches: BTreeMap<i32, (i32, u32)>,
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut all: BTreeMap<(i64, i16, Partition), Sequences> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        let Event::Wire { wire, .. } = event else { continue };
        let Wire::Batch { partition, producer_id, epoch, sequence, records, crc, first, .. } =
            *wire
        else {
            continue;
        };
        if let Some(sent) = first.and_then(|rid| run.record(rid)) {
            let holds = producer_id >= 0 || !run.contract(sent.producer).idempotent;
            findings.judge(Invariant::SequenceDiscipline, holds, *at, || {
                format!("{} was sent without a producer id", told(run, sent))
            });
        }
        let Some(log) = run.one_log(partition).filter(|_| producer_id >= 0) else { continue };
        let sequences = all.entry((producer_id, epoch, log)).or_default();
        let holds = sequences.take(sequence, records, crc);
        findings.judge(Invariant::SequenceDiscipline, holds, *at, || {
            let partition = run.show(partition);
            let Sequences { next, batches } = sequences;
            let before = batches.get(&sequence);
            format!(
                "producer id {producer_id} epoch {epoch} sent {records} records from sequence {sequence} on to {partition}; \
                 next was {next}, sent there before: {before:?}"
            )
        });
    }
}

impl Sequences {
    /// Whether a batch is the next, or one that was sent before.
    fn take(&mut self, sequence: i32, records: i32, crc: u32) -> bool {
        if sequence == self.next && !self.batches.contains_key(&sequence) {
            self.batches.insert(sequence, (records, crc));
            self.next = sequence.wrapping_add(records) & i32::MAX;
            if self.next < sequence {
                // Past the highest it begins again at 0, and what had the low ones is long gone.
                self.batches = self.batches.split_off(&(i32::MAX / 2));
            }
            return true;
        }
        self.batches.get(&sequence) == Some(&(records, crc))
    }
}
