//! A batch on its way from the accumulator to a broker, and what became of it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;
use kafka_proto::records::Codec;

use crate::error::Error;
use crate::id::BatchId;
use crate::time::Instant;

/// What waits in the accumulator for one partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Counts up with every change that is told; of two notices the one with the higher number holds.
    pub version: u64,
    /// When the oldest record that waits was accepted; `None`: nothing waits.
    pub since: Option<Instant>,
    /// Whether something waits that is to be sent at once, whatever the linger: a batch that takes no more records
    /// (full, or closed by a flush), or any batch once memory has run out.
    pub full: bool,
}

/// A sealed batch: records in wire format, compressed if they are to be, without their 61-byte header.
///
/// The header is stamped when the batch enters a request, for only then are its producer id, epoch
/// and sequence known.
#[derive(Debug)]
pub struct Batch {
    /// Which batch.
    pub id: BatchId,
    /// How many records; at least 1.
    pub records: u32,
    /// The records section as it goes over the wire.
    pub body: Vec<Bytes>,
    /// Total length of `body` in bytes.
    pub body_bytes: usize,
    /// Length of the records before compression, in bytes: what a split goes by.
    pub raw_bytes: usize,
    /// How `body` is compressed.
    pub codec: Codec,
    /// Timestamp of the first record, which the others' deltas are relative to; milliseconds since 1970.
    pub base_timestamp: i64,
    /// The largest timestamp, milliseconds since 1970.
    pub max_timestamp: i64,
    /// When its first record was accepted: the delivery timeout counts from here.
    pub opened: Instant,
}

/// The outcome of every record of a batch.
#[derive(Debug)]
pub struct DeliveryReport {
    /// Which batch.
    pub id: BatchId,
    /// Ranges of record indexes, ascending and without holes from 0 to the batch's record count.
    pub outcomes: Vec<(Range<u32>, Outcome)>,
    /// The batch's memory, for the accumulator to use again once nobody else holds it.
    pub body: Vec<Bytes>,
}

/// What became of a range of records.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The broker has them, as far as `acks` asked.
    Appended {
        /// Offset of the first record of the range; `None` if the broker did not say
        /// (acks=0, or a duplicate whose offset it has forgotten).
        base_offset: Option<i64>,
        /// The broker's append time in milliseconds since 1970, on topics that use it.
        log_append_time: Option<i64>,
    },
    /// They failed; [`Error::written`](crate::Error::written) says whether the log may have them all the same.
    Failed(Arc<Error>),
}
