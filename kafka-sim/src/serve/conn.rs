//! One TCP connection: a thread that reads, and a second one for answers that somebody else brought
//! about.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use bytes::Buf;
use kafka_proto::Chunks;

use super::frames::Frames;
use super::shared::{Shared, lock};
use crate::ConnId;

/// Pieces handed to one vectored write; Linux takes at most 1,024.
const SLICES: usize = 256;

/// The writing half of a connection.
#[derive(Debug)]
pub(super) struct Peer {
    stream: TcpStream,
    outbox: Mutex<Outbox>,
    /// Wakes the writer thread.
    filled: Condvar,
}

/// Answers that are to be written, in order.
#[derive(Debug, Default)]
struct Outbox {
    frames: VecDeque<Chunks>,
    /// Some thread is writing, and looks for more before it stops.
    writing: bool,
    /// There is a writer thread.
    has_writer: bool,
    /// Close when all is written.
    finish: bool,
    /// Nothing can be written any more.
    shut: bool,
}

/// Reads and serves requests until the connection ends.
pub(super) fn read(shared: &Arc<Shared>, conn: ConnId, peer: &Peer) {
    let mut frames = Frames::new(&peer.stream);
    // A clean end, a broken connection and an impossible length all end it the same way.
    while let Ok(Some(frame)) = frames.next() {
        shared.frame(conn, frame);
    }
    shared.gone(conn);
}

impl Peer {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, outbox: Mutex::default(), filled: Condvar::new() }
    }

    /// Puts an answer in line. Called under the cluster's lock, so that answers are in order.
    pub(super) fn push(&self, frame: Chunks) {
        lock(&self.outbox).frames.push_back(frame);
    }

    /// Closes the connection once everything in line is written.
    pub(super) fn finish(&self) {
        lock(&self.outbox).finish = true;
    }

    /// Closes the connection at once.
    pub(super) fn shut(&self) {
        lock(&self.outbox).shut = true;
        // It may be closed already.
        let _ = self.stream.shutdown(Shutdown::Both);
        self.filled.notify_all();
    }

    /// Writes what is in line, unless somebody is doing that already.
    pub(super) fn write_here(&self) {
        let mut outbox = lock(&self.outbox);
        if outbox.writing {
            return;
        }
        outbox.writing = true;
        while let Some(frame) = outbox.frames.pop_front().filter(|_| !outbox.shut) {
            drop(outbox);
            let written = write_all(&self.stream, frame);
            outbox = lock(&self.outbox);
            outbox.shut |= written.is_err();
        }
        outbox.writing = false;
        let end = outbox.finish || outbox.shut;
        drop(outbox);
        if end {
            self.shut();
        }
    }

    /// Has the connection's second thread write what is in line.
    pub(super) fn write_elsewhere(self: &Arc<Self>, shared: &Arc<Shared>) {
        let mut outbox = lock(&self.outbox);
        if outbox.writing || outbox.shut {
            return;
        }
        if outbox.has_writer {
            self.filled.notify_one();
            return;
        }
        outbox.has_writer = true;
        drop(outbox);
        let peer = Arc::clone(self);
        if shared.spawn(move |_| peer.run_writer()).is_err() {
            self.shut();
        }
    }

    fn run_writer(&self) {
        let mut outbox = lock(&self.outbox);
        while !outbox.shut {
            // Somebody who is writing looks for more before stopping, so there is no need to wait
            // for that.
            if outbox.writing || (outbox.frames.is_empty() && !outbox.finish) {
                outbox = self.filled.wait(outbox).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            drop(outbox);
            self.write_here();
            outbox = lock(&self.outbox);
        }
    }
}

/// Writes a frame, several pieces at a time.
fn write_all(mut stream: &TcpStream, mut frame: Chunks) -> io::Result<()> {
    while frame.has_remaining() {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = frame.chunks_vectored(&mut slices);
        match stream.write_vectored(slices.get(..count).unwrap_or_default()) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => frame.advance(written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
