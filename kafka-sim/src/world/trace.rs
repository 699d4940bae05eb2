//! What happened, as a number that two runs can be compared by, and in words for those who look for the difference.

use std::fmt;

use twox_hash::XxHash64;

use crate::Time;
use crate::check::stamp;

/// The hash of all that happened so far, and the words for it if somebody wants them.
#[derive(Debug)]
pub(super) struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self { hash: 0, lines: None }
    }

    /// Keeps a line for everything from here on.
    pub(super) fn keep_lines(&mut self) {
        self.lines.get_or_insert_default();
    }

    pub(super) fn take_lines(&mut self) -> Vec<String> {
        self.lines.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    /// Something happened: what kind of thing, to whom, and how many bytes or of which number.
    pub(super) fn note(&mut self, at: Time, what: &'static str, whom: u64, detail: u64) {
        self.add(at, what, whom, detail, &detail);
    }

    /// Bytes went somewhere.
    pub(super) fn bytes(&mut self, at: Time, what: &'static str, whom: u64, bytes: &[u8]) {
        let detail = XxHash64::oneshot(0, bytes);
        self.add(
            at,
            what,
            whom,
            detail,
            &format_args!("{} bytes, hash {detail:016x}", bytes.len()),
        );
    }

    /// Something in words that follow from the run alone.
    pub(super) fn words(&mut self, at: Time, what: &'static str, whom: u64, words: &str) {
        self.add(at, what, whom, XxHash64::oneshot(0, words.as_bytes()), &words);
    }

    fn add(
        &mut self,
        at: Time,
        what: &'static str,
        whom: u64,
        detail: u64,
        words: &dyn fmt::Display,
    ) {
        for word in [at.as_nanos(), XxHash64::oneshot(1, what.as_bytes()), whom, detail] {
            // One round of a multiplicative hash: order matters, and every bit of the word does.
            self.hash = (self.hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{} {what} {whom} {words}", stamp(at)));
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
            trace.note(Time::from_millis(at), what, whom, detail);
            trace.note(Time::from_millis(9), "end", 0, 0);
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
