//! The world as its tasks see it: time, tasks, clients, and everything that can be broken.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::Poll;
use std::thread::{self, ThreadId};
use std::time::Duration;

use kafka_handle::{Client, Clock, Config, ConfigError};

use super::inner::{ClientInfo, Inner};
use super::net::Direction;
use super::orders::Order;
use super::tasks::{Elapsed, JoinHandle, Sleep};
use super::{ClientId, Conditions};
use crate::fault::Met;
use crate::{Cluster, Input, Rng, Time};

/// A share of a world, for the tasks in it. It does nothing when the world is not run. Kept longer than the world, it keeps
/// the brokers and the network, but nothing of a task's: what is spawned, and every client, ends at once.
///
/// [Nodes](Self::nodes) are numbered from 1. Methods that name a node or a client that there is not do nothing.
#[derive(Clone)]
pub struct WorldHandle {
    pub(super) inner: Arc<Mutex<Inner>>,
    /// Who does something of a user's while the world is locked.
    acting: Arc<Mutex<Option<ThreadId>>>,
    /// Nanoseconds of virtual time.
    clock: Arc<AtomicU64>,
}

impl WorldHandle {
    pub(super) fn new(inner: Inner) -> Self {
        let clock = Arc::clone(&inner.clock);
        Self { inner: Arc::new(Mutex::new(inner)), acting: Arc::default(), clock }
    }

    /// Virtual time.
    #[must_use]
    pub fn now(&self) -> Time {
        Time::from_nanos(self.clock.load(Ordering::Relaxed))
    }

    /// Ready after so much virtual time.
    #[must_use]
    pub fn sleep(&self, duration: Duration) -> Sleep {
        let until = self.now() + duration;
        self.sleep_until(until)
    }

    /// Ready at that time.
    #[must_use]
    pub fn sleep_until(&self, until: Time) -> Sleep {
        Sleep { world: self.clone(), until, armed: None }
    }

    /// What the future comes to, if it does so in time; else it is dropped.
    ///
    /// # Errors
    /// It did not.
    pub async fn timeout<F: Future>(
        &self,
        within: Duration,
        future: F,
    ) -> Result<F::Output, Elapsed> {
        let (mut future, mut sleep) = (pin!(future), pin!(self.sleep(within)));
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Ok(value)),
            Poll::Pending => sleep.as_mut().poll(cx).map(|()| Err(Elapsed)),
        })
        .await
    }

    /// Runs a task beside this one. When the [`World`](super::World) is gone, it is aborted before it begins.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.begin_task(None, future)
    }

    pub(super) fn begin_task<F>(&self, client: Option<ClientId>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let mut inner = self.inner();
        let task = inner.next_task;
        inner.next_task = task.saturating_add(1);
        let (handle, finish) = JoinHandle::new(self.clone(), task);
        let future = Box::pin(async move { finish.done(future.await) });
        let late = inner.orders.entrust(Order::Spawn { task, client, future });
        drop(inner);
        drop(late);
        handle
    }

    /// Random numbers that follow from the world's seed and `part`.
    #[must_use]
    pub fn rng(&self, part: u64) -> Rng {
        self.inner().seed.split(part ^ (1 << 40))
    }

    /// Says something in the [trace](super::World::keep_trace), among all else that happens.
    pub fn note(&self, words: impl fmt::Display) {
        self.inner().say("note", words);
    }

    /// The nodes, whether they are up or not, by ascending id: 1, 2, and so on.
    #[must_use]
    pub fn nodes(&self) -> Vec<i32> {
        let mut nodes: Vec<i32> = self.inner().listeners.values().copied().collect();
        nodes.sort_unstable();
        nodes
    }

    /// `bootstrap.servers` with all nodes.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        let inner = self.inner();
        let hosts: Vec<String> = inner
            .listeners
            .iter()
            .map(|(address, node)| format!("broker-{node}.sim:{}", address.port()))
            .collect();
        hosts.join(",")
    }

    /// A client in this world. The name is for people; two may have the same.
    ///
    /// # Errors
    /// A setting can't be used.
    pub fn client(&self, name: &str, config: Config) -> Result<Client, ConfigError> {
        self.numbered_client(name, config).map(|(_, client)| client)
    }

    /// Like [`client`](Self::client), with the number that faults are aimed by.
    ///
    /// # Errors
    /// A setting can't be used.
    pub fn numbered_client(
        &self,
        name: &str,
        config: Config,
    ) -> Result<(ClientId, Client), ConfigError> {
        let mut inner = self.inner();
        let number = u32::try_from(inner.clients.len()).unwrap_or(u32::MAX).saturating_add(1);
        let id = ClientId(number);
        let clock = inner.wall_clock();
        let (skew, ahead) = (Arc::clone(&clock.skew_ms), Arc::clone(&clock.ahead));
        let seed = inner.seed.split(u64::from(number) | 1 << 41).seed();
        let (client, driver) = Client::new(config, seed, Arc::new(clock))?;
        inner.clients.insert(id, ClientInfo { skew, ahead: Arc::clone(&ahead), ended: false });
        let now = inner.now;
        inner.trace.words(now, "client", u64::from(number), name, format_args!("{number} {name}"));
        let driver = Box::new(driver);
        let late = inner.orders.entrust(Order::Adopt { client: id, driver, ahead });
        drop(inner);
        drop(late);
        Ok((id, client))
    }

    /// Does something to the brokers, or looks at what is in them. The world is locked meanwhile.
    ///
    /// # Panics
    /// `action` uses a handle of this world: it would wait for ever.
    pub fn cluster<T>(&self, action: impl FnOnce(&mut Cluster) -> T) -> T {
        let mut inner = self.inner();
        // Brings the cluster up to the present.
        inner.ask(Input::Tick);
        let result = Acting::begin(&self.acting).act(|| action(&mut inner.cluster));
        inner.drain_cluster();
        result
    }

    /// The network as it is where nobody has changed it.
    #[must_use]
    pub fn usual_conditions(&self) -> Conditions {
        self.inner().net.usual().clone()
    }

    /// Changes the way between a client and a node. The world is locked meanwhile.
    ///
    /// # Panics
    /// `change` uses a handle of this world: it would wait for ever.
    pub fn set_conditions(
        &self,
        client: ClientId,
        node: i32,
        change: impl FnOnce(&mut Conditions),
    ) {
        let mut inner = self.inner();
        let conditions = inner.net.between_mut(client, node);
        Acting::begin(&self.acting).act(|| change(conditions));
        let conditions = conditions.clone();
        inner.say("conditions", format_args!("{client} and node {node}: {conditions:?}"));
        inner.unblock();
    }

    /// All ways are as at the beginning again; no node refuses or hangs, none is paused or down, no client is frozen. Names,
    /// addresses and clocks, and what was done to the [`cluster`](Self::cluster), stay as they are.
    pub fn heal(&self) {
        let down: Vec<i32> = self.inner().down.iter().copied().collect();
        for node in down {
            self.start_node(node);
        }
        let mut inner = self.inner();
        inner.say("heal", "all");
        inner.net.heal();
        inner.refusing.clear();
        inner.hanging.clear();
        inner.orders.push(Order::ThawAll);
        inner.unblock();
    }

    /// Resets the connections between a client and a node. Gives whether there is any.
    pub fn cut(&self, client: ClientId, node: i32) -> bool {
        self.inner().say("cut", format_args!("{client} and node {node}"));
        self.reset_where(|wire_client, wire_node| (wire_client, wire_node) == (client, node))
    }

    /// Resets the connections between a client and a node once so many more bytes have gone that way. Gives whether there is
    /// any.
    pub fn cut_after(
        &self,
        client: ClientId,
        node: i32,
        direction: Direction,
        bytes: usize,
    ) -> bool {
        let mut inner = self.inner();
        inner.say(
            "cut after",
            format_args!("{client} and node {node}: {bytes} bytes {direction:?}"),
        );
        let mut hits = false;
        for wire in inner.wires.values_mut() {
            if (wire.client, wire.node) == (client, node) {
                wire.pipe(direction).cut_after = Some(bytes);
                hits |= !wire.client_gone;
            }
        }
        hits
    }

    /// Kills a node: its connections are reset, new ones refused, and others lead what it led. Gives whether it was up.
    pub fn kill_node(&self, node: i32) -> bool {
        let mut inner = self.inner();
        inner.say("kill", format_args!("node {node}"));
        let was_up = inner.down.insert(node);
        // Without power it resets nothing.
        if inner.net.is_dark(node) {
            return false;
        }
        drop(inner);
        self.reset_where(|_, wire_node| wire_node == node);
        self.cluster(|cluster| cluster.stop_node(node));
        was_up
    }

    /// Starts a node that was killed, or has lost its power.
    pub fn start_node(&self, node: i32) {
        let mut inner = self.inner();
        inner.say("start", format_args!("node {node}"));
        inner.down.remove(&node);
        inner.light(node);
        drop(inner);
        self.cluster(|cluster| cluster.start_node(node));
    }

    /// Stops a node's process without ending it: nothing gets in or out until [`resume_node`](Self::resume_node).
    /// The other nodes don't notice: it goes on leading what it leads, and is in sync. Gives whether it has not been stopped
    /// so already.
    pub fn pause_node(&self, node: i32) -> bool {
        let mut inner = self.inner();
        inner.say("pause", format_args!("node {node}"));
        inner.net.pause(node, true)
    }

    /// Lets a paused node go on.
    pub fn resume_node(&self, node: i32) {
        let mut inner = self.inner();
        inner.say("resume", format_args!("node {node}"));
        inner.net.pause(node, false);
        inner.unblock();
    }

    /// Whether a node refuses new connections.
    pub fn refuse_connections(&self, node: i32, refuse: bool) {
        let mut inner = self.inner();
        inner.say("refuse", format_args!("connections to node {node}: {refuse}"));
        if refuse {
            inner.refusing.insert(node, Met::default())
        } else {
            inner.refusing.remove(&node)
        };
    }

    /// Whether a node has refused anybody since it [was to](Self::refuse_connections).
    pub(crate) fn refused(&self, node: i32) -> Met {
        self.inner().refusing.get(&node).cloned().unwrap_or_default()
    }

    /// Whether connecting to a node takes for ever.
    pub fn hang_connections(&self, node: i32, hang: bool) {
        let mut inner = self.inner();
        inner.say("hang", format_args!("connections to node {node}: {hang}"));
        if hang {
            inner.hanging.insert(node, Met::default())
        } else {
            inner.hanging.remove(&node)
        };
        inner.unblock();
    }

    /// Whether anybody has tried to connect to a node since that [takes for ever](Self::hang_connections).
    pub(crate) fn hung(&self, node: i32) -> Met {
        self.inner().hanging.get(&node).cloned().unwrap_or_default()
    }

    /// What a name is resolved to from now on, or why it can't be.
    pub fn set_name(&self, host: &str, addresses: Result<Vec<IpAddr>, String>) {
        let mut inner = self.inner();
        inner.say("name", format_args!("{host}: {addresses:?}"));
        inner.names.insert(host.into(), addresses);
    }

    /// How long a look-up takes.
    pub fn set_name_latency(&self, latency: Duration) {
        let mut inner = self.inner();
        inner.say("names", format_args!("take {latency:?}"));
        inner.name_latency = latency;
    }

    /// Has a node listen at another address than before, which its name then resolves to.
    pub fn move_node(&self, node: i32, address: IpAddr) {
        let mut inner = self.inner();
        let port = inner
            .listeners
            .iter()
            .find(|(_, listening)| **listening == node)
            .map(|(known, _)| known.port());
        let Some(port) = port else { return };
        inner.say("move", format_args!("node {node} to {address}"));
        inner.listeners.retain(|_, listening| *listening != node);
        inner.listeners.insert((address, port).into(), node);
        inner.names.insert(format!("broker-{node}.sim"), Ok(vec![address]));
    }

    /// Ends a client as `kill -9` would: nothing of it runs any more, and its connections are reset.
    ///
    /// Tasks that were [spawned in it](Self::spawn_in) end with it. Others that use it go on: whatever they wait for of it fails,
    /// with [`ErrorKind::Closed`](kafka_handle::ErrorKind::Closed), and it is for them to end, or to be
    /// [aborted](JoinHandle::abort).
    pub fn crash(&self, client: ClientId) {
        let mut inner = self.inner();
        inner.say("crash", client);
        inner.orders.push(Order::Crash(client));
    }

    /// Sets a client's wall clock forward by so many milliseconds; negative: back.
    pub fn skew_clock(&self, client: ClientId, milliseconds: i64) {
        let mut inner = self.inner();
        inner.say("skew", format_args!("the clock of {client} by {milliseconds} ms"));
        if let Some(info) = inner.clients.get(&client) {
            info.skew.fetch_add(milliseconds, Ordering::Relaxed);
        }
    }

    /// What the wall clock of a client's machine shows, in milliseconds since 1970: what a service stamps its records with.
    /// Of a client that there is not, what a clock shows that is right.
    #[must_use]
    pub fn wall_ms(&self, client: ClientId) -> i64 {
        let inner = self.inner();
        let skew = inner.clients.get(&client).map(|info| info.skew.load(Ordering::Relaxed));
        inner.wall_clock().wall_ms().saturating_add(skew.unwrap_or_default())
    }

    /// Connections that are open or being opened.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.inner().wires.values().filter(|wire| !wire.client_gone).count()
    }

    /// Gives whether any client has noticed, or will.
    fn reset_where(&self, chosen: impl Fn(ClientId, i32) -> bool) -> bool {
        let mut inner = self.inner();
        let conns: Vec<_> = inner
            .wires
            .iter()
            .filter(|(_, wire)| chosen(wire.client, wire.node))
            .map(|(conn, wire)| (*conn, !wire.client_gone))
            .collect();
        let hits = conns.iter().any(|(_, open)| *open);
        for (conn, _) in conns {
            inner.orders.push(Order::Reset(conn));
        }
        hits
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let acting = *self.acting.lock().unwrap_or_else(PoisonError::into_inner);
                assert!(acting != Some(thread::current().id()), "{WITHIN}");
                self.inner.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }
    }
}

/// What is wrong with a test that would never end.
const WITHIN: &str = "a WorldHandle is used by what was handed to WorldHandle::cluster or set_conditions of the same world: \
    take what it needs of the handle before";

/// A user's code runs on this thread while the world is locked.
struct Acting<'a>(&'a Mutex<Option<ThreadId>>);

impl<'a> Acting<'a> {
    fn begin(acting: &'a Mutex<Option<ThreadId>>) -> Self {
        *acting.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        Self(acting)
    }

    fn act<T>(self, action: impl FnOnce() -> T) -> T {
        action()
    }
}

impl Drop for Acting<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl fmt::Debug for WorldHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorldHandle").finish_non_exhaustive()
    }
}
