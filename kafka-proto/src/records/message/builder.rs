//! A message set from records, for brokers of old formats, tests and tools.

use alloc::vec::Vec;
use bytes::Bytes;

use super::MessageHeader;
use crate::compress::Compressor;
use crate::error::EncodeError;
use crate::records::{Attributes, Codec};

/// Builds one message set of magic 0 or 1: plain messages, or one wrapper around all of them if there is a codec.
///
/// ```
/// use kafka_proto::records::{Codec, MessageSetBuilder, RecordSets};
///
/// let mut builder = MessageSetBuilder::new(1, Codec::None)?;
/// builder.push(1_700_000_000_000, Some(b"key"), Some(b"value"))?;
/// builder.push(1_700_000_000_001, None, Some(b"another"))?;
/// assert_eq!(builder.uncompressed_size(), 34 + 8 + 34 + 7);
/// let bytes = builder.build(42)?;
/// assert_eq!(bytes.len(), builder.uncompressed_size());
///
/// let last = RecordSets::new(bytes).last().ok_or("no message")??;
/// assert_eq!((last.magic(), last.last_offset()?), (1, 43));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MessageSetBuilder {
    magic: i8,
    codec: Codec,
    level: Option<i32>,
    log_append_time: Option<i64>,
    next_delta: i32,
    messages: Vec<Pending>,
    /// Keys and values, one behind the other.
    data: Vec<u8>,
    /// Bytes of all messages, offsets and sizes included.
    size: usize,
}

/// A message before its offset and its checksum are known.
#[derive(Clone, Copy, Debug)]
struct Pending {
    offset_delta: i32,
    timestamp: i64,
    /// Lengths, -1 being null.
    key: i32,
    value: i32,
}

impl MessageSetBuilder {
    /// An empty message set of magic 0 or 1, to be compressed with `codec` at its default level.
    ///
    /// # Errors
    /// `UnsupportedMagic` for any other magic, `CodecNotInMagic` for zstd, which needs magic 2.
    pub fn new(magic: i8, codec: Codec) -> Result<Self, EncodeError> {
        if !(0..=1).contains(&magic) {
            return Err(EncodeError::UnsupportedMagic(magic));
        }
        if codec == Codec::Zstd {
            return Err(EncodeError::CodecNotInMagic { codec: codec.name(), magic });
        }
        Ok(Self {
            magic,
            codec,
            level: None,
            log_append_time: None,
            next_delta: 0,
            messages: Vec::new(),
            data: Vec::new(),
            size: 0,
        })
    }

    /// Sets the compression level, on the codec's own scale.
    #[must_use]
    pub fn with_level(mut self, level: i32) -> Self {
        self.level = Some(level);
        self
    }

    /// Stamps all messages with the broker's time, in milliseconds since the Unix epoch; a broker of a topic with
    /// `message.timestamp.type=LogAppendTime` does that. Magic 0 has no timestamps at all.
    #[must_use]
    pub fn with_log_append_time(mut self, timestamp: i64) -> Self {
        self.log_append_time = Some(timestamp);
        self
    }

    /// Adds a message behind the others, at the next offset. Magic 0 has no place for the timestamp.
    ///
    /// # Errors
    /// As for [`push_at`](Self::push_at).
    pub fn push(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<(), EncodeError> {
        self.push_at(self.next_delta, timestamp, key, value)
    }

    /// Adds a message at an offset relative to the set's, leaving a gap as compaction does.
    ///
    /// # Errors
    /// `InvalidBatch` unless `offset_delta` is not negative and above all before it, `TooLong` for a message over
    /// 2 GiB.
    pub fn push_at(
        &mut self,
        offset_delta: i32,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<(), EncodeError> {
        if offset_delta < self.next_delta {
            return Err(EncodeError::InvalidBatch("offset deltas do not ascend"));
        }
        let Some(next_delta) = offset_delta.checked_add(1) else {
            return Err(EncodeError::InvalidBatch("offset delta overflows"));
        };
        let size = message_size(self.magic, key, value);
        checked_size(size)?;
        self.size = self.size.saturating_add(size);
        // Both fit, for the message that they are in does.
        let length = |field: Option<&[u8]>| field.map_or(-1, |bytes| bytes.len() as i32);
        let (key_length, value_length) = (length(key), length(value));
        self.data.extend_from_slice(key.unwrap_or_default());
        self.data.extend_from_slice(value.unwrap_or_default());
        self.messages.push(Pending {
            offset_delta,
            timestamp,
            key: key_length,
            value: value_length,
        });
        self.next_delta = next_delta;
        Ok(())
    }

    /// Messages so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Exact bytes of what [`build`](Self::build) gives, or would give if the codec left every byte as it is: of all
    /// messages, and of a wrapper around them if there is a codec.
    #[must_use]
    pub fn uncompressed_size(&self) -> usize {
        self.around(self.size)
    }

    /// What [`uncompressed_size`](Self::uncompressed_size) would be with one more message.
    #[must_use]
    pub fn uncompressed_size_with(&self, key: Option<&[u8]>, value: Option<&[u8]>) -> usize {
        self.around(self.size.saturating_add(message_size(self.magic, key, value)))
    }

    /// The finished message set, with its first message at `base_offset` if that was pushed first of all; a producer
    /// sends any offsets. May be called again. Without messages there are no bytes.
    ///
    /// # Errors
    /// `InvalidBatch` if an offset does not fit in 64 bits, or is negative in a compressed set of magic 1; `TooLong`
    /// for a wrapper over 2 GiB, `CodecNotBuilt`, `Compress`.
    pub fn build(&self, base_offset: i64) -> Result<Bytes, EncodeError> {
        let Some(last) = self.messages.last() else {
            return Ok(Bytes::new());
        };
        let last_offset = base_offset.checked_add(last.offset_delta.into()).ok_or(OVERFLOW)?;
        let compressed = self.codec != Codec::None;
        let relative = compressed && self.magic > 0;
        if relative && base_offset < 0 {
            // A reader tells relative offsets by those of the wrapper, which are not negative.
            return Err(EncodeError::InvalidBatch("negative offset of a compressed message set"));
        }
        let first = if relative { 0 } else { base_offset };
        let messages = self.messages_at(first);
        if !compressed {
            return Ok(messages.into());
        }
        let mut compressor = Compressor::for_magic(self.magic, self.codec, self.level)?;
        let value = compressor.compress([messages.as_slice()])?;
        let size = message_size(self.magic, None, Some(&value));
        checked_size(size)?;
        let mut wrapper = Vec::with_capacity(size);
        let latest = self.messages.iter().fold(-1, |latest, message| message.timestamp.max(latest));
        self.put(&mut wrapper, last_offset, self.codec, latest, None, Some(&value));
        Ok(wrapper.into())
    }

    pub(in crate::records) fn next_delta(&self) -> i32 {
        self.next_delta
    }

    /// The plain messages, with this offset for the delta 0. The largest delta must not overflow it.
    fn messages_at(&self, first: i64) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size);
        let mut data = self.data.as_slice();
        for message in &self.messages {
            let key = take(&mut data, message.key);
            let value = take(&mut data, message.value);
            let offset = first.wrapping_add(message.offset_delta.into());
            self.put(&mut out, offset, Codec::None, message.timestamp, key, value);
        }
        out
    }

    /// Appends one message, which is known to fit.
    fn put(
        &self,
        out: &mut Vec<u8>,
        offset: i64,
        codec: Codec,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) {
        let start = out.len();
        let size = message_size(self.magic, key, value).wrapping_sub(MessageHeader::LOG_OVERHEAD);
        let stamped = self.magic > 0 && self.log_append_time.is_some();
        let attributes = Attributes(0).with_codec(codec).with_log_append_time(stamped);
        out.extend_from_slice(&offset.to_be_bytes());
        out.extend_from_slice(&(size as i32).to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&[self.magic as u8, attributes.0 as u8]);
        if self.magic > 0 {
            let timestamp = self.log_append_time.unwrap_or(timestamp);
            out.extend_from_slice(&timestamp.to_be_bytes());
        }
        for field in [key, value] {
            let length = field.map_or(-1, |bytes| bytes.len() as i32);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(field.unwrap_or_default());
        }
        let message = out.get_mut(start..).unwrap_or_default();
        if let Some((front, covered)) = message.split_at_mut_checked(MessageHeader::CRC_COVERS_FROM)
            && let Some(crc) = front.last_chunk_mut()
        {
            *crc = crc32fast::hash(covered).to_be_bytes();
        }
    }

    fn around(&self, messages: usize) -> usize {
        if self.codec == Codec::None || messages == 0 {
            messages
        } else {
            messages.saturating_add(message_size(self.magic, None, None))
        }
    }
}

/// Exact bytes of one message with its offset and size, saturating.
///
/// `magic` is 0 or 1; any other is taken for 1.
#[must_use]
pub fn message_size(magic: i8, key: Option<&[u8]>, value: Option<&[u8]>) -> usize {
    let fixed =
        if magic == 0 { MessageHeader::MIN_SIZE_V0 } else { MessageHeader::MIN_SIZE_V1 } as usize;
    let fields = key.map_or(0, <[u8]>::len).saturating_add(value.map_or(0, <[u8]>::len));
    fields.saturating_add(fixed).saturating_add(MessageHeader::LOG_OVERHEAD)
}

const OVERFLOW: EncodeError = EncodeError::InvalidBatch("offset overflows");
/// The most that the size of a message can say, with what stands in front of it.
const MAX_LEN: usize = i32::MAX as usize + MessageHeader::LOG_OVERHEAD;

fn checked_size(len: usize) -> Result<(), EncodeError> {
    if len > MAX_LEN {
        return Err(EncodeError::TooLong { what: "message", len, max: MAX_LEN });
    }
    Ok(())
}

/// The next field of so many bytes, -1 being null.
fn take<'a>(data: &mut &'a [u8], length: i32) -> Option<&'a [u8]> {
    let (field, rest) = data.split_at_checked(usize::try_from(length).ok()?)?;
    *data = rest;
    Some(field)
}
