//! Waiting for a deadline: the driver's own, so that a handle needs no timer of any runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use kafka_engine::Instant;

use crate::shared::Shared;

/// Ready once a deadline has passed, or when there is no driver any more to wait for it.
pub(crate) struct Sleep {
    shared: Arc<Shared>,
    deadline: Instant,
    key: Option<u64>,
    orphaned: bool,
}

impl Sleep {
    pub(crate) fn until(shared: &Arc<Shared>, deadline: Instant) -> Self {
        Self { shared: Arc::clone(shared), deadline, key: None, orphaned: false }
    }

    /// Whether it is ready only because there is no driver any more.
    pub(crate) fn is_orphaned(&self) -> bool {
        self.orphaned
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.shared.clock.now() >= this.deadline {
            return Poll::Ready(());
        }
        this.orphaned = !this.shared.mailbox.arm(&mut this.key, this.deadline, cx.waker());
        if this.orphaned { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.shared.mailbox.disarm(key, self.deadline);
        }
    }
}
