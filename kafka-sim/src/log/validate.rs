//! Judging the record bytes of a Produce request for one partition, in the order and with the
//! answers of a 4.4 broker.
//!
//! One deviation: an uncompressed batch whose offset deltas leave holes is refused here and taken
//! there.

use bytes::Bytes;
use kafka_proto::ErrorCode;
use kafka_proto::records::{BatchHeader, Codec, RecordIter, crc32c_of};

use super::stored;

/// The first Produce version that may carry zstd.
const ZSTD_FROM: i16 = 7;

/// Bytes in front of a batch's magic, and with it; fewer are no batch at all.
const UP_TO_MAGIC: usize = 17;

/// The smallest batch length that any format has; below it the bytes are corrupt, not merely cut
/// short.
const SMALLEST_LENGTH: i32 = 14;

/// What the topic, the request and the clock ask of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Version of the Produce request.
    pub(crate) version: i16,
    /// `max.message.bytes`.
    pub(crate) max_message_bytes: usize,
    /// Whether every record needs a key.
    pub(crate) compacted: bool,
    /// Whether the broker's clock stamps the batch.
    pub(crate) log_append_time: bool,
    /// How far behind and ahead of `now_ms` a record's timestamp may be.
    pub(crate) timestamp_window: (i64, i64),
    /// Wall-clock milliseconds.
    pub(crate) now_ms: i64,
    /// Whether to go through the records.
    pub(crate) look_inside: bool,
}

/// A batch fit to be appended.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Its header, as it will be stored but for base offset and leader epoch.
    pub(crate) header: BatchHeader,
    /// Its records section.
    pub(crate) payload: Bytes,
}

/// Why a batch is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    /// Text for the whole partition.
    pub(crate) message: Option<String>,
    /// Index within the batch and text, for every culprit.
    pub(crate) records: Vec<(i32, String)>,
    /// Whether the answer tells the log start: refusals of the log do, those before it and of
    /// corrupt bytes don't.
    pub(crate) tells_start: bool,
}

impl Refusal {
    /// Refused before the log was asked.
    pub(crate) fn early(code: ErrorCode) -> Self {
        Self { code, message: None, records: Vec::new(), tells_start: false }
    }

    /// Refused by the log.
    pub(crate) fn late(code: ErrorCode) -> Self {
        Self { tells_start: true, ..Self::early(code) }
    }
}

/// Checks the bytes of one partition; what is wrong first is what is answered.
pub(crate) fn check(records: &Bytes, rules: &Rules) -> Result<Candidate, Refusal> {
    let (header, payload) = only_batch(records, rules.version)?;
    if header.base_offset != 0 {
        return Err(Refusal::late(ErrorCode::INVALID_RECORD));
    }
    if header.total_len() > rules.max_message_bytes {
        return Err(Refusal::early(ErrorCode::MESSAGE_TOO_LARGE));
    }
    let covered = records.get(BatchHeader::CRC_COVERS_FROM..header.total_len()).unwrap_or_default();
    if crc32c_of([covered]) != header.crc {
        return Err(Refusal::early(ErrorCode::CORRUPT_MESSAGE));
    }
    check_header(&header)?;
    let max_timestamp = if rules.look_inside {
        check_records(&header, &payload, rules)?
    } else {
        header.max_timestamp
    };
    Ok(Candidate { header: stamp(header, &payload, rules, max_timestamp), payload })
}

/// From version 3 on a partition's bytes are one batch of format 2. What follows it without being a
/// whole batch is ignored.
fn only_batch(records: &Bytes, version: i16) -> Result<(BatchHeader, Bytes), Refusal> {
    let Some((len, magic)) = frame(records)? else {
        return Err(Refusal::early(ErrorCode::INVALID_RECORD));
    };
    if magic != 2 {
        return Err(Refusal::early(ErrorCode::INVALID_RECORD));
    }
    // Bytes too short for a header, and counts below zero, are told apart the way the broker's own
    // checks do.
    let Some((header, payload)) = stored::split(records) else {
        let corrupt = len < BatchHeader::LEN;
        return Err(if corrupt {
            Refusal::early(ErrorCode::CORRUPT_MESSAGE)
        } else {
            Refusal::late(ErrorCode::INVALID_RECORD)
        });
    };
    match header.attributes.codec() {
        Ok(Codec::Zstd) if version < ZSTD_FROM => {
            return Err(Refusal::early(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE));
        }
        // Whoever looks for zstd is the first to meet a codec that doesn't exist.
        Err(_) if version < ZSTD_FROM => {
            return Err(Refusal::early(ErrorCode::UNKNOWN_SERVER_ERROR));
        }
        _ => {}
    }
    if frame(&records.slice(header.total_len()..))?.is_some() {
        return Err(Refusal::early(ErrorCode::INVALID_RECORD));
    }
    Ok((header, payload))
}

/// Length and magic of the batch at the front; `None` where the bytes end before it does.
fn frame(records: &Bytes) -> Result<Option<(usize, u8)>, Refusal> {
    let Some(length) = records
        .get(8..12)
        .and_then(|bytes| bytes.first_chunk())
        .map(|bytes| i32::from_be_bytes(*bytes))
    else {
        return Ok(None);
    };
    if length < SMALLEST_LENGTH {
        return Err(Refusal::early(ErrorCode::CORRUPT_MESSAGE));
    }
    let Some(magic) = records.get(UP_TO_MAGIC.saturating_sub(1)).copied() else {
        return Ok(None);
    };
    if magic > 2 {
        let message = format!("Invalid magic found in record: {}", magic.cast_signed());
        return Err(Refusal {
            message: Some(message),
            ..Refusal::early(ErrorCode::CORRUPT_MESSAGE)
        });
    }
    let len =
        usize::try_from(length).unwrap_or(usize::MAX).saturating_add(BatchHeader::LOG_OVERHEAD);
    Ok((len <= records.len()).then_some((len, magic)))
}

/// Counts, codec, kind and producer fields.
fn check_header(header: &BatchHeader) -> Result<(), Refusal> {
    let invalid = || Refusal::late(ErrorCode::INVALID_RECORD);
    if header.records_count <= 0
        || header.last_offset_delta != header.records_count.saturating_sub(1)
    {
        return Err(invalid());
    }
    if header.attributes.is_control() || (header.producer_id >= 0 && header.base_sequence < 0) {
        return Err(invalid());
    }
    if header.attributes.is_transactional() && header.producer_id < 0 {
        return Err(invalid());
    }
    match header.attributes.codec() {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::late(ErrorCode::UNKNOWN_SERVER_ERROR)),
    }
}

/// Goes through the records and returns their largest timestamp.
fn check_records(header: &BatchHeader, payload: &Bytes, rules: &Rules) -> Result<i64, Refusal> {
    let inflated =
        stored::inflate(header, payload).ok_or_else(|| Refusal::late(ErrorCode::INVALID_RECORD))?;
    // A client's own claim that the broker stamped the batch must not hide the records' timestamps.
    let plain =
        BatchHeader { attributes: header.attributes.with_log_append_time(false), ..*header };
    let (behind, ahead) = rules.timestamp_window;
    let earliest = rules.now_ms.saturating_sub(behind);
    let latest = rules.now_ms.saturating_add(ahead);
    let mut max_timestamp = -1;
    let mut culprits = Culprits::default();
    for (count, record) in (0..).zip(RecordIter::new(&inflated, &plain)) {
        let Ok(record) = record else {
            return Err(Refusal::late(ErrorCode::INVALID_RECORD));
        };
        let out_of_window =
            record.timestamp != -1 && (record.timestamp < earliest || record.timestamp > latest);
        if rules.compacted && record.key.is_none() {
            culprits.add(count, ErrorCode::INVALID_RECORD, || {
                "Compacted topic cannot accept message without key.".to_owned()
            });
        } else if out_of_window && !rules.log_append_time {
            let timestamp = record.timestamp;
            culprits.add(count, ErrorCode::INVALID_TIMESTAMP, || {
                format!("Timestamp {timestamp} of message with offset {count} is out of range [{earliest}, {latest}].")
            });
        }
        max_timestamp = max_timestamp.max(record.timestamp);
    }
    culprits.into_result().map(|()| max_timestamp)
}

/// The header as it is stored: the broker's timestamp type and the true largest timestamp, with a
/// checksum to fit.
fn stamp(header: BatchHeader, payload: &Bytes, rules: &Rules, max_timestamp: i64) -> BatchHeader {
    let max_timestamp = if rules.log_append_time { rules.now_ms } else { max_timestamp };
    let attributes = header.attributes.with_log_append_time(rules.log_append_time);
    if max_timestamp == header.max_timestamp && attributes == header.attributes {
        return header;
    }
    let mut stamped = BatchHeader { attributes, max_timestamp, ..header };
    let bytes = stamped.to_bytes();
    let covered = bytes.get(BatchHeader::CRC_COVERS_FROM..).unwrap_or_default();
    stamped.crc = crc32c_of([covered, payload.as_ref()]);
    stamped
}

/// Records that spoil their batch (KIP-467).
#[derive(Default)]
struct Culprits {
    code: Option<ErrorCode>,
    records: Vec<(i32, String)>,
}

impl Culprits {
    #[cold]
    fn add(&mut self, index: i32, code: ErrorCode, text: impl FnOnce() -> String) {
        // A batch with both kinds of error is an invalid record's.
        if self.code != Some(ErrorCode::INVALID_RECORD) {
            self.code = Some(code);
        }
        self.records.push((index, text()));
    }

    fn into_result(self) -> Result<(), Refusal> {
        let Some(code) = self.code else { return Ok(()) };
        let message = match code {
            ErrorCode::INVALID_TIMESTAMP => {
                "One or more records have been rejected due to invalid timestamp".to_owned()
            }
            _ => format!(
                "One or more records have been rejected due to {} record errors in total.",
                self.records.len()
            ),
        };
        Err(Refusal { code, message: Some(message), records: self.records, tells_start: true })
    }
}
