//! Clients that stand still, as a process that was stopped (SIGSTOP) or a machine that is suspended, and monotonic clocks
//! that jump.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::orders::Order;
use super::run::World;
use super::tasks::JoinHandle;
use super::{ClientId, WorldHandle};

/// A clock that is further ahead, by some 146 years, could come to the end of what it counts, where no wait ends later.
const AHEAD_MAX: u64 = 1 << 62;

impl WorldHandle {
    /// Stops a client without ending it: its engine and its connections stand still until [`thaw`](Self::thaw), and so do
    /// tasks that were [spawned in it](Self::spawn_in). What was written goes on its way, and what comes waits to be read.
    /// Gives whether there is such a client, neither closed nor crashed, that does not stand still already.
    ///
    /// Other tasks go on, and what they ask of it waits; a consumer of it that they poll hands out what was fetched before.
    pub fn freeze(&self, client: ClientId) -> bool {
        let mut inner = self.inner();
        inner.say("freeze", client);
        inner.orders.push(Order::Freeze(client));
        inner.clients.get(&client).is_some_and(|info| !info.ended) && !inner.net.is_frozen(client)
    }

    /// Lets a frozen client go on. It is its timers that it sees first, and then what has come meanwhile, as on a runtime that
    /// looks at sockets last.
    pub fn thaw(&self, client: ClientId) {
        let mut inner = self.inner();
        inner.say("thaw", client);
        inner.orders.push(Order::Thaw(client));
    }

    /// Sets a client's monotonic clock forward, as if it had been suspended for so long while the world went on without
    /// waiting for it: all its timers that are due by then are due at once. Tasks sleep by the world's clock as before.
    /// Gives whether there is such a client, neither closed nor crashed.
    pub fn jump_clock(&self, client: ClientId, by: Duration) -> bool {
        let mut inner = self.inner();
        inner.say("jump", format_args!("the clock of {client} by {by:?}"));
        inner.orders.push(Order::Jumped(client));
        let Some(info) = inner.clients.get(&client).filter(|info| !info.ended) else {
            return false;
        };
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let ahead = info.ahead.load(Ordering::Relaxed).saturating_add(nanos);
        info.ahead.store(ahead.min(AHEAD_MAX), Ordering::Relaxed);
        true
    }

    /// Like [`spawn`](Self::spawn), for a task of a client's process: it stands still while the client is
    /// [frozen](Self::freeze), and is aborted when it [crashes](Self::crash), or at once if it has.
    pub fn spawn_in<F>(&self, client: ClientId, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.begin_task(Some(client), future)
    }
}

impl World {
    pub(super) fn is_frozen(&self, client: ClientId) -> bool {
        self.frozen.contains(&client)
    }

    pub(super) fn freeze(&mut self, client: ClientId) {
        if !self.drivers.contains_key(&client) || !self.frozen.insert(client) {
            return;
        }
        let mut inner = self.handle.inner();
        inner.net.freeze(client, true);
        let now = inner.now;
        if let Some(tap) = &mut inner.tap {
            tap.frozen(now, client);
        }
    }

    /// Whoever could not run is woken, and whatever could not arrive does.
    pub(super) fn thaw(&mut self, client: ClientId) {
        if !self.frozen.remove(&client) {
            return;
        }
        self.rouse(client);
        let sockets = self.sockets.values().filter(|socket| socket.client == client);
        sockets.for_each(|socket| socket.waker.wake_by_ref());
        let tasks = self.tasks.values().filter(|task| task.client == Some(client));
        tasks.for_each(|task| task.waker.wake_by_ref());
        let mut inner = self.handle.inner();
        let now = inner.now;
        if let Some(tap) = &mut inner.tap {
            tap.thawed(now, client);
        }
        inner.net.freeze(client, false);
        inner.unblock();
    }

    /// To the client it is as if it had stood still.
    pub(super) fn jumped(&mut self, client: ClientId) {
        if self.is_frozen(client) {
            return;
        }
        self.rouse(client);
        let mut inner = self.handle.inner();
        let now = inner.now;
        if let Some(tap) = &mut inner.tap {
            tap.frozen(now, client);
            tap.thawed(now, client);
        }
    }

    pub(super) fn thaw_all(&mut self) {
        for client in self.frozen.clone() {
            self.thaw(client);
        }
    }

    /// What runs in a process ends with it.
    pub(super) fn end_tasks_of(&mut self, client: ClientId) {
        self.frozen.remove(&client);
        let theirs = |task: &&u64| self.tasks.get(task).is_some_and(|of| of.client == Some(client));
        let ended: Vec<u64> = self.tasks.keys().filter(theirs).copied().collect();
        for task in ended {
            drop(self.tasks.remove(&task));
        }
    }
}
