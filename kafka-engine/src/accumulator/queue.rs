//! The records that wait for one partition.

use alloc::sync::Arc;

use crate::accumulator::{AppendError, Appended, BatchLimits, RecordRef, Segments, Unsealed};
use crate::batch::Pending;
use crate::id::PartitionKey;
use crate::time::Instant;

/// The records that wait for one partition: an open batch, and before it those that take no more.
#[derive(Debug)]
pub struct PartitionQueue {
    partition: PartitionKey,
    limits: Arc<BatchLimits>,
}

impl PartitionQueue {
    /// A queue with nothing in it.
    pub fn new(partition: PartitionKey, limits: Arc<BatchLimits>) -> Self {
        Self { partition, limits }
    }

    /// The partition that it is for.
    pub fn partition(&self) -> PartitionKey {
        self.partition
    }

    /// Appends one record to the open batch, or opens one.
    ///
    /// `clock` gives the monotonic time and the wall-clock time in milliseconds since 1970; it is called when a batch
    /// opens (and at every 16th record with [`BatchLimits::refresh_timestamps`]), at most once.
    ///
    /// # Errors
    /// See [`AppendError`]. What is queued stays as it is.
    #[inline]
    pub fn append(
        &mut self,
        clock: &mut impl FnMut() -> (Instant, i64),
        record: &RecordRef<'_>,
        segments: &mut impl Segments,
    ) -> Result<Appended, AppendError> {
        let _ = (clock, record, segments);
        Err(AppendError::Full { notice: None })
    }

    /// Takes the oldest batch, the open one if no other waits, and says what waits then.
    pub fn collect(&mut self) -> (Option<Unsealed>, Pending) {
        (None, Pending::default())
    }

    /// Closes the open batch: it takes no more records. The notice to give to the engine; `None`: nothing was open.
    pub fn close_open(&mut self) -> Option<Pending> {
        None
    }

    /// What waits now.
    pub fn pending(&self) -> Pending {
        let _ = &self.limits;
        Pending::default()
    }
}
