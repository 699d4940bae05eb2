//! Futures that are dropped before they are ready, all of an application's at one time.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// What an error is called that nobody has told: the application did not wait for it.
pub(in crate::sweep) const DROPPED: &str = "Dropped";

/// Tells an application to drop what it waits for.
#[derive(Clone, Debug, Default)]
pub(in crate::sweep) struct Interrupt(Option<Arc<Mutex<Signal>>>);

#[derive(Debug, Default)]
struct Signal {
    times: u64,
    waiting: Vec<Waker>,
}

/// The future was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sweep) struct Dropped;

impl Interrupt {
    /// One that may come; the other never does, and costs nothing.
    pub(super) fn possible() -> Self {
        Self(Some(Arc::default()))
    }

    /// Has whatever is waited for dropped. Gives whether there was anything.
    pub(in crate::sweep) fn ring(&self) -> bool {
        let Some(signal) = &self.0 else { return false };
        let mut signal = lock(signal);
        signal.times += 1;
        let waiting = std::mem::take(&mut signal.waiting);
        drop(signal);
        let any = !waiting.is_empty();
        waiting.into_iter().for_each(Waker::wake);
        any
    }

    /// What the future comes to, if it is not dropped before.
    pub(in crate::sweep) async fn or<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, Dropped> {
        let Some(signal) = &self.0 else { return Ok(future.await) };
        let mut future = pin!(future);
        let mut seen = None;
        std::future::poll_fn(|cx| {
            if seen.is_some_and(|seen| lock(signal).times != seen) {
                return Poll::Ready(Err(Dropped));
            }
            let polled = future.as_mut().poll(cx).map(Ok);
            if polled.is_pending() {
                let mut signal = lock(signal);
                if seen.replace(signal.times).is_none() {
                    signal.waiting.push(cx.waker().clone());
                }
            }
            polled
        })
        .await
    }
}

fn lock(signal: &Mutex<Signal>) -> MutexGuard<'_, Signal> {
    signal.lock().unwrap_or_else(PoisonError::into_inner)
}
