//! The clients' side of the world: what an adapter is to a runtime.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use kafka_handle::{Action, Clock, Connection, Driver, Flow, Instant, Lookup, Turn};

use super::ClientId;
use super::inner::{Arrived, Event, Inner};
use super::net::Direction;
use super::ready::{Handle, Runnable};
use super::run::World;
use crate::{ConnId, Time};

/// Virtual time, and a wall clock that may be wrong.
pub(super) struct SimClock {
    pub(super) now: Arc<AtomicU64>,
    pub(super) wall_epoch_ms: i64,
    pub(super) skew_ms: Arc<AtomicI64>,
    /// Nanoseconds that it shows more than there were.
    pub(super) ahead: Arc<AtomicU64>,
}

impl Clock for SimClock {
    fn now(&self) -> Instant {
        let ahead = self.ahead.load(Ordering::Relaxed);
        Instant::from_nanos(self.now.load(Ordering::Relaxed).saturating_add(ahead))
    }

    fn wall_ms(&self) -> i64 {
        let elapsed = self.now.load(Ordering::Relaxed) / 1_000_000;
        self.wall_epoch_ms
            .saturating_add_unsigned(elapsed)
            .saturating_add(self.skew_ms.load(Ordering::Relaxed))
    }
}

/// A client's driver.
pub(super) struct Slot {
    driver: Box<Driver>,
    waker: Waker,
    /// When it is to be turned at the latest.
    armed: Option<Time>,
    /// How far its clock is ahead.
    ahead: Arc<AtomicU64>,
}

impl Slot {
    /// Has the driver turned again at its deadline.
    fn arm(&mut self, until: Option<Instant>, client: ClientId, inner: &mut Inner) {
        let ahead = self.ahead.load(Ordering::Relaxed);
        let until = until.map(|until| Time::from_nanos(until.as_nanos().saturating_sub(ahead)));
        match until {
            Some(until) if until <= inner.now => self.waker.wake_by_ref(),
            Some(at) if until != self.armed => inner.heap.push(at, Event::Turn(client)),
            _ => {}
        }
        self.armed = until;
    }
}

/// The client's end of a connection.
pub(super) struct Socket {
    pub(super) client: ClientId,
    connection: Connection,
    pub(super) waker: Waker,
    connected: bool,
}

impl World {
    pub(super) fn adopt(&mut self, client: ClientId, driver: Box<Driver>, ahead: Arc<AtomicU64>) {
        let waker = Handle::new(Runnable::Driver(client), &self.ready).waker();
        waker.wake_by_ref();
        self.drivers.insert(client, Slot { driver, waker, armed: None, ahead });
    }

    /// Has a client's driver take a turn.
    pub(super) fn rouse(&self, client: ClientId) {
        if let Some(slot) = self.drivers.get(&client) {
            slot.waker.wake_by_ref();
        }
    }

    /// One turn of a client's driver.
    pub(super) fn turn(&mut self, client: ClientId) {
        if self.is_frozen(client) {
            return;
        }
        let Some(slot) = self.drivers.get_mut(&client) else {
            return;
        };
        let mut actions = std::mem::take(&mut self.actions);
        let woken_before = self.ready.pushed();
        let turned = slot.driver.turn(&slot.waker, &mut actions);
        let mut inner = self.handle.inner();
        let now = inner.now;
        if let Turn::Wait(until) = turned {
            let woken = self.ready.pushed().wrapping_sub(woken_before);
            slot.arm(until, client, &mut inner);
            if let Some(tap) = &mut inner.tap {
                let done = woken.saturating_add(actions.len() as u64);
                tap.turned(now, client, done, slot.armed);
            }
        }
        if let Some(tap) = &mut inner.tap {
            match turned {
                Turn::Over => tap.ended(now, client, &slot.driver),
                Turn::Wait(_) => tap.driver(now, client, &slot.driver),
            }
        }
        if turned == Turn::Over {
            inner.note_end(client);
        }
        drop(inner);
        if turned == Turn::Over {
            self.drivers.remove(&client);
        }
        for action in actions.drain(..) {
            match action {
                Action::Resolve(lookup) => self.resolve(lookup),
                Action::Connect(connection) => self.connect(client, connection),
            }
        }
        self.actions = actions;
    }

    /// A driver's deadline: stale unless it is still the one that it has.
    pub(super) fn turn_if_due(&mut self, client: ClientId, now: Time) {
        if self.is_frozen(client) {
            return;
        }
        if let Some(slot) = self.drivers.get_mut(&client)
            && slot.armed.is_some_and(|at| at <= now)
        {
            slot.armed = None;
            self.turn(client);
        }
    }

    fn resolve(&mut self, lookup: Lookup) {
        let mut inner = self.handle.inner();
        let at = inner.now + inner.name_latency;
        inner.heap.push(at, Event::Resolve(Box::new(lookup)));
    }

    pub(super) fn resolved(&mut self, lookup: Lookup) {
        let host = lookup.host();
        let known = self.handle.inner().names.get(host).cloned();
        let result = match (known, host.parse()) {
            (Some(known), _) => known,
            (None, Ok(address)) => Ok(vec![address]),
            (None, Err(_)) => Err("no such name".into()),
        };
        lookup.done(result);
    }

    fn connect(&mut self, client: ClientId, connection: Connection) {
        let conn = self.handle.inner().connect(client, connection.address());
        let waker = Handle::new(Runnable::Conn(conn), &self.ready).waker();
        // It may be told to close before it is connected.
        waker.wake_by_ref();
        self.sockets.insert(conn, Socket { client, connection, waker, connected: false });
    }

    pub(super) fn connected(&mut self, conn: ConnId) {
        let connected = self.handle.inner().connected(conn);
        if let Some(socket) = self.sockets.get_mut(&conn).filter(|_| connected) {
            socket.connected = true;
            socket.connection.connected();
        }
    }

    pub(super) fn refused(&mut self, conn: ConnId, kind: io::ErrorKind) {
        if let Some(mut socket) = self.sockets.remove(&conn) {
            socket.connection.failed(&kind.into());
        }
        let mut inner = self.handle.inner();
        let way = inner.way(conn);
        inner.say("refused", format_args!("{way}: {kind}"));
        inner.hang_up(conn);
    }

    /// Does the driver's orders, and writes.
    pub(super) fn serve(&mut self, conn: ConnId) {
        let Some(socket) =
            self.sockets.get_mut(&conn).filter(|socket| !self.frozen.contains(&socket.client))
        else {
            return;
        };
        let outbox = socket.connection.outbox();
        let mut cx = Context::from_waker(&socket.waker);
        while let Poll::Ready(work) = outbox.poll_work(&mut cx) {
            if socket.connection.perform(work) == Flow::Closed {
                return self.close(conn);
            }
        }
        self.write(conn);
    }

    fn write(&mut self, conn: ConnId) {
        let frozen = &self.frozen;
        let writes = |socket: &&mut Socket| socket.connected && !frozen.contains(&socket.client);
        let Some(socket) = self.sockets.get_mut(&conn).filter(writes) else {
            return;
        };
        loop {
            let mut inner = self.handle.inner();
            let room = inner.wires.get(&conn).is_some_and(|wire| wire.to_broker.has_room());
            let Some(chunks) = socket.connection.poll_write().filter(|_| room) else {
                return;
            };
            let bytes = std::mem::take(chunks).into_bytes();
            let len = bytes.len();
            inner.write(conn, bytes);
            drop(inner);
            socket.connection.wrote(len);
        }
    }

    /// Something came to an end of a connection.
    pub(super) fn arrive(&mut self, conn: ConnId, direction: Direction) {
        let mut inner = self.handle.inner();
        let arrived = inner.arrive(conn, direction);
        drop(inner);
        match arrived {
            // There is room for more.
            None => self.write(conn),
            Some(Arrived::Data(bytes)) => self.receive(conn, bytes),
            Some(Arrived::Fin) => {
                if let Some(mut socket) = self.sockets.remove(&conn) {
                    socket.connection.eof();
                }
                self.handle.inner().hang_up(conn);
            }
        }
    }

    fn receive(&mut self, conn: ConnId, mut bytes: Bytes) {
        let Some(socket) = self.sockets.get_mut(&conn) else {
            return;
        };
        while !bytes.is_empty() {
            let buf = socket.connection.read_buf();
            let room = buf.capacity().saturating_sub(buf.len()).clamp(1, bytes.len());
            buf.extend_from_slice(&bytes.split_to(room));
            if socket.connection.received() == Flow::Closed {
                return self.close(conn);
            }
        }
    }

    /// The client's end is closed.
    fn close(&mut self, conn: ConnId) {
        self.sockets.remove(&conn);
        self.handle.inner().hang_up(conn);
    }

    /// The network ends a connection at both ends.
    pub(super) fn reset(&mut self, conn: ConnId) {
        if let Some(mut socket) = self.sockets.remove(&conn) {
            socket.connection.failed(&io::ErrorKind::ConnectionReset.into());
        }
        self.handle.inner().reset(conn);
    }

    pub(super) fn crash(&mut self, client: ClientId) {
        self.crashed.insert(client);
        self.end_tasks_of(client);
        let conns: Vec<ConnId> = {
            let inner = self.handle.inner();
            let of_client = inner.wires.iter().filter(|(_, wire)| wire.client == client);
            of_client.map(|(conn, _)| *conn).collect()
        };
        for conn in conns {
            self.sockets.remove(&conn);
            self.handle.inner().reset(conn);
        }
        let Some(slot) = self.drivers.remove(&client) else {
            return;
        };
        let mut inner = self.handle.inner();
        inner.note_end(client);
        let now = inner.now;
        if let Some(tap) = &mut inner.tap {
            tap.ended(now, client, &slot.driver);
        }
        drop(inner);
    }
}
