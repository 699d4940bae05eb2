//! Stdin in large pieces, read on a thread of its own.

use std::io::{self, Read};
use std::sync::mpsc as blocking;

use tokio::sync::mpsc;

use crate::failure::Failure;

/// As much is asked of the system at a time, in bytes: four times what a pipe holds on Linux.
const PIECE: usize = 256 * 1024;

/// As many pieces exist: one being read, one being sent, and some on their way.
const PIECES: usize = 4;

/// Pieces of stdin as they come. A terminal or a slow pipe gives small ones.
#[derive(Debug)]
pub(crate) struct Stdin {
    read: mpsc::Receiver<io::Result<Piece>>,
    /// Pieces to be filled again.
    free: blocking::Sender<Vec<u8>>,
}

/// A piece of stdin.
#[derive(Debug)]
pub(crate) struct Piece {
    buffer: Vec<u8>,
    len: usize,
}

impl Piece {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }
}

impl Stdin {
    /// Starts the thread. It ends with stdin, or with the process: a read can't be called off.
    pub(crate) fn open() -> Result<Self, Failure> {
        let (full, read) = mpsc::channel(PIECES);
        let (free, empty) = blocking::channel();
        for _ in 0..PIECES {
            // The other end is here.
            let _ = free.send(Vec::new());
        }
        let thread = std::thread::Builder::new().name("stdin".into());
        thread
            .spawn(move || copy(&full, &empty))
            .map_err(|error| Failure::Failed(format!("no thread could be started: {error}")))?;
        Ok(Self { read, free })
    }

    /// The next piece, `None` at the end. Cancel-safe.
    pub(crate) async fn read(&mut self) -> Result<Option<Piece>, Failure> {
        let piece = self.read.recv().await.transpose();
        piece.map_err(|error| Failure::Failed(format!("stdin can't be read: {error}")))
    }

    /// Gives a piece to be filled again.
    pub(crate) fn give_back(&self, piece: Piece) {
        // A thread that has come to the end needs no more.
        let _ = self.free.send(piece.buffer);
    }
}

fn copy(full: &mpsc::Sender<io::Result<Piece>>, empty: &blocking::Receiver<Vec<u8>>) {
    let mut stdin = io::stdin().lock();
    while let Ok(mut buffer) = empty.recv() {
        buffer.resize(PIECE, 0);
        let read = loop {
            match stdin.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let last = !matches!(read, Ok(1..));
        let sent = match read {
            Ok(0) => Ok(()),
            Ok(len) => full.blocking_send(Ok(Piece { buffer, len })),
            Err(error) => full.blocking_send(Err(error)),
        };
        if last || sent.is_err() {
            return;
        }
    }
}
