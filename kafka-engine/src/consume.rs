//! What a consumer takes out of the engine.

use alloc::sync::Arc;

use bytes::Bytes;

use crate::error::Error;
use crate::id::PartitionKey;

/// One thing for a consumer's poll, from [`Engine::take`](crate::Engine::take).
#[derive(Debug)]
#[non_exhaustive]
pub enum Taken {
    /// Fetched batches of one partition.
    Run(Run),
    /// A partition can't go on. It is given again by every later poll until a seek, an assignment,
    /// or, for a passing error, until it has passed.
    Failed {
        /// Which partition.
        partition: PartitionKey,
        /// Why.
        error: Error,
    },
    /// The log has lost records that were handed out (an unclean election), so the position went back to where it
    /// departed from them. What comes from there on has not been handed out before.
    Truncated {
        /// The topic.
        topic: Arc<str>,
        /// Which partition.
        partition: PartitionKey,
        /// The position before.
        from: i64,
        /// The position now: the first offset that was lost.
        to: i64,
    },
    /// The position has come to the end of the partition (told once each time it gets there,
    /// if `enable.partition.eof` is set).
    End {
        /// The topic.
        topic: Arc<str>,
        /// Which partition.
        partition: PartitionKey,
        /// The position: the offset of the next record to come.
        offset: i64,
    },
}

/// Fetched batches of one partition, not checked, inflated or decoded yet: that is done by whoever takes it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The topic's name.
    pub topic: Arc<str>,
    /// Which partition.
    pub partition: PartitionKey,
    /// Counts the seeks and assignments of the partition; a run of an earlier one is stale.
    pub generation: u64,
    /// The first offset that is wanted; records below it are to be skipped.
    pub from: i64,
    /// Whole batches, back to back.
    pub records: Bytes,
    /// One past the last offset of the last batch.
    pub next_offset: i64,
}

/// Whether what was taken may still be handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Yes.
    Current,
    /// Not until the partition is resumed.
    Paused,
    /// Never: the position was moved or the partition is not assigned any more.
    Stale,
}
