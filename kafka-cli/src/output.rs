//! Stdout, written in large pieces.

use std::fmt;
use std::io::{self, Stdout, Write};

use tokio::sync::oneshot;

use crate::failure::Failure;

/// As much is kept back at most before it is written; a write of this size costs little more than the copy.
const PIECE: usize = 64 * 1024;

/// Stdout. What is put in is written when enough has come together, or at [`flush`](Self::flush).
#[derive(Debug)]
pub(crate) struct Output {
    out: Stdout,
    pending: Vec<u8>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { out: io::stdout(), pending: Vec::with_capacity(2 * PIECE) }
    }

    /// Where to put what is to be written, followed by [`relieve`](Self::relieve).
    pub(crate) fn pending(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// Writes if enough has come together.
    pub(crate) fn relieve(&mut self) -> Result<(), Failure> {
        if self.pending.len() < PIECE { Ok(()) } else { self.flush() }
    }

    /// Writes everything.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let written = self.out.write_all(&self.pending).and_then(|()| self.out.flush());
        self.pending.clear();
        written.map_err(|error| Failure::of_stdout(&error))
    }

    /// Writes a line now.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        self.pending.extend_from_slice(line.to_string().as_bytes());
        self.pending.push(b'\n');
        self.flush()
    }
}

/// Ready when nobody reads stdout any more.
///
/// A write would tell as well, but a command that waits for records may have nothing to write for hours, while the
/// shell waits for it to end.
#[derive(Debug)]
pub(crate) struct Reader {
    gone: oneshot::Receiver<()>,
}

impl Reader {
    pub(crate) fn watch() -> Self {
        let (tell, gone) = oneshot::channel();
        // A thread that can't be started watches nothing; writes tell then.
        let _ = std::thread::Builder::new().name("stdout".into()).spawn(move || {
            if wait_until_gone() {
                let _ = tell.send(());
            }
        });
        Self { gone }
    }

    pub(crate) async fn gone(&mut self) {
        if (&mut self.gone).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
fn wait_until_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdout = rustix::stdio::stdout();
    loop {
        // Errors and hang-ups are reported unasked, and nothing else is asked for.
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        match poll(&mut watched, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
            Ok(_) => {
                let [watched] = watched;
                return watched.revents().intersects(PollFlags::ERR | PollFlags::HUP);
            }
        }
    }
}

#[cfg(not(unix))]
fn wait_until_gone() -> bool {
    false
}
