//! Buffers that compressed batches are inflated into, used again once their last record is gone.

use std::sync::{Arc, Mutex, Weak};

use bytes::Bytes;
use kafka_proto::DecodeError;
use kafka_proto::compress::Decompressor;
use kafka_proto::records::RecordBatch;

use crate::sync::lock;

/// The most that one batch may inflate to, in bytes: 256 MiB. Zstandard has no ratio that would bound it.
const INFLATED_BYTES_MAX: usize = 256 << 20;

/// How many buffers are kept for later.
const BUFFERS_KEPT_MAX: usize = 4;

/// Longer buffers are not kept.
const KEPT_BYTES_MAX: usize = 4 << 20;

/// Inflates batches of one consumer.
pub(crate) struct Inflater {
    decompressor: Decompressor,
    spare: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { decompressor: Decompressor::default(), spare: Arc::default() }
    }

    /// The records section of a batch: a slice of it, or a buffer that comes back here.
    pub(crate) fn payload(&mut self, batch: &RecordBatch) -> Result<Bytes, DecodeError> {
        let buffer = lock(&self.spare).pop().unwrap_or_default();
        let mut loan = Loan { buffer, home: Arc::downgrade(&self.spare) };
        match batch.payload_into(&mut self.decompressor, INFLATED_BYTES_MAX, &mut loan.buffer)? {
            Some(section) => Ok(section),
            None => Ok(Bytes::from_owner(loan)),
        }
    }
}

/// A buffer that goes home when it is dropped.
struct Loan {
    buffer: Vec<u8>,
    home: Weak<Mutex<Vec<Vec<u8>>>>,
}

impl AsRef<[u8]> for Loan {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(home) = self.home.upgrade()
            && (1..=KEPT_BYTES_MAX).contains(&self.buffer.capacity())
        {
            let buffer = std::mem::take(&mut self.buffer);
            let mut spare = lock(&home);
            if spare.len() < BUFFERS_KEPT_MAX {
                spare.push(buffer);
            }
        }
    }
}
