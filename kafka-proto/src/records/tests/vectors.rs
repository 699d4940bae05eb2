//! Batches as kafka-python 3.0.12 writes them.

use alloc::format;
use alloc::string::String;
use alloc::vec;

use super::*;
use crate::compress::tests::unhex;

const T: i64 = 1_700_000_000_000;

const BATCHES: [(Codec, &str); 5] = [
    (Codec::None, include_str!("../../../tests/vectors/batch_v2_none.hex")),
    (Codec::Gzip, include_str!("../../../tests/vectors/batch_v2_gzip.hex")),
    (Codec::Snappy, include_str!("../../../tests/vectors/batch_v2_snappy.hex")),
    (Codec::Lz4, include_str!("../../../tests/vectors/batch_v2_lz4.hex")),
    (Codec::Zstd, include_str!("../../../tests/vectors/batch_v2_zstd.hex")),
];

type Written = (i64, Option<String>, Option<String>, Vec<(&'static [u8], Option<&'static [u8]>)>);

/// The records that the program behind the vectors wrote.
fn written() -> Vec<Written> {
    let text = |text: &str| Some(String::from(text));
    let mut records: Vec<Written> = vec![
        (
            T,
            text("key-0"),
            Some("value-0 ".repeat(12)),
            vec![(b"trace", Some(b"\x00\x01")), (b"none", None), (b"trace", Some(b"again"))],
        ),
        (T + 5, None, Some("no key ".repeat(12)), vec![]),
        (T - 3, text("tombstone"), None, vec![]),
        (T + 1_000_000, text(""), text(""), vec![(b"", Some(b""))]),
    ];
    for i in 4..80 {
        let (key, value) = (format!("key-{i}"), format!("the quick brown fox {i}"));
        records.push((T + i, Some(key), Some(value), vec![]));
    }
    records
}

fn bytes(text: &Option<String>) -> Option<&[u8]> {
    text.as_ref().map(String::as_bytes)
}

#[test]
fn batches_of_kafka_python() {
    for (codec, hex) in BATCHES {
        if !codec.is_built() && codec != Codec::Zstd {
            continue;
        }
        let batch = only_batch(unhex(hex).into());
        assert_eq!(batch.verify_crc(), Ok(()), "{codec}");
        let header = *batch.header();
        assert_eq!(header.attributes.codec(), Ok(codec));
        assert_eq!((header.base_timestamp, header.max_timestamp), (T, T + 1_000_000));
        assert_eq!((header.records_count, header.last_offset_delta), (80, 79));
        let producer = (header.producer_id, header.producer_epoch, header.base_sequence);
        let (expected, in_transaction) =
            if codec == Codec::None { ((4711, 3, 42), true) } else { ((-1, -1, -1), false) };
        assert_eq!(
            (producer, header.attributes.is_transactional()),
            (expected, in_transaction),
            "{codec}"
        );

        let records = batch.records(LIMIT).unwrap();
        assert_eq!(records.iter().count(), 80);
        for (offset, (record, (timestamp, key, value, headers))) in
            records.iter().zip(written()).enumerate()
        {
            let record = record.unwrap();
            assert_eq!((record.offset, record.timestamp), (offset as i64, timestamp), "{codec}");
            assert_eq!((record.key, record.value), (bytes(&key), bytes(&value)), "{codec}");
            assert_eq!(record.headers.iter().collect::<Vec<_>>(), headers, "{codec}");
        }
    }
}

#[test]
fn the_builder_writes_the_same_bytes() {
    let mut builder =
        BatchBuilder::new(Codec::None).with_producer(4711, 3, 42).with_transactional(true);
    builder = builder.with_leader_epoch(0);
    for (timestamp, key, value, headers) in written() {
        builder.push(timestamp, bytes(&key), bytes(&value), &headers).unwrap();
    }
    assert_eq!(builder.build(0).unwrap(), unhex(BATCHES[0].1));
}
