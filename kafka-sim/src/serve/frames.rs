//! Reading frames off a stream: small ones by the buffer, large ones straight to where they stay.

use std::io::{self, Read};

use bytes::Bytes;

/// `socket.request.max.bytes` of a broker: a longer request closes the connection.
const FRAME_MAX: usize = 100 << 20;
/// Bytes read at once, while it isn't known how long the frame is.
const BUFFER: usize = 16 << 10;
/// Bytes reserved for a frame before they have arrived, so that a length alone takes no more.
const RESERVE_MAX: usize = 2 << 20;

/// The frames of a stream, in order.
#[derive(Debug)]
pub(super) struct Frames<R> {
    stream: R,
    buffer: Vec<u8>,
    /// What is in the buffer and not taken yet.
    filled: std::ops::Range<usize>,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(stream: R) -> Self {
        Self { stream, buffer: vec![0; BUFFER], filled: 0..0 }
    }

    /// The next frame without its length prefix; `None` at the end of the stream.
    pub(super) fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(len) = self.length()? else {
            return Ok(None);
        };
        let mut frame = Vec::with_capacity(len.min(RESERVE_MAX));
        let buffered = self.buffered().len().min(len);
        frame.extend_from_slice(self.buffered().get(..buffered).unwrap_or_default());
        self.filled.start += buffered;
        let missing = len.saturating_sub(buffered);
        // The vector's spare room is filled without being cleared first, and nothing is read beyond
        // the frame.
        self.stream.by_ref().take(missing as u64).read_to_end(&mut frame)?;
        if frame.len() < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(frame.into()))
    }

    fn length(&mut self) -> io::Result<Option<usize>> {
        while self.buffered().len() < 4 {
            if self.fill()? == 0 {
                let clean = self.buffered().is_empty();
                return if clean { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
        let Some(prefix) = self.buffered().first_chunk() else {
            return Ok(None);
        };
        let length = i32::from_be_bytes(*prefix);
        self.filled.start += prefix.len();
        match usize::try_from(length) {
            Ok(length @ 1..=FRAME_MAX) => Ok(Some(length)),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "impossible frame length")),
        }
    }

    fn buffered(&self) -> &[u8] {
        self.buffer.get(self.filled.clone()).unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<usize> {
        self.buffer.copy_within(self.filled.clone(), 0);
        self.filled = 0..self.filled.len();
        let room = self.buffer.get_mut(self.filled.end..).unwrap_or_default();
        loop {
            match self.stream.read(room) {
                Ok(count) => {
                    self.filled.end += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most `step` bytes at a time.
    struct Slow<'a> {
        bytes: &'a [u8],
        step: usize,
    }

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.step.min(out.len()).min(self.bytes.len());
            out[..count].copy_from_slice(&self.bytes[..count]);
            self.bytes = &self.bytes[count..];
            Ok(count)
        }
    }

    #[test]
    fn frames_come_whole_however_they_are_cut() {
        let frames: Vec<Vec<u8>> =
            [1, 5, 16 << 10, 100_000, 3].into_iter().map(|len| vec![len as u8; len]).collect();
        let mut bytes = Vec::new();
        for frame in &frames {
            bytes.extend((frame.len() as i32).to_be_bytes());
            bytes.extend(frame);
        }
        for step in [1, 3, 4, 5, 1000, 1 << 20] {
            let mut read = Frames::new(Slow { bytes: &bytes, step });
            for frame in &frames {
                assert_eq!(read.next().unwrap().unwrap(), frame, "steps of {step}");
            }
            assert_eq!(read.next().unwrap(), None);
        }
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        let check = |bytes: &[u8]| assert!(Frames::new(bytes).next().is_err(), "{bytes:?}");
        check(&[0, 0, 0, 0]);
        check(&[0xff, 0xff, 0xff, 0xff]);
        check(&[0x7f, 0xff, 0xff, 0xff]);
        check(&[0, 0, 0]);
        check(&[0, 0, 0, 5, 1, 2, 3, 4]);
    }
}
