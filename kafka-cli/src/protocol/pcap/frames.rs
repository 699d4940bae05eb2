//! Kafka's frames in a stream of bytes, also in one with holes or without a beginning.

use bytes::Bytes;

use super::capture::Time;
use super::stream::Piece;

/// No frame is longer: brokers take 100 MiB at most unless told otherwise, and answer with less.
pub(super) const LONGEST: usize = 256 * 1024 * 1024;

/// A frame without the four bytes of its length.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// What was captured of it, up to the first hole.
    pub(super) bytes: Bytes,
    /// How long it is.
    pub(super) length: usize,
    /// When its last byte was captured.
    pub(super) time: Time,
}

impl Frame {
    /// Bytes at its end, or from the first hole on, that can't be read.
    pub(super) fn missing(&self) -> usize {
        self.length.saturating_sub(self.bytes.len())
    }
}

/// Cuts frames out of one direction.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// Whether the stream is at a known place of a frame. Otherwise a segment has to begin like a frame.
    in_step: bool,
    /// The frame so far with its length in front, up to the first hole.
    buffer: Vec<u8>,
    /// How much of the frame has passed, with its length and with what is not in the buffer.
    passed: u64,
    /// When the last bytes were captured.
    time: Time,
    /// Whether any bytes were taken for a frame's.
    has_passed: bool,
}

impl Cutter {
    /// A cutter of a stream whose first byte begins a frame.
    pub(super) fn in_step() -> Self {
        Self { in_step: true, ..Self::default() }
    }

    /// Whether any bytes were taken for a frame's.
    pub(super) fn has_passed(&self) -> bool {
        self.has_passed
    }

    /// Takes the next piece and hands out the frames that end in it. `begins` tells whether bytes begin like a frame.
    pub(super) fn take(
        &mut self,
        piece: Piece<'_>,
        begins: impl Fn(&[u8]) -> bool,
        frame: &mut impl FnMut(Frame),
    ) {
        match piece {
            Piece::Bytes(bytes, time) => {
                if !self.in_step {
                    if !begins(bytes) {
                        return;
                    }
                    self.restart(true);
                }
                self.time = time;
                self.has_passed = true;
                self.bytes(bytes, frame);
            }
            Piece::Missing(count) => self.hole(count, frame),
        }
    }

    fn bytes(&mut self, mut bytes: &[u8], frame: &mut impl FnMut(Frame)) {
        while !bytes.is_empty() {
            let wanted = match self.total() {
                Ok(total) => total.saturating_sub(self.passed),
                Err(Unknown::Yet) => 4_u64.saturating_sub(self.passed),
                // Whatever this is, it is not a frame.
                Err(Unknown::Nonsense) => return self.restart(false),
            };
            let count = usize::try_from(wanted).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(count);
            if self.passed == self.buffer.len() as u64 {
                self.buffer.extend_from_slice(now);
            }
            self.passed += count as u64;
            bytes = later;
            self.finish_if_whole(frame);
        }
    }

    fn hole(&mut self, count: u64, frame: &mut impl FnMut(Frame)) {
        if !self.in_step {
            return;
        }
        match self.total() {
            // The hole is within one frame, so the next one is where it should be.
            Ok(total) if self.passed.saturating_add(count) <= total => {
                self.passed += count;
                self.finish_if_whole(frame);
            }
            Ok(total) => {
                self.passed = total;
                self.finish_if_whole(frame);
                self.restart(false);
            }
            Err(_) => self.restart(false),
        }
    }

    fn finish_if_whole(&mut self, frame: &mut impl FnMut(Frame)) {
        let Ok(total) = self.total() else { return };
        if self.passed < total {
            return;
        }
        let bytes = Bytes::from(std::mem::take(&mut self.buffer)).split_off(4);
        let length = usize::try_from(total.saturating_sub(4)).unwrap_or(usize::MAX);
        frame(Frame { bytes, length, time: self.time });
        self.restart(true);
    }

    /// The frame's length with the four bytes in front, if they are there.
    fn total(&self) -> Result<u64, Unknown> {
        let length = self.buffer.first_chunk().ok_or(Unknown::Yet)?;
        match usize::try_from(i32::from_be_bytes(*length)) {
            Ok(length) if length <= LONGEST => Ok(length as u64 + 4),
            _ => Err(Unknown::Nonsense),
        }
    }

    fn restart(&mut self, in_step: bool) {
        let Self { time, has_passed, .. } = *self;
        *self = Self { in_step, time, has_passed, ..Self::default() };
    }
}

/// Why the length of a frame is not known.
enum Unknown {
    /// Too few bytes are there.
    Yet,
    /// It can't be a length.
    Nonsense,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts the pieces; `>` begins a frame.
    fn cut(mut cutter: Cutter, pieces: &[Piece<'_>]) -> Vec<String> {
        let mut out = Vec::new();
        for piece in pieces {
            cutter.take(*piece, |bytes| bytes.get(4) == Some(&b'>'), &mut |frame| {
                out.push(format!("{} -{}", frame.bytes.escape_ascii(), frame.missing()));
            });
        }
        out
    }

    const fn b(bytes: &[u8]) -> Piece<'_> {
        Piece::Bytes(bytes, 7)
    }

    #[test]
    fn frames_are_cut_wherever_segments_end() {
        let whole = b"\0\0\0\x03>ab\0\0\0\0\0\0\0\x01>";
        let expected = [">ab -0", " -0", "> -0"];
        assert_eq!(cut(Cutter::in_step(), &[b(whole)]), expected);
        let single: Vec<Piece<'_>> = whole.chunks(1).map(b).collect();
        assert_eq!(cut(Cutter::in_step(), &single), expected);
    }

    #[test]
    fn a_hole_within_a_frame_keeps_step_and_a_larger_one_loses_it() {
        let next = b(b"\0\0\0\x02>x");
        let pieces = [b(b"\0\0\0\x06>a"), Piece::Missing(2), b(b"de\0\0\0\x02>x")];
        assert_eq!(cut(Cutter::in_step(), &pieces), [">a -4", ">x -0"]);
        let pieces = [b(b"\0\0\0\x06>a"), Piece::Missing(4), next];
        assert_eq!(cut(Cutter::in_step(), &pieces), [">a -4", ">x -0"]);
        let pieces = [b(b"\0\0\0\x06>a"), Piece::Missing(9), b(b"\0\0\0\x01no"), next];
        assert_eq!(cut(Cutter::in_step(), &pieces), [">a -4", ">x -0"]);
        let pieces = [b(b"\0\0"), Piece::Missing(1), b(b"\x06"), next];
        assert_eq!(cut(Cutter::in_step(), &pieces), [">x -0"]);
    }

    #[test]
    fn without_a_beginning_or_after_nonsense_a_segment_must_begin_like_a_frame() {
        let pieces = [b(b"\0\0\0\x01x"), b(b"\0\0\0\x01>")];
        assert_eq!(cut(Cutter::default(), &pieces), ["> -0"]);
        let pieces = [b(b"\xff\xff\xff\xff>"), b(b"junk"), b(b"\0\0\0\x01>")];
        assert_eq!(cut(Cutter::in_step(), &pieces), ["> -0"]);
    }
}
