//! One connection: its requests in line, and the one in progress.

use std::collections::VecDeque;

use bytes::Bytes;
use kafka_proto::Chunks;

use crate::Time;
use crate::api::{Parked, Prelude};
use crate::fault::Fault;

/// A connection of a client to a node.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) node: i32,
    /// Requests that arrived while another is in progress.
    pub(crate) queue: VecDeque<Bytes>,
    pub(crate) work: Work,
    /// The client was told to be silent after the last request.
    pub(crate) held_back: bool,
    /// Since when a request waits for an answer that a fault has swallowed.
    pub(crate) swallowed: Option<Time>,
}

/// The request in progress. A node serves one request per connection at a time.
#[derive(Debug)]
pub(crate) enum Work {
    Idle,
    /// A Fetch that waits for records, or a Produce that waits for replicas.
    Parked(Waiting),
    /// An answer that is held back, and since when if by a fault.
    Delayed {
        until: Time,
        frame: Chunks,
        faulted: Option<Time>,
    },
    /// None: the client is held back.
    Muted {
        until: Time,
    },
}

/// A parked request, with what answering it takes.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) prelude: Prelude,
    pub(crate) parked: Parked,
    /// What is to go wrong with its answer.
    pub(crate) fault: Option<Fault>,
}

impl Conn {
    pub(crate) fn new(node: i32) -> Self {
        Self { node, queue: VecDeque::new(), work: Work::Idle, held_back: false, swallowed: None }
    }

    /// When the request in progress must go on.
    pub(crate) fn deadline(&self) -> Option<Time> {
        match &self.work {
            Work::Idle => None,
            Work::Parked(waiting) => Some(waiting.parked.deadline()),
            Work::Delayed { until, .. } | Work::Muted { until } => Some(*until),
        }
    }
}
