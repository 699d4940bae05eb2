//! What the checks found: violations, and how often each invariant had something to judge.

#![expect(missing_docs, reason = "an invariant's name says it; its rule's file defines it")]

use std::fmt;

use crate::Time;

/// Violations of one invariant that are kept; the rest is counted.
const KEPT_MAX: u64 = 10;

/// Something that must hold in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Invariant {
    LostWrite,
    WrongHome,
    BadOffset,
    Duplicate,
    GhostAppend,
    SendOrder,
    Payload,
    SequenceDiscipline,
    InFlight,
    Ledger,
    Deadline,
    InconsistentOffset,
    PollSkip,
    NonmonotonicPoll,
    RewindCause,
    ResetCause,
    Liveness,
    HotLoop,
    Backoff,
    Memory,
    Leak,
    Epoch,
    FetchSession,
    Determinism,
    Panic,
    WastedFetch,
    LateDelivery,
    HeadOfLine,
    Pipelining,
    Idle,
    ErrorEvent,
}

impl Invariant {
    /// All of them, in the order of their ids.
    pub const ALL: [Self; 31] = [
        Self::LostWrite,
        Self::WrongHome,
        Self::BadOffset,
        Self::Duplicate,
        Self::GhostAppend,
        Self::SendOrder,
        Self::Payload,
        Self::SequenceDiscipline,
        Self::InFlight,
        Self::Ledger,
        Self::Deadline,
        Self::InconsistentOffset,
        Self::PollSkip,
        Self::NonmonotonicPoll,
        Self::RewindCause,
        Self::ResetCause,
        Self::Liveness,
        Self::HotLoop,
        Self::Backoff,
        Self::Memory,
        Self::Leak,
        Self::Epoch,
        Self::FetchSession,
        Self::Determinism,
        Self::Panic,
        Self::WastedFetch,
        Self::LateDelivery,
        Self::HeadOfLine,
        Self::Pipelining,
        Self::Idle,
        Self::ErrorEvent,
    ];

    /// Those that no run can judge, and why: none is expected to.
    ///
    /// An `error!` event (E01) is looked for, and [`History::error_logged`](super::History::error_logged) takes one; but no
    /// crate of the client logs anything, with `tracing` or otherwise, so there is nothing that a run could record.
    pub const WITHOUT_SOURCE: &[(Self, &str)] = &[(Self::ErrorEvent, "clients log nothing")];

    /// Its number and its name.
    #[must_use]
    pub const fn id_and_name(self) -> (&'static str, &'static str) {
        match self {
            Self::LostWrite => ("I01", "lost-write"),
            Self::WrongHome => ("I02", "wrong-home"),
            Self::BadOffset => ("I03", "bad-offset"),
            Self::Duplicate => ("I04", "duplicate"),
            Self::GhostAppend => ("I05", "ghost-append"),
            Self::SendOrder => ("I06", "send-order"),
            Self::Payload => ("I07", "payload"),
            Self::SequenceDiscipline => ("I08", "seq-discipline"),
            Self::InFlight => ("I09", "in-flight"),
            Self::Ledger => ("I10", "ledger"),
            Self::Deadline => ("I11", "deadline"),
            Self::InconsistentOffset => ("I17", "inconsistent-offset"),
            Self::PollSkip => ("I18", "poll-skip"),
            Self::NonmonotonicPoll => ("I19", "nonmonotonic-poll"),
            Self::RewindCause => ("I20", "rewind-cause"),
            Self::ResetCause => ("I21", "reset-cause"),
            Self::Liveness => ("I30", "liveness"),
            Self::HotLoop => ("I31", "hot-loop"),
            Self::Backoff => ("I32", "backoff"),
            Self::Memory => ("I33", "memory"),
            Self::Leak => ("I34", "leak"),
            Self::Epoch => ("I35", "epoch"),
            Self::FetchSession => ("I36", "fetch-session"),
            Self::Determinism => ("I38", "determinism"),
            Self::Panic => ("I39", "panic"),
            Self::WastedFetch => ("I41", "wasted-fetch"),
            Self::LateDelivery => ("I42", "late-delivery"),
            Self::HeadOfLine => ("I43", "head-of-line"),
            Self::Pipelining => ("I44", "pipelining"),
            Self::Idle => ("I45", "idle"),
            Self::ErrorEvent => ("E01", "error-event"),
        }
    }

    /// Its number in the list of invariants, such as `I01`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.id_and_name().0
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, name) = self.id_and_name();
        write!(f, "{id} {name}")
    }
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// When it showed.
    pub at: Time,
    /// Who and how.
    pub what: String,
}

impl Violation {
    /// Something that a check of one's own found.
    #[must_use]
    pub fn new(invariant: Invariant, at: Time, what: impl Into<String>) -> Self {
        Self { invariant, at, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.at.as_nanos() as f64 / 1e6;
        write!(f, "{} at {millis:.3} ms: {}", self.invariant, self.what)
    }
}

/// What the checks found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    pub(super) violations: Vec<Violation>,
    /// By the invariants' places in [`Invariant::ALL`].
    tallies: Vec<Tally>,
}

/// How often an invariant had something to judge, and how often it did not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often it was looked at.
    pub judged: u64,
    /// How often it did not hold.
    pub violated: u64,
}

impl Findings {
    /// An invariant was looked at once, and held or did not. The text is made only if it did not.
    pub(super) fn judge(
        &mut self,
        invariant: Invariant,
        holds: bool,
        at: Time,
        what: impl FnOnce() -> String,
    ) {
        if self.tallies.is_empty() {
            self.tallies = vec![Tally::default(); Invariant::ALL.len()];
        }
        let Some(tally) = self.tallies.get_mut(invariant as usize) else { return };
        tally.judged += 1;
        if holds {
            return;
        }
        tally.violated += 1;
        if tally.violated <= KEPT_MAX {
            self.violations.push(Violation { invariant, at, what: what() });
        }
    }

    /// Those that had something to judge.
    pub(super) fn tallies(&self) -> impl Iterator<Item = (Invariant, Tally)> {
        let all = Invariant::ALL.into_iter().zip(self.tallies.iter().copied());
        all.filter(|(_, tally)| tally.judged > 0)
    }

    pub(super) fn into_violations(mut self) -> Vec<Violation> {
        self.violations.sort_by_key(|violation| (violation.at, violation.invariant));
        self.violations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_invariant_is_counted_as_itself() {
        for invariant in Invariant::ALL {
            let mut findings = Findings::default();
            findings.judge(invariant, true, Time::ZERO, String::new);
            let once = Tally { judged: 1, violated: 0 };
            assert!(findings.tallies().eq([(invariant, once)]), "{invariant}");
        }
    }
}
