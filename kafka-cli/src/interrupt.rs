//! Ctrl-C, and being asked to stop in other ways.

use std::io;
use std::process;

use tokio::sync::watch;

use crate::failure::Failure;

/// The code that a shell gives for a process that was killed by Ctrl-C.
pub(crate) const KILLED: u8 = 130;

/// Whether the user wants it to end. The first Ctrl-C (or SIGTERM) asks for an orderly end, the second for an end.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    told: watch::Receiver<bool>,
}

impl Interrupt {
    /// Listens from now on.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let (tell, told) = watch::channel(false);
        let mut signals =
            Signals::new().map_err(|error| Failure::Failed(format!("no signals: {error}")))?;
        tokio::spawn(async move {
            signals.next().await;
            let _ = tell.send(true);
            signals.next().await;
            process::exit(KILLED.into());
        });
        Ok(Self { told })
    }

    /// Whether it was told to end.
    pub(crate) fn is_told(&self) -> bool {
        *self.told.borrow()
    }

    /// Waits until it is told to end. Cancel-safe.
    pub(crate) async fn told(&mut self) {
        if self.told.wait_for(|told| *told).await.is_err() {
            // Nobody listens any more: nobody will tell.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
