//! Records of one format from records of another, as brokers convert them for clients of another age.

use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

use super::{BatchBuilder, Codec, MessageSetBuilder, Record, RecordSet, RecordSets, SetRecords};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};

/// Converts all batches and messages of a records field to one format, which is 0, 1 or 2.
///
/// Offsets, keys, values and codecs stay. What the new format has no place for is lost: below magic 2 headers, control
/// batches, transactions and producer ids, and in magic 0 timestamps. From magic 0, records have the timestamp -1.
/// What has the format already stays as it is; plain messages become one batch as far as their offsets ascend, each
/// compressed message set a batch of its own. An entry that was cut off at the end is left out.
///
/// Offsets stay even where they say nothing, as in what old producers send, often all 0: then every record becomes a
/// batch of its own. Whoever takes such records in pushes them into a [`BatchBuilder`], which counts anew.
///
/// Checksums of what is converted are verified, because new ones would hide what they tell. `limit` bounds, in bytes,
/// the output and what is in a compressed set, in its old format and in its new one.
///
/// # Errors
/// `BudgetExceeded` and whatever else [`RecordSets`] and [`RecordSet::records`] say, `CrcMismatch`; `UnsupportedMagic`
/// for a format that does not exist, `CodecNotInMagic` for zstd on its way down, which brokers answer with
/// `UNSUPPORTED_COMPRESSION_TYPE`, `CodecNotBuilt`, `TooLong`, and `InvalidBatch` for negative offsets that would go
/// into a compressed set of magic 1, and for one that no other follows, which no batch of magic 2 may end with.
pub fn convert(records: Bytes, to_magic: i8, limit: usize) -> Result<Bytes, ConvertError> {
    Converter::new(to_magic, limit)?.run(records, |magic| magic == to_magic)
}

/// Converts a records field for a consumer that knows formats up to `newest_magic`, as a broker answers its fetch.
///
/// As [`convert`], but older formats stay as they are, and records below `first_offset` that were not compressed are
/// left out of what is converted: a consumer in the middle of a batch expects to be given no more than it asked for,
/// because in its formats such a record would stand alone.
///
/// Nothing may be left, after control batches for example. A consumer of old formats takes that for the end of the log
/// and asks for the same offset again, so that a broker has to go on reading until it has something to give.
///
/// # Errors
/// As for [`convert`].
pub fn down_convert(
    records: Bytes,
    newest_magic: i8,
    first_offset: i64,
    limit: usize,
) -> Result<Bytes, ConvertError> {
    let mut converter = Converter::new(newest_magic, limit)?;
    converter.first_offset = first_offset;
    converter.run(records, |magic| magic <= newest_magic)
}

/// Why records could not be converted.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConvertError {
    /// The records are broken or over the limit.
    Decode(DecodeError),
    /// The new format can't carry them.
    Encode(EncodeError),
}

impl From<DecodeError> for ConvertError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<EncodeError> for ConvertError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Encode(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ConvertError {}

struct Converter {
    to_magic: i8,
    limit: usize,
    first_offset: i64,
    output: Vec<u8>,
    open: Option<Group>,
}

/// Records on their way into one batch, or one message set.
struct Group {
    origin: Origin,
    base_offset: i64,
    builder: Builder,
}

/// What the records of a group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin {
    magic: i8,
    codec: Codec,
    /// Everybody's timestamp, if a broker stamped them.
    stamp: Option<i64>,
}

enum Builder {
    Batch(BatchBuilder),
    Messages(MessageSetBuilder),
}

impl Converter {
    fn new(to_magic: i8, limit: usize) -> Result<Self, EncodeError> {
        if !(0..=2).contains(&to_magic) {
            return Err(EncodeError::UnsupportedMagic(to_magic));
        }
        Ok(Self { to_magic, limit, first_offset: i64::MIN, output: Vec::new(), open: None })
    }

    fn run(mut self, records: Bytes, stays: impl Fn(i8) -> bool) -> Result<Bytes, ConvertError> {
        if let Some(len) = self.unchanged(&records, &stays)? {
            return Ok(records.slice(..len));
        }
        for set in RecordSets::new(records) {
            let set = set?;
            if self.is_left_out(&set)? {
                continue;
            }
            if stays(set.magic()) {
                self.close()?;
                self.append(set.bytes())?;
            } else {
                self.convert(&set)?;
            }
        }
        self.close()?;
        Ok(self.output.into())
    }

    /// Bytes of the whole entries, if all of them stay as they are.
    fn unchanged(
        &self,
        records: &Bytes,
        stays: impl Fn(i8) -> bool,
    ) -> Result<Option<usize>, DecodeError> {
        let mut sets = RecordSets::new(records.clone());
        for set in sets.by_ref() {
            let set = set?;
            if !stays(set.magic()) {
                return Ok(None);
            }
        }
        let len = sets.byte_position();
        if len > self.limit { Err(self.over_budget()) } else { Ok(Some(len)) }
    }

    /// Whether the new format has no place for a set, or an error if a consumer would miss it.
    fn is_left_out(&self, set: &RecordSet) -> Result<bool, ConvertError> {
        if self.to_magic >= 2 || set.magic() < 2 {
            return Ok(false);
        }
        if set.is_control() {
            return Ok(true);
        }
        let codec = set.codec()?;
        if codec == Codec::Zstd {
            let magic = self.to_magic;
            return Err(EncodeError::CodecNotInMagic { codec: codec.name(), magic }.into());
        }
        Ok(false)
    }

    fn convert(&mut self, set: &RecordSet) -> Result<(), ConvertError> {
        let codec = set.codec()?;
        let stamp = set.is_log_append_time().then(|| set.max_timestamp());
        let origin = Origin { magic: set.magic(), codec, stamp };
        set.verify_crc()?;
        let records = set.records(self.limit)?;
        if let SetRecords::Messages(messages) = &records {
            messages.verify_crcs()?;
        }
        for record in &records {
            let record = record?;
            if codec != Codec::None || record.offset >= self.first_offset {
                self.push(origin, &record)?;
            }
        }
        // Messages that stood alone may stand together, but a compressed set stays one.
        if codec != Codec::None {
            self.close()?;
        }
        Ok(())
    }

    fn push(&mut self, origin: Origin, record: &Record<'_>) -> Result<(), ConvertError> {
        if !self.open.as_ref().is_some_and(|open| open.takes(origin, record.offset)) {
            self.close()?;
        }
        let limit = self.limit;
        let group = match &mut self.open {
            Some(group) => group,
            none => none.insert(Group {
                origin,
                base_offset: record.offset,
                builder: Builder::new(self.to_magic, origin)?,
            }),
        };
        if group.builder.size_with(record) > limit {
            return Err(self.over_budget().into());
        }
        // The group takes it, so the delta fits.
        let delta = record.offset.wrapping_sub(group.base_offset) as i32;
        Ok(group.builder.push(delta, record)?)
    }

    /// Finishes the open group.
    fn close(&mut self) -> Result<(), ConvertError> {
        let Some(group) = self.open.take() else {
            return Ok(());
        };
        let built = group.builder.build(group.base_offset)?;
        Ok(self.append(&built)?)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        if bytes.len() > self.limit.saturating_sub(self.output.len()) {
            return Err(self.over_budget());
        }
        self.output.extend_from_slice(bytes);
        Ok(())
    }

    #[cold]
    fn over_budget(&self) -> DecodeError {
        DecodeErrorKind::BudgetExceeded { limit: self.limit }.into()
    }
}

impl Group {
    fn takes(&self, origin: Origin, offset: i64) -> bool {
        let delta =
            offset.checked_sub(self.base_offset).and_then(|delta| i32::try_from(delta).ok());
        self.origin == origin
            && delta.is_some_and(|delta| delta >= self.builder.next_delta() && delta < i32::MAX)
    }
}

impl Builder {
    fn new(magic: i8, origin: Origin) -> Result<Self, EncodeError> {
        Ok(if magic == 2 {
            let builder = BatchBuilder::new(origin.codec);
            Self::Batch(match origin.stamp {
                Some(stamp) => builder.with_log_append_time(stamp),
                None => builder,
            })
        } else {
            let builder = MessageSetBuilder::new(magic, origin.codec)?;
            Self::Messages(match origin.stamp {
                Some(stamp) => builder.with_log_append_time(stamp),
                None => builder,
            })
        })
    }

    /// The smallest offset delta that may come next. The largest that there is never may, for nothing could follow it.
    fn next_delta(&self) -> i32 {
        match self {
            Self::Batch(builder) => builder.next_delta(),
            Self::Messages(builder) => builder.next_delta(),
        }
    }

    fn size_with(&self, record: &Record<'_>) -> usize {
        let Record { timestamp, key, value, .. } = *record;
        match self {
            Self::Batch(builder) => builder.uncompressed_size_with(timestamp, key, value, &[]),
            Self::Messages(builder) => builder.uncompressed_size_with(key, value),
        }
    }

    /// Adds a record without its headers: what goes into a batch comes from messages, which have none.
    fn push(&mut self, delta: i32, record: &Record<'_>) -> Result<(), EncodeError> {
        let Record { timestamp, key, value, .. } = *record;
        match self {
            Self::Batch(builder) => builder.push_at(delta, timestamp, key, value, &[]),
            Self::Messages(builder) => builder.push_at(delta, timestamp, key, value),
        }
    }

    fn build(&self, base_offset: i64) -> Result<Bytes, EncodeError> {
        match self {
            Self::Batch(builder) => builder.build(base_offset),
            Self::Messages(builder) => builder.build(base_offset),
        }
    }
}
