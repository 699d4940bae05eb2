//! What happened, as a number that two runs can be compared by, and in words if somebody wants them.

use std::fmt;

use bytes::Bytes;
use twox_hash::XxHash64;

use super::words::{Way, Words};
use crate::{Cluster, Time};

/// The hash of all that happened so far, and the words for it.
pub(super) struct Trace {
    hash: u64,
    words: Option<Box<Words>>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self { hash: 0, words: None }
    }

    /// Keeps a line for everything from here on.
    pub(super) fn keep_lines(&mut self) {
        self.words.get_or_insert_default().kept = true;
    }

    /// Prints a line for everything from here on.
    pub(super) fn print_lines(&mut self) {
        self.words.get_or_insert_default().printed = true;
    }

    pub(super) fn take_lines(&mut self) -> Vec<String> {
        self.words.as_mut().map(|words| words.take()).unwrap_or_default()
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    /// Something happened: what kind of thing, to whom, of which number, and all of it in words.
    pub(super) fn note(
        &mut self,
        at: Time,
        what: &'static str,
        (whom, detail): (u64, u64),
        words: impl fmt::Display,
    ) {
        self.add(at, what, whom, detail);
        self.say(at, what, words);
    }

    /// Something in words that follow from the run alone.
    pub(super) fn words(
        &mut self,
        at: Time,
        what: &'static str,
        whom: u64,
        hashed: &str,
        words: impl fmt::Display,
    ) {
        self.note(at, what, (whom, XxHash64::oneshot(0, hashed.as_bytes())), words);
    }

    /// A request has come to its broker.
    pub(super) fn request(&mut self, at: Time, way: Way, frame: &Bytes) {
        let hash = XxHash64::oneshot(0, frame);
        self.add(at, "request", way.conn.0, hash);
        if let Some(words) = &mut self.words {
            words.request(at, way, frame, hash);
        }
    }

    /// A broker sends an answer.
    pub(super) fn answer(&mut self, at: Time, way: Way, frame: &Bytes) {
        let hash = XxHash64::oneshot(0, frame);
        self.add(at, "answer", way.conn.0, hash);
        if let Some(words) = &mut self.words {
            words.answer(at, way, frame, hash);
        }
    }

    /// What was done to the world: in words alone, for what comes of it is in the hash.
    pub(super) fn say(&mut self, at: Time, what: &str, words: impl fmt::Display) {
        if let Some(told) = &mut self.words {
            told.say(at, what, &words);
        }
    }

    /// The cluster may have changed.
    pub(super) fn look(&mut self, at: Time, cluster: &Cluster) {
        if let Some(words) = &mut self.words {
            words.look(at, cluster);
        }
    }

    fn add(&mut self, at: Time, what: &'static str, whom: u64, detail: u64) {
        for word in [at.as_nanos(), XxHash64::oneshot(1, what.as_bytes()), whom, detail] {
            // One round of a multiplicative hash: order matters, and every bit of the word does.
            self.hash = (self.hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_event_counts() {
        let hash = |at, what, whom, detail| {
            let mut trace = Trace::new();
            trace.note(Time::from_millis(at), what, (whom, detail), "");
            trace.note(Time::from_millis(9), "end", (0, 0), "");
            trace.hash()
        };
        let all = [
            hash(1, "a", 1, 1),
            hash(2, "a", 1, 1),
            hash(1, "b", 1, 1),
            hash(1, "a", 2, 1),
            hash(1, "a", 1, 2),
        ];
        assert!(all.iter().enumerate().all(|(at, one)| !all[at + 1..].contains(one)));
        assert_eq!(hash(1, "a", 1, 1), all[0]);
    }
}
