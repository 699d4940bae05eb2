//! What a client has asked and the broker has not answered yet.

use std::collections::{HashMap, VecDeque};

use super::exchange::Request;
use super::frames::Frame;

/// So many may wait, and bytes of frames in all; then the first is taken for unanswered. Clients have far fewer in flight,
/// but a capture may lack what brokers answer.
const MOST: usize = 10_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Something to be answered.
#[derive(Debug)]
pub(super) enum Pending {
    Request(Request),
    /// A bare token of SASL; it has no number to know its answer by.
    Token(Frame),
}

impl Pending {
    fn correlation(&self) -> Option<i32> {
        match self {
            Self::Request(request) => Some(request.correlation),
            Self::Token(_) => None,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Request(Request { frame, .. }) | Self::Token(frame) => frame.bytes.len(),
        }
    }
}

/// Pending requests and tokens in the order in which they were sent, which is the order of answers too.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: VecDeque<Pending>,
    /// How many requests of each number there are, so that a response to none of them costs no search.
    correlations: HashMap<i32, u32>,
    bytes: usize,
}

impl Queue {
    pub(super) fn push(&mut self, pending: Pending) {
        self.bytes += pending.bytes();
        if let Some(id) = pending.correlation() {
            *self.correlations.entry(id).or_default() += 1;
        }
        self.entries.push_back(pending);
    }

    /// Takes the one that was sent first.
    pub(super) fn pop(&mut self) -> Option<Pending> {
        let pending = self.entries.pop_front()?;
        self.bytes -= pending.bytes();
        if let Some(id) = pending.correlation()
            && let Some(count) = self.correlations.get_mut(&id)
        {
            *count -= 1;
            if *count == 0 {
                self.correlations.remove(&id);
            }
        }
        Some(pending)
    }

    /// Takes the first if too much waits. The last one may be of any size.
    pub(super) fn overflow(&mut self) -> Option<Pending> {
        let is_too_much = self.entries.len() > MOST || self.bytes > MOST_BYTES;
        if is_too_much && self.entries.len() > 1 { self.pop() } else { None }
    }

    /// Whether a request of this number waits.
    pub(super) fn has(&self, correlation: i32) -> bool {
        self.correlations.contains_key(&correlation)
    }

    /// Whether the next answer is that to a token.
    pub(super) fn is_token_next(&self) -> bool {
        matches!(self.entries.front(), Some(Pending::Token(_)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn frame(bytes: Vec<u8>) -> Frame {
        Frame { length: bytes.len(), bytes: Bytes::from(bytes), time: 0 }
    }

    fn request(id: u8, length: usize) -> Pending {
        let mut bytes = vec![0, 12, 0, 4, 0, 0, 0, id];
        bytes.resize(length, 0);
        Pending::Request(Request::new(frame(bytes)))
    }

    #[test]
    fn numbers_are_known_while_their_requests_wait() {
        let mut queue = Queue::default();
        for id in [1, 2, 1] {
            queue.push(request(id, 10));
        }
        queue.push(Pending::Token(frame(vec![0, 12, 0, 4, 0, 0, 0, 3])));
        let known = |queue: &Queue| [1, 2, 3].map(|id| queue.has(id));
        for expected in [[true, true, false], [true, true, false], [true, false, false], [false; 3]]
        {
            assert_eq!(known(&queue), expected);
            assert_eq!(queue.is_token_next(), expected == [false; 3]);
            assert!(queue.pop().is_some());
        }
        assert!(queue.pop().is_none() && queue.is_empty());
    }

    #[test]
    fn neither_many_nor_large_ones_wait() {
        let check = |length: usize, pushed: usize, left: usize| {
            let mut queue = Queue::default();
            for _ in 0..pushed {
                queue.push(request(1, length));
                while queue.overflow().is_some() {}
            }
            assert_eq!(queue.entries.len(), left, "{length} bytes");
        };
        check(8, MOST + 5, MOST);
        check(MOST_BYTES / 4, 9, 4);
        check(MOST_BYTES + 1, 3, 1);
    }
}
