//! A sender's pauses.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

/// So much is filled before others get to run, in bytes: little enough to be in the cache still when it is sent, and
/// enough that changing over costs nothing in comparison.
const BREATH_BYTES: usize = 256 << 10;

/// Lets others run when a batch is filled, or several if they are small: a sender that is never refused would otherwise
/// keep its executor to itself, with the tasks that are to send what it has filled.
#[derive(Debug, Default)]
pub(crate) struct Breath {
    /// What the batches may hold that were opened since, in bytes.
    bytes: AtomicUsize,
}

impl Breath {
    /// A batch was opened.
    pub(crate) fn take(&self, batch_bytes: usize) {
        // A sum lost to a race only puts it off.
        let before = self.bytes.load(Ordering::Relaxed);
        self.bytes.store(before.saturating_add(batch_bytes), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) >= BREATH_BYTES
    }

    /// Whether it was time. It is no more.
    pub(crate) fn end(&self) -> bool {
        self.is_due() && self.bytes.swap(0, Ordering::Relaxed) >= BREATH_BYTES
    }

    /// Yields, if it is time. To be awaited before a record is accepted, for then nothing is lost if it is cancelled.
    pub(crate) async fn hold(&self) {
        if self.end() {
            let mut yielded = false;
            poll_fn(|cx| {
                if yielded {
                    return Poll::Ready(());
                }
                yielded = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
    }
}
