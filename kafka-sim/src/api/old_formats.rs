//! Message sets of format 0 and 1: taken in from Produce 0 to 2, given out by Fetch 0 to 3, as brokers before 4.0 do whose
//! logs have format 2.
//!
//! - All messages of a partition's bytes become one batch, compressed as the last compressed set among them, with offsets
//!   counted anew. What follows as less than a whole message is ignored.
//! - On the way out headers, producer ids and, in format 0, timestamps are lost. Where nothing is left of what was read,
//!   the answer ends in the beginning of a message that is too long for it, so that the client knows that there is more.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_proto::records::{
    BatchBuilder, BatchHeader, Codec, ConvertError, RecordSet, RecordSets, SetRecords, down_convert,
};
use kafka_proto::{EncodeError, ErrorCode, Records};

use crate::log::INFLATED_MAX;
use crate::log::validate::Refusal;

/// The newest format of a Fetch version; `None` where that is format 2.
pub(super) fn format_of_fetch(version: i16) -> Option<i8> {
    match version {
        ..=1 => Some(0),
        2..=3 => Some(1),
        _ => None,
    }
}

/// What a log takes of a partition's bytes: one batch of format 2. `None` if there isn't a single message.
pub(super) fn taken(records: &Bytes) -> Result<Option<Bytes>, Refusal> {
    let sets: Vec<RecordSet> =
        RecordSets::new(records.clone()).collect::<Result<_, _>>().map_err(|_| corrupt())?;
    if sets.iter().any(|set| set.magic() == 2) {
        // Judged as in later versions: it stands alone, or it doesn't.
        return Ok(Some(records.clone()));
    }
    let Some(codec) = codec_of(&sets)? else { return Ok(None) };
    let mut batch = BatchBuilder::new(codec);
    for set in &sets {
        take(set, &mut batch)?;
    }
    let built = batch.into_batch(0).map_err(|_| invalid())?;
    Ok(Some(built))
}

/// The codec of the batch that these sets become; `None` if there are no sets.
fn codec_of(sets: &[RecordSet]) -> Result<Option<Codec>, Refusal> {
    let mut found = None;
    for set in sets {
        let codec = set.codec().map_err(|_| corrupt())?;
        if codec != Codec::None || found.is_none() {
            found = Some(codec);
        }
    }
    Ok(found)
}

fn take(set: &RecordSet, batch: &mut BatchBuilder) -> Result<(), Refusal> {
    set.verify_crc().map_err(|_| corrupt())?;
    if set.is_log_append_time() {
        return Err(Refusal::late(ErrorCode::INVALID_TIMESTAMP));
    }
    let records = set.records(INFLATED_MAX).map_err(|_| invalid())?;
    if let SetRecords::Messages(messages) = &records {
        messages.verify_crcs().map_err(|_| corrupt())?;
    }
    for record in &records {
        let record = record.map_err(|_| invalid())?;
        if batch.uncompressed_size() > INFLATED_MAX {
            return Err(Refusal::early(ErrorCode::MESSAGE_TOO_LARGE));
        }
        batch.push(record.timestamp, record.key, record.value, &[]).map_err(|_| invalid())?;
    }
    Ok(())
}

/// What a client of an older format is given of batches that it reads from `offset` on. `most` is how many bytes it wants.
pub(super) fn given(
    records: Records,
    format: i8,
    offset: i64,
    most: usize,
) -> Result<Records, ErrorCode> {
    let bytes = records.into_bytes();
    let nothing_read = bytes.is_empty();
    let converted = down_convert(bytes, format, offset, INFLATED_MAX).map_err(code_of)?;
    if converted.is_empty() && !nothing_read {
        return Ok(Records::from(too_long(most)));
    }
    Ok(Records::from(converted))
}

/// The offset and length of a message that is longer than `most` bytes, and nothing more of it.
pub(super) fn too_long(most: usize) -> Bytes {
    let length = i32::try_from(most.saturating_add(1).max(BatchHeader::LEN)).unwrap_or(i32::MAX);
    let mut message = BytesMut::with_capacity(BatchHeader::LOG_OVERHEAD);
    message.put_i64(-1);
    message.put_i32(length);
    message.freeze()
}

fn code_of(error: ConvertError) -> ErrorCode {
    match error {
        ConvertError::Encode(EncodeError::CodecNotInMagic { .. }) => {
            ErrorCode::UNSUPPORTED_COMPRESSION_TYPE
        }
        _ => ErrorCode::UNKNOWN_SERVER_ERROR,
    }
}

fn corrupt() -> Refusal {
    Refusal::early(ErrorCode::CORRUPT_MESSAGE)
}

fn invalid() -> Refusal {
    Refusal::late(ErrorCode::INVALID_RECORD)
}
