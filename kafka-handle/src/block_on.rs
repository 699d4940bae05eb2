//! Waiting on a thread instead of a task: a thread is just another waker.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Runs a future on this thread, which sleeps while there is nothing to do.
///
/// Not for use within an async task: it would block the task's executor, and with it perhaps the very driver that it
/// waits for.
///
/// ```
/// assert_eq!(kafka_handle::block_on(async { 6 * 7 }), 42);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        /// Kept, for making one takes longer than most waits. Taken while it is in use: one call within another
        /// has its own, or the inner one would swallow what was to wake the outer one.
        static SPARE: Cell<Option<(Arc<Unpark>, Waker)>> = const { Cell::new(None) };
    }
    let (unpark, waker) = SPARE.take().unwrap_or_else(Unpark::of_this_thread);
    let mut future = pin!(future);
    let mut cx = Context::from_waker(&waker);
    let output = loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => break output,
            Poll::Pending => unpark.wait(),
        }
    };
    SPARE.set(Some((unpark, waker)));
    output
}

/// A waker that unparks this thread.
pub fn thread_waker() -> Waker {
    Unpark::of_this_thread().1
}

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Unpark {
    fn of_this_thread() -> (Arc<Self>, Waker) {
        let unpark = Arc::new(Self { thread: thread::current(), woken: AtomicBool::new(false) });
        (Arc::clone(&unpark), Waker::from(unpark))
    }

    fn wait(&self) {
        while !self.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[test]
    fn one_call_within_another_swallows_no_wake_up() {
        let mut turns = 0;
        block_on(poll_fn(|cx| {
            turns += 1;
            if turns == 2 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            // It parks, and finds the token that the line above has left.
            let mut inner = false;
            block_on(poll_fn(|cx| {
                cx.waker().wake_by_ref();
                if std::mem::replace(&mut inner, true) { Poll::Ready(()) } else { Poll::Pending }
            }));
            Poll::Pending
        }));
        assert_eq!(turns, 2);
    }
}
