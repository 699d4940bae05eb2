//! Where a producer's records wait: one [`PartitionQueue`] a partition, each with an open batch that records are
//! written into in wire format, and the batches that are full.
//!
//! Nothing here knows a lock, a clock or a broker. The handle puts a lock around each queue, lends it a clock and
//! pooled memory ([`Segments`]), and carries what [`PartitionQueue::append`] has to say ([`Appended::notice`]) to the
//! engine. The engine asks for batches when there is room on the wire; whoever is asked calls
//! [`PartitionQueue::collect`] under the lock and [`Unsealed::seal`] outside of it.
//!
//! **A record is written once**: straight into the open segment's spare capacity, at its exact size. On the way out
//! the same bytes are linked into the request. An open batch is a chain of segments, a small one first, so that a
//! partition costs little until it is busy and nothing is ever reallocated; a record may be cut by the end of a
//! segment.

mod open;
mod queue;
mod seal;
mod split;

use bytes::BytesMut;
use kafka_proto::records::Codec;

use crate::batch::Pending;

pub use queue::PartitionQueue;
pub use seal::{SealFailed, Sealed, Unsealed};
pub use split::split;

/// Capacity asked for the first segment of a batch, in bytes, unless its first record needs more.
pub const FIRST_SEGMENT_BYTES: usize = 4 << 10;

/// The most capacity ever asked for one segment, in bytes.
///
/// Larger ones would save nothing: at this size the cost of changing segments has vanished, and page faults of
/// fresh memory dominate.
pub const SEGMENT_BYTES: usize = 64 << 10;

/// A record header: its key and its value, which may be null. Kafka keeps their order and allows a key twice.
pub type HeaderRef<'a> = (&'a [u8], Option<&'a [u8]>);

/// A record to append, borrowed from the application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordRef<'a> {
    /// Its key, or null.
    pub key: Option<&'a [u8]>,
    /// Its value, or null (which deletes the key in a compacted topic).
    pub value: Option<&'a [u8]>,
    /// Its headers, in order.
    pub headers: &'a [HeaderRef<'a>],
    /// Milliseconds since 1970, not negative. `None`: the time at which its batch was opened, or a little later.
    pub timestamp: Option<i64>,
}

/// What bounds the batches of a producer; the same for all of its queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// `batch.size`: a batch takes no further record once it would be longer than this, uncompressed and with its
    /// header, in bytes. A single longer record has a batch of its own.
    pub batch_bytes: usize,
    /// `max.request.size`: a record that would be longer than this in a batch of its own, uncompressed, is refused.
    pub max_request_bytes: usize,
    /// `buffer.memory`: a longer record is refused, for no wait could make room for it.
    pub buffer_memory: usize,
    /// `compression.type`: what [`Unsealed::seal`] will be asked for.
    pub codec: Codec,
    /// Whether records that bring no timestamp of their own get the time afresh at every 16th record rather than
    /// once a batch: for a linger so long that a batch's opening time is too coarse.
    pub refresh_timestamps: bool,
}

/// Pooled memory for records, charged against `buffer.memory`.
pub trait Segments {
    /// An empty buffer with a capacity of `at_least` bytes or more; `None`: there is no room now.
    ///
    /// `at_least` is [`FIRST_SEGMENT_BYTES`] for a batch's first segment and up to [`SEGMENT_BYTES`] after that; all
    /// of the capacity that is given will be used, so a pool may round up. An implementation of which nothing is
    /// lent out should not refuse, or the sender would wait for ever.
    fn segment(&mut self, at_least: usize) -> Option<BytesMut>;

    /// Takes back an empty segment that was not used after all, because one more was needed and refused.
    fn release(&mut self, segment: BytesMut);
}

/// Where a record went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The number of its batch: [`BatchId::number`](crate::BatchId::number).
    pub batch: u64,
    /// Its index in the batch, from 0.
    pub index: u32,
    /// Whether it opened the batch. No other record of the batch says so.
    pub opened: bool,
    /// What the engine must be told, if anything changed that it has to know.
    pub notice: Option<Pending>,
}

/// Why a record was not appended. The queue is as it was, and the record can be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// There is no memory now: [`Segments::segment`] refused.
    Full {
        /// What the engine must be told, if anything: what waits here is to be sent at once, whatever its linger,
        /// for only that brings memory back.
        notice: Option<Pending>,
    },
    /// The record is longer than a limit, so it can never be appended.
    TooLarge {
        /// Its length in bytes, with the framing that counts for the limit.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
        /// The setting that holds the limit.
        setting: &'static str,
    },
    /// The record's timestamp is negative.
    NegativeTimestamp(i64),
}

impl core::error::Error for AppendError {}

impl core::fmt::Display for AppendError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Full { .. } => f.write_str("buffer.memory is used up for the moment"),
            Self::TooLarge { bytes, limit, setting } => {
                write!(f, "a record of {bytes} bytes is over {setting}, which is {limit}")
            }
            Self::NegativeTimestamp(timestamp) => {
                write!(f, "a timestamp of {timestamp} is negative")
            }
        }
    }
}
