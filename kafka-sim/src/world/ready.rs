//! Who has been woken, in order: the run queue of the world, and the wakers that feed it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

use super::ClientId;
use crate::ConnId;

/// Something that is run when it is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Runnable {
    /// A task of the user's.
    Task(u64),
    /// The driver of a client.
    Driver(ClientId),
    /// The client's end of a connection.
    Conn(ConnId),
}

/// The run queue. Each is in it at most once.
#[derive(Debug, Default)]
pub(super) struct Ready {
    queue: Mutex<VecDeque<Arc<Handle>>>,
    /// Whether the world is gone. Whatever is queued holds the queue, and nobody will take it out.
    closed: AtomicBool,
    /// Changes under the queue's lock alone.
    pushed: AtomicU64,
}

/// Puts one runnable into the queue. Its waker may be woken from anywhere.
#[derive(Debug)]
pub(super) struct Handle {
    runnable: Runnable,
    /// Changes under the queue's lock alone.
    queued: AtomicBool,
    ready: Arc<Ready>,
}

impl Ready {
    pub(super) fn pop(&self) -> Option<Runnable> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = queue.pop_front()?;
        handle.queued.store(false, Ordering::Relaxed);
        Some(handle.runnable)
    }

    /// Empties the queue for good.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How often anything was put into the queue.
    pub(super) fn pushed(&self) -> u64 {
        self.pushed.load(Ordering::Relaxed)
    }
}

impl Handle {
    pub(super) fn new(runnable: Runnable, ready: &Arc<Ready>) -> Arc<Self> {
        Arc::new(Self { runnable, queued: AtomicBool::new(false), ready: Arc::clone(ready) })
    }

    pub(super) fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }
}

impl Wake for Handle {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let ready = &self.ready;
        let mut queue = ready.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.queued.load(Ordering::Relaxed) && !ready.closed.load(Ordering::Relaxed) {
            self.queued.store(true, Ordering::Relaxed);
            ready.pushed.store(ready.pushed().wrapping_add(1), Ordering::Relaxed);
            queue.push_back(Arc::clone(self));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_queued_once_until_it_is_taken() {
        let ready = Arc::new(Ready::default());
        let (a, b) = (Runnable::Task(1), Runnable::Task(2));
        let (one, two) = (Handle::new(a, &ready), Handle::new(b, &ready));
        one.waker().wake();
        two.waker().wake();
        one.wake_by_ref();
        assert_eq!((ready.pop(), ready.pop(), ready.pop()), (Some(a), Some(b), None));
        one.wake();
        assert_eq!(ready.pop(), Some(a));
    }
}
