//! What goes into the engine and what comes out of it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use kafka_proto::{ApiKey, Chunks};

use crate::batch::{Batch, DeliveryReport, Pending};
use crate::command::{Command, Reply};
use crate::error::{CloseCause, Error};
use crate::id::{ConnId, ConsumerKey, OpId, PartitionKey, ProducerKey};
use crate::link::LinkConfig;
use crate::response::Response;
use crate::time::Instant;

/// One thing that happened, or that is wanted.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// Time has come to the instant of the last [`Output::Wait`].
    Tick,
    /// The application wants something; its answer is an [`Event::Done`] with the same `op`.
    Command {
        /// Names the operation; never used twice.
        op: OpId,
        /// What is wanted.
        command: Command,
    },
    /// Nobody waits for `op` any more. What has not reached a request is withdrawn.
    Cancel {
        /// The operation.
        op: OpId,
    },
    /// The accumulator has records for a partition: on its first, and again when a batch is full.
    Pending {
        /// Whose accumulator.
        producer: ProducerKey,
        /// The partition.
        partition: PartitionKey,
        /// What waits there.
        pending: Pending,
    },
    /// The answer to [`Output::Collect`].
    Batch {
        /// Whose accumulator.
        producer: ProducerKey,
        /// The partition.
        partition: PartitionKey,
        /// The sealed batch, `None` if nothing waited there.
        batch: Option<Box<Batch>>,
        /// What waits there now.
        rest: Pending,
    },
    /// The answer to [`Output::Resolve`].
    Resolved {
        /// The name, as it was asked.
        host: Arc<str>,
        /// Its addresses in the resolver's order, or what went wrong in words.
        result: Result<Vec<IpAddr>, String>,
    },
    /// The connection is up: the socket is connected and its link ready.
    Connected {
        /// The connection.
        conn: ConnId,
    },
    /// A response has been read and decoded.
    Response {
        /// The connection.
        conn: ConnId,
        /// The response.
        response: Response,
    },
    /// All of the last [`Output::Transmit`] has been handed to the socket.
    Sent {
        /// The connection.
        conn: ConnId,
    },
    /// The connection is gone, or never came up.
    Closed {
        /// The connection.
        conn: ConnId,
        /// Why.
        cause: CloseCause,
        /// Whether any byte of an unfinished [`Output::Transmit`] was handed to the socket.
        written: bool,
    },
}

/// The next thing to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Look up the addresses of one name; answer with [`Input::Resolved`].
    Resolve {
        /// A host name or an address in text.
        host: Arc<str>,
    },
    /// Connect to one address; answer with [`Input::Connected`] or [`Input::Closed`].
    Connect {
        /// Names the connection from here on.
        conn: ConnId,
        /// Where to.
        address: SocketAddr,
        /// What its [`Link`](crate::Link) is built from.
        link: LinkConfig,
    },
    /// Give these bytes to the connection's link; answer with [`Input::Sent`].
    ///
    /// At most one is outstanding per connection.
    Transmit {
        /// The connection.
        conn: ConnId,
        /// What to send and which responses to expect.
        transmit: Box<Transmit>,
    },
    /// Frames on this connection may be this long from here on.
    Limit {
        /// The connection.
        conn: ConnId,
        /// The longest frame taken, in bytes, without its length prefix.
        frame_bytes_max: usize,
    },
    /// Close the connection. It is retired: whatever it still reports is ignored.
    Disconnect {
        /// The connection.
        conn: ConnId,
    },
    /// Take the oldest batch out of the accumulator, seal it, and answer with [`Input::Batch`].
    Collect {
        /// Whose accumulator.
        producer: ProducerKey,
        /// The partition.
        partition: PartitionKey,
        /// The connection that will carry it: its task is the natural place to compress it.
        /// `None`: the batch is about to fail (its time is over), so sealing is wasted on it.
        conn: Option<ConnId>,
    },
    /// Something that the application should hear.
    Event(Event),
    /// Nothing more to do until an input comes, or `until`.
    Wait {
        /// When to give [`Input::Tick`], at once if that has passed; `None`: no timer is armed.
        until: Option<Instant>,
        /// Which timer it is, for people.
        why: &'static str,
    },
}

/// Bytes for a connection, and the responses that they will bring.
#[derive(Debug, Default)]
pub struct Transmit {
    /// The frames, length prefixes included.
    pub chunks: Chunks,
    /// Indexes into `chunks` of record batch headers (61 bytes each) whose CRC the link fills in.
    pub batches_at: Vec<usize>,
    /// The responses in the order in which they will come. A Produce with acks=0 has none.
    pub expect: Vec<Expect>,
}

/// A response that a connection waits for: what is needed to decode it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// The correlation id that the response must carry.
    pub correlation_id: i32,
    /// Which API was called.
    pub api: ApiKey,
    /// In which version.
    pub version: i16,
    /// Roughly how long the response may honestly be, in bytes: how far the read buffer may grow at once.
    pub bytes_hint: usize,
}

/// Something that the application should hear.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// An operation is over. Comes exactly once for each command, unless it was cancelled.
    Done {
        /// The operation.
        op: OpId,
        /// Its result.
        result: Result<Reply, Error>,
    },
    /// A batch is over: every record in it has its outcome. Comes exactly once for each batch.
    Delivered {
        /// Whose batch.
        producer: ProducerKey,
        /// Which batch, what became of it, and its memory to reuse.
        report: Box<DeliveryReport>,
    },
    /// The producer can't go on: every later batch fails with this error.
    ProducerFailed {
        /// Which producer.
        producer: ProducerKey,
        /// Why.
        error: Error,
    },
    /// [`Engine::cluster`](crate::Engine::cluster) gives a newer snapshot.
    ClusterChanged,
    /// [`Engine::take`](crate::Engine::take) may have something for this consumer.
    Readable {
        /// The consumer.
        consumer: ConsumerKey,
    },
}
