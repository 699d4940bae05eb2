//! A consumer as its handles and the driver share it.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use kafka_engine::config::ConsumerConfig;
use kafka_engine::{Command, ConsumerKey, Error, ErrorKind};

use crate::op::Answer;
use crate::shared::{ClientOwner, Shared};
use crate::sync::lock;

/// What a poll waits for.
pub(crate) struct ConsumerCore {
    pub(crate) key: ConsumerKey,
    pub(crate) config: Arc<ConsumerConfig>,
    pub(crate) shared: Arc<Shared>,
    signal: Mutex<Signal>,
}

#[derive(Default)]
struct Signal {
    /// There may be something to take.
    readable: bool,
    /// The poll that waits, or the next, is to return.
    woken: bool,
    closed: bool,
    waker: Option<Waker>,
}

/// Why a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awake {
    Readable,
    Woken,
    Closed,
}

impl ConsumerCore {
    pub(crate) fn new(key: ConsumerKey, config: Arc<ConsumerConfig>, shared: Arc<Shared>) -> Self {
        Self { key, config, shared, signal: Mutex::default() }
    }

    /// There may be something to take.
    pub(crate) fn readable(&self) {
        self.signal(|signal| signal.readable = true);
    }

    /// The poll that waits, or the next, is to return.
    pub(crate) fn wake(&self) {
        self.signal(|signal| signal.woken = true);
    }

    /// Every poll from here on fails.
    pub(crate) fn close(&self) {
        self.signal(|signal| signal.closed = true);
    }

    /// What has been signalled and not been asked for yet; asked before the engine is, so that nothing which comes in
    /// between is missed.
    pub(crate) fn take_signal(&self) -> Option<Awake> {
        lock(&self.signal).take()
    }

    /// Waits for a signal.
    pub(crate) fn poll_signal(&self, cx: &mut Context<'_>) -> Poll<Awake> {
        let mut signal = lock(&self.signal);
        if let Some(awake) = signal.take() {
            return Poll::Ready(awake);
        }
        let replaced = match &signal.waker {
            Some(known) if known.will_wake(cx.waker()) => None,
            _ => signal.waker.replace(cx.waker().clone()),
        };
        drop(signal);
        drop(replaced);
        Poll::Pending
    }

    fn signal(&self, set: impl FnOnce(&mut Signal)) {
        let mut signal = lock(&self.signal);
        set(&mut signal);
        let waker = signal.waker.take();
        drop(signal);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Signal {
    fn take(&mut self) -> Option<Awake> {
        if self.closed {
            return Some(Awake::Closed);
        }
        if std::mem::take(&mut self.woken) {
            return Some(Awake::Woken);
        }
        std::mem::take(&mut self.readable).then_some(Awake::Readable)
    }
}

/// Held by a consumer and its handles: the consumer is closed when it is dropped, its handles notwithstanding.
pub(crate) struct ConsumerOwner {
    pub(crate) core: Arc<ConsumerCore>,
    pub(crate) _client: Arc<ClientOwner>,
}

impl Drop for ConsumerOwner {
    fn drop(&mut self) {
        self.core.close();
        self.core
            .shared
            .command(Command::CloseConsumer { consumer: self.core.key }, Answer::Nobody);
    }
}

/// The error of whatever is asked of a consumer that is closed.
pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::Closed)
}
