//! I41: what consumers fetch while nothing stands in their way, they hand out.

use std::collections::{BTreeMap, BTreeSet};

use kafka_proto::ErrorCode;

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, Partition};
use crate::check::run::Run;
use crate::check::wire::Wire;

/// Bytes received may be 1.2 times those of the batches handed out.
const PER_CENT_MAX: u64 = 120;

/// What a client has of a partition.
#[derive(Default)]
struct Fetched {
    /// First and last offset, and bytes, of every batch that came while all was calm.
    batches: Vec<(i64, i64, u32)>,
    /// Offsets that were handed out, ascending.
    delivered: Vec<i64>,
    /// The application, or the log, has made it fetch what it can't use.
    excused: bool,
    assigned: u32,
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut all: BTreeMap<(ClientId, Partition), Fetched> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        match *event {
            Event::Wire { client, wire, .. } => match wire {
                Wire::FetchedBatch { partition, base_offset, last_offset, bytes, .. }
                    if run.calm.at(*at) =>
                {
                    let fetched = all.entry((client, run.name(partition))).or_default();
                    fetched.batches.push((base_offset, last_offset, bytes));
                }
                Wire::FetchedPartition { partition, error, .. }
                    if error == ErrorCode::OFFSET_OUT_OF_RANGE.0 =>
                {
                    all.entry((client, run.name(partition))).or_default().excused = true;
                }
                // All that was fetched behind it is fetched again with it.
                Wire::BrokenBatch { partition, .. } => {
                    all.entry((client, run.name(partition))).or_default().excused = true;
                }
                _ => {}
            },
            Event::Deliver { consumer, partition, offset, .. } => {
                let Some(client) = run.client_of(consumer) else { continue };
                all.entry((client, run.name(partition))).or_default().delivered.push(offset);
            }
            Event::Assigned { consumer, partition, .. } => {
                let Some(client) = run.client_of(consumer) else { continue };
                all.entry((client, run.name(partition))).or_default().assigned += 1;
            }
            Event::Seek { consumer, partition, .. }
            | Event::Unassigned { consumer, partition }
            | Event::Pause { consumer, partition }
            | Event::Reset { consumer, partition, .. }
            | Event::ConsumerFailed { consumer, partition: Some(partition), .. } => {
                let Some(client) = run.client_of(consumer) else { continue };
                all.entry((client, run.name(partition))).or_default().excused = true;
            }
            _ => {}
        }
    }
    judge(run, all, findings);
}

fn judge(run: &Run<'_>, all: BTreeMap<(ClientId, Partition), Fetched>, findings: &mut Findings) {
    let mut clients: BTreeMap<ClientId, (u64, u64)> = BTreeMap::new();
    for ((client, partition), mut fetched) in all {
        let cut = run.truth.get(&partition).is_some_and(|truths| !truths.cuts.is_empty());
        if fetched.excused || fetched.assigned != 1 || cut || run.crashed.contains_key(&client) {
            continue;
        }
        fetched.delivered.sort_unstable();
        let (received, used) = fetched.bytes();
        let sums = clients.entry(client).or_default();
        *sums = (sums.0 + received, sums.1 + used);
    }
    for (client, (received, used)) in clients {
        let holds = received.saturating_mul(100) <= used.saturating_mul(PER_CENT_MAX);
        findings.judge(Invariant::WastedFetch, holds, run.end, || {
            let client = client.0;
            format!("client {client} received {received} bytes of batches, and handed out batches of {used}")
        });
    }
}

impl Fetched {
    /// Bytes received, and bytes of the batches that were handed out. What lies behind the last record handed out may have
    /// been waiting for the next poll.
    fn bytes(&self) -> (u64, u64) {
        let Some(last) = self.delivered.last() else { return (0, 0) };
        let (mut received, mut used) = (0, 0);
        let mut seen = BTreeSet::new();
        for (base_offset, last_offset, bytes) in &self.batches {
            if base_offset > last {
                continue;
            }
            received += u64::from(*bytes);
            let first = self.delivered.partition_point(|offset| offset < base_offset);
            let handed_out = self.delivered.get(first).is_some_and(|offset| offset <= last_offset);
            if handed_out && seen.insert((*base_offset, *last_offset)) {
                used += u64::from(*bytes);
            }
        }
        (received, used)
    }
}
