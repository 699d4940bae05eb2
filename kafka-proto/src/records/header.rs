//! The fixed 61 bytes in front of every record batch of magic 2 (KIP-98), and the flags in them.

use super::{Codec, malformed};
use crate::error::{DecodeError, DecodeErrorKind};

/// The header of a record batch of magic 2, as on the wire.
///
/// Integers are big-endian, in the order of the fields. The checksum covers everything behind itself, so a broker can
/// set the base offset and the leader epoch without touching it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record, or of the first one before compaction took it out. 0 in a produce request.
    pub base_offset: i64,
    /// Bytes that follow this field: the whole batch without its first 12 bytes.
    pub batch_length: i32,
    /// Epoch of the leader that appended the batch, -1 when not known. Not covered by the checksum.
    pub partition_leader_epoch: i32,
    /// Format of the batch, always 2 here.
    pub magic: i8,
    /// CRC-32C of everything from `attributes` on.
    pub crc: u32,
    /// Codec, timestamp type and kind of the batch.
    pub attributes: Attributes,
    /// Offset of the last record minus `base_offset`; compaction keeps it even when it takes out that record.
    pub last_offset_delta: i32,
    /// Timestamp that the records' deltas count from, in milliseconds since the Unix epoch; -1 for none.
    pub base_timestamp: i64,
    /// Largest timestamp of the batch, and everybody's timestamp if the broker stamps on append.
    pub max_timestamp: i64,
    /// Producer id of an idempotent producer, -1 for none (KIP-98).
    pub producer_id: i64,
    /// Epoch of the producer id, -1 for none.
    pub producer_epoch: i16,
    /// Sequence number of the first record, -1 for none.
    pub base_sequence: i32,
    /// Number of records in the batch; 0 when compaction has taken out all of them.
    pub records_count: i32,
}

impl BatchHeader {
    /// Bytes of a header.
    pub const LEN: usize = 61;
    /// Bytes in front of what `batch_length` counts: the base offset and the length itself.
    pub const LOG_OVERHEAD: usize = 12;
    /// Where the checksum is: bytes 17 to 20 of the batch.
    pub const CRC_AT: usize = 17;
    /// Where the bytes that the checksum covers begin.
    pub const CRC_COVERS_FROM: usize = 21;
    /// The smallest `batch_length`: a header without records.
    pub const MIN_BATCH_LENGTH: i32 = 49;

    /// Reads a header from the front of `bytes`, which may be longer.
    ///
    /// # Errors
    /// `Truncated` below 61 bytes, `UnsupportedMagic` for any magic but 2, `Corrupt` for a negative record count, a
    /// negative last offset delta, or a batch length that leaves no room for the header.
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let Some(bytes) = bytes.first_chunk::<{ Self::LEN }>() else {
            let kind = DecodeErrorKind::Truncated { needed: Self::LEN, left: bytes.len() };
            return Err(DecodeError::new(kind, 0));
        };
        let header = Self::read(bytes);
        if header.magic != 2 {
            return Err(DecodeError::new(DecodeErrorKind::UnsupportedMagic(header.magic), 16));
        }
        if header.batch_length < Self::MIN_BATCH_LENGTH {
            return Err(malformed("batch length below the size of a header", 8));
        }
        if header.last_offset_delta < 0 {
            return Err(malformed("negative last offset delta", 23));
        }
        if header.records_count < 0 {
            return Err(malformed("negative record count", 57));
        }
        Ok(header)
    }

    /// The header as it goes on the wire.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        let mut rest = out.as_mut_slice();
        put(&mut rest, self.base_offset.to_be_bytes());
        put(&mut rest, self.batch_length.to_be_bytes());
        put(&mut rest, self.partition_leader_epoch.to_be_bytes());
        put(&mut rest, self.magic.to_be_bytes());
        put(&mut rest, self.crc.to_be_bytes());
        put(&mut rest, self.attributes.0.to_be_bytes());
        put(&mut rest, self.last_offset_delta.to_be_bytes());
        put(&mut rest, self.base_timestamp.to_be_bytes());
        put(&mut rest, self.max_timestamp.to_be_bytes());
        put(&mut rest, self.producer_id.to_be_bytes());
        put(&mut rest, self.producer_epoch.to_be_bytes());
        put(&mut rest, self.base_sequence.to_be_bytes());
        put(&mut rest, self.records_count.to_be_bytes());
        out
    }

    /// Offset of the last record that the batch ever had.
    ///
    /// # Errors
    /// `Corrupt` if it does not fit in 64 bits, or if the offset after it would not.
    pub fn last_offset(&self) -> Result<i64, DecodeError> {
        last_offset(self.base_offset, self.last_offset_delta, 23)
    }

    /// Bytes of the whole batch, header included.
    #[must_use]
    pub fn total_len(&self) -> usize {
        usize::try_from(self.batch_length).unwrap_or(0).saturating_add(Self::LOG_OVERHEAD)
    }

    /// Bytes of the records section: the batch without its header.
    #[must_use]
    pub fn payload_len(&self) -> usize {
        self.total_len().saturating_sub(Self::LEN)
    }

    fn read(bytes: &[u8; Self::LEN]) -> Self {
        let mut rest = bytes.as_slice();
        Self {
            base_offset: i64::from_be_bytes(take(&mut rest)),
            batch_length: i32::from_be_bytes(take(&mut rest)),
            partition_leader_epoch: i32::from_be_bytes(take(&mut rest)),
            magic: i8::from_be_bytes(take(&mut rest)),
            crc: u32::from_be_bytes(take(&mut rest)),
            attributes: Attributes(i16::from_be_bytes(take(&mut rest))),
            last_offset_delta: i32::from_be_bytes(take(&mut rest)),
            base_timestamp: i64::from_be_bytes(take(&mut rest)),
            max_timestamp: i64::from_be_bytes(take(&mut rest)),
            producer_id: i64::from_be_bytes(take(&mut rest)),
            producer_epoch: i16::from_be_bytes(take(&mut rest)),
            base_sequence: i32::from_be_bytes(take(&mut rest)),
            records_count: i32::from_be_bytes(take(&mut rest)),
        }
    }
}

/// The offset of a batch's last record, if both it and the one after it are offsets. `at` is where a fault is told.
pub(super) fn last_offset(base: i64, last_delta: i32, at: usize) -> Result<i64, DecodeError> {
    match base.checked_add(i64::from(last_delta)) {
        Some(offset) if offset < i64::MAX => Ok(offset),
        _ => Err(malformed("last offset overflows", at)),
    }
}

/// An empty batch of nobody's: no producer id, no leader epoch, no timestamp.
impl Default for BatchHeader {
    fn default() -> Self {
        Self {
            base_offset: 0,
            batch_length: Self::MIN_BATCH_LENGTH,
            partition_leader_epoch: -1,
            magic: 2,
            crc: 0,
            attributes: Attributes(0),
            last_offset_delta: 0,
            base_timestamp: -1,
            max_timestamp: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            records_count: 0,
        }
    }
}

/// The flags of a batch: bits 0 to 2 codec, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon.
///
/// Unknown bits are kept, so that what was read is written back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub i16);

impl Attributes {
    const CODEC: i16 = 0b111;
    const LOG_APPEND_TIME: i16 = 1 << 3;
    const TRANSACTIONAL: i16 = 1 << 4;
    const CONTROL: i16 = 1 << 5;
    const DELETE_HORIZON: i16 = 1 << 6;

    /// How the records section is compressed.
    ///
    /// # Errors
    /// `UnknownCodec` for 5 to 7.
    pub fn codec(self) -> Result<Codec, DecodeError> {
        let number = (self.0 & Self::CODEC) as i8;
        Codec::from_number(number)
            .ok_or_else(|| DecodeError::new(DecodeErrorKind::UnknownCodec(number), 21))
    }

    /// Whether the broker's clock stamped the records (`max_timestamp` holds for all) rather than the producer's.
    #[must_use]
    pub fn is_log_append_time(self) -> bool {
        self.0 & Self::LOG_APPEND_TIME != 0
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub fn is_transactional(self) -> bool {
        self.0 & Self::TRANSACTIONAL != 0
    }

    /// Whether the batch holds a control record, which no application ever sees.
    #[must_use]
    pub fn is_control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// Whether `base_timestamp` is the time from which compaction may drop the batch's tombstones (KIP-534).
    #[must_use]
    pub fn has_delete_horizon(self) -> bool {
        self.0 & Self::DELETE_HORIZON != 0
    }

    /// The same flags with this codec.
    #[must_use]
    pub fn with_codec(self, codec: Codec) -> Self {
        Self((self.0 & !Self::CODEC) | codec as i16)
    }

    /// The same flags with or without log append time.
    #[must_use]
    pub fn with_log_append_time(self, on: bool) -> Self {
        self.with(Self::LOG_APPEND_TIME, on)
    }

    /// The same flags, in a transaction or not.
    #[must_use]
    pub fn with_transactional(self, on: bool) -> Self {
        self.with(Self::TRANSACTIONAL, on)
    }

    /// The same flags, as a control batch or not.
    #[must_use]
    pub fn with_control(self, on: bool) -> Self {
        self.with(Self::CONTROL, on)
    }

    /// The same flags with or without a delete horizon.
    #[must_use]
    pub fn with_delete_horizon(self, on: bool) -> Self {
        self.with(Self::DELETE_HORIZON, on)
    }

    fn with(self, flag: i16, on: bool) -> Self {
        Self(if on { self.0 | flag } else { self.0 & !flag })
    }
}

/// The next `N` bytes of a header; the caller's array is long enough for all its fields.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    match rest.split_first_chunk::<N>() {
        Some((head, tail)) => {
            *rest = tail;
            *head
        }
        None => [0; N],
    }
}

/// Fills the next `N` bytes of a header; the caller's array is long enough for all its fields.
fn put<const N: usize>(rest: &mut &mut [u8], field: [u8; N]) {
    if let Some((head, tail)) = core::mem::take(rest).split_first_chunk_mut::<N>() {
        *head = field;
        *rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> BatchHeader {
        BatchHeader {
            base_offset: 0x0102_0304_0506_0708,
            batch_length: 0x1112_1314,
            partition_leader_epoch: 0x2122_2324,
            magic: 2,
            crc: 0xf1f2_f3f4,
            attributes: Attributes(0x3132),
            last_offset_delta: 0x4142_4344,
            base_timestamp: 0x5152_5354_5556_5758,
            max_timestamp: 0x6162_6364_6566_6768,
            producer_id: -2,
            producer_epoch: -3,
            base_sequence: 0x7172_7374,
            records_count: 0x0a0b_0c0d,
        }
    }

    #[test]
    fn every_field_is_at_its_place() {
        let bytes = sample().to_bytes();
        let expected = [
            1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x23, 0x24, 2, 0xf1, 0xf2,
            0xf3, 0xf4, 0x31, 0x32, 0x41, 0x42, 0x43, 0x44, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56,
            0x57, 0x58, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xfe, 0xff, 0xfd, 0x71, 0x72, 0x73, 0x74, 0x0a, 0x0b, 0x0c, 0x0d,
        ];
        assert_eq!(bytes, expected);
        assert_eq!(BatchHeader::parse(&bytes), Ok(sample()));
    }

    #[test]
    fn truncated_header() {
        let bytes = sample().to_bytes();
        for cut in 0..BatchHeader::LEN {
            let error = BatchHeader::parse(&bytes[..cut]).unwrap_err();
            assert_eq!(*error.kind(), DecodeErrorKind::Truncated { needed: 61, left: cut });
        }
    }

    #[test]
    fn c28_c32_c36_fields_that_make_no_sense() {
        let check = |header: BatchHeader, kind: DecodeErrorKind, offset: usize| {
            let error = BatchHeader::parse(&header.to_bytes()).unwrap_err();
            assert_eq!((error.kind(), error.offset()), (&kind, offset));
        };
        let length = DecodeErrorKind::Corrupt("batch length below the size of a header");
        check(BatchHeader { batch_length: 48, ..sample() }, length.clone(), 8);
        check(BatchHeader { batch_length: -1, ..sample() }, length.clone(), 8);
        check(BatchHeader { batch_length: i32::MIN, ..sample() }, length, 8);
        check(
            BatchHeader { records_count: -1, ..sample() },
            DecodeErrorKind::Corrupt("negative record count"),
            57,
        );
        let delta = DecodeErrorKind::Corrupt("negative last offset delta");
        check(BatchHeader { last_offset_delta: -1, ..sample() }, delta, 23);
    }

    #[test]
    fn c30_every_other_magic() {
        for magic in (i8::MIN..=i8::MAX).filter(|&magic| magic != 2) {
            let error =
                BatchHeader::parse(&BatchHeader { magic, ..sample() }.to_bytes()).unwrap_err();
            assert_eq!(
                (error.kind(), error.offset()),
                (&DecodeErrorKind::UnsupportedMagic(magic), 16)
            );
        }
    }

    #[test]
    fn c36_last_offset_is_checked() {
        let last = |base_offset, last_offset_delta| {
            BatchHeader { base_offset, last_offset_delta, ..sample() }.last_offset().ok()
        };
        assert_eq!(last(10, i32::MAX), Some(10 + i64::from(i32::MAX)));
        assert_eq!(last(i64::MAX - 6, 5), Some(i64::MAX - 1));
        assert_eq!(last(i64::MAX - 5, 5), None);
        assert_eq!(last(i64::MAX, 1), None);
    }

    #[test]
    fn attributes_keep_their_other_bits() {
        let all = Attributes(-1);
        assert_eq!(all.codec().unwrap_err().kind(), &DecodeErrorKind::UnknownCodec(7));
        assert_eq!(all.with_codec(Codec::Lz4).0 as u16, 0xfffb);
        check_flag(Attributes::with_log_append_time, Attributes::is_log_append_time, 8);
        check_flag(Attributes::with_transactional, Attributes::is_transactional, 16);
        check_flag(Attributes::with_control, Attributes::is_control, 32);
        check_flag(Attributes::with_delete_horizon, Attributes::has_delete_horizon, 64);
    }

    #[track_caller]
    fn check_flag(set: fn(Attributes, bool) -> Attributes, get: fn(Attributes) -> bool, bit: i16) {
        assert_eq!(set(Attributes(0), true).0, bit);
        assert_eq!(set(Attributes(-1), false).0, !bit);
        assert!(get(Attributes(bit)) && !get(Attributes(!bit)));
    }
}
