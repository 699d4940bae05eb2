//! Frames out of a byte stream, and the memory that they are read into.
//!
//! Frames are slices of the buffer they were read into, which is free again when the last of them has been dropped. A
//! steady stream of large frames would pay for a page fault every 4 KiB if each came in fresh memory, so a buffer that
//! is used up is kept while frames of its size keep coming, and taken again once nobody holds its frames.

use alloc::format;
use alloc::vec::Vec;

use bytes::{Buf, Bytes, BytesMut};

use crate::error::CloseCause;

/// Length of the length in front of each frame, in bytes.
const PREFIX: usize = 4;

/// Length of the correlation id that every response begins with, in bytes.
const CORRELATION_ID: usize = 4;

/// The smallest buffer, in bytes: what a connection costs that has little to say.
const SMALL: usize = 16 << 10;

/// The least room to read into when no frame has begun, in bytes.
const LEAST_ROOM: usize = 1 << 10;

/// The most room made at once, in bytes, however much is expected; beyond it, room doubles as bytes arrive.
const AT_ONCE: usize = 8 << 20;

/// How many used buffers are kept: a frame being read, one or two in the consumer's queue, one being handed out.
const RETIRED: usize = 4;

/// A kept buffer may be this many times as large as the frames that come.
const OVERSIZED: usize = 4;

/// Cuts a byte stream into frames.
#[derive(Debug)]
pub(super) struct Frames {
    current: Buffer,
    /// Buffers that are used up and may be free again, the most recent last.
    retired: Vec<Buffer>,
    frame_bytes_max: usize,
    /// Length of the frames that come, prefix included: the largest, falling by an eighth with each that is smaller.
    usual: usize,
}

/// A piece of memory to read into.
#[derive(Debug, Default)]
struct Buffer {
    bytes: BytesMut,
    /// Capacity of all of it, in bytes, of which `bytes` shows what no frame was cut from.
    size: usize,
}

impl Frames {
    pub(super) fn new(frame_bytes_max: usize) -> Self {
        Self { current: Buffer::default(), retired: Vec::new(), frame_bytes_max, usual: 0 }
    }

    pub(super) fn limit(&mut self, frame_bytes_max: usize) {
        self.frame_bytes_max = frame_bytes_max;
    }

    /// Whether no byte of an unfinished frame is here.
    pub(super) fn is_empty(&self) -> bool {
        self.current.bytes.is_empty()
    }

    /// Bytes of the memory that is read into, or kept for that.
    pub(super) fn held_bytes(&self) -> usize {
        self.current.size + self.retired.iter().map(|buffer| buffer.size).sum::<usize>()
    }

    /// Forgets what is here, and the memory.
    pub(super) fn discard(&mut self) {
        self.current = Buffer::default();
        self.retired = Vec::new();
    }

    /// The buffer with room for more; `honest` is how long a frame may be that has begun, as far as is known.
    pub(super) fn read_buf(&mut self, honest: usize) -> &mut BytesMut {
        let have = self.current.bytes.len();
        let room = match self.begun() {
            // It has to fit where it is, or all of it so far is copied: as far as one may, make room for all of it.
            Some(total) => {
                total.saturating_sub(have).min(honest.min(AT_ONCE).max(have).max(SMALL)).max(1)
            }
            None => self.usual.clamp(LEAST_ROOM, AT_ONCE),
        };
        let idle = have == 0 && self.is_oversized(&self.current);
        if idle || self.current.bytes.capacity().saturating_sub(have) < room {
            self.make_room(room);
        }
        &mut self.current.bytes
    }

    /// Checks the frame that has begun, and gives its correlation id; `None`: that is not here yet.
    pub(super) fn peek(&self) -> Result<Option<i32>, CloseCause> {
        let Some((&prefix, rest)) = self.current.bytes.split_first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        match usize::try_from(i32::from_be_bytes(prefix)) {
            Ok(CORRELATION_ID..) if self.length(prefix) <= self.frame_bytes_max => {}
            _ => return Err(bad_length(prefix, self.frame_bytes_max)),
        }
        Ok(rest.first_chunk::<CORRELATION_ID>().map(|id| i32::from_be_bytes(*id)))
    }

    /// The next whole frame, without its length prefix. [`peek`](Self::peek) has checked its length.
    pub(super) fn next(&mut self) -> Option<Bytes> {
        let total = self.begun()?;
        if self.current.bytes.len() < total {
            return None;
        }
        let mut frame = self.current.bytes.split_to(total).freeze();
        frame.advance(PREFIX);
        self.usual = total.max(self.usual.saturating_sub(self.usual / 8));
        Some(frame)
    }

    /// Length with its prefix of the frame that has begun, if that much of it is here.
    fn begun(&self) -> Option<usize> {
        let prefix = self.current.bytes.first_chunk::<PREFIX>()?;
        Some(self.length(*prefix).saturating_add(PREFIX))
    }

    fn length(&self, prefix: [u8; PREFIX]) -> usize {
        usize::try_from(i32::from_be_bytes(prefix)).unwrap_or(0)
    }

    fn is_oversized(&self, buffer: &Buffer) -> bool {
        buffer.size > SMALL && buffer.size / OVERSIZED > self.usual
    }

    /// Goes on in a buffer with this much room behind what is here: this one if its frames are gone, one that was kept,
    /// or a new one.
    fn make_room(&mut self, room: usize) {
        let needed = self.current.bytes.len().saturating_add(room);
        if !self.is_oversized(&self.current)
            && self.current.size >= needed
            && self.current.bytes.try_reclaim(room)
        {
            return;
        }
        let kept = core::mem::take(&mut self.retired);
        self.retired = kept.into_iter().filter(|buffer| !self.is_oversized(buffer)).collect();
        let mut next = self.take_retired(needed).unwrap_or_else(|| Buffer::new(needed));
        next.bytes.extend_from_slice(&self.current.bytes);
        let mut used = core::mem::replace(&mut self.current, next);
        used.bytes.clear();
        if used.size > SMALL && used.size <= AT_ONCE && !self.is_oversized(&used) {
            if self.retired.len() >= RETIRED {
                self.retired.remove(0);
            }
            self.retired.push(used);
        }
    }

    /// A kept buffer that is large enough and whose frames are gone.
    fn take_retired(&mut self, needed: usize) -> Option<Buffer> {
        let free = |buffer: &mut Buffer| buffer.size >= needed && buffer.bytes.try_reclaim(needed);
        let at = self.retired.iter_mut().position(free)?;
        Some(self.retired.remove(at))
    }
}

impl Buffer {
    /// A new buffer; sizes are rounded, so that frames of about the same length find each other's buffers.
    fn new(needed: usize) -> Self {
        let step = if needed <= SMALL { SMALL } else { needed.next_power_of_two() / 8 };
        let bytes = BytesMut::with_capacity(needed.next_multiple_of(step.max(SMALL)));
        Self { size: bytes.capacity(), bytes }
    }
}

/// Says what a length that can't be one looks like: the wrong kind of server is the usual reason.
fn bad_length(prefix: [u8; PREFIX], max: usize) -> CloseCause {
    let length = i32::from_be_bytes(prefix);
    let what = match prefix {
        // A record header of TLS: alert or handshake, version 3.x.
        [0x15 | 0x16, 3, 0..=4, _] => "the peer speaks TLS here",
        [b'H', b'T', b'T', b'P'] => "the peer speaks HTTP, it is no Kafka broker",
        _ if length < 0 => "a negative length",
        _ if length < 4 => "too short for a response",
        _ => {
            return CloseCause::Misbehaved(format!(
                "a frame of {length} bytes, where at most {max} are taken"
            ));
        }
    };
    CloseCause::Misbehaved(format!("a frame of {length} bytes: {what}"))
}
