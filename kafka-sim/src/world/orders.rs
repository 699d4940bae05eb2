//! What only the run loop can do, left for it under the world's lock. It looks without the lock whether there is any.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kafka_handle::Driver;

use super::ClientId;
use crate::ConnId;

/// A task as it is handed over to the run loop.
pub(super) type BoxedTask = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Something that only the run loop can do.
pub(super) enum Order {
    Spawn { task: u64, future: BoxedTask },
    Abort(u64),
    Adopt { client: ClientId, driver: Box<Driver> },
    Reset(ConnId),
    Crash(ClientId),
}

/// Orders that have not been carried out.
#[derive(Default)]
pub(super) struct Orders {
    list: Vec<Order>,
    any: Arc<AtomicBool>,
}

impl Orders {
    pub(super) fn push(&mut self, order: Order) {
        self.extend([order]);
    }

    pub(super) fn extend(&mut self, orders: impl IntoIterator<Item = Order>) {
        self.list.extend(orders);
        self.any.store(!self.list.is_empty(), Ordering::Relaxed);
    }

    /// All of them, in order.
    pub(super) fn take(&mut self) -> Vec<Order> {
        self.any.store(false, Ordering::Relaxed);
        std::mem::take(&mut self.list)
    }

    /// Whether there are any, now and later.
    pub(super) fn any(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.any)
    }
}
