//! I30 for consumers: a while after all faults are gone, who polls in vain for some time has all that there is.
//!
//! An error is no excuse unless it names a partition: that one waits for the application to send it elsewhere.
//!
//! Where a compacted log ends with what an election has cut it back to, there may be nothing left to read before its end, and
//! no position gets there. Of such a log this says only that there is no record that the consumer has not been handed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::Time;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, ConsumerRef, Partition, Start};
use crate::check::run::{Run, Truths};

/// What consumers have of what they are assigned.
#[derive(Default)]
struct Progress {
    /// Where positions are not known, there is nothing.
    positions: BTreeMap<(ConsumerRef, Partition), i64>,
    paused: BTreeSet<(ConsumerRef, Partition)>,
    /// It is for the application to go on.
    stuck: BTreeSet<(ConsumerRef, Partition)>,
    hungry: BTreeMap<ConsumerRef, Hunger>,
}

/// Polls that brought nothing, one after the other.
struct Hunger {
    since: Time,
    /// When the last one ended, if it has.
    until: Option<Time>,
}

/// For so long somebody polls in vain who gets no further: what has to be fetched once more waits for a fetch that is parked.
const HUNGRY_FOR: Duration = Duration::from_secs(10);

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let Some(heal) = run.heal else { return };
    let longest = run.producers.values().map(|(_, contract)| contract.delivery_timeout).max();
    let t_live = run.settings.t_live(longest.unwrap_or_default());
    let mut progress = Progress::default();
    for (at, event) in run.events.iter() {
        match *event {
            Event::ConsumerClosed { consumer } => {
                progress.end(run, *at, (heal, t_live), |of, _| of == consumer, findings);
            }
            Event::CloseStarted { client, .. } => {
                progress.end(run, *at, (heal, t_live), |_, of| of == client, findings);
            }
            ref event => progress.note(run, *at, event),
        }
    }
    progress.end(run, run.end, (heal, t_live), |_, _| true, findings);
}

impl Progress {
    fn note(&mut self, run: &Run<'_>, at: Time, event: &Event) {
        match *event {
            Event::Assigned { consumer, partition, start }
            | Event::Seek { consumer, partition, to: start } => {
                let key = (consumer, run.name(partition));
                self.stuck.remove(&key);
                self.begin_anew(consumer, at);
                match start {
                    Start::Offset(offset) => self.positions.insert(key, offset),
                    Start::Earliest => self.positions.insert(key, 0),
                    Start::Latest | Start::Timestamp(_) => self.positions.remove(&key),
                };
            }
            Event::Unassigned { consumer, partition } => {
                self.positions.remove(&(consumer, run.name(partition)));
            }
            Event::ConsumerFailed { consumer, partition: Some(partition), .. } => {
                self.stuck.insert((consumer, run.name(partition)));
            }
            Event::Deliver { consumer, partition, offset, .. } => {
                let key = (consumer, run.name(partition));
                self.stuck.remove(&key);
                self.positions.insert(key, offset.saturating_add(1));
            }
            Event::Position { consumer, partition, offset } => {
                self.positions.insert((consumer, run.name(partition)), offset);
            }
            Event::TopicDeleted { topic } => {
                let topic = run.name(Partition { topic, partition: 0 }).topic;
                self.positions.retain(|(_, partition), _| partition.topic != topic);
            }
            Event::Pause { consumer, partition } => {
                self.paused.insert((consumer, run.name(partition)));
            }
            Event::Resume { consumer, partition } => {
                self.paused.remove(&(consumer, run.name(partition)));
                self.begin_anew(consumer, at);
            }
            Event::PollStarted { consumer, .. } => {
                let hunger =
                    self.hungry.entry(consumer).or_insert(Hunger { since: at, until: None });
                // Who did something else for so long has not polled meanwhile.
                if hunger.until.is_some_and(|until| until + HUNGRY_FOR < at) {
                    hunger.since = at;
                }
                hunger.until = None;
            }
            Event::PollEnded { consumer, records: 0, .. } => {
                if let Some(hunger) = self.hungry.get_mut(&consumer) {
                    hunger.until = Some(at);
                }
            }
            Event::PollEnded { consumer, .. } => {
                self.hungry.remove(&consumer);
            }
            _ => {}
        }
    }

    /// A consumer may fetch what it could not before: only from now on it polls in vain, if it does.
    fn begin_anew(&mut self, consumer: ConsumerRef, at: Time) {
        if let Some(hunger) = self.hungry.remove(&consumer).filter(|hunger| hunger.until.is_none())
        {
            self.hungry.insert(consumer, Hunger { since: at, ..hunger });
        }
    }

    /// Judges the consumers that are meant, and forgets them.
    fn end(
        &mut self,
        run: &Run<'_>,
        at: Time,
        (heal, t_live): (Time, Duration),
        meant: impl Fn(ConsumerRef, ClientId) -> bool,
        findings: &mut Findings,
    ) {
        let (theirs, others) = std::mem::take(&mut self.positions)
            .into_iter()
            .partition(|(key, _)| run.client_of(key.0).is_some_and(|client| meant(key.0, client)));
        self.positions = others;
        let theirs: BTreeMap<(ConsumerRef, Partition), i64> = theirs;
        for (key, position) in theirs {
            let (consumer, partition) = key;
            let crashed = run.client_of(consumer).is_some_and(|id| run.crashed.contains_key(&id));
            let rests = self.paused.contains(&key) || self.stuck.contains(&key);
            let hungry = self.hungry.get(&consumer).filter(|_| !crashed && !rests);
            let Some(Hunger { since: hungry_since, until }) = hungry else { continue };
            let at = until.unwrap_or(at);
            if at < *hungry_since + HUNGRY_FOR {
                continue;
            }
            if run.is_renewed(partition, at, t_live) {
                continue;
            }
            let Some(truths) = run.truth.get(&partition) else { continue };
            let Some((since, end)) = truths.high_at(at) else { continue };
            // What came lately may still be on its way.
            if heal.max(since) + t_live > at {
                continue;
            }
            if is_hollow(run, truths, partition, (position, end), at) {
                continue;
            }
            let holds = position == end || truths.trimmed_until(at, end.saturating_sub(1));
            findings.judge(Invariant::Liveness, holds, at, || {
                let partition = run.show(partition);
                format!(
                    "consumer {} is at {position} of {partition}, which ends at {end}",
                    consumer.0
                )
            });
        }
    }
}

/// Whether a compacted log ends where it was cut off, without a record from a position on: compaction may have taken the last
/// ones for the sake of those that are gone.
fn is_hollow(
    run: &Run<'_>,
    truths: &Truths,
    partition: Partition,
    (position, end): (i64, i64),
    at: Time,
) -> bool {
    let log = run.logs.get(&partition).filter(|log| log.compacted && position < end);
    log.is_some_and(|log| {
        let first = log.records.partition_point(|record| record.offset < position);
        let nothing = log.records.get(first).is_none_or(|record| record.offset >= end);
        nothing && truths.cuts.iter().any(|(cut, to)| *cut <= at && *to >= end)
    })
}
