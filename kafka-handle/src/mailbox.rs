//! What is told to the driver, and how it is woken: the ready lock.
//!
//! Handles and connections leave letters; the driver takes them all at once, acts, and parks. It is woken only while
//! it is parked, and not even then if the deadline that it is parked until is early enough for the letter. That
//! deadline is recomputed at every park and means nothing in between, so no letter can rely on one that is gone.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use kafka_engine::{Command, Input, Instant, OpId, ProducerKey};

use crate::consumer::ConsumerCore;
use crate::op::Answer;
use crate::producer::ProducerCore;
use crate::sync::lock;

/// Something for the driver.
pub(crate) enum Letter {
    /// For the engine, as it is.
    Input(Input),
    /// A command, and who waits for its answer.
    Command { op: OpId, command: Command, answer: Answer },
    /// Nobody waits for this operation any more.
    Cancel(OpId),
    /// A producer whose batches will be reported.
    Producer(Arc<ProducerCore>),
    /// A producer takes no more records; what it has is to be delivered until the deadline.
    CloseProducer { producer: ProducerKey, deadline: Instant, op: OpId, answer: Answer },
    /// A consumer that wants to hear when there is something to read.
    Consumer(Arc<ConsumerCore>),
}

/// When the driver must have read a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    Now,
    /// At this instant at the latest.
    By(Instant),
}

/// What a park came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Park {
    /// Letters have come: another turn is due.
    Busy,
    /// Parked until a wake or this instant.
    Until(Option<Instant>),
}

/// The ready lock and what it guards.
#[derive(Default)]
pub(crate) struct Mailbox {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    letters: Vec<Letter>,
    timers: BTreeMap<(Instant, u64), Waker>,
    next_timer: u64,
    /// The driver sleeps, until `armed` at the longest.
    idle: bool,
    armed: Option<Instant>,
    /// The driver must turn although there may be no letter.
    nudged: bool,
    waker: Option<Waker>,
    /// The last handle is gone.
    abandoned: bool,
    /// The driver is gone.
    closed: bool,
}

impl State {
    /// The driver's waker, if it must be woken for something due then.
    fn rouse(&mut self, urgency: Urgency) -> Option<Waker> {
        let early_enough = match urgency {
            Urgency::Now => false,
            Urgency::By(at) => self.armed.is_some_and(|armed| armed <= at),
        };
        if !self.idle || early_enough {
            return None;
        }
        self.idle = false;
        self.waker.take()
    }
}

impl Mailbox {
    /// Leaves a letter. Gives it back if nobody will read it, because the driver has ended.
    pub(crate) fn send(&self, letter: Letter, urgency: Urgency) -> Result<(), Letter> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(letter);
        }
        state.letters.push(letter);
        let waker = state.rouse(urgency);
        drop(state);
        wake(waker);
        Ok(())
    }

    /// Makes the driver turn.
    pub(crate) fn nudge(&self) {
        let mut state = lock(&self.state);
        state.nudged = true;
        let waker = state.rouse(Urgency::Now);
        drop(state);
        wake(waker);
    }

    /// The last handle is gone.
    pub(crate) fn abandon(&self) {
        lock(&self.state).abandoned = true;
        self.nudge();
    }

    /// Sets or moves a timer; `key` names it from then on. Returns whether the driver is there to fire it.
    pub(crate) fn arm(&self, key: &mut Option<u64>, at: Instant, waker: &Waker) -> bool {
        let mut state = lock(&self.state);
        if state.closed {
            return false;
        }
        let number = *key.get_or_insert_with(|| {
            state.next_timer += 1;
            state.next_timer
        });
        // The waker that is replaced is foreign code too when it drops.
        let replaced = state.timers.insert((at, number), waker.clone());
        let driver = state.rouse(Urgency::By(at));
        drop(state);
        drop(replaced);
        wake(driver);
        true
    }

    /// Removes a timer.
    pub(crate) fn disarm(&self, key: u64, at: Instant) {
        let removed = lock(&self.state).timers.remove(&(at, key));
        drop(removed);
    }

    /// Takes all letters, behind those in `letters`, and the wakers of timers that are due. Says whether every handle is gone.
    pub(crate) fn take(
        &self,
        now: Instant,
        letters: &mut Vec<Letter>,
        due: &mut Vec<Waker>,
    ) -> bool {
        let mut state = lock(&self.state);
        state.idle = false;
        state.nudged = false;
        if letters.is_empty() {
            mem::swap(&mut state.letters, letters);
        } else {
            letters.append(&mut state.letters);
        }
        while let Some(first) = state.timers.first_entry() {
            if first.key().0 > now {
                break;
            }
            due.push(first.remove());
        }
        state.abandoned
    }

    /// Parks the driver until `until`, the first timer or a wake, unless something has come meanwhile.
    pub(crate) fn park(&self, waker: &Waker, until: Option<Instant>) -> Park {
        let mut state = lock(&self.state);
        if !state.letters.is_empty() || state.nudged {
            return Park::Busy;
        }
        let first_timer = state.timers.first_key_value().map(|((at, _), _)| *at);
        let deadline = match (until, first_timer) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        state.armed = deadline;
        state.idle = true;
        let replaced = state.waker.replace(waker.clone());
        drop(state);
        drop(replaced);
        Park::Until(deadline)
    }

    /// The driver ends: gives back what it has not read and the wakers of all timers.
    pub(crate) fn close(&self) -> (Vec<Letter>, Vec<Waker>) {
        let mut state = lock(&self.state);
        state.closed = true;
        state.idle = false;
        let timers = mem::take(&mut state.timers).into_values().collect();
        (mem::take(&mut state.letters), timers)
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What a parked driver is told, and whether that wakes it. It was parked until 100.
    fn check(tell: impl FnOnce(&Mailbox), wakes: usize) {
        let driver = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&driver));
        let mailbox = Mailbox::default();
        assert_eq!(mailbox.park(&waker, Some(at(100))), Park::Until(Some(at(100))));
        tell(&mailbox);
        assert_eq!(driver.0.load(Ordering::Relaxed), wakes);
        // And again, which tells it nothing new: it is awake, or it need not be.
        mailbox.send(Letter::Cancel(OpId(9)), Urgency::By(at(100))).ok().expect("a driver");
        assert_eq!(driver.0.load(Ordering::Relaxed), wakes);
        assert_eq!(mailbox.park(&waker, None), Park::Busy);
        let mut letters = Vec::new();
        mailbox.take(at(0), &mut letters, &mut Vec::new());
        assert!(matches!(mailbox.park(&waker, None), Park::Until(_)));
    }

    fn at(nanos: u64) -> Instant {
        Instant::from_nanos(nanos)
    }

    #[test]
    fn the_driver_is_woken_when_it_would_sleep_too_long() {
        let letter = || Letter::Cancel(OpId(1));
        let send = |urgency| {
            move |mailbox: &Mailbox| mailbox.send(letter(), urgency).ok().expect("a driver")
        };
        check(send(Urgency::Now), 1);
        check(send(Urgency::By(at(99))), 1);
        check(send(Urgency::By(at(100))), 0);
        check(Mailbox::nudge, 1);
        check(Mailbox::abandon, 1);
        check(|mailbox| assert!(mailbox.arm(&mut None, at(99), Waker::noop())), 1);
        check(|mailbox| assert!(mailbox.arm(&mut None, at(100), Waker::noop())), 0);
    }

    #[test]
    fn a_driver_that_turns_is_not_woken_and_does_not_park() {
        let driver = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&driver));
        let mailbox = Mailbox::default();
        assert_eq!(mailbox.park(&waker, None), Park::Until(None));
        mailbox.take(at(0), &mut Vec::new(), &mut Vec::new());
        mailbox.nudge();
        assert_eq!(driver.0.load(Ordering::Relaxed), 0);
        assert_eq!(mailbox.park(&waker, None), Park::Busy);
    }

    #[test]
    fn timers_fire_in_order_and_when_due() {
        let mailbox = Mailbox::default();
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut keys = [None; 3];
        for (key, nanos) in keys.iter_mut().zip([30, 10, 20]) {
            assert!(mailbox.arm(key, at(nanos), &waker));
        }
        assert_eq!(mailbox.park(&waker, Some(at(15))), Park::Until(Some(at(10))));
        let mut due = Vec::new();
        mailbox.take(at(10), &mut Vec::new(), &mut due);
        assert_eq!(due.len(), 1);
        mailbox.disarm(keys[2].expect("armed"), at(20));
        assert_eq!(mailbox.park(&waker, None), Park::Until(Some(at(30))));
        let (_, timers) = mailbox.close();
        assert_eq!(timers.len(), 1);
        assert!(!mailbox.arm(&mut None, at(40), &waker));
        assert!(mailbox.send(Letter::Cancel(OpId(1)), Urgency::Now).is_err());
    }
}
