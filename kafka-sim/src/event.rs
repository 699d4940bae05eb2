//! What goes into a [`Cluster`](crate::Cluster) and what comes out of it.

use core::fmt;

use bytes::Bytes;
use kafka_proto::{Chunks, DecodeError, EncodeError, Uuid};

use crate::Time;
use crate::log::StoredBatch;

/// A connection, as named by the driver that accepted it. Names are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// One thing that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Input {
    /// A client connected to a node.
    Accepted {
        /// The new connection.
        conn: ConnId,
        /// The node that it was opened to.
        node: i32,
    },
    /// A whole request arrived, without its length prefix.
    Frame {
        /// The connection that it came on.
        conn: ConnId,
        /// Header and body. Record batches stay slices of it for as long as they are in a log.
        frame: Bytes,
    },
    /// A connection is gone.
    Closed {
        /// The connection.
        conn: ConnId,
    },
    /// Nothing but time passed.
    Tick,
}

/// One thing to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// Write a response.
    Send {
        /// The connection to write to.
        conn: ConnId,
        /// The whole frame, length prefix included.
        frame: Chunks,
    },
    /// Close a connection, after what was sent on it before. The cluster has forgotten it already.
    Close {
        /// The connection.
        conn: ConnId,
        /// Why.
        why: CloseReason,
    },
    /// Write something down before doing what comes next. Only with
    /// [`ClusterOptions::persist`](crate::ClusterOptions::persist).
    Store(StoreOp),
    /// Nothing more to do now; hand in a [`Input::Tick`] at this time. Given when the time changes.
    Wait {
        /// `None`: no need to.
        until: Option<Time>,
    },
}

/// Something that must outlive the process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreOp {
    /// Topics, configuration, epochs and producer ids changed: the whole text that
    /// [`Cluster::restore`](crate::Cluster::restore) takes.
    Catalogue(String),
    /// A batch was appended to a partition: its header and its records, to be written one after the
    /// other.
    Append {
        /// The topic's id.
        topic: Uuid,
        /// The partition's index.
        partition: i32,
        /// Offset of the batch.
        base_offset: i64,
        /// The batch's header.
        head: Bytes,
        /// The batch's records.
        payload: Bytes,
    },
    /// Batches that end before an offset are not needed any more.
    Trim {
        /// The topic's id.
        topic: Uuid,
        /// The partition's index.
        partition: i32,
        /// The new log start.
        log_start: i64,
    },
    /// A partition's batches are to be forgotten; those that it still has follow as `Append`.
    Reset {
        /// The topic's id.
        topic: Uuid,
        /// The partition's index.
        partition: i32,
    },
    /// A topic is gone, with all its batches.
    Delete {
        /// The topic's id.
        topic: Uuid,
    },
}

impl StoreOp {
    pub(crate) fn append(topic: Uuid, partition: i32, batch: &StoredBatch) -> Self {
        Self::Append {
            topic,
            partition,
            base_offset: batch.base_offset,
            head: batch.head.clone(),
            payload: batch.payload.clone(),
        }
    }
}

/// Why the broker closes a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The API key is not served.
    UnknownApi(i16),
    /// The API is served, but not this version.
    UnsupportedVersion {
        /// The API key.
        key: i16,
        /// The version asked for.
        version: i16,
    },
    /// The request is no request.
    Malformed(DecodeError),
    /// The request decodes, and asks for what a broker can't answer.
    Refused(&'static str),
    /// A produce request with acks=0 failed: closing is the only way to say so.
    ProduceFailed,
    /// The node is down, or there is no such node.
    NodeDown(i32),
    /// More requests are waiting on the connection than a well-behaved client sends.
    TooManyRequests,
    /// The response could not be encoded: a defect of the broker.
    Unencodable(EncodeError),
    /// A scripted [`Fault`](crate::Fault).
    Fault,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownApi(key) => write!(f, "API key {key} is not served"),
            Self::UnsupportedVersion { key, version } => {
                write!(f, "API key {key} is not served at version {version}")
            }
            Self::Malformed(error) => write!(f, "malformed request: {error}"),
            Self::Refused(what) => write!(f, "request refused: {what}"),
            Self::ProduceFailed => write!(f, "a produce request without acknowledgement failed"),
            Self::NodeDown(node) => write!(f, "node {node} is down"),
            Self::TooManyRequests => write!(f, "too many requests waiting on one connection"),
            Self::Unencodable(error) => write!(f, "response can't be encoded: {error}"),
            Self::Fault => write!(f, "scripted fault"),
        }
    }
}
