//! A connection as its socket's task sees it: bytes in, bytes out, and work from the driver.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use kafka_engine::{CloseCause, ConnId, Input, Link, LinkConfig, LinkEvent};
use kafka_proto::Chunks;

use crate::outbox::{LinkOrder, LinkWork, Outbox, Work};
use crate::shared::Shared;

/// Whether a connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Flow {
    /// It does.
    Open,
    /// It is over: drop it and close the socket.
    Closed,
}

/// One connection, owned by the task of its socket, which moves bytes and nothing else:
///
/// 1. Connect to [`address`](Self::address), then call [`connected`](Self::connected), or else [`failed`](Self::failed).
/// 2. Hand whatever [`Outbox::poll_work`] gives to [`perform`](Self::perform), from the beginning on: it may be told
///    to close before it is connected.
/// 3. Write what [`poll_write`](Self::poll_write) has to the socket, advance it, and say how much with
///    [`wrote`](Self::wrote).
/// 4. Read from the socket into [`read_buf`](Self::read_buf) and call [`received`](Self::received), or
///    [`eof`](Self::eof) at the end.
///
/// Dropped early, it reports itself as failed.
pub struct Connection {
    id: ConnId,
    address: SocketAddr,
    link: Link,
    outbox: Arc<Outbox>,
    shared: Arc<Shared>,
    /// A transmit has not gone out in full.
    transmitting: bool,
    /// Bytes of it that the socket has not taken.
    unsent: usize,
    /// The socket has taken some of it.
    written: bool,
    /// The engine has been told of the end.
    over: bool,
}

impl Connection {
    pub(crate) fn new(
        id: ConnId,
        address: SocketAddr,
        config: LinkConfig,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            id,
            address,
            link: Link::new(config),
            outbox: Arc::default(),
            shared,
            transmitting: false,
            unsent: 0,
            written: false,
            over: false,
        }
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long connecting may take at the very most. The driver says so before, as a rule.
    pub fn setup_timeout(&self) -> Duration {
        self.shared.config.connection_setup_timeout_max
    }

    /// The sizes asked for the socket's send and receive buffers, in bytes; `None`: the system's.
    pub fn buffer_bytes(&self) -> (Option<usize>, Option<usize>) {
        (self.shared.config.send_buffer_bytes, self.shared.config.receive_buffer_bytes)
    }

    /// The driver's orders.
    pub fn outbox(&self) -> Arc<Outbox> {
        Arc::clone(&self.outbox)
    }

    /// The socket is connected.
    pub fn connected(&mut self) {
        self.shared.report(Input::Connected { conn: self.id });
    }

    /// Does what the driver wants.
    pub fn perform(&mut self, work: Work) -> Flow {
        match work {
            Work::Seal(seal) => seal.run(),
            Work::Link(LinkWork(LinkOrder::Transmit(transmit))) => {
                self.link.transmit(*transmit);
                self.transmitting = true;
                self.unsent = self.link.poll_write().map_or(0, |chunks| chunks.remaining());
                self.written = false;
                self.told_if_sent();
            }
            Work::Link(LinkWork(LinkOrder::Limit(frame_bytes_max))) => {
                self.link.limit(frame_bytes_max);
            }
            Work::Close => {
                self.link.close();
                // The engine asked for it and wants no report.
                self.over = true;
                return Flow::Closed;
            }
        }
        Flow::Open
    }

    /// The buffer to read into. It may be taken out for the time of a read that blocks, and must be put back before
    /// [`received`](Self::received).
    pub fn read_buf(&mut self) -> &mut BytesMut {
        self.link.read_buf()
    }

    /// Bytes have been read into the buffer.
    pub fn received(&mut self) -> Flow {
        self.count_taken();
        self.outbox.note_receiving(self.link.held_bytes());
        while let Some(event) = self.link.poll_event() {
            match event {
                LinkEvent::Response(response) => {
                    self.shared.report(Input::Response { conn: self.id, response });
                }
                LinkEvent::Failed(cause) => {
                    self.close(cause);
                    return Flow::Closed;
                }
                _ => {}
            }
        }
        Flow::Open
    }

    /// What to write now, if anything. It may be taken out for the time of a write that blocks.
    pub fn poll_write(&mut self) -> Option<&mut Chunks> {
        self.link.poll_write()
    }

    /// The socket has taken so many bytes more.
    pub fn wrote(&mut self, bytes: usize) {
        self.unsent = self.unsent.saturating_sub(bytes);
        self.written |= bytes > 0 && self.transmitting;
        self.told_if_sent();
    }

    /// The peer will send nothing more.
    pub fn eof(&mut self) {
        self.count_taken();
        let cause = self.link.handle_eof();
        self.close(cause);
    }

    /// The socket failed, or could not be connected.
    pub fn failed(&mut self, error: &io::Error) {
        self.count_taken();
        self.close(cause_of(error));
    }

    fn told_if_sent(&mut self) {
        if self.transmitting && self.unsent == 0 {
            self.transmitting = false;
            self.written = false;
            self.shared.report(Input::Sent { conn: self.id });
        }
    }

    /// What was taken out to be written counts as written when the connection ends: the socket may have it all by now, and
    /// only the word of it be missing. Asked before the link hears of the end, for it forgets then.
    fn count_taken(&mut self) {
        let held = self.link.poll_write().map_or(0, |chunks| chunks.remaining());
        self.written |= self.transmitting && held < self.unsent;
    }

    fn close(&mut self, cause: CloseCause) {
        if !self.over {
            self.over = true;
            let written = self.transmitting && self.written;
            self.shared.report(Input::Closed { conn: self.id, cause, written });
            // Where one thread reads and another takes orders, this is how the other hears of it.
            let _ = self.outbox.push(Work::Close);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let left = self.outbox.shut();
        self.count_taken();
        self.close(CloseCause::Io("the task of the connection ended".into()));
        for work in left {
            if let Work::Seal(seal) = work {
                seal.run();
            }
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn cause_of(error: &io::Error) -> CloseCause {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => CloseCause::Refused,
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => CloseCause::Reset,
        Kind::TimedOut => CloseCause::Timeout("connecting"),
        Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::NetworkDown
        | Kind::AddrNotAvailable => CloseCause::Unreachable(error.to_string()),
        _ => CloseCause::Io(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{Action, Turn};
    use crate::mailbox::Letter;
    use crate::{Client, Config, SystemClock};
    use std::task::{Context, Poll, Waker};

    /// A connection with its first request to be written, and what it is part of.
    fn connection() -> (Connection, crate::Driver, Client) {
        let config = Config::new("127.0.0.1:9092").expect("an address");
        let (client, mut driver) =
            Client::new(config, [7; 32], Arc::new(SystemClock::new())).expect("settings");
        let mut listing = Box::pin(async { client.admin().list_topics().await });
        let mut cx = Context::from_waker(Waker::noop());
        assert!(listing.as_mut().poll(&mut cx).is_pending());
        let mut turn = |actions: &mut Vec<Action>| {
            assert!(matches!(driver.turn(Waker::noop(), actions), Turn::Wait(_)));
        };
        let mut actions = Vec::new();
        turn(&mut actions);
        let Some(Action::Connect(mut connection)) = actions.pop() else { panic!("{actions:?}") };
        connection.connected();
        turn(&mut actions);
        while let Poll::Ready(work) = connection.outbox().poll_work(&mut cx) {
            assert_eq!(connection.perform(work), Flow::Open);
        }
        drop(listing);
        (connection, driver, client)
    }

    /// Whether it says at its end that something was written.
    fn written_at_the_end(mut connection: Connection, _driver: crate::Driver) -> bool {
        let (mut letters, mut due) = Default::default();
        connection.eof();
        connection.shared.mailbox.take(connection.shared.clock.now(), &mut letters, &mut due);
        let end = letters.into_iter().find_map(|letter| match letter {
            Letter::Input(Input::Closed { written, .. }) => Some(written),
            _ => None,
        });
        end.expect("a word of the end")
    }

    #[test]
    fn what_a_socket_may_have_taken_counts_as_written() {
        let (untouched, driver, _client) = connection();
        assert!(!written_at_the_end(untouched, driver));
        let (mut part, driver, _client) = connection();
        part.poll_write().expect("a request").advance(1);
        part.wrote(1);
        assert!(written_at_the_end(part, driver));
        // A write that blocks has it, and the end is heard of on another thread.
        let (mut taken, driver, _client) = connection();
        let _chunks = std::mem::take(taken.poll_write().expect("a request"));
        assert!(written_at_the_end(taken, driver));
    }
}
