//! The bytes of a records field as batches of magic 2.

use alloc::vec::Vec;
use bytes::Bytes;

use super::cut::Cutter;
use super::parse::MIN_RECORD;
use super::{BatchHeader, Codec, ControlRecord, OwnedRecords, RecordCursor, RecordIter, malformed};
use crate::compress;
use crate::error::{DecodeError, DecodeErrorKind};

/// Iterator over the batches in the bytes of a records field, which must all be of magic 2;
/// [`RecordSets`](super::RecordSets) takes message sets too.
///
/// A broker cuts its answer off at a byte count, so the last batch is often incomplete: that is no error, the iteration
/// just ends and [`partial_tail`](Self::partial_tail) tells. A header that makes no sense is an error and ends it too,
/// for behind it there is nowhere to go on. Offsets of errors count from the start of the bytes given.
#[derive(Clone, Debug)]
pub struct Batches(Cutter);

impl Batches {
    /// Iterates over the batches in `bytes`.
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        Self(Cutter::new(bytes))
    }

    /// Whether the iteration has ended at a batch that was cut off.
    #[must_use]
    pub fn partial_tail(&self) -> bool {
        self.0.partial_tail()
    }

    /// Bytes that the batch which was cut off has in full, if its length could be read.
    ///
    /// When it is the first one, a fetch has to ask for this many to make progress on brokers before 0.10.1 (KIP-74).
    #[must_use]
    pub fn partial_tail_len(&self) -> Option<usize> {
        self.0.partial_tail_len()
    }

    /// Byte position of the next batch, of the one that was cut off, or of the broken one.
    #[must_use]
    pub fn byte_position(&self) -> usize {
        self.0.byte_position()
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, total) = match self.0.peek(2)? {
            Ok(front) => front,
            Err(error) => return Some(Err(error)),
        };
        Some(match BatchHeader::parse(self.0.rest()) {
            Ok(header) => Ok(RecordBatch::new(header, self.0.take(total))),
            Err(error) => Err(self.0.broken(error)),
        })
    }
}

impl core::iter::FusedIterator for Batches {}

/// One whole batch of magic 2: its header, and the bytes of all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordBatch {
    header: BatchHeader,
    bytes: Bytes,
}

impl RecordBatch {
    pub(super) fn new(header: BatchHeader, bytes: Bytes) -> Self {
        Self { header, bytes }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The whole batch as it came, header included.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Checks the batch against its checksum.
    ///
    /// # Errors
    /// `CrcMismatch`.
    pub fn verify_crc(&self) -> Result<(), DecodeError> {
        let covered = self.bytes.get(BatchHeader::CRC_COVERS_FROM..).unwrap_or_default();
        let computed = crc32c::crc32c(covered);
        if computed == self.header.crc {
            return Ok(());
        }
        let kind = DecodeErrorKind::CrcMismatch { stored: self.header.crc, computed };
        Err(DecodeError::new(kind, BatchHeader::CRC_AT))
    }

    /// The records section: a slice of the batch, or a buffer of its own if it was compressed.
    ///
    /// # Errors
    /// `BudgetExceeded` if it would inflate to more than `limit` bytes, `UnknownCodec`, `CodecNotBuilt`, and
    /// `Decompress` or `Truncated` for what isn't of its codec. An uncompressed section has no limit but its own size.
    pub fn payload(&self, limit: usize) -> Result<Bytes, DecodeError> {
        let section = self.section();
        let codec = self.header.attributes.codec()?;
        if codec == Codec::None || section.is_empty() {
            return Ok(section);
        }
        compress::decompress(codec, &section, limit).map(Bytes::from)
    }

    /// The records section as [`payload`](Self::payload) gives it, into a buffer of the caller's if it was compressed.
    ///
    /// Returns the section itself when it was not compressed, else `None`, with the records in `buffer`, whose former
    /// contents are overwritten.
    ///
    /// # Errors
    /// As for [`payload`](Self::payload).
    pub fn payload_into(
        &self,
        decompressor: &mut compress::Decompressor,
        limit: usize,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Bytes>, DecodeError> {
        let section = self.section();
        let codec = self.header.attributes.codec()?;
        if codec == Codec::None || section.is_empty() {
            return Ok(Some(section));
        }
        decompressor.decompress_into(codec, &section, limit, buffer)?;
        Ok(None)
    }

    /// The records, inflated under `limit`, which is never above 2 GiB, and ready to be iterated.
    ///
    /// # Errors
    /// As for [`payload`](Self::payload), and `Corrupt` if the header counts more records than the section can hold.
    pub fn records(&self, limit: usize) -> Result<BatchRecords, DecodeError> {
        // Positions in it fit in 32 bits, as in every client that has arrays of such a length at most.
        let payload = self.payload(limit.min(i32::MAX as usize))?;
        let count = usize::try_from(self.header.records_count).unwrap_or(usize::MAX);
        if count > payload.len() / MIN_RECORD {
            return Err(malformed("more records counted than the batch can hold", 57));
        }
        Ok(BatchRecords { header: self.header, payload })
    }

    /// The control record of a control batch: its first record, whatever else it holds.
    ///
    /// `None` for a batch of data and for a control batch that compaction has emptied.
    ///
    /// # Errors
    /// As for [`records`](Self::records), and `Corrupt` for a record or key that is broken.
    pub fn control_record(&self, limit: usize) -> Result<Option<ControlRecord>, DecodeError> {
        if !self.header.attributes.is_control() {
            return Ok(None);
        }
        match self.records(limit)?.iter().next() {
            Some(record) => ControlRecord::parse(&record?).map(Some),
            None => Ok(None),
        }
    }

    fn section(&self) -> Bytes {
        self.bytes.slice(BatchHeader::LEN.min(self.bytes.len())..)
    }
}

/// The inflated records of one batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRecords {
    header: BatchHeader,
    payload: Bytes,
}

impl BatchRecords {
    /// The header of the batch.
    #[must_use]
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// The records section, inflated.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The records, first to last.
    #[must_use]
    pub fn iter(&self) -> RecordIter<'_> {
        RecordIter::new(&self.payload, &self.header)
    }

    /// The records, each on its own.
    #[must_use]
    pub fn owned(&self) -> OwnedRecords<'_> {
        OwnedRecords::new(self.iter(), &self.payload)
    }

    /// The records behind a cursor.
    #[must_use]
    pub fn iter_from(&self, from: RecordCursor) -> RecordIter<'_> {
        RecordIter::resume(&self.payload, &self.header, from)
    }
}

impl<'a> IntoIterator for &'a BatchRecords {
    type Item = Result<super::Record<'a>, DecodeError>;
    type IntoIter = RecordIter<'a>;

    fn into_iter(self) -> RecordIter<'a> {
        self.iter()
    }
}
