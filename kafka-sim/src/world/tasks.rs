//! What tasks wait for: time, and one another.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::WorldHandle;
use super::inner::Event;
use super::orders::Order;
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

/// A task beside others. Awaited, it gives the task's result, which can be had once. Dropped, the task goes on.
#[derive(Debug)]
pub struct JoinHandle<T> {
    world: WorldHandle,
    task: u64,
    slot: Arc<Mutex<Slot<T>>>,
}

/// The task was aborted, and has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task was aborted")
    }
}

impl std::error::Error for Aborted {}

impl<T> JoinHandle<T> {
    /// A handle for the task of that number, and the task's own end of it.
    pub(super) fn new(world: WorldHandle, task: u64) -> (Self, Finish<T>) {
        let slot = Arc::new(Mutex::new(Slot { state: State::Running, waker: None }));
        (Self { world, task, slot: Arc::clone(&slot) }, Finish { slot })
    }

    /// Ends the task where it waits: its future is dropped at this virtual time, before any other task runs, and never polled
    /// again. One that has ended keeps its result; one that aborts itself ends when it waits next.
    ///
    /// Tasks that it has spawned go on, and a client that others use as well. [`WorldHandle::crash`] is for clients what this
    /// is for tasks: an instance of a service that is killed loses both.
    pub fn abort(&self) {
        self.world.inner().orders.push(Order::Abort(self.task));
    }

    /// Whether the task has ended, by itself or because it was aborted.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        !matches!(lock(&self.slot).state, State::Running)
    }

    /// The result, if the task has ended by itself and nobody has taken it yet.
    pub fn take(&self) -> Option<T> {
        lock(&self.slot).take()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Aborted>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slot = lock(&self.slot);
        if let Some(value) = slot.take() {
            return Poll::Ready(Ok(value));
        }
        if matches!(slot.state, State::Aborted) {
            return Poll::Ready(Err(Aborted));
        }
        let before = slot.waker.replace(cx.waker().clone());
        drop(slot);
        drop(before);
        Poll::Pending
    }
}

/// What a task and its handle share.
#[derive(Debug)]
struct Slot<T> {
    state: State<T>,
    waker: Option<Waker>,
}

#[derive(Debug)]
enum State<T> {
    Running,
    Done(T),
    /// It was done, and its result is had.
    Taken,
    Aborted,
}

impl<T> Slot<T> {
    fn take(&mut self) -> Option<T> {
        if !matches!(self.state, State::Done(_)) {
            return None;
        }
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Done(value) => Some(value),
            _ => None,
        }
    }
}

/// A task's end of its handle. Dropped before the task is done, it says that it was aborted.
#[derive(Debug)]
pub(super) struct Finish<T> {
    slot: Arc<Mutex<Slot<T>>>,
}

impl<T> Finish<T> {
    pub(super) fn done(self, value: T) {
        self.end(State::Done(value));
    }

    fn end(&self, state: State<T>) {
        let mut slot = lock(&self.slot);
        if !matches!(slot.state, State::Running) {
            return;
        }
        slot.state = state;
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Finish<T> {
    fn drop(&mut self) {
        self.end(State::Aborted);
    }
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
