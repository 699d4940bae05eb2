//! I18 to I21: one consumer's way through one partition. It goes forward and leaves nothing out, unless it is sent elsewhere,
//! or the log has changed under it.

use crate::Time;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ConsumerRef, Partition, ResetCause};
use crate::check::run::{Run, Truths, heard_by, record_at};

/// Where a consumer is in a partition.
#[derive(Debug, Default)]
pub(super) struct Track {
    /// What comes next, if that is known.
    next: Option<i64>,
    /// The position as last told, or as it follows from what was handed out since.
    position: Option<i64>,
    /// Why it may move elsewhere. What was fetched before may still be handed out, so an excuse holds until it is used.
    excuses: Vec<Excuse>,
    /// Where it went back to because of a cut that it has not told of yet: the application hears of it when it is its turn.
    untold: Option<i64>,
    /// What compaction has left out between records that were handed out: from where, and up to where. Nobody knows which
    /// epochs were there, so who hears of a cut there goes back as far as what was handed out.
    holes: Vec<(i64, i64)>,
}

/// A reason to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excuse {
    /// The position does not exist, said a broker.
    OutOfRange { by_leader: bool },
    /// The log was cut off from there on: a reason to go back to what lies below the other offset.
    Truncated { to: i64, below: i64 },
}

/// How a position moved.
#[derive(Clone, Copy)]
struct Jump<'a> {
    run: &'a Run<'a>,
    at: Time,
    consumer: ConsumerRef,
    partition: Partition,
    invariant: Invariant,
    from: i64,
    to: i64,
}

impl Track {
    /// After a seek or an assignment. Who leads no more and has not heard of it has what was cut off lately, and hands it out.
    pub(super) fn starting(
        run: &Run<'_>,
        at: Time,
        partition: Partition,
        position: Option<i64>,
    ) -> Self {
        let cuts = run.truth.get(&partition).map_or(&[][..], |truths| &truths.cuts);
        let lately = cuts.iter().filter(|(cut, to)| (heard_by(at)..=at).contains(cut) && *to >= 0);
        let excuses = lately.map(|(_, to)| Excuse::Truncated { to: *to, below: i64::MAX });
        Self { next: position, position, excuses: excuses.collect(), ..Self::default() }
    }

    pub(super) fn excuse(&mut self, excuse: Excuse) {
        if !self.excuses.contains(&excuse) {
            self.excuses.push(excuse);
        }
    }

    pub(super) fn deliver(
        &mut self,
        run: &Run<'_>,
        at: Time,
        consumer: ConsumerRef,
        partition: Partition,
        offset: i64,
        findings: &mut Findings,
    ) {
        if let Some(next) = self.next {
            let backwards = offset < next;
            let invariant =
                if backwards { Invariant::NonmonotonicPoll } else { Invariant::PollSkip };
            let jumps = backwards || skips(run, at, partition, next, offset);
            let jump = Jump { run, at, consumer, partition, invariant, from: next, to: offset };
            if offset > next && run.logs.get(&partition).is_some_and(|log| log.compacted) {
                self.holes.retain(|(from, _)| *from < next);
                self.holes.push((next, offset));
            }
            if jumps {
                self.jump(jump, findings);
            } else {
                findings.judge(Invariant::PollSkip, true, at, String::new);
                findings.judge(Invariant::NonmonotonicPoll, true, at, String::new);
            }
        }
        self.next = Some(offset.saturating_add(1));
        self.position = self.next;
    }

    pub(super) fn position(
        &mut self,
        run: &Run<'_>,
        at: Time,
        consumer: ConsumerRef,
        partition: Partition,
        offset: i64,
        findings: &mut Findings,
    ) {
        if self.position.is_none() && self.is_cut_at(offset) {
            // It was elsewhere before it told for the first time where it is.
            self.untold = Some(offset);
        }
        let from = self.position.replace(offset).unwrap_or(offset);
        let backwards = offset < from;
        // A position that is beyond what was handed out leaves something out for whoever begins there.
        let invariant = if backwards { Invariant::RewindCause } else { Invariant::PollSkip };
        if backwards || skips(run, at, partition, from, offset) {
            let to = offset;
            self.jump(Jump { run, at, consumer, partition, invariant, from, to }, findings);
            // What is handed out next follows from the new position.
            self.next = Some(offset);
        } else {
            findings.judge(Invariant::RewindCause, true, at, String::new);
            findings.judge(Invariant::PollSkip, true, at, String::new);
        }
    }

    /// The consumer says that it has moved its position by itself.
    pub(super) fn reset(
        &mut self,
        run: &Run<'_>,
        at: Time,
        consumer: ConsumerRef,
        partition: Partition,
        (cause, to): (ResetCause, Option<i64>),
        findings: &mut Findings,
    ) {
        let went = cause == ResetCause::Truncation && to.is_some() && to == self.untold;
        let told = self.excuses.iter().any(|excuse| match (cause, *excuse) {
            (ResetCause::OutOfRange, Excuse::OutOfRange { by_leader }) => by_leader,
            (ResetCause::Truncation, Excuse::Truncated { to: cut, below }) => {
                let range = self.kept(cut)..self.position.unwrap_or(i64::MAX).min(below);
                to.is_none_or(|to| range.contains(&to))
            }
            _ => false,
        });
        // Without ids another topic of the same name looks like one that was cut off.
        let told = told || run.was_deleted(partition, at);
        findings.judge(Invariant::ResetCause, went || told, at, || {
            let (partition, consumer) = (run.show(partition), consumer.0);
            format!("consumer {consumer} reset {partition} to {to:?} for {cause:?}, of which nobody told")
        });
        self.excuses = to.map(|to| self.lower_cuts(to)).unwrap_or_default();
        (self.next, self.position, self.untold) = (to, to, None);
    }

    /// Whether the log was cut off just there.
    fn is_cut_at(&self, offset: i64) -> bool {
        let there = |excuse: &Excuse| matches!(excuse, Excuse::Truncated { to, .. } if self.kept(*to) == offset);
        self.excuses.iter().any(there)
    }

    /// Up to where what was read stands, after a cut.
    fn kept(&self, cut: i64) -> i64 {
        let within = |(from, to): &&(i64, i64)| *from < cut && cut <= *to;
        self.holes.iter().find(within).map_or(cut, |(from, _)| *from)
    }

    /// Cuts below a position: whoever heard of one that was made before may yet hear of them. Of one at the position itself
    /// what is below is left.
    fn lower_cuts(&self, position: i64) -> Vec<Excuse> {
        let lower = |excuse: &Excuse| match *excuse {
            Excuse::Truncated { to, below } if self.kept(to) < position => {
                let below = if to < position { below } else { below.min(position) };
                Some(Excuse::Truncated { to, below })
            }
            _ => None,
        };
        self.excuses.iter().filter_map(lower).collect()
    }

    /// A move needs a reason. A broker that does not lead can't say that a position does not exist, unless it says so of
    /// what has been deleted, or was not there lately: a client can't tell a leader from one that has not heard of its
    /// successor.
    fn jump(&mut self, jump: Jump<'_>, findings: &mut Findings) {
        let Jump { run, at, consumer, partition, invariant, from, to } = jump;
        let told = || {
            let partition = run.show(partition);
            format!("consumer {} went from {from} to {to} of {partition}", consumer.0)
        };
        let lower = self.lower_cuts(to.min(from));
        // What is cut off above a position changes nothing of what was read.
        let (excuses, others) =
            std::mem::take(&mut self.excuses).into_iter().partition::<Vec<_>, _>(
                |excuse| !matches!(excuse, Excuse::Truncated { to, .. } if self.kept(*to) >= from),
            );
        self.excuses = others;
        self.excuses.extend(lower);
        if to < from && excuses.iter().any(|excuse| matches!(excuse, Excuse::Truncated { .. })) {
            self.untold = Some(to);
        }
        // Who reads a topic that was made again hears of it when all is handed out that was fetched of the old one, whenever
        // that is, and then begins as its settings say.
        let renewed = run.was_deleted(partition, at);
        findings.judge(invariant, renewed || self.reach(&excuses, from, to), at, told);
        if !excuses.is_empty() {
            let lately = heard_by(at);
            let absent = |truths: &Truths| {
                truths.trimmed_until(at, from) || truths.ends_before(lately, from)
            };
            let proven =
                excuses.iter().any(|excuse| *excuse != Excuse::OutOfRange { by_leader: false })
                    || renewed
                    || run.truth.get(&partition).is_some_and(absent);
            findings.judge(Invariant::ResetCause, proven, at, || {
                format!("{}, on the word of a broker that did not lead", told())
            });
        }
    }

    /// Whether one of these is a reason to go from one offset to another. Of a log that was cut off all before the cut is as it
    /// was, and all behind it is new: nobody has to go back behind the cut, or may leave out what is there now, unless the
    /// position does not exist any more.
    fn reach(&self, excuses: &[Excuse], from: i64, offset: i64) -> bool {
        excuses.iter().any(|excuse| match excuse {
            Excuse::OutOfRange { .. } => true,
            Excuse::Truncated { to, below } => (self.kept(*to)..from.min(*below)).contains(&offset),
        })
    }
}

/// Whether there is a record that could be read from `next` on and before `offset`.
fn skips(run: &Run<'_>, at: Time, partition: Partition, next: i64, offset: i64) -> bool {
    let Some(log) = run.logs.get(&partition).filter(|_| next < offset) else { return false };
    // Another incarnation's log says nothing of what was there.
    if run.is_recreated(partition) {
        return false;
    }
    let gone = |offset| {
        run.truth.get(&partition).is_some_and(|truths| {
            // What stands now where a log was cut off may have come where compaction had left a hole.
            truths.trimmed_until(at, offset) || (log.compacted && truths.cut_since(at, offset))
        })
    };
    let last = offset.saturating_sub(1);
    if last < log.log_start {
        // Nothing is left to look at; a log without compaction has no holes.
        return !log.compacted && !gone(last);
    }
    if record_at(log, last).is_some() {
        return !gone(last);
    }
    let first = log.records.partition_point(|record| record.offset < next);
    let found = log.records.get(first).filter(|record| record.offset < offset);
    found.is_some_and(|record| !gone(record.offset))
}
