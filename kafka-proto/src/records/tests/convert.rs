//! Records converted from format to format.

use alloc::vec;
use proptest::prelude::*;

use super::message_sets::{Owned, messages, three_messages};
use super::*;
use crate::EncodeError;

/// What of a record survives in a format.
fn carried(magic: i8, seen: Seen) -> Seen {
    let (offset, timestamp, key, value) = seen;
    (offset, if magic == 0 { -1 } else { timestamp }, key, value)
}

fn magics(bytes: &Bytes) -> Vec<i8> {
    RecordSets::new(bytes.clone()).map(|set| set.unwrap().magic()).collect()
}

/// The three records of [`three_records`] as a set of any format.
fn three(magic: i8, codec: Codec) -> Bytes {
    if magic == 2 { three_records(codec) } else { three_messages(magic, codec) }
}

fn decode_error(result: Result<Bytes, ConvertError>) -> DecodeErrorKind {
    match result {
        Err(ConvertError::Decode(error)) => error.kind().clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_format_to_every_other() {
    for (from, to) in (0..=2).flat_map(|from| (0..=2).map(move |to| (from, to))) {
        for codec in codecs_of(from.min(to)) {
            let bytes = three(from, codec);
            let converted = convert(bytes.clone(), to, LIMIT).unwrap();
            let lost = from.min(to);
            let expected: Vec<Seen> =
                all_seen(bytes.clone()).into_iter().map(|seen| carried(lost, seen)).collect();
            assert_eq!(all_seen(converted.clone()), expected, "{from} to {to}, {codec}");
            let sets = if to < 2 && codec == Codec::None { 3 } else { 1 };
            assert_eq!(magics(&converted), vec![to; sets], "{from} to {to}, {codec}");
            for set in RecordSets::new(converted.clone()) {
                assert_eq!(set.unwrap().codec(), Ok(codec));
            }
            // Once converted, it is as it is to be.
            let again = convert(converted.clone(), to, LIMIT).unwrap();
            assert_eq!(again.as_ptr(), converted.as_ptr());
        }
    }
}

#[test]
fn stamps_of_brokers_are_kept() {
    for codec in codecs_of(1) {
        let mut builder = BatchBuilder::new(codec).with_log_append_time(77);
        builder.push(1, None, None, &[]).unwrap();
        builder.push(2, None, None, &[]).unwrap();
        let down = convert(builder.build(5).unwrap(), 1, LIMIT).unwrap();
        let up = convert(down.clone(), 2, LIMIT).unwrap();
        for bytes in [down, up] {
            assert!(RecordSets::new(bytes.clone()).all(|set| set.unwrap().is_log_append_time()));
            assert_eq!(all_seen(bytes), [(5, 77, None, None), (6, 77, None, None)]);
        }
    }
}

#[test]
fn control_batches_and_transactions_do_not_go_down() {
    let marker = BatchBuilder::end_transaction(ControlType::Commit, 0, 0, 4711, 3).unwrap();
    let mut builder = BatchBuilder::new(Codec::None).with_producer(4711, 3, 0);
    builder = builder.with_transactional(true);
    builder.push(1, None, Some(b"v"), &[]).unwrap();
    let bytes = Bytes::from([builder.build(0).unwrap(), marker.build(1).unwrap()].concat());
    for to in 0..=1 {
        let down = convert(bytes.clone(), to, LIMIT).unwrap();
        assert_eq!(all_seen(down).len(), 1);
    }
    assert_eq!(convert(bytes.clone(), 2, LIMIT), Ok(bytes.clone()));
    assert_eq!(convert(marker.build(1).unwrap(), 1, LIMIT), Ok(Bytes::new()));
    // Nor does what compaction has left of a batch.
    assert_eq!(
        convert(BatchBuilder::new(Codec::None).build(0).unwrap(), 1, LIMIT),
        Ok(Bytes::new())
    );
}

#[test]
fn zstd_does_not_go_down() {
    // The codec is known before anything is inflated, so no build needs to have it.
    let mut header = BatchHeader::parse(&three_records(Codec::None)).unwrap();
    header.attributes = header.attributes.with_codec(Codec::Zstd);
    let bytes = Bytes::from([&header.to_bytes(), &three_records(Codec::None)[61..]].concat());
    for magic in 0..=1 {
        let error = EncodeError::CodecNotInMagic { codec: "zstd", magic };
        assert_eq!(convert(bytes.clone(), magic, LIMIT), Err(error.into()));
    }
    assert_eq!(convert(bytes.clone(), 2, LIMIT), Ok(bytes));
}

#[test]
fn a_broker_leaves_older_formats_as_they_are() {
    let (zero, one, two) = (three(0, Codec::None), three(1, Codec::None), three(2, Codec::None));
    let log = Bytes::from([&zero[..], &one, &two].concat());
    let down = down_convert(log.clone(), 1, 11, LIMIT).unwrap();
    assert!(down.starts_with(&[&zero[..], &one].concat()));
    assert_eq!(magics(&down), [0, 0, 0, 1, 1, 1, 1, 1]);
    let offsets: Vec<i64> = all_seen(down).into_iter().map(|(offset, ..)| offset).collect();
    assert_eq!(offsets, [10, 11, 13, 10, 11, 13, 11, 12]);
    assert_eq!(down_convert(log.clone(), 2, 11, LIMIT), Ok(log.clone()));
    assert_eq!(magics(&convert(log.clone(), 1, LIMIT).unwrap()), [1; 9]);
    // Messages that stood alone become one batch, but not with those of another format.
    assert_eq!(magics(&convert(log, 2, LIMIT).unwrap()), [2; 3]);
}

#[test]
fn messages_whose_offsets_do_not_ascend_part() {
    let twice = Bytes::from([three(1, Codec::None), three(1, Codec::None)].concat());
    let up = convert(twice.clone(), 2, LIMIT).unwrap();
    assert_eq!((magics(&up), all_seen(up)), (vec![2; 2], all_seen(twice)));
    // Too far apart for one batch, up to the last offset that a batch may have.
    let at = |offset: i64| {
        let mut builder = MessageSetBuilder::new(1, Codec::None).unwrap();
        builder.push(0, None, None).unwrap();
        builder.build(offset).unwrap()
    };
    let far = [0, i64::from(i32::MAX) - 1, i64::from(i32::MAX), i64::MAX - 2, i64::MAX - 1];
    let log = Bytes::from(far.map(at).concat());
    let up = convert(log.clone(), 2, LIMIT).unwrap();
    assert_eq!((magics(&up), all_seen(up)), (vec![2; 3], all_seen(log)));
    let refused = EncodeError::InvalidBatch("offset overflows");
    assert_eq!(convert(at(i64::MAX), 2, LIMIT), Err(refused.into()));
}

#[test]
fn a_partial_tail_is_left_out() {
    let one = three(1, Codec::None);
    let cut = Bytes::from([&one[..], &one[..20]].concat());
    assert_eq!(convert(cut.clone(), 1, LIMIT), Ok(one.clone()));
    assert_eq!(convert(cut, 2, LIMIT), convert(one, 2, LIMIT));
    assert_eq!(convert(Bytes::new(), 0, LIMIT), Ok(Bytes::new()));
}

#[test]
fn the_limit_holds_for_all_that_is_made() {
    for (from, to) in [(2, 1), (2, 0), (1, 2), (1, 0), (0, 2), (1, 1)] {
        let bytes = three(from, Codec::None);
        let len = convert(bytes.clone(), to, LIMIT).unwrap().len();
        assert!(convert(bytes.clone(), to, len).is_ok(), "{from} to {to}");
        for limit in 0..len {
            let kind = decode_error(convert(bytes.clone(), to, limit));
            assert_eq!(kind, DecodeErrorKind::BudgetExceeded { limit }, "{from} to {to}");
        }
    }
    // Nothing is gained by compressing what is over the limit when it is not.
    for codec in codecs_of(1).filter(|codec| *codec != Codec::None) {
        let mut builder = BatchBuilder::new(codec);
        for _ in 0..1000 {
            builder.push(0, None, None, &[]).unwrap();
        }
        let bytes = builder.build(0).unwrap();
        // 7 or 8 bytes each in magic 2 and 34 in magic 1.
        let limit = 20_000;
        assert!(only_batch(bytes.clone()).records(limit).is_ok());
        let kind = decode_error(convert(bytes.clone(), 1, limit));
        assert_eq!(kind, DecodeErrorKind::BudgetExceeded { limit }, "{codec}");
        assert!(convert(bytes, 1, 40_000).unwrap().len() < 7000);
    }
}

#[test]
fn damaged_records_are_not_given_a_new_checksum() {
    for (from, to) in [(2, 1), (1, 0), (0, 2)] {
        let mut bytes = three(from, Codec::None).to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        let kind = decode_error(convert(bytes.into(), to, LIMIT));
        assert!(matches!(kind, DecodeErrorKind::CrcMismatch { .. }), "{kind}");
    }
    for magic in [-1, 3] {
        let error = EncodeError::UnsupportedMagic(magic);
        assert_eq!(convert(three(1, Codec::None), magic, LIMIT), Err(error.into()));
    }
}

/// The messages in a format, those of magic 2 with a header each.
fn built(
    magic: i8,
    codec: Codec,
    stamp: Option<i64>,
    base_offset: i64,
    messages: &[Owned],
) -> Bytes {
    let with_deltas = messages.iter().scan(-1, |delta, (gap, timestamp, key, value)| {
        *delta += 1 + gap;
        Some((*delta, *timestamp, key.as_deref(), value.as_deref()))
    });
    if magic == 2 {
        let mut builder = BatchBuilder::new(codec);
        if let Some(stamp) = stamp {
            builder = builder.with_log_append_time(stamp);
        }
        for (delta, timestamp, key, value) in with_deltas {
            builder.push_at(delta, timestamp, key, value, &[(b"lost", None)]).unwrap();
        }
        builder.build(base_offset).unwrap()
    } else {
        let mut builder = MessageSetBuilder::new(magic, codec).unwrap();
        if let Some(stamp) = stamp {
            builder = builder.with_log_append_time(stamp);
        }
        for (delta, timestamp, key, value) in with_deltas {
            builder.push_at(delta, timestamp, key, value).unwrap();
        }
        builder.build(base_offset).unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn conversions_keep_what_the_older_format_carries(
        messages in messages(1..15),
        base_offset in 1..1_i64 << 40,
        formats in (0..=2_i8, 0..=2_i8),
        stamp in prop::option::of(any::<i64>()),
    ) {
        let (from, to) = formats;
        for codec in codecs_of(from.min(to)) {
            let bytes = built(from, codec, stamp, base_offset, &messages);
            let converted = convert(bytes.clone(), to, LIMIT).unwrap();
            let lost = from.min(to);
            let expected: Vec<Seen> = all_seen(bytes).into_iter().map(|seen| carried(lost, seen)).collect();
            prop_assert_eq!(all_seen(converted.clone()), expected);
            prop_assert!(magics(&converted).iter().all(|magic| *magic == to));
        }
    }

    #[test]
    fn damaged_records_convert_or_fail(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        formats in (0..=2_i8, 0..=2_i8),
    ) {
        let (from, to) = formats;
        for codec in codecs_of(from) {
            let mut bytes = three(from, codec).to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(converted) = convert(bytes.into(), to, 4096) {
                prop_assert!(converted.len() <= 4096);
            }
        }
    }
}
