//! The records field of any age: batches and message sets of magic 0, 1 and 2 in any order.

use bytes::Bytes;
use kafka_proto::records::{
    Codec, MessageRecords, MessageSetBuilder, RecordSet, RecordSets, SetRecords,
};

use crate::sets::{Said, sound};

/// The most that one set may inflate to, in bytes.
const LIMIT: usize = 1 << 20;
/// So many sets are looked into: a set of a few bytes may inflate to the limit.
const SETS: usize = 16;
/// Sets of so many records are built again.
const REBUILT: usize = 4096;
/// Bytes of the smallest record of any format.
const MIN_RECORD: usize = 7;

/// The bytes are sets of records. A wrong checksum is put right, so that what is behind it is reached.
pub fn message_sets(data: &[u8]) {
    let bytes = Bytes::copy_from_slice(data);
    let mut sets = RecordSets::new(bytes.clone());
    let (mut at, mut broken) = (0, false);
    for (number, set) in sets.by_ref().enumerate() {
        match set {
            Ok(set) => {
                assert_eq!(*set.bytes(), bytes[at..at + set.bytes().len()]);
                at += set.bytes().len();
                if number < SETS {
                    check(&sound(set));
                }
            }
            Err(error) => {
                assert!(error.offset() <= data.len(), "{error}");
                broken = true;
            }
        }
    }
    assert_eq!(sets.byte_position(), at);
    assert!(sets.next().is_none());
    let whole = at == data.len();
    assert_eq!(usize::from(broken) + usize::from(sets.partial_tail()) + usize::from(whole), 1);
    assert_eq!(sets.is_first_too_large(), sets.partial_tail() && at == 0);
    if let Some(len) = sets.partial_tail_len() {
        assert!(sets.partial_tail() && len > data.len() - at, "{len} bytes at {at}");
    }
}

fn check(set: &RecordSet) {
    let _ = (set.last_offset(), set.base_offset(), set.max_timestamp(), set.is_control());
    let Ok(records) = set.records(LIMIT) else {
        return;
    };
    if set.codec() != Ok(Codec::None) {
        assert!(records.payload().len() <= LIMIT);
        // What was inflated is all that counts.
        if let Some(less) = records.payload().len().checked_sub(1) {
            assert!(set.records(less).is_err(), "one byte over the limit");
        }
    }
    let (read, complete) = read(&records);
    if let (Some(count), true) = (set.count(), complete) {
        assert_eq!(read.len(), count);
    }
    if let (Some(base), Some(first)) = (set.base_offset(), read.first()) {
        assert!(first.offset >= base);
    }
    if let SetRecords::Messages(messages) = &records {
        check_messages(set, messages, &read, complete);
    }
}

/// The records up to the first fault, and whether there was none.
fn read(records: &SetRecords) -> (Vec<Said>, bool) {
    let mut iter = records.iter();
    let mut read = Vec::new();
    loop {
        let (least, most) = iter.size_hint();
        match iter.next() {
            Some(Ok(record)) => read.push(Said::from(&record)),
            Some(Err(error)) => {
                assert!(error.offset() <= records.payload().len(), "{error}");
                assert!(iter.next().is_none(), "the first fault is the last item");
                return (read, false);
            }
            None => {
                assert_eq!(least, 0);
                assert!(iter.next().is_none());
                assert!(read.len() <= records.payload().len() / MIN_RECORD);
                return (read, true);
            }
        }
        assert!(most.is_some_and(|most| most > 0), "an item beyond the hint");
    }
}

fn check_messages(set: &RecordSet, messages: &MessageRecords, read: &[Said], complete: bool) {
    let (header, magic) = (messages.header(), set.magic());
    assert_eq!(header.total_len(), set.bytes().len());
    let _ = messages.verify_crcs();
    for record in read {
        assert!(record.headers.is_empty());
        match (magic, header.is_log_append_time()) {
            (0, _) => assert_eq!(record.timestamp, -1),
            (_, true) => assert_eq!(record.timestamp, header.timestamp),
            _ => {}
        }
    }
    let ascending = read.windows(2).all(|pair| pair[0].offset < pair[1].offset);
    let wrapped = header.codec() != Ok(Codec::None);
    if wrapped && magic > 0 && header.offset != 0 {
        assert!(ascending, "{read:?}");
        if complete {
            assert_eq!(read.last().map(|record| record.offset), Some(header.offset));
        }
    }
    if complete && ascending && read.len() <= REBUILT && header.codec() != Ok(Codec::Zstd) {
        rebuild(messages, read);
    }
}

/// A set built from the same records reads the same.
fn rebuild(messages: &MessageRecords, read: &[Said]) {
    let header = messages.header();
    let codec = header.codec().expect("it was inflated");
    let mut builder = MessageSetBuilder::new(header.magic, codec).expect("not zstd");
    if header.is_log_append_time() {
        builder = builder.with_log_append_time(header.timestamp);
    }
    let base = read.first().map_or(0, |record| record.offset);
    for record in read {
        let delta = record.offset.checked_sub(base).and_then(|delta| i32::try_from(delta).ok());
        let Some(delta) = delta.filter(|delta| *delta < i32::MAX) else {
            return;
        };
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        let size = builder.uncompressed_size_with(key, value);
        builder.push_at(delta, record.timestamp, key, value).expect("deltas ascend");
        assert_eq!(builder.uncompressed_size(), size);
    }
    let bytes = builder.build(base).expect("short enough");
    if codec == Codec::None {
        assert_eq!(bytes.len(), builder.uncompressed_size());
    }
    let mut again = Vec::new();
    for set in RecordSets::new(bytes) {
        let set = set.expect("our own set");
        assert_eq!(set.verify_crc(), Ok(()));
        let records = set.records(LIMIT).expect("our own records");
        if let SetRecords::Messages(messages) = &records {
            assert_eq!(messages.verify_crcs(), Ok(()));
        }
        let (more, complete) = self::read(&records);
        assert!(complete);
        again.extend(more);
    }
    assert_eq!(again, read);
}
