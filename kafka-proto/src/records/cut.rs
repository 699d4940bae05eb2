//! Cutting the bytes of a records field where one batch or message ends and the next begins.

use bytes::Bytes;

use super::{BatchHeader, MessageHeader, malformed};
use crate::error::{DecodeError, DecodeErrorKind};

/// Where the magic byte is, in every format.
const MAGIC_AT: usize = 16;
/// Bytes of the smallest entry of any format behind its own 12: a message of magic 0 with null key and value.
const MIN_LENGTH: i32 = MessageHeader::MIN_SIZE_V0;

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

/// What stands at the front of the rest.
enum Front {
    /// An entry of this magic and of so many bytes, all there.
    Whole(i8, usize),
    /// An entry that is cut off, and its bytes if they could be read.
    Cut(Option<usize>),
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

    /// Cuts off the next entry, of magic `oldest` to 2, and reads its header by `open`, which gets the magic and all of
    /// the rest. Errors of `open` count from the start of the entry.
    #[inline]
    pub(super) fn next<H>(
        &mut self,
        oldest: i8,
        open: impl FnOnce(i8, &[u8]) -> Result<H, DecodeError>,
    ) -> Option<Result<(H, Bytes), DecodeError>> {
        if self.state != State::Whole || self.rest.is_empty() {
            return None;
        }
        let opened = front(&self.rest, oldest).and_then(|front| match front {
            Front::Whole(magic, total) => Ok(Ok((open(magic, &self.rest)?, total))),
            Front::Cut(total) => Ok(Err(total)),
        });
        match opened {
            Ok(Ok((header, total))) => Some(Ok((header, self.rest.split_to(total)))),
            Ok(Err(total)) => {
                self.state = State::Cut(total);
                None
            }
            Err(error) => {
                self.state = State::Broken;
                Some(Err(error.shifted(self.byte_position())))
            }
        }
    }
}

#[inline]
fn front(rest: &[u8], oldest: i8) -> Result<Front, DecodeError> {
    let Some(length) = rest.get(8..).and_then(<[u8]>::first_chunk) else {
        return Ok(Front::Cut(None));
    };
    let length = i32::from_be_bytes(*length);
    let total = match usize::try_from(length) {
        Ok(len) if length >= MIN_LENGTH => len.saturating_add(BatchHeader::LOG_OVERHEAD),
        _ => return Err(malformed("batch length below the size of a header", 8)),
    };
    let Some(magic) = rest.get(MAGIC_AT).map(|magic| *magic as i8) else {
        return Ok(Front::Cut(Some(total)));
    };
    let least = match magic {
        2 => BatchHeader::MIN_BATCH_LENGTH,
        1 if oldest <= 1 => MessageHeader::MIN_SIZE_V1,
        0 if oldest <= 0 => MessageHeader::MIN_SIZE_V0,
        _ => return Err(DecodeError::new(DecodeErrorKind::UnsupportedMagic(magic), MAGIC_AT)),
    };
    if length < least {
        return Err(malformed("batch length below the size of a header", 8));
    }
    if total > rest.len() { Ok(Front::Cut(Some(total))) } else { Ok(Front::Whole(magic, total)) }
}
