//! What only the run loop can do, left for it under the world's lock. It looks without the lock whether there is any.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kafka_handle::Driver;

use super::ClientId;
use crate::ConnId;

/// A task as it is handed over to the run loop.
pub(super) type BoxedTask = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Something that only the run loop can do.
pub(super) enum Order {
    /// In the process of a client, or in none of them.
    Spawn {
        task: u64,
        client: Option<ClientId>,
        future: BoxedTask,
    },
    Abort(u64),
    /// With how far its clock is ahead.
    Adopt {
        client: ClientId,
        driver: Box<Driver>,
        ahead: Arc<AtomicU64>,
    },
    Reset(ConnId),
    Crash(ClientId),
    Freeze(ClientId),
    Thaw(ClientId),
    ThawAll,
    /// Its clock is another one now.
    Jumped(ClientId),
}

/// Orders that have not been carried out.
#[derive(Default)]
pub(super) struct Orders {
    list: Vec<Order>,
    any: Arc<AtomicBool>,
    /// Whether the world is gone, and nobody will ever carry out any.
    closed: bool,
}

impl Orders {
    /// For an order that holds nothing. When the world is gone, so is what it is about.
    pub(super) fn push(&mut self, order: Order) {
        drop(self.entrust(order));
    }

    /// Gives back an order that comes too late: the world is gone. It is to be dropped without the world's lock, for what it
    /// holds may use a handle.
    #[must_use]
    pub(super) fn entrust(&mut self, order: Order) -> Option<Order> {
        if self.closed {
            return Some(order);
        }
        self.list.push(order);
        self.any.store(true, Ordering::Relaxed);
        None
    }

    /// All of them, in order.
    pub(super) fn take(&mut self) -> Vec<Order> {
        self.any.store(false, Ordering::Relaxed);
        std::mem::take(&mut self.list)
    }

    /// The last ones: those that come from now on come too late.
    pub(super) fn close(&mut self) -> Vec<Order> {
        self.closed = true;
        self.take()
    }

    /// Whether there are any, now and later.
    pub(super) fn any(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.any)
    }
}
