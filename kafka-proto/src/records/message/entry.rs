//! One entry of a message set.

use bytes::Bytes;

use super::header::fields;
use super::{MessageHeader, MessageRecords};
use crate::compress;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::records::{Codec, malformed};

/// One whole entry of a message set of magic 0 or 1: a message, or a wrapper around a compressed message set.
///
/// Only its header has been read; [`verify_crc`](Self::verify_crc) and [`records`](Self::records) look at the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEntry {
    header: MessageHeader,
    bytes: Bytes,
}

impl MessageEntry {
    pub(in crate::records) fn new(header: MessageHeader, bytes: Bytes) -> Self {
        Self { header, bytes }
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &MessageHeader {
        &self.header
    }

    /// The whole entry as it came, offset and size included.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Checks the entry against its checksum; that of a wrapper covers its value as compressed.
    ///
    /// # Errors
    /// `CrcMismatch`.
    pub fn verify_crc(&self) -> Result<(), DecodeError> {
        verify_crc(&self.header, &self.bytes)
    }

    /// The messages: this one, or those within a wrapper, inflated and ready to be iterated.
    ///
    /// The messages within are walked here, because those of magic 1 have their offsets from the last of them.
    ///
    /// # Errors
    /// `BudgetExceeded` if a wrapper would inflate to more than `limit` bytes, `UnknownCodec`, `CodecNotBuilt`,
    /// `Decompress` or `Truncated` for what isn't of its codec, and `Corrupt` for a wrapper that is null, empty, or
    /// not filled by messages exactly, for messages within that are compressed again or of another magic, and for
    /// offsets within that the wrapper's contradicts. Offsets of errors count from the start of the entry, or of what
    /// was inflated. A plain message has no limit but its own size.
    pub fn records(&self, limit: usize) -> Result<MessageRecords, DecodeError> {
        let codec = self.header.codec()?;
        if codec == Codec::None {
            return Ok(MessageRecords::plain(&self.header, self.bytes.clone()));
        }
        let (_, value) = fields(&self.header, &self.bytes)?;
        let Some(value) = value else {
            return Err(malformed("compressed message set without a value", 0));
        };
        let payload = compress::decompress_for_magic(self.header.magic, codec, value, limit)?;
        MessageRecords::wrapped(&self.header, payload.into())
    }
}

/// Checks an entry, of which the header has been read, against its checksum.
pub(super) fn verify_crc(header: &MessageHeader, entry: &[u8]) -> Result<(), DecodeError> {
    let covered = entry.get(MessageHeader::CRC_COVERS_FROM..).unwrap_or_default();
    let computed = crc32fast::hash(covered);
    if computed == header.crc {
        return Ok(());
    }
    let kind = DecodeErrorKind::CrcMismatch { stored: header.crc, computed };
    Err(DecodeError::new(kind, MessageHeader::CRC_AT))
}
