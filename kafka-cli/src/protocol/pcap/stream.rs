//! One direction of a TCP connection: segments in any order become bytes in theirs.

use std::collections::BTreeMap;

use super::capture::Time;
use super::segment::Segment;

/// So many segments, and bytes in them, wait for one that comes late; then it is taken for lost.
const MOST_WAITING: usize = 4096;
const MOST_WAITING_BYTES: usize = 16 * 1024 * 1024;

/// What comes next in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Bytes of one segment.
    Bytes(&'a [u8], Time),
    /// So many bytes were not captured.
    Missing(u64),
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The sequence number that comes next, once one is known.
    next: Option<u32>,
    /// Bytes before that, those that were not captured included.
    position: u64,
    /// Segments that came before their time, by position.
    waiting: BTreeMap<u64, Waiting>,
    waiting_bytes: usize,
    /// The position of the end, once it has been seen.
    end: Option<u64>,
    /// Sequence number of the SYN, if it was captured.
    opened: Option<u32>,
}

#[derive(Debug)]
struct Waiting {
    bytes: Vec<u8>,
    cut: usize,
    time: Time,
}

impl Stream {
    /// Whether a segment opens another connection than this one.
    pub(super) fn is_other(&self, segment: &Segment<'_>) -> bool {
        segment.syn && self.next.is_some() && self.opened != Some(segment.sequence)
    }

    /// Whether its end has come, and all before it.
    pub(super) fn is_ended(&self) -> bool {
        self.end.is_some_and(|end| self.position >= end)
    }

    /// Takes a segment and hands out what is next.
    pub(super) fn take(
        &mut self,
        segment: &Segment<'_>,
        time: Time,
        mut next: impl FnMut(Piece<'_>),
    ) {
        let mut sequence = segment.sequence;
        if segment.syn {
            sequence = sequence.wrapping_add(1);
            self.opened = Some(segment.sequence);
        }
        let expected = *self.next.get_or_insert(sequence);
        // Half of all sequence numbers are ahead, the other half behind.
        let ahead = i64::from(sequence.wrapping_sub(expected).cast_signed());
        let length = segment.payload.len() as u64 + segment.cut as u64;
        let Some(start) = self.position.checked_add_signed(ahead) else { return };
        if segment.fin {
            self.end = Some(start.saturating_add(length));
        }
        if length > 0 {
            self.insert(start, segment, time, &mut next);
        }
        self.hand_out(&mut next);
        while self.waiting.len() > MOST_WAITING || self.waiting_bytes > MOST_WAITING_BYTES {
            self.skip(&mut next);
        }
    }

    /// Learns from a segment of the other direction up to where all has arrived there. What wasn't captured of that is not
    /// going to be: its place is handed out as missing, as soon as it holds something up.
    pub(super) fn acknowledge(&mut self, segment: &Segment<'_>, mut next: impl FnMut(Piece<'_>)) {
        let (Some(acknowledged), Some(expected)) = (segment.acknowledged, self.next) else {
            return;
        };
        let ahead = i64::from(acknowledged.wrapping_sub(expected).cast_signed());
        let Some(arrived) = self.position.checked_add_signed(ahead) else { return };
        // The end has a sequence number of its own.
        let arrived = self.end.map_or(arrived, |end| arrived.min(end));
        while self.waiting.first_key_value().is_some_and(|(start, _)| *start <= arrived) {
            self.skip(&mut next);
        }
        // An answer to something of which the end is missing.
        if !segment.payload.is_empty() && self.position < arrived {
            let missing = arrived - self.position;
            self.advance(missing);
            next(Piece::Missing(missing));
        }
    }

    /// Hands out all that waits, with the holes in it.
    pub(super) fn finish(&mut self, mut next: impl FnMut(Piece<'_>)) {
        while !self.waiting.is_empty() {
            self.skip(&mut next);
        }
    }

    /// Hands a segment out at once if it is its turn, else puts it to those that wait.
    fn insert(
        &mut self,
        start: u64,
        segment: &Segment<'_>,
        time: Time,
        next: &mut impl FnMut(Piece<'_>),
    ) {
        if start <= self.position {
            self.emit(start, segment.payload, segment.cut, time, next);
            return;
        }
        let longer =
            self.waiting.get(&start).is_none_or(|other| other.bytes.len() < segment.payload.len());
        if longer {
            let waiting = Waiting { bytes: segment.payload.to_vec(), cut: segment.cut, time };
            self.waiting_bytes += waiting.bytes.len();
            if let Some(other) = self.waiting.insert(start, waiting) {
                self.waiting_bytes -= other.bytes.len();
            }
        }
    }

    /// Hands out those that waited for what is there now.
    fn hand_out(&mut self, next: &mut impl FnMut(Piece<'_>)) {
        while let Some(entry) = self.waiting.first_entry() {
            if *entry.key() > self.position {
                return;
            }
            let (start, waiting) = entry.remove_entry();
            self.waiting_bytes -= waiting.bytes.len();
            self.emit(start, &waiting.bytes, waiting.cut, waiting.time, next);
        }
    }

    /// Gives up what is missing before the first that waits.
    fn skip(&mut self, next: &mut impl FnMut(Piece<'_>)) {
        let Some((start, _)) = self.waiting.first_key_value() else { return };
        let missing = start.saturating_sub(self.position);
        self.advance(missing);
        if missing > 0 {
            next(Piece::Missing(missing));
        }
        self.hand_out(next);
    }

    /// Hands out the part of a segment that is new; the rest was sent again.
    fn emit(
        &mut self,
        start: u64,
        bytes: &[u8],
        cut: usize,
        time: Time,
        next: &mut impl FnMut(Piece<'_>),
    ) {
        let known = usize::try_from(self.position.saturating_sub(start)).unwrap_or(usize::MAX);
        let new = bytes.get(known..).unwrap_or_default();
        let missing = (cut as u64).saturating_sub(known.saturating_sub(bytes.len()) as u64);
        if !new.is_empty() {
            self.advance(new.len() as u64);
            next(Piece::Bytes(new, time));
        }
        if missing > 0 {
            self.advance(missing);
            next(Piece::Missing(missing));
        }
    }

    fn advance(&mut self, by: u64) {
        self.position = self.position.saturating_add(by);
        // Sequence numbers start over after 32 bits.
        self.next = self.next.map(|next| next.wrapping_add(by as u32));
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    const ISN: u32 = u32::MAX - 2;

    /// Segments as (offset in the stream, payload); the first byte has offset 1, the SYN 0.
    fn stream_of(from_start: bool, segments: &[(u32, &str)]) -> Vec<String> {
        let mut stream = Stream::default();
        let mut out = Vec::new();
        let mut push = |piece: Piece<'_>| {
            out.push(match piece {
                Piece::Bytes(bytes, _) => String::from_utf8_lossy(bytes).into_owned(),
                Piece::Missing(count) => format!("-{count}"),
            });
        };
        let opening = from_start.then_some((0, ""));
        for (offset, payload) in opening.iter().chain(segments) {
            let any = SocketAddr::from(([127, 0, 0, 1], 1));
            let segment = Segment {
                from: any,
                to: any,
                sequence: ISN.wrapping_add(*offset),
                acknowledged: None,
                syn: *offset == 0,
                fin: false,
                rst: false,
                payload: payload.as_bytes(),
                cut: 0,
            };
            stream.take(&segment, 0, &mut push);
        }
        stream.finish(&mut push);
        out
    }

    #[test]
    fn segments_come_in_any_order() {
        let check = |segments: &[(u32, &str)], expected: &[&str]| {
            assert_eq!(stream_of(true, segments), expected, "{segments:?}");
        };
        check(&[(1, "abc"), (4, "def")], &["abc", "def"]);
        check(&[(4, "def"), (1, "abc")], &["abc", "def"]);
        check(&[(7, "g"), (4, "def"), (1, "abc"), (8, "h")], &["abc", "def", "g", "h"]);
        // Sent again: the same, less, more.
        check(&[(1, "abc"), (1, "abc"), (4, "d")], &["abc", "d"]);
        check(&[(1, "abc"), (2, "b"), (1, "abcde")], &["abc", "de"]);
        check(&[(4, "d"), (4, "def"), (4, "de"), (1, "abc")], &["abc", "def"]);
        check(&[(1, "abc"), (0, "")], &["abc"]);
        // Never seen.
        check(&[(1, "abc"), (6, "f"), (9, "i")], &["abc", "-2", "f", "-2", "i"]);
        check(&[], &[]);
    }

    #[test]
    fn a_stream_without_its_start_begins_anywhere() {
        assert_eq!(stream_of(false, &[(50, "abc"), (53, "d"), (49, "x")]), ["abc", "d"]);
    }

    #[test]
    fn what_waits_has_a_limit() {
        let many: Vec<(u32, &str)> = (0..5000).map(|i| (10 + 2 * i, "x")).collect();
        let out = stream_of(true, &many);
        assert_eq!(out.first().map(String::as_str), Some("-9"));
        assert_eq!(out.iter().filter(|piece| *piece == "x").count(), 5000);
    }
}
