//! What is to happen when: events by virtual time, and among those of one instant in the order in which they came up.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::Time;

/// A queue of events. Its order follows from what was pushed alone.
#[derive(Debug)]
pub(super) struct Heap<E> {
    entries: BinaryHeap<Entry<E>>,
    pushed: u64,
}

#[derive(Debug)]
struct Entry<E> {
    at: Time,
    number: u64,
    event: E,
}

impl<E> Heap<E> {
    pub(super) fn new() -> Self {
        Self { entries: BinaryHeap::new(), pushed: 0 }
    }

    pub(super) fn push(&mut self, at: Time, event: E) {
        let number = self.pushed;
        self.pushed = self.pushed.wrapping_add(1);
        self.entries.push(Entry { at, number, event });
    }

    /// All of them, in no order.
    pub(super) fn take(&mut self) -> Vec<E> {
        std::mem::take(&mut self.entries).into_iter().map(|entry| entry.event).collect()
    }

    /// When the next event is due.
    pub(super) fn next_at(&self) -> Option<Time> {
        self.entries.peek().map(|entry| entry.at)
    }

    /// The next event, if it is due by then.
    pub(super) fn pop_until(&mut self, limit: Time) -> Option<(Time, E)> {
        if self.next_at()? > limit {
            return None;
        }
        self.entries.pop().map(|entry| (entry.at, entry.event))
    }
}

impl<E> Ord for Entry<E> {
    /// The heap gives the greatest first, so the earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_then_in_the_order_pushed() {
        let mut heap = Heap::new();
        for (at, event) in [(3, 'c'), (1, 'a'), (3, 'd'), (1, 'b'), (9, 'e')] {
            heap.push(Time::from_millis(at), event);
        }
        let mut seen = String::new();
        while let Some((_, event)) = heap.pop_until(Time::from_millis(3)) {
            seen.push(event);
        }
        assert_eq!(seen, "abcd");
        assert_eq!(heap.next_at(), Some(Time::from_millis(9)));
    }
}
