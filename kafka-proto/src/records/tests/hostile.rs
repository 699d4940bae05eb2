//! Batches that lie, by the numbers of the catalogue of bad input.

use alloc::vec;
use proptest::prelude::*;

use super::*;
use crate::wire::varint::put_i32;

fn corrupt(rule: &'static str) -> DecodeErrorKind {
    DecodeErrorKind::Corrupt(rule)
}

/// A header for `count` records at offsets 100 to `100 + last_delta`.
fn header(count: i32, last_delta: i32) -> BatchHeader {
    BatchHeader {
        base_offset: 100,
        records_count: count,
        last_offset_delta: last_delta,
        ..BatchHeader::default()
    }
}

/// A record of these bytes behind the length, the length right.
fn record(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_i32(&mut out, body.len() as i32);
    out.extend_from_slice(body);
    out
}

/// A small record at an offset delta of up to 63.
fn plain(delta: u8) -> Vec<u8> {
    record(&[0, 0, delta << 1, 1, 2, b'v', 0])
}

/// Checks what comes of a payload: the offsets before the fault, and the fault.
#[track_caller]
fn check(header: BatchHeader, payload: &[u8], offsets: &[i64], fault: DecodeErrorKind) {
    assert_eq!(outcome(RecordIter::new(payload, &header)), (offsets.to_vec(), Some(fault)));
}

/// A batch whose header says what `change` makes of it; the checksum stays as it was.
fn changed(codec: Codec, change: impl FnOnce(&mut BatchHeader)) -> Bytes {
    let bytes = three_records(codec);
    let mut header = BatchHeader::parse(&bytes).unwrap();
    change(&mut header);
    [&header.to_bytes(), &bytes[BatchHeader::LEN..]].concat().into()
}

#[track_caller]
fn check_batches(bytes: Bytes, good: usize, fault: DecodeErrorKind, offset: usize) {
    let mut batches = Batches::new(bytes);
    for _ in 0..good {
        batches.next().unwrap().unwrap();
    }
    let error = batches.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.offset()), (&fault, offset));
    assert!(batches.next().is_none() && !batches.partial_tail());
}

#[test]
fn c28_batch_length() {
    let rule = corrupt("batch length below the size of a header");
    let first = three_records(Codec::None);
    for length in [i32::MIN, -1, 0, 13, 14, 48] {
        check_batches(
            changed(Codec::None, |header| header.batch_length = length),
            0,
            rule.clone(),
            8,
        );
        // Behind a sound batch, which is kept.
        let second = changed(Codec::None, |header| header.batch_length = length);
        check_batches([&first[..], &second].concat().into(), 1, rule.clone(), first.len() + 8);
    }
    for length in [first.len() as i32 - 11, i32::MAX] {
        let mut batches = Batches::new(changed(Codec::None, |header| header.batch_length = length));
        assert!(batches.next().is_none() && batches.partial_tail());
        assert_eq!(batches.partial_tail_len(), Some(length as usize + 12));
    }
}

#[test]
fn c07_c29_batches_cut_anywhere() {
    for codec in Codec::ALL.into_iter().filter(|codec| codec.is_built()) {
        let one = three_records(codec);
        let two = Bytes::from([&one[..], &one].concat());
        for cut in 0..=two.len() {
            let mut batches = Batches::new(two.slice(..cut));
            let whole = cut / one.len();
            assert_eq!(batches.by_ref().filter(Result::is_ok).count(), whole);
            let tail = cut % one.len();
            assert_eq!(batches.partial_tail(), tail != 0);
            let known = if tail < 12 { None } else { Some(one.len()) };
            assert_eq!(batches.partial_tail_len(), known, "{cut}");
            assert_eq!(batches.byte_position(), whole * one.len());
        }
    }
}

#[test]
fn c30_magic() {
    for magic in (i8::MIN..=i8::MAX).filter(|magic| *magic != 2) {
        let bytes = changed(Codec::None, |header| header.magic = magic);
        check_batches(bytes, 0, DecodeErrorKind::UnsupportedMagic(magic), 16);
    }
    // The smallest message of magic 0 is shorter than a header of magic 2.
    let mut message = vec![0; 26];
    message[11] = 14;
    check_batches(message.into(), 0, DecodeErrorKind::UnsupportedMagic(0), 16);
}

#[test]
fn c31_checksum() {
    let bytes = three_records(Codec::None);
    let stored = BatchHeader::parse(&bytes).unwrap().crc;
    for at in BatchHeader::CRC_COVERS_FROM..bytes.len() {
        let mut damaged = bytes.to_vec();
        damaged[at] ^= 0x10;
        let computed = crc32c_of([&damaged[BatchHeader::CRC_COVERS_FROM..]]);
        let batch = Batches::new(damaged.into()).next().unwrap().unwrap();
        let error = batch.verify_crc().unwrap_err();
        assert_eq!(
            (error.kind(), error.offset()),
            (&DecodeErrorKind::CrcMismatch { stored, computed }, 17)
        );
    }
    let damaged = changed(Codec::None, |header| header.crc ^= 1);
    assert!(only_batch(damaged).verify_crc().is_err());
    // A broker sets these two without touching the checksum.
    let moved = changed(Codec::None, |header| {
        header.base_offset = 77;
        header.partition_leader_epoch = 5;
    });
    assert_eq!(only_batch(moved).verify_crc(), Ok(()));
}

#[test]
fn c32_record_count() {
    let two = [plain(0), plain(1)].concat();
    let short = DecodeErrorKind::Truncated { needed: 1, left: 0 };
    check(header(3, 2), &two, &[100, 101], short.clone());
    check(header(1, 2), &two, &[100], corrupt("bytes after the last record"));
    check(header(0, 2), &two, &[], corrupt("bytes after the last record"));
    check(header(i32::MAX, 2), &two, &[100, 101], short.clone());
    check(header(1, 0), &[], &[], short);
    // Compaction may leave a header without records, and gaps.
    assert_eq!(outcome(RecordIter::new(&[], &header(0, 7))), (vec![], None));
    assert_eq!(outcome(RecordIter::new(&two, &header(2, 7))), (vec![100, 101], None));

    let error = only_batch(changed(Codec::None, |header| header.records_count = i32::MAX))
        .records(LIMIT)
        .unwrap_err();
    assert_eq!(*error.kind(), corrupt("more records counted than the batch can hold"));
    let iter = RecordIter::new(&two, &header(i32::MAX, i32::MAX));
    assert!(iter.size_hint().1.unwrap() <= two.len() / 7 + 1);
}

#[test]
fn c33_record_length() {
    let good = plain(0);
    let lie = |length: i32| {
        let mut bytes = Vec::new();
        put_i32(&mut bytes, length);
        bytes.extend_from_slice(&good[1..]);
        bytes
    };
    check(header(1, 0), &lie(-1), &[], DecodeErrorKind::NegativeLength(-1));
    check(header(1, 0), &lie(i32::MIN), &[], DecodeErrorKind::NegativeLength(i32::MIN.into()));
    check(header(1, 0), &lie(8), &[], DecodeErrorKind::LengthTooLarge { claimed: 8, left: 7 });
    let most = i32::MAX as u64;
    check(
        header(1, 0),
        &lie(i32::MAX),
        &[],
        DecodeErrorKind::LengthTooLarge { claimed: most, left: 7 },
    );
    check(header(1, 0), &lie(0), &[], corrupt("record of no bytes"));
    check(header(1, 0), &lie(5), &[], DecodeErrorKind::LengthTooLarge { claimed: 1, left: 0 });
    check(header(1, 0), &lie(6), &[], DecodeErrorKind::Truncated { needed: 1, left: 0 });
    check(
        header(1, 0),
        &record(&[0, 0, 0, 1, 1, 0, 0]),
        &[],
        corrupt("record longer than its parts"),
    );
    check(header(1, 0), &record(&[0, 0, 0, 3, 1, 0]), &[], DecodeErrorKind::NegativeLength(-2));
    check(header(1, 0), &record(&[0, 0, 0, 1, 5, 0]), &[], DecodeErrorKind::NegativeLength(-3));
    check(header(1, 0), &[0xff; 5], &[], DecodeErrorKind::VarintTooLong);
    check(header(1, 0), &[0xff, 0xff, 0xff, 0xff, 0x7f], &[], DecodeErrorKind::VarintOverflow);
    // Attributes are ignored.
    let flagged = record(&[0xff, 0, 0, 1, 1, 0]);
    assert_eq!(outcome(RecordIter::new(&flagged, &header(1, 0))), (vec![100], None));
}

#[test]
fn c34_headers() {
    let with = |headers: &[u8]| record(&[&[0, 0, 0, 1, 1], headers].concat());
    check(header(1, 0), &with(&[1]), &[], DecodeErrorKind::NegativeLength(-1));
    check(header(1, 0), &with(&[2]), &[], DecodeErrorKind::LengthTooLarge { claimed: 1, left: 0 });
    check(
        header(1, 0),
        &with(&[4, 2, b'a', 1]),
        &[],
        DecodeErrorKind::LengthTooLarge { claimed: 2, left: 3 },
    );
    check(
        header(1, 0),
        &with(&[4, 2, b'a', 1, 0]),
        &[],
        DecodeErrorKind::Truncated { needed: 1, left: 0 },
    );
    check(header(1, 0), &with(&[2, 1, 1]), &[], corrupt("null header key"));
    check(header(1, 0), &with(&[2, 3, 1]), &[], DecodeErrorKind::NegativeLength(-2));
    check(header(1, 0), &with(&[2, 0, 3]), &[], DecodeErrorKind::NegativeLength(-2));
    check(
        header(1, 0),
        &with(&[2, 6, b'a', 0]),
        &[],
        DecodeErrorKind::LengthTooLarge { claimed: 3, left: 2 },
    );
    check(header(1, 0), &with(&[2, 0, 1, 0]), &[], corrupt("record longer than its parts"));
    let most = [0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 1];
    let claimed = i32::MAX as u64;
    check(header(1, 0), &with(&most), &[], DecodeErrorKind::LengthTooLarge { claimed, left: 2 });
}

#[test]
fn c35_offset_deltas() {
    let records =
        |deltas: &[u8]| deltas.iter().flat_map(|delta| plain(*delta)).collect::<Vec<u8>>();
    check(header(2, 9), &records(&[3, 3]), &[103], corrupt("offset deltas do not ascend"));
    check(header(2, 9), &records(&[3, 2]), &[103], corrupt("offset deltas do not ascend"));
    check(
        header(2, 9),
        &records(&[3, 10]),
        &[103],
        corrupt("offset delta beyond the last of the batch"),
    );
    check(header(1, 9), &record(&[0, 0, 1, 1, 1, 0]), &[], corrupt("negative offset delta"));
    assert_eq!(outcome(RecordIter::new(&records(&[3, 9]), &header(2, 9))), (vec![103, 109], None));
    let end = BatchHeader { base_offset: i64::MAX, ..header(2, 1) };
    check(end, &records(&[0, 1]), &[], corrupt("last offset overflows"));
}

#[test]
fn c36_absurd_last_offset() {
    let far = only_batch(changed(Codec::None, |header| header.last_offset_delta = i32::MAX));
    let records = far.records(LIMIT).unwrap();
    let walk = validate(records.payload(), records.header(), RecordCursor::START, usize::MAX);
    assert_eq!((walk.next_offset, walk.error), (10 + i64::from(i32::MAX) + 1, None));
    let over = BatchHeader { base_offset: i64::MAX - 1, ..header(1, 5) };
    let full = BatchHeader { base_offset: i64::MAX, ..header(1, 0) };
    let emptied = BatchHeader { records_count: 0, ..over };
    let fault = Some(corrupt("last offset overflows"));
    for (header, payload) in [(over, plain(0)), (full, plain(0)), (emptied, vec![])] {
        assert_eq!(outcome(RecordIter::new(&payload, &header)), (vec![], fault.clone()));
        let walk = validate(&payload, &header, RecordCursor::START, usize::MAX);
        assert_eq!((walk.next_offset, walk.records), (header.base_offset, 0));
        assert_eq!(
            (walk.error.map(|error| error.kind().clone()), walk.finished),
            (fault.clone(), false)
        );
    }
}

#[test]
fn c38_timestamps_wrap() {
    let payload = record(&[&[0][..], &[0xff; 9], &[1, 0, 1, 1, 0]].concat());
    let stamps = |header: BatchHeader| -> Vec<i64> {
        RecordIter::new(&payload, &header).map(|record| record.unwrap().timestamp).collect()
    };
    // A delta of i64::MIN, which is -2^63.
    assert_eq!(stamps(BatchHeader { base_timestamp: -1, ..header(1, 0) }), [i64::MAX]);
    assert_eq!(
        stamps(BatchHeader { base_timestamp: 0, max_timestamp: -5, ..header(1, 0) }),
        [i64::MIN]
    );
    let attributes = Attributes(0).with_log_append_time(true);
    assert_eq!(
        stamps(BatchHeader { attributes, base_timestamp: 0, max_timestamp: -5, ..header(1, 0) }),
        [-5]
    );
}

#[test]
fn c25_c48_codecs_that_lie() {
    let batch = only_batch(changed(Codec::None, |header| header.attributes = Attributes(6)));
    assert_eq!(*batch.payload(LIMIT).unwrap_err().kind(), DecodeErrorKind::UnknownCodec(6));
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        // Records that were never compressed.
        let set = |header: &mut BatchHeader| header.attributes = Attributes(0).with_codec(codec);
        let error = only_batch(changed(Codec::None, set)).payload(LIMIT).unwrap_err();
        let not_built = DecodeErrorKind::CodecNotBuilt(codec.name());
        let refused = matches!(
            error.kind(),
            DecodeErrorKind::Decompress(_) | DecodeErrorKind::Truncated { .. }
        );
        assert!(refused || *error.kind() == not_built, "{error}");
        // Nothing at all, which a batch without records may say of any codec.
        let header = BatchHeader { attributes: Attributes(0).with_codec(codec), ..header(0, 0) };
        let empty = only_batch(Bytes::copy_from_slice(&header.to_bytes()));
        assert_eq!(outcome(empty.records(LIMIT).unwrap().iter()), (vec![], None));
    }
}

#[test]
fn c48_fewer_or_more_records_than_claimed() {
    for codec in Codec::ALL.into_iter().filter(|codec| codec.is_built()) {
        let count = |count| {
            only_batch(changed(codec, |header| header.records_count = count))
                .records(LIMIT)
                .unwrap()
        };
        assert_eq!(outcome(count(3).iter()), (vec![10, 11, 12], None));
        assert_eq!(
            outcome(count(4).iter()).1,
            Some(DecodeErrorKind::Truncated { needed: 1, left: 0 })
        );
        assert_eq!(outcome(count(2).iter()).1, Some(corrupt("bytes after the last record")));
        assert_eq!(outcome(count(0).iter()).1, Some(corrupt("bytes after the last record")));
    }
}

#[test]
fn c07_payload_cut_anywhere() {
    let batch = only_batch(three_records(Codec::None));
    let payload = batch.payload(LIMIT).unwrap();
    for cut in 0..payload.len() {
        let (offsets, fault) = outcome(RecordIter::new(&payload[..cut], batch.header()));
        assert!(offsets.len() < 3 && fault.is_some(), "{cut}");
    }
}

#[test]
fn the_position_stays_at_a_faulty_record() {
    let payload = [plain(0), plain(0)].concat();
    let header = header(2, 1);
    let mut iter = RecordIter::new(&payload, &header);
    iter.next();
    assert_eq!(iter.byte_position(), 8);
    let error = iter.next().unwrap().unwrap_err();
    assert_eq!((iter.byte_position(), error.offset()), (8, 8));
    let cursor = iter.cursor();
    assert_eq!(cursor, RecordCursor { position: 8, index: 1, last_delta: 0 });
    assert_eq!(RecordIter::resume(&payload, &header, cursor).next(), Some(Err(error)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_payloads_end_in_a_fault_or_in_sound_records(
        damage in prop::collection::vec((0..60_usize, any::<u8>()), 0..4),
        count in -1..6_i32,
        from in (0..70_usize, -2..5_i32, any::<i32>()),
    ) {
        let batch = only_batch(three_records(Codec::None));
        let mut payload = batch.payload(LIMIT).unwrap().to_vec();
        for (at, byte) in damage {
            let len = payload.len();
            payload[at % len] = byte;
        }
        let header = BatchHeader { records_count: count, ..*batch.header() };
        let (position, index, last_delta) = from;
        for cursor in [RecordCursor::START, RecordCursor { position, index, last_delta }] {
            let iter = RecordIter::resume(&payload, &header, cursor);
            let walked = validate(&payload, &header, cursor, usize::MAX);
            let (offsets, fault) = outcome(iter);
            prop_assert_eq!(walked.records, offsets.len());
            prop_assert_eq!(walked.error.map(|error| error.kind().clone()), fault);
            prop_assert!(offsets.is_sorted() && offsets.iter().all(|offset| *offset <= 12));
        }
    }

    #[test]
    fn noise_is_no_batch(noise in prop::collection::vec(any::<u8>(), 0..200), length in 0..150_i32) {
        let mut noise = noise;
        for magic in [false, true] {
            if let (true, Some(front)) = (magic, noise.first_chunk_mut::<17>()) {
                front[8..12].copy_from_slice(&length.to_be_bytes());
                front[16] = 2;
            }
            for batch in Batches::new(Bytes::copy_from_slice(&noise)).flatten() {
                let _ = batch.verify_crc();
                if let Ok(records) = batch.records(1 << 16) {
                    prop_assert!(records.iter().count() <= noise.len());
                }
                let _ = batch.control_record(1 << 16);
            }
        }
    }
}
