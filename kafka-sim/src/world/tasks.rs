//! What tasks wait for: time, and one another.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::WorldHandle;
use super::inner::Event;
use crate::Time;

/// Ready when virtual time has come to a point.
#[derive(Debug)]
pub struct Sleep {
    pub(super) world: WorldHandle,
    pub(super) until: Time,
    /// Whether the world knows; whoever polls it again has the same waker, as a rule.
    pub(super) armed: Option<Waker>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut inner = this.world.inner();
        if inner.now >= this.until {
            return Poll::Ready(());
        }
        if !this.armed.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            inner.heap.push(this.until, Event::Wake(cx.waker().clone()));
            drop(inner);
            this.armed = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

/// It took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is up")
    }
}

impl std::error::Error for Elapsed {}

/// The result of a task, which can be had once. Dropped, the task goes on.
#[derive(Debug)]
pub struct JoinHandle<T> {
    pub(super) slot: Arc<Mutex<Slot<T>>>,
}

#[derive(Debug)]
pub(super) struct Slot<T> {
    pub(super) value: Option<T>,
    waker: Option<Waker>,
}

impl<T> JoinHandle<T> {
    pub(super) fn new() -> Self {
        Self { slot: Arc::new(Mutex::new(Slot { value: None, waker: None })) }
    }

    /// The result, if the task has ended and nobody has taken it yet.
    pub fn take(&self) -> Option<T> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).value.take()
    }
}

impl<T> Slot<T> {
    pub(super) fn fill(slot: &Mutex<Self>, value: T) {
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.value = Some(value);
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                let before = slot.waker.replace(cx.waker().clone());
                drop(slot);
                drop(before);
                Poll::Pending
            }
        }
    }
}
