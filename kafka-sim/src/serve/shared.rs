//! The lock around the cluster, and carrying out what the cluster decides.

use std::collections::BTreeMap;
use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::conn::{self, Peer};
use super::store::Store;
use crate::{Cluster, ConnId, Input, Output, Time};

/// Requests of one connection that may wait before it is not read any further.
const BACKLOG_MAX: usize = 64;

/// What all threads share.
#[derive(Debug)]
pub(super) struct Shared {
    core: Mutex<Core>,
    /// Wakes the timer thread when a deadline is nearer than the one it sleeps until.
    timer: Condvar,
    /// Wakes connections that stopped reading, when anything was answered.
    answered: Condvar,
    /// Wakes whoever stops the service, when a thread of a connection ends.
    ended: Condvar,
    epoch: Instant,
    next_conn: AtomicU64,
    timer_thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Core {
    cluster: Cluster,
    store: Option<Store>,
    peers: BTreeMap<ConnId, Arc<Peer>>,
    deadline: Option<Time>,
    /// What the timer thread sleeps until; `None` while it sleeps without end.
    armed: Option<Time>,
    /// Connections that stopped reading.
    held_back: usize,
    /// Threads of connections that are alive.
    threads: usize,
    stopping: bool,
    log: bool,
    storage_failure: Option<String>,
}

impl Shared {
    pub(super) fn start(
        cluster: Cluster,
        store: Option<Store>,
        log: bool,
    ) -> io::Result<Arc<Self>> {
        let shared = Arc::new(Self {
            core: Mutex::new(Core {
                cluster,
                store,
                peers: BTreeMap::new(),
                deadline: None,
                armed: None,
                held_back: 0,
                threads: 0,
                stopping: false,
                log,
                storage_failure: None,
            }),
            timer: Condvar::new(),
            answered: Condvar::new(),
            ended: Condvar::new(),
            epoch: Instant::now(),
            next_conn: AtomicU64::new(1),
            timer_thread: Mutex::new(None),
        });
        // A restored cluster has something to say before anything happened.
        shared.act(None, |_, _| ());
        let timed = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("kafka-sim timer".into())
            .spawn(move || timed.run_timer())?;
        *lock(&shared.timer_thread) = Some(thread);
        Ok(shared)
    }

    /// Does something under the lock, then, without it, sends what came of it. Answers on the
    /// connection `own` are written by the calling thread, others are left to the connections' own
    /// threads.
    pub(super) fn act<T>(
        self: &Arc<Self>,
        own: Option<ConnId>,
        action: impl FnOnce(&mut Cluster, Time) -> T,
    ) -> T {
        let mut touched = Vec::new();
        let result = {
            let mut core = self.lock();
            let result = action(&mut core.cluster, self.now());
            self.drain(&mut core, &mut touched);
            result
        };
        for (id, peer) in touched {
            if own == Some(id) {
                peer.write_here();
            } else {
                peer.write_elsewhere(self);
            }
        }
        result
    }

    /// Hands in a frame and waits while the connection has too many of them waiting.
    pub(super) fn frame(self: &Arc<Self>, conn: ConnId, frame: bytes::Bytes) {
        let backlog = self.act(Some(conn), |cluster, now| {
            cluster.handle(now, Input::Frame { conn, frame });
            cluster.backlog(conn)
        });
        if backlog < BACKLOG_MAX {
            return;
        }
        let mut core = self.lock();
        core.held_back = core.held_back.saturating_add(1);
        while !core.stopping && core.cluster.backlog(conn) >= BACKLOG_MAX {
            core = self.answered.wait(core).unwrap_or_else(PoisonError::into_inner);
        }
        core.held_back = core.held_back.saturating_sub(1);
    }

    /// Takes a new connection in and starts its thread.
    pub(super) fn accepted(self: &Arc<Self>, node: i32, stream: TcpStream) {
        // Without it, an answer in several segments waits for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let id = ConnId(self.next_conn.fetch_add(1, Ordering::Relaxed));
        let peer = Arc::new(Peer::new(stream));
        {
            let mut core = self.lock();
            if core.stopping {
                return;
            }
            core.peers.insert(id, Arc::clone(&peer));
        }
        self.act(Some(id), |cluster, now| {
            cluster.handle(now, Input::Accepted { conn: id, node });
        });
        let reading = Arc::clone(&peer);
        if self.spawn(move |shared| conn::read(shared, id, &reading)).is_err() {
            self.gone(id);
        }
    }

    /// A connection ended, whoever ended it.
    pub(super) fn gone(self: &Arc<Self>, conn: ConnId) {
        self.act(None, |cluster, now| {
            cluster.handle(now, Input::Closed { conn });
        });
        let peer = self.lock().peers.remove(&conn);
        if let Some(peer) = peer {
            peer.shut();
        }
    }

    /// Starts a thread of a connection; it is counted until it ends, however it ends.
    pub(super) fn spawn(
        self: &Arc<Self>,
        run: impl FnOnce(&Arc<Self>) + Send + 'static,
    ) -> io::Result<()> {
        let counted = Counted::new(self);
        let thread = thread::Builder::new().name("kafka-sim connection".into());
        thread.spawn(move || run(&counted.0)).map(drop)
    }

    pub(super) fn storage_failure(&self) -> Option<String> {
        self.lock().storage_failure.clone()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.lock().stopping
    }

    /// Shuts every connection and lets nothing begin any more.
    pub(super) fn begin_stop(&self) {
        let mut core = self.lock();
        core.stopping = true;
        for peer in core.peers.values() {
            peer.shut();
        }
        self.timer.notify_all();
        self.answered.notify_all();
    }

    /// Waits for every thread.
    pub(super) fn finish_stop(&self) {
        let timer = lock(&self.timer_thread).take();
        if let Some(timer) = timer {
            // A panic there was reported when it happened.
            let _ = timer.join();
        }
        let mut core = self.lock();
        while core.threads > 0 {
            core = self.ended.wait(core).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Carries out what needs the lock, and collects whom there is something to write to.
    fn drain(&self, core: &mut Core, touched: &mut Vec<(ConnId, Arc<Peer>)>) {
        while let Some(output) = core.cluster.poll() {
            match output {
                Output::Store(op) => core.store(op),
                // What could not be written down is never acknowledged.
                Output::Send { .. } if core.storage_failure.is_some() => {}
                Output::Send { conn, frame } => core.touch(conn, touched, |peer| peer.push(frame)),
                Output::Close { conn, why } => {
                    if core.log {
                        eprintln!("kafka-sim: connection {} closed: {why}", conn.0);
                    }
                    core.touch(conn, touched, Peer::finish);
                }
                Output::Wait { until } => core.deadline = until,
            }
        }
        if core.deadline.is_some_and(|deadline| core.armed.is_none_or(|armed| deadline < armed)) {
            self.timer.notify_one();
        }
        if core.held_back > 0 {
            self.answered.notify_all();
        }
    }

    fn run_timer(self: &Arc<Self>) {
        let mut core = self.lock();
        while !core.stopping {
            core.armed = core.deadline;
            let Some(deadline) = core.deadline else {
                core = self.timer.wait(core).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = deadline.since(self.now());
            if left.is_zero() {
                drop(core);
                self.act(None, |cluster, now| cluster.handle(now, Input::Tick));
                core = self.lock();
            } else {
                core =
                    self.timer.wait_timeout(core, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn now(&self) -> Time {
        Time::ZERO + self.epoch.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        lock(&self.core)
    }
}

impl Core {
    fn store(&mut self, op: crate::StoreOp) {
        let Some(store) = self.store.as_mut().filter(|_| self.storage_failure.is_none()) else {
            return;
        };
        if let Err(error) = store.apply(op) {
            // A broker that can't write must not go on as if it could: nothing is acknowledged from
            // here on.
            if self.log {
                eprintln!("kafka-sim: nothing is acknowledged any more: {error}");
            }
            self.storage_failure = Some(error.to_string());
            for peer in self.peers.values() {
                peer.shut();
            }
        }
    }

    fn touch(
        &self,
        conn: ConnId,
        touched: &mut Vec<(ConnId, Arc<Peer>)>,
        change: impl FnOnce(&Peer),
    ) {
        let Some(peer) = self.peers.get(&conn) else {
            return;
        };
        change(peer);
        if !touched.iter().any(|(id, _)| *id == conn) {
            touched.push((conn, Arc::clone(peer)));
        }
    }
}

/// Counts a thread for as long as it lives.
struct Counted(Arc<Shared>);

impl Counted {
    fn new(shared: &Arc<Shared>) -> Self {
        let mut core = shared.lock();
        core.threads = core.threads.saturating_add(1);
        Self(Arc::clone(shared))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut core = self.0.lock();
        core.threads = core.threads.saturating_sub(1);
        self.0.ended.notify_all();
    }
}

/// A test that panics while it holds the lock must not take the broker's other threads along.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
