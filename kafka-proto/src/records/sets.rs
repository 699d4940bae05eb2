//! The bytes of a records field in any format, and in several: one entry point over batches and message sets.

use bytes::Bytes;

use super::cut::Cutter;
use super::{
    BatchHeader, BatchRecords, Codec, MessageEntry, MessageHeader, MessageIter, MessageRecords,
    Record, RecordBatch, RecordIter, malformed,
};
use crate::error::DecodeError;

/// Iterator over the batches and messages in the bytes of a records field, of magic 0, 1 and 2 in any order.
///
/// A log that grew through several releases has all of them, and so may one answer. A broker cuts its answer off at a
/// byte count, so the last entry is often incomplete: that is no error, the iteration just ends and
/// [`partial_tail`](Self::partial_tail) tells. A header that makes no sense is an error and ends it too, for behind it
/// there is nowhere to go on. Offsets of errors count from the start of the bytes given.
///
/// ```
/// use kafka_proto::records::{BatchBuilder, Codec, MessageSetBuilder, RecordSets};
///
/// // A log of three releases.
/// let mut log = Vec::new();
/// for magic in [0, 1] {
///     let mut set = MessageSetBuilder::new(magic, Codec::None)?;
///     set.push(1_700_000_000_000, None, Some(b"old"))?;
///     log.extend_from_slice(&set.build(magic.into())?);
/// }
/// let mut batch = BatchBuilder::new(Codec::None);
/// batch.push(1_700_000_000_000, None, Some(b"new"), &[(b"trace", Some(b"1"))])?;
/// log.extend_from_slice(&batch.build(2)?);
///
/// let mut seen = Vec::new();
/// for set in RecordSets::new(log.into()) {
///     let set = set?;
///     set.verify_crc()?;
///     for record in &set.records(1 << 20)? {
///         let record = record?;
///         seen.push((set.magic(), record.offset, record.timestamp, record.headers.len()));
///     }
/// }
/// assert_eq!(seen, [(0, 0, -1, 0), (1, 1, 1_700_000_000_000, 0), (2, 2, 1_700_000_000_000, 1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RecordSets(Cutter);

impl RecordSets {
    /// Iterates over the batches and messages in `bytes`.
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        Self(Cutter::new(bytes))
    }

    /// Whether the iteration has ended at an entry that was cut off.
    #[must_use]
    pub fn partial_tail(&self) -> bool {
        self.0.partial_tail()
    }

    /// Bytes that the entry which was cut off has in full, if its length could be read.
    #[must_use]
    pub fn partial_tail_len(&self) -> Option<usize> {
        self.0.partial_tail_len()
    }

    /// Whether the iteration has ended at the very first entry, because it is larger than what was asked for.
    ///
    /// Brokers before 0.10.1 answer so, and a fetch has to ask for [`partial_tail_len`](Self::partial_tail_len) bytes
    /// to make progress; if not even the length is there, for more than it did (KIP-74).
    #[must_use]
    pub fn is_first_too_large(&self) -> bool {
        self.partial_tail() && self.byte_position() == 0
    }

    /// Byte position of the next entry, of the one that was cut off, or of the broken one.
    #[must_use]
    pub fn byte_position(&self) -> usize {
        self.0.byte_position()
    }
}

impl Iterator for RecordSets {
    type Item = Result<RecordSet, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (magic, total) = match self.0.peek(0)? {
            Ok(front) => front,
            Err(error) => return Some(Err(error)),
        };
        let cut = &mut self.0;
        let set = if magic == 2 {
            BatchHeader::parse(cut.rest())
                .map(|header| RecordSet::Batch(RecordBatch::new(header, cut.take(total))))
        } else {
            MessageHeader::parse(cut.rest())
                .map(|header| RecordSet::Message(MessageEntry::new(header, cut.take(total))))
        };
        Some(set.map_err(|error| cut.broken(error)))
    }
}

impl core::iter::FusedIterator for RecordSets {}

/// What stands between two places of a log where it may be cut: a batch of magic 2, or a message of magic 0 or 1, which
/// may be a wrapper around many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordSet {
    /// A batch of magic 2.
    Batch(RecordBatch),
    /// A message of magic 0 or 1.
    Message(MessageEntry),
}

impl RecordSet {
    /// The format: 0, 1 or 2.
    #[must_use]
    pub fn magic(&self) -> i8 {
        match self {
            Self::Batch(batch) => batch.header().magic,
            Self::Message(message) => message.header().magic,
        }
    }

    /// All of its bytes as they came.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Batch(batch) => batch.bytes(),
            Self::Message(message) => message.bytes(),
        }
    }

    /// How its records are compressed.
    ///
    /// # Errors
    /// `UnknownCodec` for 5 to 7.
    pub fn codec(&self) -> Result<Codec, DecodeError> {
        match self {
            Self::Batch(batch) => batch.header().attributes.codec(),
            Self::Message(message) => message.header().codec(),
        }
    }

    /// Offset of the first record, or of the first one that the batch ever had.
    ///
    /// `None` for a compressed message set, which only its first record tells.
    #[must_use]
    pub fn base_offset(&self) -> Option<i64> {
        match self {
            Self::Batch(batch) => Some(batch.header().base_offset),
            Self::Message(message) if message.header().codec() == Ok(Codec::None) => {
                Some(message.header().offset)
            }
            Self::Message(_) => None,
        }
    }

    /// Offset of the last record, or of the last one that the batch ever had.
    ///
    /// # Errors
    /// `Corrupt` if it does not fit in 64 bits, or if the offset after it would not.
    pub fn last_offset(&self) -> Result<i64, DecodeError> {
        match self {
            Self::Batch(batch) => batch.header().last_offset(),
            Self::Message(message) => match message.header().offset {
                i64::MAX => Err(malformed("last offset overflows", 0)),
                offset => Ok(offset),
            },
        }
    }

    /// Number of records, if it can be told without inflating: not of a compressed message set.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self {
            Self::Batch(batch) => usize::try_from(batch.header().records_count).ok(),
            Self::Message(message) => (message.header().codec() == Ok(Codec::None)).then_some(1),
        }
    }

    /// The largest timestamp of its records as its header has it, in milliseconds since the Unix epoch, -1 for none.
    #[must_use]
    pub fn max_timestamp(&self) -> i64 {
        match self {
            Self::Batch(batch) => batch.header().max_timestamp,
            Self::Message(message) => message.header().timestamp,
        }
    }

    /// Whether the broker's clock stamped all of its records rather than the producer's each.
    #[must_use]
    pub fn is_log_append_time(&self) -> bool {
        match self {
            Self::Batch(batch) => batch.header().attributes.is_log_append_time(),
            Self::Message(message) => message.header().is_log_append_time(),
        }
    }

    /// Whether it holds a control record, which no application ever sees; only batches do.
    #[must_use]
    pub fn is_control(&self) -> bool {
        match self {
            Self::Batch(batch) => batch.header().attributes.is_control(),
            Self::Message(_) => false,
        }
    }

    /// Checks it against its checksum, which a caller may do without.
    ///
    /// # Errors
    /// `CrcMismatch`.
    pub fn verify_crc(&self) -> Result<(), DecodeError> {
        match self {
            Self::Batch(batch) => batch.verify_crc(),
            Self::Message(message) => message.verify_crc(),
        }
    }

    /// The records, inflated under `limit` bytes and ready to be iterated; not copied if they were not compressed.
    ///
    /// # Errors
    /// As for [`RecordBatch::records`] and [`MessageEntry::records`].
    pub fn records(&self, limit: usize) -> Result<SetRecords, DecodeError> {
        match self {
            Self::Batch(batch) => batch.records(limit).map(SetRecords::Batch),
            Self::Message(message) => message.records(limit).map(SetRecords::Messages),
        }
    }
}

/// The inflated records of one [`RecordSet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetRecords {
    /// Of a batch of magic 2.
    Batch(BatchRecords),
    /// Of a message of magic 0 or 1.
    Messages(MessageRecords),
}

impl SetRecords {
    /// The records in their own format, inflated.
    #[must_use]
    pub fn payload(&self) -> &Bytes {
        match self {
            Self::Batch(records) => records.payload(),
            Self::Messages(records) => records.payload(),
        }
    }

    /// The records, first to last.
    #[must_use]
    pub fn iter(&self) -> SetRecordsIter<'_> {
        match self {
            Self::Batch(records) => SetRecordsIter::Batch(records.iter()),
            Self::Messages(records) => SetRecordsIter::Messages(records.iter()),
        }
    }
}

impl<'a> IntoIterator for &'a SetRecords {
    type Item = Result<Record<'a>, DecodeError>;
    type IntoIter = SetRecordsIter<'a>;

    fn into_iter(self) -> SetRecordsIter<'a> {
        self.iter()
    }
}

/// Iterator over the records of one [`RecordSet`]. The first fault is yielded and ends the iteration.
#[derive(Clone, Debug)]
pub enum SetRecordsIter<'a> {
    /// Of a batch of magic 2.
    Batch(RecordIter<'a>),
    /// Of a message of magic 0 or 1.
    Messages(MessageIter<'a>),
}

impl<'a> Iterator for SetRecordsIter<'a> {
    type Item = Result<Record<'a>, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Batch(iter) => iter.next(),
            Self::Messages(iter) => iter.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Batch(iter) => iter.size_hint(),
            Self::Messages(iter) => iter.size_hint(),
        }
    }
}

impl core::iter::FusedIterator for SetRecordsIter<'_> {}
