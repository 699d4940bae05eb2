//! The sockets between client and brokers, and what goes wrong on them.

use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use kafka_engine::{CloseCause, ConnId};
use kafka_sim::{Input as Asked, Time};

use super::{PORTS, World};

/// A connection that is up.
pub(super) struct Socket {
    node: i32,
    broker: kafka_sim::ConnId,
    /// What has reached the broker of a request that is not whole.
    begun: BytesMut,
    /// How many bytes the socket takes before it stalls.
    room: usize,
}

/// What becomes of an answer on its way.
#[derive(Clone, Debug)]
pub(crate) enum Tamper {
    /// Nothing.
    Pass,
    /// Bits turn over, at places counted from the frame's length prefix on.
    Flip(Vec<(u16, u8)>),
    /// The body is another, and the length fits.
    Body(Vec<u8>),
    /// Other bytes come in its place.
    Bytes(Vec<u8>),
    /// The stream ends within it.
    Cut(usize),
    /// It comes twice.
    Twice,
}

impl World {
    pub(super) fn connect(&mut self, conn: ConnId, address: SocketAddr) {
        let node = i32::from(address.port()) - i32::from(PORTS);
        if self.silent.contains(&node) {
            return;
        }
        if self.refusing.contains(&node) {
            self.client.closed(self.now(), conn, CloseCause::Refused);
            return;
        }
        let broker = kafka_sim::ConnId(self.next_broker_conn);
        self.next_broker_conn += 1;
        self.cluster.handle(Time::from_nanos(self.now), Asked::Accepted { conn: broker, node });
        let socket = Socket { node, broker, begun: BytesMut::new(), room: usize::MAX };
        self.sockets.insert(conn, socket);
        self.client.connected(self.now(), conn);
    }

    /// Takes what the client has to write to where it is read; whether there was anything.
    pub(super) fn move_bytes(&mut self) -> bool {
        let mut any = false;
        for conn in self.conns() {
            while let Some(bytes) = self.take_written(conn) {
                any = true;
                self.client.wrote(self.now(), conn);
                self.drain_client();
                self.reach_broker(conn, &bytes);
            }
        }
        any
    }

    /// Connections that are up.
    pub(crate) fn conns(&self) -> Vec<ConnId> {
        self.sockets.keys().copied().collect()
    }

    /// Cuts every connection to a node.
    pub(crate) fn cut_node(&mut self, node: i32) {
        for conn in self.conns() {
            if self.sockets.get(&conn).is_some_and(|socket| socket.node == node) {
                self.cut(conn, CloseCause::Reset);
            }
        }
    }

    /// Lets a connection take so many bytes more, and then nothing; `usize::MAX`: as many as there are.
    pub(crate) fn set_room(&mut self, conn: ConnId, room: usize) {
        if let Some(socket) = self.sockets.get_mut(&conn) {
            socket.room = room;
        }
    }

    /// Ends a connection, to both sides.
    pub(crate) fn cut(&mut self, conn: ConnId, cause: CloseCause) {
        if self.sockets.contains_key(&conn) {
            self.close_to_broker(conn);
            self.client.closed(self.now(), conn, cause);
            self.drain_client();
        }
    }

    /// The peer ends the stream.
    pub(crate) fn end_stream(&mut self, conn: ConnId) {
        self.close_to_broker(conn);
        self.client.received(self.now(), conn, &[]);
        self.drain_client();
    }

    /// Bytes come to the client, in slices.
    pub(crate) fn reach_client(&mut self, conn: ConnId, bytes: &[u8]) {
        for slice in bytes.chunks(self.slice) {
            if self.sockets.contains_key(&conn) {
                self.client.received(self.now(), conn, slice);
                self.drain_client();
                self.forget_failed(conn);
            }
        }
    }

    /// An answer leaves its broker.
    pub(super) fn answer(&mut self, broker: kafka_sim::ConnId, frame: Bytes) {
        let Some(conn) = self.socket_of(broker) else {
            return;
        };
        let tamper = self.tampers.pop_front().or_else(|| self.tamper_always.clone());
        match tamper.unwrap_or(Tamper::Pass) {
            Tamper::Pass => self.reach_client(conn, &frame),
            Tamper::Flip(places) => {
                let mut bytes = frame.to_vec();
                let len = bytes.len();
                for (at, bits) in places {
                    bytes[usize::from(at) % len] ^= bits;
                }
                self.reach_client(conn, &bytes);
            }
            Tamper::Body(body) => {
                let id = frame.get(4..8).unwrap_or_default();
                let length = (id.len() + body.len()) as u32;
                self.reach_client(conn, &[&length.to_be_bytes(), id, &body].concat());
            }
            Tamper::Bytes(bytes) => self.reach_client(conn, &bytes),
            Tamper::Cut(len) => {
                self.reach_client(conn, &frame[..len.min(frame.len())]);
                self.end_stream(conn);
            }
            Tamper::Twice => {
                self.reach_client(conn, &frame);
                self.reach_client(conn, &frame);
            }
        }
    }

    pub(super) fn socket_of(&self, broker: kafka_sim::ConnId) -> Option<ConnId> {
        self.sockets.iter().find(|(_, socket)| socket.broker == broker).map(|(conn, _)| *conn)
    }

    pub(super) fn close_to_broker(&mut self, conn: ConnId) {
        if let Some(socket) = self.sockets.remove(&conn) {
            let closed = Asked::Closed { conn: socket.broker };
            self.cluster.handle(Time::from_nanos(self.now), closed);
        }
    }

    /// Takes a slice of what the client has to write, as far as the socket has room.
    fn take_written(&mut self, conn: ConnId) -> Option<Bytes> {
        let socket = self.sockets.get_mut(&conn)?;
        let chunks = self.client.to_write(conn)?;
        let len = chunks.remaining().min(self.slice).min(socket.room);
        if len == 0 {
            return None;
        }
        if socket.room != usize::MAX {
            socket.room -= len;
        }
        Some(chunks.copy_to_bytes(len))
    }

    fn reach_broker(&mut self, conn: ConnId, bytes: &[u8]) {
        let Some(socket) = self.sockets.get_mut(&conn) else {
            return;
        };
        socket.begun.extend_from_slice(bytes);
        while let Some(socket) = self.sockets.get_mut(&conn)
            && let Some(length) = socket.begun.first_chunk()
        {
            let length = u32::from_be_bytes(*length) as usize;
            if socket.begun.len() < 4 + length {
                return;
            }
            socket.begun.advance(4);
            let frame = socket.begun.split_to(length).freeze();
            let asked = Asked::Frame { conn: socket.broker, frame };
            self.cluster.handle(Time::from_nanos(self.now), asked);
        }
    }

    /// The client gives a connection up by itself when its link fails.
    fn forget_failed(&mut self, conn: ConnId) {
        if self.client.read_buf(conn).is_none() {
            self.close_to_broker(conn);
        }
    }
}
