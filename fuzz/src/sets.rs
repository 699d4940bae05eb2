//! What the targets of records have in common: sets as they were meant, and what their records say.

use bytes::Bytes;
use kafka_proto::records::{BatchHeader, MessageHeader, Record, RecordSet, RecordSets, crc32c_of};

/// A set with the checksum that its bytes have, so that what is behind a wrong one is reached.
pub(crate) fn sound(set: RecordSet) -> RecordSet {
    if set.verify_crc().is_ok() {
        return set;
    }
    let mut bytes = set.bytes().to_vec();
    let (at, from, crc) = match set.magic() {
        2 => {
            let from = BatchHeader::CRC_COVERS_FROM;
            (BatchHeader::CRC_AT, from, crc32c_of([&bytes[from..]]))
        }
        _ => {
            let from = MessageHeader::CRC_COVERS_FROM;
            (MessageHeader::CRC_AT, from, crc32fast::hash(&bytes[from..]))
        }
    };
    bytes[at..at + 4].copy_from_slice(&crc.to_be_bytes());
    let set = RecordSets::new(bytes.into()).next().expect("a whole set").expect("a sound header");
    assert_eq!(set.verify_crc(), Ok(()), "checksum at {at} of what is behind {from}");
    set
}

/// What a record says, however its format writes it down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Bytes>,
    pub(crate) value: Option<Bytes>,
    pub(crate) headers: Vec<(Bytes, Option<Bytes>)>,
}

impl From<&Record<'_>> for Said {
    fn from(record: &Record<'_>) -> Self {
        let copied = |bytes: Option<&[u8]>| bytes.map(Bytes::copy_from_slice);
        let header = |(key, value)| (Bytes::copy_from_slice(key), copied(value));
        Self {
            offset: record.offset,
            timestamp: record.timestamp,
            key: copied(record.key),
            value: copied(record.value),
            headers: record.headers.iter().map(header).collect(),
        }
    }
}
