//! What was written is what is read.

use alloc::vec;
use proptest::prelude::*;

use super::*;

type OwnedPair = (Vec<u8>, Option<Vec<u8>>);

#[derive(Clone, Debug)]
struct Owned {
    gap: i32,
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<OwnedPair>,
}

pub(super) fn headers() -> impl Strategy<Value = Vec<OwnedPair>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..10);
    prop::collection::vec((bytes(), prop::option::of(bytes())), 0..4)
}

fn record() -> impl Strategy<Value = Owned> {
    let bytes = || prop::option::of(prop::collection::vec(any::<u8>(), 0..200));
    let timestamp = prop_oneof![any::<i64>(), 1_700_000_000_000..1_700_000_100_000_i64];
    let gap = prop_oneof![9 => Just(0), 1 => 0..100_000_i32];
    (gap, timestamp, bytes(), bytes(), headers()).prop_map(
        |(gap, timestamp, key, value, headers)| Owned { gap, timestamp, key, value, headers },
    )
}

fn pairs(record: &Owned) -> Vec<Pair<'_>> {
    record.headers.iter().map(|(key, value)| (key.as_slice(), value.as_deref())).collect()
}

/// Builds a batch of the records, and the offset deltas they got.
fn build(builder: BatchBuilder, records: &[Owned]) -> (BatchBuilder, Vec<i32>) {
    let mut builder = builder;
    let mut next = 0;
    let mut deltas = vec![];
    for record in records {
        let delta = next + record.gap;
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.push_at(delta, record.timestamp, key, value, &pairs(record)).unwrap();
        deltas.push(delta);
        next = delta + 1;
    }
    (builder, deltas)
}

fn codecs() -> impl Iterator<Item = Codec> {
    Codec::ALL.into_iter().filter(|codec| codec.is_built())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn batches_round_trip(
        records in prop::collection::vec(record(), 0..40),
        base_offset in prop_oneof![Just(0), 0..1_i64 << 62],
        producer in any::<(i64, i16, i32)>(),
        flags in any::<[bool; 2]>(),
        append_time in prop::option::of(any::<i64>()),
        epoch in any::<i32>(),
    ) {
        for codec in codecs() {
            let (id, producer_epoch, sequence) = producer;
            let mut builder = BatchBuilder::new(codec).with_producer(id, producer_epoch, sequence);
            builder = builder.with_transactional(flags[0]).with_leader_epoch(epoch);
            if flags[1] {
                builder = builder.with_control();
            }
            if let Some(timestamp) = append_time {
                builder = builder.with_log_append_time(timestamp);
            }
            let (builder, deltas) = build(builder, &records);
            let batch = only_batch(builder.build(base_offset).unwrap());
            prop_assert_eq!(batch.verify_crc(), Ok(()));

            let header = batch.header();
            let effective = if records.is_empty() { Codec::None } else { codec };
            prop_assert_eq!(header.attributes.codec(), Ok(effective));
            prop_assert_eq!((header.attributes.is_transactional(), header.attributes.is_control()), (flags[0], flags[1]));
            prop_assert_eq!((header.producer_id, header.producer_epoch, header.base_sequence), producer);
            prop_assert_eq!((header.base_offset, header.partition_leader_epoch), (base_offset, epoch));
            prop_assert_eq!(header.records_count as usize, records.len());
            prop_assert_eq!(header.last_offset(), Ok(base_offset + i64::from(deltas.last().copied().unwrap_or(0))));
            let latest = records.iter().map(|record| record.timestamp).max().unwrap_or(-1);
            prop_assert_eq!(header.max_timestamp, append_time.unwrap_or(latest));
            prop_assert_eq!(header.total_len(), batch.bytes().len());

            let read = batch.records(LIMIT).unwrap();
            prop_assert_eq!(read.iter().count(), records.len());
            for ((record, expected), delta) in read.iter().zip(&records).zip(deltas) {
                let record = record.unwrap();
                prop_assert_eq!(record.offset, base_offset + i64::from(delta));
                prop_assert_eq!(record.timestamp, append_time.unwrap_or(expected.timestamp));
                prop_assert_eq!(record.key, expected.key.as_deref());
                prop_assert_eq!(record.value, expected.value.as_deref());
                prop_assert_eq!(record.headers.iter().collect::<Vec<_>>(), pairs(expected));
                prop_assert_eq!(record.headers.len(), expected.headers.len());
            }
        }
    }
}

#[test]
fn headers_keep_order_and_duplicates() {
    let batch = only_batch(three_records(Codec::None));
    let records = batch.records(LIMIT).unwrap();
    let headers = records.iter().next().unwrap().unwrap().headers;
    let expected: [Pair; 3] = [(b"h", Some(b"1")), (b"h", None), (b"", Some(b""))];
    assert_eq!(headers.iter().collect::<Vec<_>>(), expected);
    assert_eq!((headers.len(), headers.iter().len(), headers.is_empty()), (3, 3, false));
    assert_eq!(headers.last(b"h"), Some(None));
    assert_eq!(headers.last(b""), Some(Some(b"".as_slice())));
    assert_eq!(headers.last(b"x"), None);
}

#[test]
fn uncompressed_records_are_slices_of_the_batch() {
    let bytes = three_records(Codec::None);
    let batch = only_batch(bytes.clone());
    let payload = batch.payload(0).unwrap();
    assert_eq!(payload.as_ptr(), bytes[BatchHeader::LEN..].as_ptr());
    let mut decompressor = crate::compress::Decompressor::new();
    let mut buffer = Vec::new();
    assert_eq!(batch.payload_into(&mut decompressor, 0, &mut buffer), Ok(Some(payload)));
}

#[test]
fn compressed_records_go_into_the_callers_buffer() {
    let mut decompressor = crate::compress::Decompressor::new();
    let mut buffer = vec![0xaa; 1000];
    for codec in codecs().filter(|codec| *codec != Codec::None) {
        let batch = only_batch(three_records(codec));
        assert_eq!(batch.payload_into(&mut decompressor, LIMIT, &mut buffer), Ok(None));
        assert_eq!(batch.payload(LIMIT).unwrap(), buffer, "{codec}");
        let limit = buffer.len() - 1;
        let error = batch.records(limit).unwrap_err();
        assert_eq!(*error.kind(), DecodeErrorKind::BudgetExceeded { limit }, "{codec}");
    }
}

#[test]
fn batches_follow_each_other() {
    let mut bytes = three_records(Codec::None).to_vec();
    let one = bytes.len();
    bytes.extend_from_slice(&BatchBuilder::new(Codec::None).build(13).unwrap());
    bytes.extend_from_slice(&three_records(Codec::None));
    let mut batches = Batches::new(bytes.into());
    let counts: Vec<i32> =
        batches.by_ref().map(|batch| batch.unwrap().header().records_count).collect();
    assert_eq!(counts, [3, 0, 3]);
    assert!(!batches.partial_tail());
    assert_eq!(batches.byte_position(), 2 * one + BatchHeader::LEN);
}

#[test]
fn the_builder_keeps_to_the_format() {
    let mut builder = BatchBuilder::new(Codec::None);
    assert!(builder.is_empty());
    builder.push_at(5, 0, None, None, &[]).unwrap();
    let refused = crate::EncodeError::InvalidBatch("offset deltas do not ascend");
    assert_eq!(builder.push_at(5, 0, None, None, &[]), Err(refused.clone()));
    assert_eq!(builder.push_at(-1, 0, None, None, &[]), Err(refused));
    let overflow = crate::EncodeError::InvalidBatch("offset delta overflows");
    assert_eq!(builder.push_at(i32::MAX, 0, None, None, &[]), Err(overflow));
    builder.push(0, None, None, &[]).unwrap();
    assert_eq!(builder.len(), 2);
    let batch = only_batch(builder.build(0).unwrap());
    assert_eq!(outcome(batch.records(LIMIT).unwrap().iter()), (vec![5, 6], None));
    let overflow = crate::EncodeError::InvalidBatch("offset overflows");
    assert_eq!(builder.build(i64::MAX - 6), Err(overflow));
    let batch = only_batch(builder.build(i64::MAX - 7).unwrap());
    let last = [i64::MAX - 2, i64::MAX - 1];
    assert_eq!(outcome(batch.records(LIMIT).unwrap().iter()), (last.to_vec(), None));
}
