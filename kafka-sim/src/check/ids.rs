//! What the events of a history name things by: small integers, unique in one run.

use std::time::Duration;

pub use crate::world::ClientId;

/// A producer, unique in the run, whichever client it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerRef(pub u32);

/// A consumer, unique in the run, whichever client it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsumerRef(pub u32);

/// An operation that somebody waits for, unique in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpRef(pub u32);

/// A fault that was injected, unique in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultRef(pub u32);

/// A record that was accepted by a producer, unique in the run. Its value carries it: see [`payload`](super::payload).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub u64);

/// A topic that the history has interned: either a name, or one incarnation of a name, known by its id.
///
/// What an application does has names in it; what is on the wire and in the truth has ids. A name may have had several
/// incarnations in a run, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicRef(pub u32);

/// A text that the history has interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(pub u32);

/// A partition of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    /// The topic.
    pub topic: TopicRef,
    /// Its number.
    pub partition: i32,
}

/// What a producer promises, by its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerContract {
    /// `enable.idempotence`.
    pub idempotent: bool,
    /// `acks`: 0, 1, or -1 for all.
    pub acks: i16,
    /// `max.in.flight.requests.per.connection`.
    pub max_in_flight: u32,
    /// `batch.size` in bytes.
    pub batch_bytes: u32,
    /// `linger.ms`.
    pub linger: Duration,
    /// `delivery.timeout.ms`.
    pub delivery_timeout: Duration,
}

impl Default for ProducerContract {
    /// Kafka's defaults.
    fn default() -> Self {
        Self {
            idempotent: true,
            acks: -1,
            max_in_flight: 5,
            batch_bytes: 16_384,
            linger: Duration::from_millis(5),
            delivery_timeout: Duration::from_secs(120),
        }
    }
}

impl ProducerContract {
    /// Whether the order of records is promised (contract ORD).
    pub(crate) fn is_ordered(&self) -> bool {
        self.idempotent || self.max_in_flight == 1
    }
}

/// Where a consumer starts, or is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// At this offset.
    Offset(i64),
    /// At the first record.
    Earliest,
    /// After the last record.
    Latest,
    /// At the first record of this time, in milliseconds since 1970.
    Timestamp(i64),
}

/// Whether a record that failed may be in the log (contract INDEF).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It is not, and never will be.
    NotAppended,
    /// It may be.
    Unknown,
}

/// An error as a client told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Failure {
    /// An error code of Kafka's.
    Code(i16),
    /// An error of the client's own: the name of its kind, such as `"TimedOut"` or `"Closed"`.
    Kind(&'static str),
}

/// Why a consumer moved its position by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetCause {
    /// The position does not exist.
    OutOfRange,
    /// There was no position.
    NoOffset,
    /// The log was truncated below the position.
    Truncation,
}

/// Parts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// Clients start, without faults.
    WarmUp,
    /// Faults come and go.
    Safety,
    /// All faults are taken away.
    Heal,
    /// All must flow again.
    Liveness,
    /// Nothing new is begun; what is open comes to its end.
    Drain,
    /// Clients are open and nobody uses them: what still happens must have a reason.
    Idle,
    /// Clients are closed.
    Close,
}

/// What a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// Everything.
    All,
    /// A broker.
    Node(i32),
    /// A client.
    Client(ClientId),
    /// What is between a client and a broker.
    Link(ClientId, i32),
    /// A partition.
    Partition(Partition),
}
