//! What tasks and the run loop share: time, the network, names, the cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

use bytes::Bytes;
use kafka_handle::Lookup;

use super::ClientId;
use super::client::SimClock;
use super::heap::Heap;
use super::net::{Direction, Frames, Net, Pipe, Segment};
use super::orders::{Order, Orders};
use super::tap::Tap;
use super::trace::Trace;
use super::words::Way;
use crate::fault::Met;
use crate::{Cluster, ConnId, Input, Output, Rng, Time};

/// Something that happens at its time.
pub(super) enum Event {
    /// Somebody sleeps until now.
    Wake(Waker),
    /// A client's driver wants another turn, if it has not changed its mind.
    Turn(ClientId),
    /// The first of a pipe arrives.
    Arrive(ConnId, Direction),
    /// A connection's handshake is over.
    Connect(ConnId),
    /// A connection can't be had.
    Refuse(ConnId, io::ErrorKind),
    /// A name has been looked up.
    Resolve(Box<Lookup>),
    /// The cluster wants to be ticked, if it has not changed its mind.
    Tick,
}

/// A connection between its two ends.
pub(super) struct Wire {
    pub(super) client: ClientId,
    pub(super) node: i32,
    pub(super) connected: bool,
    /// The handshake waits for the way to be free again.
    pub(super) hanging: bool,
    pub(super) to_broker: Pipe,
    pub(super) to_client: Pipe,
    requests: Frames,
    /// Frames for whoever listens in.
    written: Frames,
    responses: Frames,
    pub(super) client_gone: bool,
    broker_gone: bool,
    /// Since when the broker knows nothing of it, and nothing gets through.
    pub(super) forgotten: Option<Time>,
}

impl Wire {
    pub(super) fn new(client: ClientId, node: i32) -> Self {
        Self {
            client,
            node,
            connected: false,
            hanging: false,
            to_broker: Pipe::default(),
            to_client: Pipe::default(),
            requests: Frames::default(),
            written: Frames::default(),
            responses: Frames::default(),
            client_gone: false,
            broker_gone: false,
            forgotten: None,
        }
    }

    pub(super) fn pipe(&mut self, direction: Direction) -> &mut Pipe {
        match direction {
            Direction::ToBroker => &mut self.to_broker,
            Direction::ToClient => &mut self.to_client,
        }
    }
}

/// What came out of a pipe at the client's end.
pub(super) enum Arrived {
    Data(Bytes),
    Fin,
}

pub(super) struct Inner {
    pub(super) now: Time,
    /// The same, for the clients' clocks.
    pub(super) clock: Arc<AtomicU64>,
    pub(super) heap: Heap<Event>,
    pub(super) orders: Orders,
    pub(super) trace: Trace,
    pub(super) tap: Option<Box<dyn Tap>>,
    pub(super) seed: Rng,
    pub(super) net: Net,
    pub(super) net_rng: Rng,
    pub(super) cluster: Cluster,
    cluster_armed: Option<Time>,
    pub(super) wires: BTreeMap<ConnId, Wire>,
    pub(super) next_conn: u64,
    pub(super) next_task: u64,
    pub(super) listeners: BTreeMap<SocketAddr, i32>,
    pub(super) names: BTreeMap<String, Result<Vec<IpAddr>, String>>,
    pub(super) name_latency: Duration,
    pub(super) down: BTreeSet<i32>,
    /// Nodes that refuse connections, and whether they have.
    pub(super) refusing: BTreeMap<i32, Met>,
    /// Nodes to which connecting takes for ever, and whether anybody has tried.
    pub(super) hanging: BTreeMap<i32, Met>,
    pub(super) clients: BTreeMap<ClientId, ClientInfo>,
    pub(super) wall_epoch_ms: i64,
    /// Kept for its memory.
    frames: Vec<Bytes>,
}

/// What is known of a client outside of the run loop.
pub(super) struct ClientInfo {
    /// Milliseconds by which its wall clock is wrong.
    pub(super) skew: Arc<AtomicI64>,
    /// Nanoseconds by which its monotonic clock is ahead of the world.
    pub(super) ahead: Arc<AtomicU64>,
    /// It was closed, or has crashed.
    pub(super) ended: bool,
}

/// The number of the node at an address where none is.
const NOWHERE: i32 = -1;

impl Inner {
    pub(super) fn new(cluster: Cluster, net: Net, seed: &Rng, wall_epoch_ms: i64) -> Self {
        Self {
            now: Time::ZERO,
            clock: Arc::new(AtomicU64::new(0)),
            heap: Heap::new(),
            orders: Orders::default(),
            trace: Trace::new(),
            tap: None,
            seed: seed.clone(),
            net,
            net_rng: seed.split(1),
            cluster,
            cluster_armed: None,
            wires: BTreeMap::new(),
            next_conn: 1,
            next_task: 0,
            listeners: BTreeMap::new(),
            names: BTreeMap::new(),
            name_latency: Duration::from_millis(1),
            down: BTreeSet::new(),
            refusing: BTreeMap::new(),
            hanging: BTreeMap::new(),
            clients: BTreeMap::new(),
            wall_epoch_ms,
            frames: Vec::new(),
        }
    }

    /// A wall clock that is right until somebody skews it.
    pub(super) fn wall_clock(&self) -> SimClock {
        SimClock {
            now: Arc::clone(&self.clock),
            wall_epoch_ms: self.wall_epoch_ms,
            skew_ms: Arc::default(),
            ahead: Arc::default(),
        }
    }

    pub(super) fn set_now(&mut self, now: Time) {
        self.now = self.now.max(now);
        self.clock.store(self.now.as_nanos(), Ordering::Relaxed);
    }

    /// A connection is asked for. Its handshake takes a round trip, and may come to nothing.
    pub(super) fn connect(&mut self, client: ClientId, address: SocketAddr) -> ConnId {
        let conn = ConnId(self.next_conn);
        self.next_conn = self.next_conn.saturating_add(1);
        let node = self.listeners.get(&address).copied();
        let way = Way { conn, client, node: node.unwrap_or(NOWHERE) };
        let hashed = (conn.0, u64::from(address.port()));
        self.trace.note(self.now, "connect", hashed, format_args!("{way} at {address}"));
        if let Some(tap) = &mut self.tap {
            tap.connecting(self.now, client, conn, node.unwrap_or(NOWHERE));
        }
        let Some(node) = node else {
            self.wires.insert(conn, Wire::new(client, NOWHERE));
            let at = self.now + Duration::from_millis(1);
            self.heap.push(at, Event::Refuse(conn, io::ErrorKind::ConnectionRefused));
            return conn;
        };
        let mut wire = Wire::new(client, node);
        let conditions = self.net.between(client, node);
        let way = self.net_rng.duration(&conditions.latency);
        let back = self.net_rng.duration(&conditions.latency);
        let at = self.now + way + back;
        if self.net.is_dark(node) {
            wire.hanging = true;
        } else if self.down.contains(&node) {
            self.heap.push(at, Event::Refuse(conn, io::ErrorKind::ConnectionRefused));
        } else if let Some(met) = self.refusing.get(&node) {
            met.set();
            self.heap.push(at, Event::Refuse(conn, io::ErrorKind::ConnectionRefused));
        } else if let Some(met) = self.hanging.get(&node) {
            met.set();
            wire.hanging = true;
        } else {
            self.heap.push(at, Event::Connect(conn));
        }
        self.wires.insert(conn, wire);
        conn
    }

    /// A client was closed, or has crashed.
    pub(super) fn note_end(&mut self, client: ClientId) {
        if let Some(info) = self.clients.get_mut(&client) {
            info.ended = true;
        }
    }

    /// The handshake's end. Whether the client is connected now.
    pub(super) fn connected(&mut self, conn: ConnId) -> bool {
        let Some(wire) = self.wires.get_mut(&conn).filter(|wire| !wire.client_gone) else {
            return false;
        };
        let conditions = self.net.between(wire.client, wire.node);
        let blocked = conditions.to_broker_blocked || conditions.to_client_blocked;
        let hangs = self.hanging.get(&wire.node).inspect(|met| met.set()).is_some();
        if blocked || !self.net.answers(wire.node) || hangs {
            wire.hanging = true;
            return false;
        }
        if self.down.contains(&wire.node) {
            self.heap.push(self.now, Event::Refuse(conn, io::ErrorKind::ConnectionRefused));
            return false;
        }
        wire.connected = true;
        let node = wire.node;
        if let Some(tap) = &mut self.tap {
            tap.connected(self.now, wire.client, conn, node);
        }
        let way = Way { conn, client: wire.client, node };
        self.trace.note(self.now, "connected", (conn.0, node as u64), way);
        self.ask(Input::Accepted { conn, node });
        true
    }

    /// Tells in the trace what was done to the world.
    pub(super) fn say(&mut self, what: &str, words: impl fmt::Display) {
        self.trace.say(self.now, what, words);
    }

    /// A connection and its ends, for the trace.
    pub(super) fn way(&self, conn: ConnId) -> Way {
        let ends = self.wires.get(&conn).map(|wire| (wire.client, wire.node));
        let (client, node) = ends.unwrap_or((ClientId(0), NOWHERE));
        Way { conn, client, node }
    }

    /// Gives the cluster something, and takes what comes of it.
    pub(super) fn ask(&mut self, input: Input) {
        self.cluster.handle(self.now, input);
        self.drain_cluster();
    }

    /// Does what the cluster wants done.
    pub(super) fn drain_cluster(&mut self) {
        while let Some(output) = self.cluster.poll() {
            match output {
                Output::Send { conn, frame } => {
                    let bytes = frame.into_bytes();
                    let way = self.way(conn);
                    self.trace.answer(self.now, way, &bytes);
                    self.send(conn, Direction::ToClient, Segment::Data(bytes));
                }
                Output::Close { conn, why } => {
                    let (way, why) = (self.way(conn), why.to_string());
                    let words = format_args!("{way}: {why}");
                    self.trace.words(self.now, "broker closes", conn.0, &why, words);
                    if let Some(wire) = self.wires.get_mut(&conn) {
                        wire.broker_gone = true;
                    }
                    self.send(conn, Direction::ToClient, Segment::Fin);
                }
                Output::Wait { until } => self.arm_cluster(until),
                Output::Store(_) => {}
            }
        }
        self.trace.look(self.now, &self.cluster);
        if let Some(tap) = &mut self.tap {
            tap.cluster(&mut self.cluster);
        }
    }

    fn arm_cluster(&mut self, until: Option<Time>) {
        self.cluster_armed = until;
        if let Some(until) = until {
            self.heap.push(until, Event::Tick);
        }
    }

    pub(super) fn tick_cluster(&mut self) {
        if self.cluster_armed.is_some_and(|at| at <= self.now) {
            self.cluster_armed = None;
            self.ask(Input::Tick);
        }
    }

    /// Puts something into a pipe.
    pub(super) fn send(&mut self, conn: ConnId, direction: Direction, segment: Segment) {
        let Some(wire) = self.wires.get_mut(&conn) else {
            return;
        };
        let conditions = self.net.between(wire.client, wire.node);
        let stalled =
            wire.forgotten.is_some() || self.net.is_stalled(wire.client, wire.node, direction);
        let pipe = wire.pipe(direction);
        pipe.push(self.now, segment, conditions, &mut self.net_rng);
        if !stalled {
            pipe.schedule(self.now, |at| self.heap.push(at, Event::Arrive(conn, direction)));
        }
    }

    /// Has the first of a pipe arrive when it is due, unless the way is blocked.
    fn schedule(&mut self, conn: ConnId, direction: Direction) {
        let Some(wire) = self.wires.get_mut(&conn) else {
            return;
        };
        let stalled =
            wire.forgotten.is_some() || self.net.is_stalled(wire.client, wire.node, direction);
        if !stalled {
            let push = |at| self.heap.push(at, Event::Arrive(conn, direction));
            wire.pipe(direction).schedule(self.now, push);
        }
    }

    /// Ways that were blocked may be free: whatever waits goes on.
    pub(super) fn unblock(&mut self) {
        let conns: Vec<ConnId> = self.wires.keys().copied().collect();
        for conn in conns {
            self.schedule(conn, Direction::ToBroker);
            self.schedule(conn, Direction::ToClient);
            if let Some(wire) = self.wires.get_mut(&conn)
                && wire.hanging
                && !self.hanging.contains_key(&wire.node)
                && !self.net.is_dark(wire.node)
            {
                wire.hanging = false;
                self.heap.push(self.now + Duration::from_millis(1), Event::Connect(conn));
            }
        }
    }

    /// What a pipe's end gets now. What arrives at a broker goes to the cluster.
    pub(super) fn arrive(&mut self, conn: ConnId, direction: Direction) -> Option<Arrived> {
        let wire = self.wires.get_mut(&conn)?;
        let stalled =
            wire.forgotten.is_some() || self.net.is_stalled(wire.client, wire.node, direction);
        let pipe = wire.pipe(direction);
        pipe.scheduled = false;
        if stalled {
            return None;
        }
        let arrived = pipe.arrive(self.now);
        pipe.schedule(self.now, |at| self.heap.push(at, Event::Arrive(conn, direction)));
        let (segment, cut) = arrived?;
        let arrived = match (direction, segment) {
            (Direction::ToBroker, segment) => {
                self.arrive_at_broker(conn, segment);
                None
            }
            (Direction::ToClient, Segment::Fin) => Some(Arrived::Fin),
            (Direction::ToClient, Segment::Data(bytes)) => {
                self.tap_responses(conn, &bytes);
                Some(Arrived::Data(bytes))
            }
        };
        if cut {
            self.orders.push(Order::Reset(conn));
        }
        arrived
    }

    fn arrive_at_broker(&mut self, conn: ConnId, segment: Segment) {
        let Some(wire) = self.wires.get_mut(&conn) else {
            return;
        };
        if wire.broker_gone {
            return;
        }
        let Segment::Data(bytes) = segment else {
            let way = self.way(conn);
            self.trace.note(self.now, "client closed", (conn.0, 0), way);
            self.wires.remove(&conn);
            return self.ask(Input::Closed { conn });
        };
        let way = Way { conn, client: wire.client, node: wire.node };
        let mut frames = std::mem::take(&mut self.frames);
        let whole = wire.requests.push(bytes, |frame| frames.push(frame));
        for frame in frames.drain(..) {
            self.trace.request(self.now, way, &frame);
            self.ask(Input::Frame { conn, frame });
        }
        self.frames = frames;
        if whole.is_err() {
            self.orders.push(Order::Reset(conn));
        }
    }

    /// A client writes.
    pub(super) fn write(&mut self, conn: ConnId, bytes: Bytes) {
        if let (Some(wire), Some(tap)) = (self.wires.get_mut(&conn), &mut self.tap) {
            let (client, node, now) = (wire.client, wire.node, self.now);
            // Clients of ours write frames.
            let _ = wire.written.push(bytes.clone(), |frame| {
                tap.request(now, client, conn, node, &frame);
            });
        }
        self.send(conn, Direction::ToBroker, Segment::Data(bytes));
        let forgotten = self.wires.get(&conn).filter(|wire| wire.forgotten.is_some());
        if forgotten.is_some_and(|wire| !self.net.is_dark(wire.node)) {
            self.orders.push(Order::Reset(conn));
        }
    }

    fn tap_responses(&mut self, conn: ConnId, bytes: &Bytes) {
        let (Some(wire), Some(tap)) = (self.wires.get_mut(&conn), &mut self.tap) else {
            return;
        };
        let (client, node, now) = (wire.client, wire.node, self.now);
        // What is no frame any more is the client's to notice.
        let _ = wire.responses.push(bytes.clone(), |frame| {
            tap.response(now, client, conn, node, &frame);
        });
    }

    /// The client's end is gone, and the broker hears of it in order.
    pub(super) fn hang_up(&mut self, conn: ConnId) {
        let Some(wire) = self.wires.get_mut(&conn) else {
            return;
        };
        wire.client_gone = true;
        let (connected, gone) = (wire.connected, wire.broker_gone);
        let (client, node) = (wire.client, wire.node);
        let way = Way { conn, client, node };
        self.trace.note(self.now, "hang up", (conn.0, 0), way);
        let forgotten = wire.forgotten;
        if let Some(tap) = &mut self.tap {
            tap.disconnected(self.now, client, conn, node);
            forgotten.into_iter().for_each(|since| tap.noticed(self.now, since));
        }
        if connected && !gone {
            self.send(conn, Direction::ToBroker, Segment::Fin);
        } else {
            self.wires.remove(&conn);
        }
    }

    /// The connection is gone at both ends.
    pub(super) fn reset(&mut self, conn: ConnId) {
        let Some(wire) = self.wires.remove(&conn) else {
            return;
        };
        let way = Way { conn, client: wire.client, node: wire.node };
        self.trace.note(self.now, "reset", (conn.0, 0), way);
        if let Some(tap) = &mut self.tap
            && !wire.client_gone
        {
            tap.disconnected(self.now, wire.client, conn, wire.node);
            wire.forgotten.into_iter().for_each(|since| tap.noticed(self.now, since));
        }
        if wire.connected {
            self.ask(Input::Closed { conn });
        }
    }
}
