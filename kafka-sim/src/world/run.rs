//! The run loop: whoever is woken runs, and when nobody is, time goes on to the next event.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use kafka_handle::Action;

use super::client::{Slot, Socket};
use super::inner::{Event, Inner};
use super::net::Net;
use super::orders::{BoxedTask, Order};
use super::ready::{Handle, Ready, Runnable};
use super::seeds;
use super::tap::Tap;
use super::{ClientId, WorldHandle, WorldOptions};
use crate::{Cluster, ClusterOptions, ConnId, Endpoint, Rng, Time};

/// More events, and runs of tasks, drivers and connections, at one instant than any honest program needs.
const RUNS_AT_ONCE_MAX: u32 = 500_000;

/// Brokers, a network, clients and tasks, on virtual time. See the [module](super).
///
/// Dropped, it drops all that is in it: tasks, begun or not, are aborted, and clients are closed. Handles of it may outlive it.
pub struct World {
    pub(super) handle: WorldHandle,
    pub(super) ready: Arc<Ready>,
    /// Whether there are orders.
    ordered: Arc<AtomicBool>,
    pub(super) tasks: BTreeMap<u64, Task>,
    /// Clients that stand still.
    pub(super) frozen: BTreeSet<ClientId>,
    /// Clients whose process has died.
    pub(super) crashed: BTreeSet<ClientId>,
    pub(super) drivers: BTreeMap<ClientId, Slot>,
    pub(super) sockets: BTreeMap<ConnId, Socket>,
    /// Kept for its memory.
    pub(super) actions: Vec<Action>,
    /// Runs since time last went on.
    runs: u32,
    /// As long as anything is waited for.
    time_limit: Duration,
}

pub(super) struct Task {
    /// Of whose process it is.
    pub(super) client: Option<ClientId>,
    future: BoxedTask,
    pub(super) waker: Waker,
}

/// What is there still of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leftover {
    /// Clients that have not ended: nobody has closed them or killed them, or they are not done with it.
    pub clients: usize,
    /// Connections that their clients have not closed.
    pub connections: usize,
    /// Tasks that have not ended.
    pub tasks: usize,
}

/// The world can't go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stuck {
    /// Nothing will ever happen again, and what was waited for has not.
    Deadlock(Time),
    /// Something wakes itself for ever while time stands still.
    HotLoop(Time),
    /// What was waited for has not happened within the world's [time limit](World::set_time_limit).
    TooLong(Duration),
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadlock(at) => {
                write!(
                    f,
                    "nothing will ever happen after {} ms, and the run has not ended",
                    at.as_millis()
                )
            }
            Self::HotLoop(at) => {
                write!(
                    f,
                    "time stands still at {} ms: something wakes itself for ever",
                    at.as_millis()
                )
            }
            Self::TooLong(limit) => {
                write!(f, "the run has not ended within {limit:?} of simulated time")
            }
        }
    }
}

impl std::error::Error for Stuck {}

/// A client that is open is never quite idle: what nobody ends would take hours of real time to get much further.
const DAY: Duration = Duration::from_secs(24 * 3600);

impl World {
    /// A world at time zero, with all nodes up and no topics.
    #[must_use]
    pub fn new(options: WorldOptions) -> Self {
        let nodes = 1..=options.nodes.clamp(1, 250);
        let host = |node: u16| format!("broker-{node}.sim");
        let seed = Rng::new(options.seed);
        let cluster = ClusterOptions {
            nodes: nodes.clone().map(|node| Endpoint { host: host(node), port: 9092 }).collect(),
            seed: options.seed,
            ..options.cluster
        };
        let wall_epoch_ms = cluster.wall_epoch_ms;
        let mut inner =
            Inner::new(Cluster::new(cluster), Net::new(options.conditions), &seed, wall_epoch_ms);
        if seeds::prints_trace() {
            inner.trace.print_lines();
        }
        for node in nodes {
            let [_, last] = node.to_be_bytes();
            let address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, last));
            inner.listeners.insert(SocketAddr::new(address, 9092), i32::from(node));
            inner.names.insert(host(node), Ok(vec![address]));
        }
        Self {
            ordered: inner.orders.any(),
            handle: WorldHandle::new(inner),
            ready: Arc::default(),
            tasks: BTreeMap::new(),
            frozen: BTreeSet::new(),
            crashed: BTreeSet::new(),
            drivers: BTreeMap::new(),
            sockets: BTreeMap::new(),
            actions: Vec::new(),
            runs: 0,
            time_limit: DAY,
        }
    }

    /// The handle that tasks use.
    #[must_use]
    pub fn handle(&self) -> WorldHandle {
        self.handle.clone()
    }

    /// How much simulated time a [`run`](Self::run) may take; a day, if nothing is said.
    pub fn set_time_limit(&mut self, limit: Duration) {
        self.time_limit = limit;
    }

    /// Runs the world until the future is ready.
    ///
    /// # Errors
    /// It never will be, or not within the [time limit](Self::set_time_limit).
    ///
    /// # Panics
    /// A task panics: the panic goes through.
    pub fn run<F>(&mut self, future: F) -> Result<F::Output, Stuck>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let join = self.handle.spawn(future);
        let limit = self.handle.now() + self.time_limit;
        loop {
            // Where nobody ran, nothing has come to its end.
            if self.settle()?
                && let Some(value) = join.take()
            {
                return Ok(value);
            }
            if !self.advance(limit) {
                let inner = self.handle.inner();
                let waiting = inner.heap.next_at().is_some();
                return Err(match waiting {
                    true => Stuck::TooLong(self.time_limit),
                    false => Stuck::Deadlock(inner.now),
                });
            }
        }
    }

    /// Runs the world for a while.
    ///
    /// # Errors
    /// Time stands still.
    pub fn run_for(&mut self, duration: Duration) -> Result<(), Stuck> {
        let limit = self.handle.now() + duration;
        loop {
            self.settle()?;
            if !self.advance(limit) {
                self.handle.inner().set_now(limit);
                return Ok(());
            }
        }
    }

    /// A number that two runs have in common only if the same happened in both, at the same times.
    #[must_use]
    pub fn trace_hash(&self) -> u64 {
        self.handle.inner().trace.hash()
    }

    /// Keeps a line of text for everything that happens from now on: what clients and brokers say to each other, who leads
    /// what, what is done to the world, and what tasks [note](WorldHandle::note). A frame's line ends with a hash of its bytes,
    /// for what it does not tell. Costs time and memory.
    pub fn keep_trace(&mut self) {
        self.handle.inner().trace.keep_lines();
    }

    /// Prints such a line to standard error for everything from now on, when it happens: it is there when a panic ends the
    /// run. Where the environment variable `KAFKA_SIM_TRACE` ([`TRACE_VARIABLE`](super::TRACE_VARIABLE)) is set, every world does so from its
    /// beginning.
    pub fn print_trace(&mut self) {
        self.handle.inner().trace.print_lines();
    }

    /// The lines that were kept since the last call.
    pub fn take_trace(&mut self) -> Vec<String> {
        self.handle.inner().trace.take_lines()
    }

    /// Lets somebody listen in.
    pub fn set_tap(&mut self, tap: impl Tap + 'static) {
        self.handle.inner().tap = Some(Box::new(tap));
    }

    /// What is there still: to be compared with `Leftover::default()` when all should have ended.
    #[must_use]
    pub fn leftover(&self) -> Leftover {
        let (clients, connections) = (self.drivers.len(), self.sockets.len());
        Leftover { clients, connections, tasks: self.tasks.len() }
    }

    /// Runs whoever is woken, until nobody is. Gives whether anybody was.
    fn settle(&mut self) -> Result<bool, Stuck> {
        let mut ran = false;
        loop {
            self.take_orders();
            if self.runs > RUNS_AT_ONCE_MAX {
                return Err(Stuck::HotLoop(self.handle.now()));
            }
            let Some(runnable) = self.ready.pop() else {
                return Ok(ran);
            };
            ran = true;
            self.runs = self.runs.saturating_add(1);
            match runnable {
                Runnable::Task(task) => self.poll(task),
                Runnable::Driver(client) => self.turn(client),
                Runnable::Conn(conn) => self.serve(conn),
            }
        }
    }

    /// Goes on to the next event up to `limit`; whether there was one.
    fn advance(&mut self, limit: Time) -> bool {
        let mut inner = self.handle.inner();
        let Some((at, event)) = inner.heap.pop_until(limit) else {
            return false;
        };
        if at > inner.now {
            self.runs = 0;
        } else if !matches!(event, Event::Arrive(..)) {
            // What leads to itself at the same instant keeps time standing as a wake-up does. A long answer in small pieces
            // is no such thing.
            self.runs = self.runs.saturating_add(1);
        }
        inner.set_now(at);
        let now = inner.now;
        drop(inner);
        match event {
            Event::Wake(waker) => waker.wake(),
            Event::Turn(client) => self.turn_if_due(client, now),
            Event::Arrive(conn, direction) => self.arrive(conn, direction),
            Event::Connect(conn) => self.connected(conn),
            Event::Refuse(conn, kind) => self.refused(conn, kind),
            Event::Resolve(lookup) => self.resolved(*lookup),
            Event::Tick => self.handle.inner().tick_cluster(),
        }
        true
    }

    fn take_orders(&mut self) {
        while self.ordered.load(Ordering::Relaxed) {
            let orders = self.handle.inner().orders.take();
            for order in orders {
                match order {
                    Order::Spawn { task, client, future } => self.spawn(task, client, future),
                    Order::Abort(task) => drop(self.tasks.remove(&task)),
                    Order::Adopt { client, driver, ahead } => self.adopt(client, driver, ahead),
                    Order::Reset(conn) => self.reset(conn),
                    Order::Crash(client) => self.crash(client),
                    Order::Freeze(client) => self.freeze(client),
                    Order::Thaw(client) => self.thaw(client),
                    Order::ThawAll => self.thaw_all(),
                    Order::Jumped(client) => self.jumped(client),
                }
            }
        }
    }

    fn spawn(&mut self, number: u64, client: Option<ClientId>, future: BoxedTask) {
        if client.is_some_and(|client| self.crashed.contains(&client)) {
            return;
        }
        let waker = Handle::new(Runnable::Task(number), &self.ready).waker();
        waker.wake_by_ref();
        self.tasks.insert(number, Task { client, future, waker });
    }

    fn poll(&mut self, number: u64) {
        let frozen = &self.frozen;
        let runs = |task: &&mut Task| task.client.is_none_or(|client| !frozen.contains(&client));
        let Some(task) = self.tasks.get_mut(&number).filter(runs) else {
            return;
        };
        let mut cx = Context::from_waker(&task.waker);
        if task.future.as_mut().poll(&mut cx).is_ready() {
            self.tasks.remove(&number);
        }
    }
}

impl Drop for World {
    /// What is in a world holds handles of it, and some of it is held by what the handles share: that would keep itself.
    fn drop(&mut self) {
        let mut inner = self.handle.inner();
        seeds::ended(inner.trace.hash());
        let (orders, events, tap) = (inner.orders.close(), inner.heap.take(), inner.tap.take());
        // What is dropped here is a user's, and may use a handle: not under the lock.
        drop(inner);
        drop(std::mem::take(&mut self.tasks));
        drop((orders, events, tap));
        drop((std::mem::take(&mut self.drivers), std::mem::take(&mut self.sockets)));
        // Some of it woke others, or slept, at the last moment.
        let events = self.handle.inner().heap.take();
        drop(events);
        self.ready.close();
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("now", &self.handle.now())
            .field("tasks", &self.tasks.len())
            .field("sockets", &self.sockets.len())
            .finish_non_exhaustive()
    }
}
