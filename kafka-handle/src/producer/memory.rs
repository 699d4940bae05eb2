//! `buffer.memory`: pooled segments for records, and the senders that wait for them.
//!
//! Memory is charged by the segment: when one is lent, and until the batch that it was lent for has its outcome. What
//! comes back is kept in a pool, newest first, for memory that was used a moment ago is still in the cache. Senders
//! wait in line, and while anybody waits nobody else is lent a segment.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use kafka_engine::accumulator::{FIRST_SEGMENT_BYTES, SEGMENT_BYTES, Segments};

use crate::sync::lock;

/// Sizes that are pooled: 4, 8, 16, 32 and 64 KiB.
const CLASSES: usize = (SEGMENT_BYTES / FIRST_SEGMENT_BYTES).ilog2() as usize + 1;

/// The memory of one producer.
pub(crate) struct Memory {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Bytes lent and not given back.
    lent: usize,
    /// Bytes in the pool.
    pooled: usize,
    pool: [Vec<BytesMut>; CLASSES],
    /// The line, by ascending ticket.
    waiters: VecDeque<Waiter>,
    next_ticket: u64,
    /// What lingers has been let go for its memory, of which none has come back since.
    pressed: bool,
    closed: bool,
}

struct Waiter {
    ticket: u64,
    /// It is its turn, and something has come back since it last tried.
    called: bool,
    waker: Option<Waker>,
}

impl State {
    /// Calls the first in line. The call is kept until it is heard, so none is lost to a sender that is just trying.
    fn call_first(&mut self) -> Option<Waker> {
        let first = self.waiters.front_mut()?;
        first.called = true;
        first.waker.take()
    }

    fn first_ticket(&self) -> Option<u64> {
        self.waiters.front().map(|first| first.ticket)
    }

    fn place_of(&self, ticket: u64) -> Option<usize> {
        self.waiters.binary_search_by_key(&ticket, |waiter| waiter.ticket).ok()
    }
}

impl Memory {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    /// Bytes that are lent, and bytes in the pool.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let state = lock(&self.state);
        (state.lent, state.pooled)
    }

    /// A source of segments for one record; `ticket` is that of a sender that waits.
    pub(crate) fn loan(&self, ticket: Option<u64>) -> Loan<'_> {
        Loan { memory: self, ticket, taken: 0 }
    }

    /// A batch has its outcome: what it was charged is free again, and its segments go to the pool, if nobody else
    /// holds them.
    pub(crate) fn give_back(&self, charged: usize, body: Vec<Bytes>) {
        let segments = body.into_iter().filter_map(|bytes| bytes.try_into_mut().ok());
        lock(&self.state).pressed = false;
        self.free(charged, segments, None);
    }

    /// Segments that a batch needs no more, though it stays charged: compression has copied what was in them.
    pub(crate) fn recycle(&self, segments: Vec<BytesMut>) {
        self.free(0, segments.into_iter(), None);
    }

    /// A record found no memory: whether to let go what lingers. That would find nothing to let go before some memory has
    /// come back, so it is said once until then.
    pub(crate) fn press(&self) -> bool {
        !std::mem::replace(&mut lock(&self.state).pressed, true)
    }

    /// Stands in line for memory.
    pub(crate) fn enqueue(&self) -> Turn<'_> {
        let mut state = lock(&self.state);
        state.next_ticket += 1;
        let ticket = state.next_ticket;
        state.waiters.push_back(Waiter { ticket, called: false, waker: None });
        Turn { memory: self, ticket }
    }

    /// Nobody needs to wait any more: the producer is closed.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let wakers: Vec<Waker> =
            state.waiters.iter_mut().filter_map(|waiter| waiter.waker.take()).collect();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Takes back memory and calls the first in line, unless it is the one that gives it back: its try has failed.
    fn free(&self, charged: usize, segments: impl Iterator<Item = BytesMut>, by: Option<u64>) {
        let mut unpooled = Vec::new();
        let mut state = lock(&self.state);
        state.lent = state.lent.saturating_sub(charged);
        for mut segment in segments {
            segment.clear();
            let capacity = segment.capacity();
            match class_of(capacity).filter(|class| size_of(*class) == capacity) {
                // What is lent and what is pooled never take more together than is allowed to be lent.
                Some(class) if state.lent + state.pooled + capacity <= self.limit => {
                    state.pooled += capacity;
                    state.pool[class].push(segment);
                }
                _ => unpooled.push(segment),
            }
        }
        let calls = charged > 0 && (by.is_none() || by != state.first_ticket());
        let waker = if calls { state.call_first() } else { None };
        drop(state);
        drop(unpooled);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lend(&self, at_least: usize, ticket: Option<u64>, taken: usize) -> Option<BytesMut> {
        let class = class_of(at_least);
        let bytes = class.map_or(at_least, size_of);
        let mut evicted = Vec::new();
        let mut state = lock(&self.state);
        let first = state.first_ticket();
        let my_turn = first.is_none() || first == ticket;
        // A record that has all the memory there is to itself is never refused, or it would wait for ever.
        let alone = state.lent <= taken || kafka_engine::mutant!("memory_unlimited");
        if !my_turn || (!alone && state.lent + bytes > self.limit) {
            return None;
        }
        state.lent += bytes;
        if let Some(segment) = class.and_then(|class| state.pool[class].pop()) {
            state.pooled -= bytes;
            return Some(segment);
        }
        let State { pool, pooled, lent, .. } = &mut *state;
        for idle in pool.iter_mut() {
            while *lent + *pooled > self.limit
                && let Some(segment) = idle.pop()
            {
                *pooled -= segment.capacity();
                evicted.push(segment);
            }
        }
        drop(state);
        drop(evicted);
        Some(BytesMut::with_capacity(bytes))
    }

    fn unlend(&self, segment: BytesMut, ticket: Option<u64>) {
        self.free(segment.capacity(), std::iter::once(segment), ticket);
    }
}

/// Lends segments for one record, and keeps count.
pub(crate) struct Loan<'a> {
    memory: &'a Memory,
    ticket: Option<u64>,
    /// Bytes lent.
    pub(crate) taken: usize,
}

impl Segments for Loan<'_> {
    fn segment(&mut self, at_least: usize) -> Option<BytesMut> {
        let segment = self.memory.lend(at_least, self.ticket, self.taken)?;
        self.taken += segment.capacity();
        Some(segment)
    }

    fn release(&mut self, segment: BytesMut) {
        self.taken = self.taken.saturating_sub(segment.capacity());
        self.memory.unlend(segment, self.ticket);
    }
}

/// A place in the line. Dropping it leaves the line, and lets the next in.
pub(crate) struct Turn<'a> {
    memory: &'a Memory,
    pub(crate) ticket: u64,
}

impl Turn<'_> {
    /// Waits until this is the first in line and memory has come back since it last tried. Cancel-safe.
    pub(crate) fn more(&mut self) -> impl Future<Output = ()> {
        poll_fn(|cx| self.poll_more(cx))
    }

    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.memory.state);
        let closed = state.closed;
        let Some(waiter) = state.place_of(self.ticket).and_then(|at| state.waiters.get_mut(at))
        else {
            return Poll::Ready(());
        };
        if closed || waiter.called {
            waiter.called = false;
            return Poll::Ready(());
        }
        let replaced = waiter.waker.replace(cx.waker().clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.memory.state);
        let place = state.place_of(self.ticket);
        let gone = place.and_then(|at| state.waiters.remove(at));
        let waker = if place == Some(0) { state.call_first() } else { None };
        drop(state);
        drop(gone);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The smallest class of segments with so many bytes.
fn class_of(bytes: usize) -> Option<usize> {
    let classes = bytes.div_ceil(FIRST_SEGMENT_BYTES).max(1).next_power_of_two().ilog2() as usize;
    (classes < CLASSES).then_some(classes)
}

fn size_of(class: usize) -> usize {
    FIRST_SEGMENT_BYTES << class
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    const SMALL: usize = FIRST_SEGMENT_BYTES;

    #[derive(Default)]
    struct Calls(AtomicUsize);

    impl Wake for Calls {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Calls {
        fn poll(self: &Arc<Self>, future: Pin<&mut impl Future<Output = ()>>) -> bool {
            future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(self)))).is_ready()
        }

        fn count(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn classes_hold_what_is_asked_for() {
        for (bytes, size) in [
            (0, SMALL),
            (1, SMALL),
            (SMALL, SMALL),
            (SMALL + 1, 2 * SMALL),
            (SEGMENT_BYTES, SEGMENT_BYTES),
        ] {
            assert_eq!(class_of(bytes).map(size_of), Some(size), "{bytes}");
        }
        assert_eq!(class_of(SEGMENT_BYTES + 1), None);
    }

    #[test]
    fn what_comes_back_is_lent_again() {
        let memory = Memory::new(10 * SMALL);
        let mut segment = memory.loan(None).segment(SMALL).expect("memory");
        segment.extend_from_slice(b"records");
        let place = segment.as_ptr();
        memory.give_back(SMALL, vec![segment.freeze()]);
        let again = memory.loan(None).segment(1).expect("memory");
        assert_eq!((again.as_ptr(), again.len(), again.capacity()), (place, 0, SMALL));
        // Somebody else still reads this one, so it is not the pool's.
        let read = again.freeze();
        memory.give_back(SMALL, vec![read.clone()]);
        let state = lock(&memory.state);
        assert_eq!((state.lent, state.pooled), (0, 0));
    }

    #[test]
    fn lent_and_pooled_stay_within_the_limit() {
        let memory = Memory::new(4 * SMALL);
        let mut loan = memory.loan(None);
        let small: Vec<Bytes> =
            (0..4).map(|_| loan.segment(SMALL).expect("memory").freeze()).collect();
        assert!(loan.segment(SMALL).is_some(), "a record that has it all to itself");
        assert!(memory.loan(None).segment(SMALL).is_none(), "another");
        memory.give_back(5 * SMALL, small);
        assert_eq!(lock(&memory.state).pooled, 4 * SMALL);
        let large = memory.loan(None).segment(3 * SMALL).expect("memory");
        assert_eq!(large.capacity(), 4 * SMALL);
        assert_eq!(lock(&memory.state).pooled, 0);
    }

    #[test]
    fn the_line_is_kept() {
        let memory = Memory::new(SMALL);
        let calls = Arc::new(Calls::default());
        let all = memory.loan(None).segment(SMALL).expect("memory");
        let (mut first, mut second) = (memory.enqueue(), memory.enqueue());
        let (first_ticket, second_ticket) = (first.ticket, second.ticket);
        let mut first_turn = pin!(first.more());
        assert!(!calls.poll(first_turn.as_mut()) && !calls.poll(pin!(second.more())));
        memory.give_back(SMALL, vec![all.freeze()]);
        assert_eq!(calls.count(), 1);
        for stranger in [None, Some(second_ticket)] {
            assert!(memory.loan(stranger).segment(SMALL).is_none());
        }
        assert!(calls.poll(first_turn.as_mut()));
        assert!(memory.loan(Some(first_ticket)).segment(SMALL).is_some());
    }

    #[test]
    fn who_leaves_the_line_lets_the_next_in() {
        let memory = Memory::new(SMALL);
        let calls = Arc::new(Calls::default());
        let all = memory.loan(None).segment(SMALL).expect("memory");
        let (first, mut second) = (memory.enqueue(), memory.enqueue());
        let second_ticket = second.ticket;
        let mut turn = pin!(second.more());
        assert!(!calls.poll(turn.as_mut()));
        // The call goes to the first, which has not waited yet, and leaves.
        memory.give_back(SMALL, vec![all.freeze()]);
        assert_eq!(calls.count(), 0);
        drop(first);
        assert_eq!(calls.count(), 1);
        assert!(calls.poll(turn.as_mut()));
        assert!(memory.loan(Some(second_ticket)).segment(SMALL).is_some());
    }

    #[test]
    fn a_try_that_fails_does_not_call_itself() {
        let memory = Memory::new(3 * SMALL);
        let calls = Arc::new(Calls::default());
        let _lent = memory.loan(None).segment(2 * SMALL);
        let mut turn = memory.enqueue();
        let mut loan = memory.loan(Some(turn.ticket));
        let one = loan.segment(SMALL).expect("memory");
        assert!(loan.segment(SMALL).is_none());
        loan.release(one);
        assert_eq!(loan.taken, 0);
        assert!(!calls.poll(pin!(turn.more())));
    }
}
