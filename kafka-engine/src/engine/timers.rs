//! Every deadline of the engine, in one table, each with its reason.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

use crate::engine::lane::LaneKey;
use crate::id::{ConsumerKey, OpId, PartitionKey, ProducerKey};
use crate::time::Instant;

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A lane's next deadline, whichever its state has: connecting, a request, a backoff, idleness.
    Lane(LaneKey),
    /// Metadata is due: by age, by backoff, or by a topic that is waited for.
    Metadata,
    /// An operation's time is over.
    Op(OpId),
    /// An operation tries again.
    OpRetry(OpId),
    /// A producer tries again for its producer id.
    ProducerId(ProducerKey),
    /// A producer's time to close is over.
    ProducerClose(ProducerKey),
    /// A partition's linger is over, or its backoff.
    Outbox(ProducerKey, PartitionKey),
    /// The oldest batch of a partition may be past its delivery timeout.
    Expiry(ProducerKey, PartitionKey),
    /// A consumer's partition tries again after an error.
    Cursor(ConsumerKey, PartitionKey),
    /// A node is asked for the rest of what it leads while one partition has its queue full.
    Rest(ConsumerKey, i32),
}

impl Timer {
    /// The reason of a wait, for people.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Lane(_) => "connection",
            Self::Metadata => "metadata refresh",
            Self::Op(_) => "operation deadline",
            Self::OpRetry(_) => "operation retry",
            Self::ProducerId(_) => "producer id retry",
            Self::ProducerClose(_) => "producer close deadline",
            Self::Outbox(..) => "linger or retry backoff",
            Self::Expiry(..) => "delivery timeout",
            Self::Cursor(..) => "fetch retry backoff",
            Self::Rest(..) => "fetch without a partition whose queue is full",
        }
    }
}

/// A timer that is so late was not looked at: the process was stopped, or its machine suspended.
const LATE: Duration = Duration::from_millis(500);

/// As long as it takes, generously, to read what has come meanwhile.
const GRACE: Duration = Duration::from_millis(100);

/// The armed timers, at most one of each name.
///
/// After a standstill none is due before what has come meanwhile can have been read: whoever waited for an answer is not
/// told that there was none while it lies in a socket.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Instant, Timer)>,
    by_name: BTreeMap<Timer, Instant>,
    /// When somebody last looked at them.
    looked: Instant,
    /// None is due before.
    held: Option<Instant>,
}

impl Timers {
    /// Somebody is about to look at what is due. If nobody has for long though a timer was, they are held back: a timer
    /// that was held back is so once.
    pub(crate) fn look(&mut self, now: Instant) {
        let before = self.looked;
        self.looked = before.max(now);
        let held = self.held;
        self.held = held.filter(|until| now < *until);
        if self.held.is_none()
            && let Some((at, _)) = self.by_time.first()
            && held.is_none_or(|until| until < *at)
            && before.max(*at) + LATE <= now
        {
            self.held = Some(now + GRACE);
        }
    }

    /// Arms `timer` at `at`, whatever it was armed at before.
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        match self.by_name.insert(timer, at) {
            Some(before) if before == at => {}
            Some(before) => {
                self.by_time.remove(&(before, timer));
                self.by_time.insert((at, timer));
            }
            None => {
                self.by_time.insert((at, timer));
            }
        }
    }

    /// Arms `timer` at `at` unless it is armed for an earlier instant.
    pub(crate) fn set_by(&mut self, timer: Timer, at: Instant) {
        if self.by_name.get(&timer).is_none_or(|armed| at < *armed) {
            self.set(timer, at);
        }
    }

    /// Disarms `timer`.
    pub(crate) fn clear(&mut self, timer: Timer) {
        if let Some(at) = self.by_name.remove(&timer) {
            self.by_time.remove(&(at, timer));
        }
    }

    /// Takes a timer that is due at `now`, the earliest first.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        let (at, timer) = *self.by_time.first()?;
        if at > now || self.held.is_some() {
            return None;
        }
        self.by_time.pop_first();
        self.by_name.remove(&timer);
        Some(timer)
    }

    /// The earliest deadline and its reason.
    pub(crate) fn next(&self) -> Option<(Instant, &'static str)> {
        let (at, timer) = self.by_time.first()?;
        Some((self.held.map_or(*at, |held| held.max(*at)), timer.why()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_standstill_timers_wait_once_for_what_has_come() {
        let at = |millis: u64| Instant::from_nanos(millis * 1_000_000);
        let mut timers = Timers::default();
        timers.set(Timer::Metadata, at(1_000));
        timers.set(Timer::Op(OpId(1)), at(70_000));
        // It was looked at in time, and then late by a little.
        timers.look(at(900));
        timers.look(at(1_499));
        assert_eq!(timers.next(), Some((at(1_000), "metadata refresh")));
        timers.look(at(60_000));
        assert_eq!(timers.pop_due(at(60_000)), None);
        assert_eq!(timers.next(), Some((at(60_100), "metadata refresh")));
        timers.look(at(60_099));
        assert_eq!(timers.pop_due(at(60_099)), None);
        // However late that is, it is not put off again.
        timers.look(at(80_000));
        assert_eq!(timers.pop_due(at(80_000)), Some(Timer::Metadata));
        assert_eq!(timers.pop_due(at(80_000)), Some(Timer::Op(OpId(1))));
    }

    #[test]
    fn a_hold_that_nobody_needed_leaves_the_next_standstill_its_own() {
        let at = |millis: u64| Instant::from_nanos(millis * 1_000_000);
        let mut timers = Timers::default();
        timers.set(Timer::Metadata, at(1_000));
        timers.look(at(60_000));
        assert_eq!(timers.pop_due(at(60_000)), None);
        // What was waited for has come, and another deadline lies behind the hold.
        timers.set(Timer::Metadata, at(70_000));
        timers.look(at(120_000));
        assert_eq!(timers.pop_due(at(120_000)), None);
        assert_eq!(timers.next(), Some((at(120_100), "metadata refresh")));
        timers.look(at(120_100));
        assert_eq!(timers.pop_due(at(120_100)), Some(Timer::Metadata));
    }

    #[test]
    fn the_earliest_timer_comes_first_and_once() {
        let mut timers = Timers::default();
        timers.set(Timer::Metadata, Instant::from_nanos(20));
        timers.set(Timer::Op(OpId(1)), Instant::from_nanos(10));
        timers.set(Timer::Metadata, Instant::from_nanos(5));
        timers.set_by(Timer::Metadata, Instant::from_nanos(7));
        assert_eq!(timers.next(), Some((Instant::from_nanos(5), "metadata refresh")));
        assert_eq!(timers.pop_due(Instant::from_nanos(4)), None);
        assert_eq!(timers.pop_due(Instant::from_nanos(30)), Some(Timer::Metadata));
        assert_eq!(timers.pop_due(Instant::from_nanos(30)), Some(Timer::Op(OpId(1))));
        assert_eq!(timers.pop_due(Instant::from_nanos(30)), None);
        assert_eq!(timers.next(), None);
    }
}
