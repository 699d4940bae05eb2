//! What the driver wants a connection's task to do.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use kafka_engine::Transmit;

use crate::seal::Seal;
use crate::sync::lock;

/// The queue of one connection, shared by the driver and the socket's task.
#[derive(Default)]
pub struct Outbox {
    state: Mutex<State>,
    /// Bytes of the buffers that the task reads into, as it told last.
    receiving: AtomicUsize,
}

#[derive(Default)]
struct State {
    work: VecDeque<Work>,
    waker: Option<Waker>,
    /// Nobody takes work any more.
    shut: bool,
}

/// One thing for a connection's task to do, to be handed to [`Connection::perform`](crate::Connection::perform).
#[derive(Debug)]
pub enum Work {
    /// A batch to compress. [`Seal::run`] does it without the connection, for an adapter that reads meanwhile.
    Seal(Box<Seal>),
    /// Something for the link.
    Link(LinkWork),
    /// Close the connection.
    Close,
}

/// Something for a connection's link.
#[derive(Debug)]
pub struct LinkWork(pub(crate) LinkOrder);

#[derive(Debug)]
pub(crate) enum LinkOrder {
    Transmit(Box<Transmit>),
    Limit(usize),
}

impl Outbox {
    /// Takes the next piece of work, or has the task woken when there is one.
    pub fn poll_work(&self, cx: &mut Context<'_>) -> Poll<Work> {
        let mut state = lock(&self.state);
        if let Some(work) = state.work.pop_front() {
            return Poll::Ready(work);
        }
        if state.shut {
            return Poll::Ready(Work::Close);
        }
        let replaced = match &state.waker {
            Some(known) if known.will_wake(cx.waker()) => None,
            _ => state.waker.replace(cx.waker().clone()),
        };
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// The task's buffers have so many bytes.
    pub(crate) fn note_receiving(&self, bytes: usize) {
        self.receiving.store(bytes, Ordering::Relaxed);
    }

    /// Bytes of the task's buffers.
    pub(crate) fn receiving(&self) -> usize {
        self.receiving.load(Ordering::Relaxed)
    }

    /// Adds work; gives it back if the task has ended.
    pub(crate) fn push(&self, work: Work) -> Result<(), Work> {
        let mut state = lock(&self.state);
        if state.shut {
            return Err(work);
        }
        state.work.push_back(work);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Refuses further work and gives what is left; a task that waits is told to close.
    pub(crate) fn shut(&self) -> VecDeque<Work> {
        let mut state = lock(&self.state);
        state.shut = true;
        let left = std::mem::take(&mut state.work);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        left
    }
}
