//! From a batch that was collected to one that can be sent.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};
use kafka_proto::EncodeError;
use kafka_proto::compress::Compressor;
use kafka_proto::records::Codec;

use crate::batch::Batch;
use crate::error::{Error, ErrorKind};
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
    /// compression would not make them shorter.
    ///
    /// # Errors
    /// The codec is not built in, or failed.
    pub fn seal(self, codec: Codec, level: Option<i32>) -> Result<Sealed, SealFailed> {
        match codec {
            Codec::None => Ok(self.unpacked()),
            _ => match Compressor::new(codec, level) {
                Ok(mut compressor) => self.seal_with(codec, &mut compressor),
                Err(error) => Err(self.failed(&error)),
            },
        }
    }

    /// As [`seal`](Self::seal), with a compressor of that codec that is kept from batch to batch: small batches spare
    /// themselves most of the work.
    ///
    /// # Errors
    /// The codec failed.
    pub fn seal_with(
        self,
        codec: Codec,
        compressor: &mut Compressor,
    ) -> Result<Sealed, SealFailed> {
        if codec == Codec::None {
            return Ok(self.unpacked());
        }
        match compressor.compress(self.segments.iter().map(BytesMut::as_ref)) {
            Ok(packed) if packed.len() < self.bytes => {
                let body_bytes = packed.len();
                let batch = Batch {
                    id: self.id,
                    records: self.records,
                    body: vec![Bytes::from(packed)],
                    body_bytes,
                    raw_bytes: self.bytes,
                    codec,
                    base_timestamp: self.base_timestamp,
                    max_timestamp: self.max_timestamp,
                    opened: self.opened,
                };
                Ok(Sealed { batch, freed: emptied(self.segments) })
            }
            Ok(_) => Ok(self.unpacked()),
            Err(error) => Err(self.failed(&error)),
        }
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

    fn unpacked(self) -> Sealed {
        Sealed { batch: self.uncompressed(), freed: Vec::new() }
    }

    fn failed(self, error: &EncodeError) -> SealFailed {
        SealFailed {
            error: Error::new(ErrorKind::Compression { reason: error.to_string() }),
            id: self.id,
            records: self.records,
            freed: emptied(self.segments),
        }
    }
}

fn emptied(mut segments: Vec<BytesMut>) -> Vec<BytesMut> {
    segments.iter_mut().for_each(BytesMut::clear);
    segments
}
