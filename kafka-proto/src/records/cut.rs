//! Cutting the bytes of a records field where one batch or message ends and the next begins.

use bytes::Bytes;

use super::{BatchHeader, MessageHeader, malformed};
use crate::error::{DecodeError, DecodeErrorKind};

/// Where the magic byte is, in every format.
const MAGIC_AT: usize = 16;
/// Bytes of the smallest entry of any format behind its own 12: a message of magic 0 with null key and value.
const MIN_LENGTH: i32 = MessageHeader::MIN_SIZE_V0;

const TOO_SHORT: &str = "batch length below the size of a header";

/// What is left of a records field, and how the cutting ended.
#[derive(Clone, Debug)]
pub(super) struct Cutter {
    rest: Bytes,
    len: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    /// The last entry was cut off, and its header claims this many bytes, if that much of it is there.
    Cut(Option<usize>),
    Broken,
}

impl Cutter {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { len: bytes.len(), rest: bytes, state: State::Whole }
    }

    pub(super) fn partial_tail(&self) -> bool {
        matches!(self.state, State::Cut(_))
    }

    pub(super) fn partial_tail_len(&self) -> Option<usize> {
        match self.state {
            State::Cut(len) => len,
            _ => None,
        }
    }

    pub(super) fn byte_position(&self) -> usize {
        self.len.wrapping_sub(self.rest.len())
    }

    /// The magic, `oldest` to 2, and the bytes of the next entry, which is all there. Whoever gets them reads the header
    /// from [`rest`](Self::rest), and then either takes the entry or calls the cutting off.
    #[inline]
    pub(super) fn peek(&mut self, oldest: i8) -> Option<Result<(i8, usize), DecodeError>> {
        if self.state != State::Whole || self.rest.is_empty() {
            return None;
        }
        let rest = self.rest.as_ref();
        let Some(length) = rest.get(8..).and_then(<[u8]>::first_chunk) else {
            return self.cut_off(None);
        };
        let length = i32::from_be_bytes(*length);
        if length < MIN_LENGTH {
            return Some(Err(self.broken(malformed(TOO_SHORT, 8))));
        }
        // Not negative, as was just seen.
        let total = (length as usize).saturating_add(BatchHeader::LOG_OVERHEAD);
        let Some(magic) = rest.get(MAGIC_AT).map(|magic| *magic as i8) else {
            return self.cut_off(Some(total));
        };
        let least = match magic {
            2 => BatchHeader::MIN_BATCH_LENGTH,
            1 if oldest <= 1 => MessageHeader::MIN_SIZE_V1,
            0 if oldest <= 0 => MessageHeader::MIN_SIZE_V0,
            _ => {
                let kind = DecodeErrorKind::UnsupportedMagic(magic);
                return Some(Err(self.broken(DecodeError::new(kind, MAGIC_AT))));
            }
        };
        if length < least {
            return Some(Err(self.broken(malformed(TOO_SHORT, 8))));
        }
        if total > rest.len() {
            return self.cut_off(Some(total));
        }
        Some(Ok((magic, total)))
    }

    #[cold]
    fn cut_off<T>(&mut self, len: Option<usize>) -> Option<T> {
        self.state = State::Cut(len);
        None
    }

    pub(super) fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// Cuts off as many bytes as [`peek`](Self::peek) told.
    #[inline]
    pub(super) fn take(&mut self, total: usize) -> Bytes {
        self.rest.split_to(total)
    }

    /// Ends the cutting at an entry with this fault, which counts from the start of the entry.
    #[cold]
    pub(super) fn broken(&mut self, error: DecodeError) -> DecodeError {
        self.state = State::Broken;
        error.shifted(self.byte_position())
    }
}
