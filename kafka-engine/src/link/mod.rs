//! One connection's framing and decoding, owned by the task that owns the socket.
//!
//! A link turns bytes into [`Response`]s and [`Transmit`]s into bytes. It does all that costs time in proportion to
//! bytes (cutting frames, decoding them, walking over batch headers, checksums), so that nothing of the kind runs under
//! the engine's lock.
//!
//! **A peer can do no more than end the connection**: whatever it sends, memory follows the bytes that have arrived and
//! what the oldest request may honestly bring, never a length that is only claimed; and the first fault is a
//! [`LinkEvent::Failed`], after which nothing more comes.
//!
//! The socket's task goes round like this:
//! 1. Give what the engine sends to [`transmit`](Link::transmit).
//! 2. Write from [`poll_write`](Link::poll_write) until it is `None`, then report [`Input::Sent`](crate::Input::Sent).
//! 3. Read into [`read_buf`](Link::read_buf), then take events out of [`poll_event`](Link::poll_event) until it is
//!    `None`. At the end of the stream ask [`handle_eof`](Link::handle_eof) what that means.

mod checksum;
mod decode;
mod fetched;
mod frames;

use alloc::collections::VecDeque;

use bytes::BytesMut;
use kafka_proto::Chunks;

use self::frames::Frames;
use crate::error::CloseCause;
use crate::io::{Expect, Transmit};
use crate::response::Response;

/// What a link is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkConfig {
    /// The longest frame taken, in bytes, until [`Output::Limit`](crate::Output::Limit) says otherwise.
    pub frame_bytes_max: usize,
}

impl LinkConfig {
    /// For plaintext, with frames of at most this many bytes.
    pub fn new(frame_bytes_max: usize) -> Self {
        Self { frame_bytes_max }
    }
}

/// What became of the bytes that were read.
#[derive(Debug)]
#[non_exhaustive]
pub enum LinkEvent {
    /// The response to the oldest request that had none.
    Response(Response),
    /// The peer broke the protocol: the connection is of no use any more. Nothing comes after this.
    Failed(CloseCause),
}

/// One connection's framing and decoding.
#[derive(Debug)]
pub struct Link {
    frames: Frames,
    /// The responses to come, in order.
    expected: VecDeque<Expect>,
    outgoing: Chunks,
    /// Closed by this side, or failed.
    over: bool,
}

impl Link {
    /// A link for a connection that has just come up.
    pub fn new(config: LinkConfig) -> Self {
        Self {
            frames: Frames::new(config.frame_bytes_max),
            expected: VecDeque::new(),
            outgoing: Chunks::new(),
            over: false,
        }
    }

    /// Where to put the bytes that come next: behind those that it holds. It has room, more of it the more is due.
    pub fn read_buf(&mut self) -> &mut BytesMut {
        if self.over {
            self.frames.discard();
        }
        let honest = self.expected.front().map_or(0, |expect| expect.bytes_hint);
        self.frames.read_buf(honest)
    }

    /// What the bytes read so far amount to; `None`: not to a whole response.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        if self.over {
            return None;
        }
        match self.next_response() {
            Ok(response) => response.map(LinkEvent::Response),
            Err(cause) => {
                self.close();
                Some(LinkEvent::Failed(cause))
            }
        }
    }

    /// The stream has ended: whether between two frames.
    pub fn handle_eof(&mut self) -> CloseCause {
        let clean = self.frames.is_empty();
        self.close();
        CloseCause::Eof { clean }
    }

    /// Queues bytes to write and the responses that they will bring, and fills in the checksum of every batch.
    pub fn transmit(&mut self, mut transmit: Transmit) {
        if self.over {
            return;
        }
        for &at in &transmit.batches_at {
            checksum::fill_in(&mut transmit.chunks, at);
        }
        if self.outgoing.is_empty() {
            self.outgoing = transmit.chunks;
        } else {
            self.outgoing.extend(transmit.chunks);
        }
        self.expected.extend(transmit.expect);
    }

    /// Frames may be this long from here on, in bytes without their length prefix.
    pub fn limit(&mut self, frame_bytes_max: usize) {
        self.frames.limit(frame_bytes_max);
    }

    /// This side is done: nothing more is written, and what is read means nothing.
    pub fn close(&mut self) {
        self.over = true;
        self.outgoing = Chunks::new();
        self.expected.clear();
        self.frames.discard();
    }

    /// The bytes to write, to be advanced by as many as were written; `None`: there are none.
    pub fn poll_write(&mut self) -> Option<&mut Chunks> {
        if self.outgoing.is_empty() { None } else { Some(&mut self.outgoing) }
    }

    /// Bytes of the memory that this link reads into, or keeps for that. Frames that came out of it may hold more.
    pub fn held_bytes(&self) -> usize {
        self.frames.held_bytes()
    }

    fn next_response(&mut self) -> Result<Option<Response>, CloseCause> {
        let Some(correlation_id) = self.frames.peek()? else {
            return Ok(None);
        };
        let expect = decode::matching(self.expected.front(), correlation_id)?;
        let Some(frame) = self.frames.next() else {
            return Ok(None);
        };
        self.expected.pop_front();
        decode::response(frame, expect).map(Some)
    }
}
