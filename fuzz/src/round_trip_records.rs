//! The records field of a Fetch response or a Produce request: batches, what is inflated of them, and their records.

use bytes::Bytes;
use kafka_proto::compress::Decompressor;
use kafka_proto::records::{
    BatchBuilder, BatchHeader, BatchRecords, Batches, Codec, Record, RecordBatch, RecordCursor,
    Walk, crc32c_of, skip_to, validate,
};

/// The most that one batch may inflate to, in bytes.
const LIMIT: usize = 1 << 20;
/// So many batches are looked into: a batch of a few bytes may inflate to the limit.
const BATCHES: usize = 16;
/// Batches of so many records are built again.
const REBUILT: usize = 4096;
/// Bytes of the smallest record.
const MIN_RECORD: usize = 7;

/// The bytes are record batches. A wrong checksum is put right, so that what is behind it is reached.
pub fn round_trip_records(data: &[u8]) {
    let bytes = Bytes::copy_from_slice(data);
    let mut batches = Batches::new(bytes.clone());
    let mut at = 0;
    let mut broken = false;
    for (number, batch) in batches.by_ref().enumerate() {
        match batch {
            Ok(batch) => {
                assert_eq!(*batch.bytes(), bytes[at..at + batch.bytes().len()]);
                at += batch.bytes().len();
                if number < BATCHES {
                    check(&sound(batch));
                }
            }
            Err(error) => {
                assert!(error.offset() <= data.len(), "{error}");
                broken = true;
            }
        }
    }
    assert_eq!(batches.byte_position(), at);
    assert!(batches.next().is_none());
    let all = at == data.len();
    assert_eq!(usize::from(broken) + usize::from(batches.partial_tail()) + usize::from(all), 1);
}

/// The batch with the checksum that its bytes have.
fn sound(batch: RecordBatch) -> RecordBatch {
    if batch.verify_crc().is_ok() {
        return batch;
    }
    let mut bytes = batch.bytes().to_vec();
    let crc = crc32c_of([&bytes[BatchHeader::CRC_COVERS_FROM..]]);
    bytes[BatchHeader::CRC_AT..BatchHeader::CRC_COVERS_FROM].copy_from_slice(&crc.to_be_bytes());
    let batch = Batches::new(bytes.into()).next();
    let batch = batch.expect("a whole batch").expect("a sound header");
    assert_eq!(batch.verify_crc(), Ok(()));
    batch
}

fn check(batch: &RecordBatch) {
    let header = batch.header();
    assert_eq!(header.to_bytes(), batch.bytes()[..BatchHeader::LEN]);
    assert_eq!(header.total_len(), batch.bytes().len());
    let _ = header.last_offset();
    let _ = batch.control_record(LIMIT);
    let payload = batch.payload(LIMIT);
    inflates_alike(batch, payload.as_ref().ok());
    let (Ok(payload), Ok(records)) = (payload, batch.records(LIMIT)) else {
        return;
    };
    assert_eq!(records.payload(), &payload);
    let (read, complete) = read(&records);
    walks_alike(&payload, header, &read, complete);
    if read.len() <= REBUILT {
        rebuild(header, &read);
    }
}

/// A decompressor and a buffer that were used before make no difference.
fn inflates_alike(batch: &RecordBatch, payload: Option<&Bytes>) {
    let compressed = batch.header().attributes.codec() != Ok(Codec::None);
    if let Some(payload) = payload.filter(|_| compressed) {
        assert!(payload.len() <= LIMIT);
    }
    let mut decompressor = Decompressor::new();
    let mut buffer = vec![0x55; 100];
    for _ in 0..2 {
        let again = match batch.payload_into(&mut decompressor, LIMIT, &mut buffer) {
            Ok(Some(section)) => Some(section),
            Ok(None) => Some(Bytes::copy_from_slice(&buffer)),
            Err(_) => None,
        };
        assert_eq!(again.as_ref(), payload);
    }
}

/// The records up to the first fault, and whether there was none.
fn read(records: &BatchRecords) -> (Vec<Record<'_>>, bool) {
    let header = records.header();
    let mut iter = records.iter();
    let mut read: Vec<Record<'_>> = Vec::new();
    let mut complete = true;
    for record in iter.by_ref() {
        let Ok(record) = record else {
            complete = false;
            break;
        };
        assert!(read.last().is_none_or(|before| before.offset < record.offset));
        assert!(record.offset >= header.base_offset);
        assert_eq!(record.headers.iter().count(), record.headers.len());
        read.push(record);
    }
    assert!(iter.next().is_none(), "the first fault is the last item");
    assert!(read.len() <= records.payload().len() / MIN_RECORD);
    let counted = usize::try_from(header.records_count).expect("not negative");
    assert!(if complete { read.len() == counted } else { read.len() <= counted });
    (read, complete)
}

/// Walking over records finds what iterating does, in one go, in steps and by offset.
fn walks_alike(payload: &[u8], header: &BatchHeader, read: &[Record<'_>], complete: bool) {
    let whole = validate(payload, header, RecordCursor::START, usize::MAX);
    assert_eq!((whole.records, whole.error.is_none()), (read.len(), complete));
    assert_eq!(whole.finished, complete && header.last_offset().is_ok());
    let middle = read.len() / 2;
    let first = validate(payload, header, RecordCursor::START, middle);
    assert_eq!(first.records, middle);
    let second = validate(payload, header, first.end, usize::MAX);
    let joined = Walk { records: whole.records - middle, ..whole };
    assert_eq!(second, joined);
    if let Some(record) = read.get(middle) {
        let skipped = skip_to(payload, header, RecordCursor::START, record.offset);
        assert_eq!((skipped.records, skipped.end), (middle, first.end));
    }
}

/// A batch built from the same records reads the same.
fn rebuild(header: &BatchHeader, read: &[Record<'_>]) {
    let mut builder = BatchBuilder::new(Codec::None);
    if header.attributes.is_log_append_time() {
        builder = builder.with_log_append_time(header.max_timestamp);
    }
    for record in read {
        let headers: Vec<_> = record.headers.iter().collect();
        let delta = i32::try_from(record.offset - header.base_offset).expect("it was an i32");
        builder
            .push_at(delta, record.timestamp, record.key, record.value, &headers)
            .expect("deltas ascend");
    }
    let Ok(bytes) = builder.build(header.base_offset) else {
        assert_eq!((header.base_offset, read.len()), (i64::MAX, 0), "short enough");
        return;
    };
    let batch = Batches::new(bytes).next().expect("a batch").expect("sound");
    assert_eq!(batch.verify_crc(), Ok(()));
    let records = batch.records(LIMIT).expect("not compressed");
    let again: Vec<Record<'_>> = records.iter().collect::<Result<_, _>>().expect("sound records");
    assert!(again.iter().map(content).eq(read.iter().map(content)), "{again:?} {read:?}");
}

type Content<'a> =
    (i64, i64, Option<&'a [u8]>, Option<&'a [u8]>, Vec<(&'a [u8], Option<&'a [u8]>)>);

/// What a record says, however its lengths are encoded.
fn content<'a>(record: &Record<'a>) -> Content<'a> {
    let Record { offset, timestamp, key, value, headers } = *record;
    (offset, timestamp, key, value, headers.iter().collect())
}
