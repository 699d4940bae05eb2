//! Why a request was sent: what its answer, or its failure, is for.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::id::{BatchId, ConsumerKey, OpId, PartitionKey, ProducerKey};
use crate::time::Instant;

/// The closed list of reasons for a request. Data, never a closure: the engine stays printable and replayable.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    /// ApiVersions of a connection that has just come up.
    Handshake,
    /// The client's own metadata.
    Metadata {
        /// Counts them in the order in which they were made.
        number: u64,
        /// What was asked for.
        topics: Vec<Arc<str>>,
        /// When it was sent.
        at: Instant,
        /// Whether brokers may create it.
        create: bool,
    },
    /// A producer's producer id.
    ProducerId(ProducerKey),
    /// Batches, in the order of the request.
    Produce {
        /// Whose.
        producer: ProducerKey,
        /// Which, and in which version (by name or by id).
        batches: Vec<(PartitionKey, BatchId, u32)>,
    },
    /// A long poll.
    Fetch {
        /// Whose.
        consumer: ConsumerKey,
        /// Partition, its generation, the offset asked for.
        partitions: Vec<FetchSpot>,
    },
    /// Where a consumer's partitions start.
    StartOffsets {
        /// Whose.
        consumer: ConsumerKey,
        /// Partition and its generation.
        partitions: Vec<(PartitionKey, u64)>,
    },
    /// Whether a leader has what a consumer fetched from others.
    EpochEnds {
        /// Whose.
        consumer: ConsumerKey,
        /// Where it would fetch next.
        partitions: Vec<FetchSpot>,
    },
    /// A step of an operation.
    Op(OpId),
    /// Partitions of an operation, one leader's share.
    OpShare {
        /// Which operation.
        op: OpId,
        /// Indexes into its list of partitions.
        slots: Vec<usize>,
    },
}

/// A partition in a Fetch request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchSpot {
    pub(crate) partition: PartitionKey,
    pub(crate) generation: u64,
    pub(crate) offset: i64,
    /// The epoch of the last record before that, -1 if not known.
    pub(crate) last_epoch: i32,
    /// The epoch of the leader that is asked, -1 if not known.
    pub(crate) leader_epoch: i32,
}

/// What is known of a request that will not be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// No byte of it was handed to a socket.
    NotSent,
    /// It may have been received and done.
    Unknown,
}
