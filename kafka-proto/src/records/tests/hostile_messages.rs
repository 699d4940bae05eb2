//! Message sets that lie, and what the codec owes to consumers, by the numbers of the catalogue of bad input.

use alloc::vec;

use super::message_sets::three_messages;
use super::*;
use crate::compress::Compressor;

fn corrupt(rule: &'static str) -> DecodeErrorKind {
    DecodeErrorKind::Corrupt(rule)
}

/// A message as its bytes say, the size and the checksum right.
#[derive(Clone)]
struct Raw {
    offset: i64,
    magic: i8,
    attributes: u8,
    timestamp: i64,
    /// Key and value, with their lengths.
    fields: Vec<u8>,
}

impl Raw {
    /// A message with a small value.
    fn new(magic: i8, offset: i64) -> Self {
        Self {
            offset,
            magic,
            attributes: 0,
            timestamp: 5,
            fields: vec![0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, b'v'],
        }
    }

    fn with_fields(fields: &[u8]) -> Self {
        Self { fields: fields.to_vec(), ..Self::new(1, 7) }
    }

    /// A wrapper at an offset around whatever bytes.
    fn wrapper(magic: i8, offset: i64, codec: Codec, within: &[u8]) -> Self {
        let mut compressor = Compressor::for_magic(magic, codec, None).unwrap();
        let value = compressor.compress([within]).unwrap();
        let mut fields = vec![0xff; 4];
        fields.extend_from_slice(&(value.len() as i32).to_be_bytes());
        fields.extend_from_slice(&value);
        Self { attributes: codec as u8, fields, ..Self::new(magic, offset) }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut covered = vec![self.magic as u8, self.attributes];
        if self.magic > 0 {
            covered.extend_from_slice(&self.timestamp.to_be_bytes());
        }
        covered.extend_from_slice(&self.fields);
        let size = covered.len() as i32 + 4;
        let crc = crc32fast::hash(&covered);
        [&self.offset.to_be_bytes()[..], &size.to_be_bytes(), &crc.to_be_bytes(), &covered].concat()
    }
}

/// A codec that this build has, if it has one at all.
fn any_codec() -> Option<Codec> {
    codecs_of(1).find(|codec| *codec != Codec::None)
}

/// Messages of the wrapper's magic at these offsets, in one wrapper at that offset.
fn wrapped(magic: i8, offset: i64, within: &[i64]) -> Option<Raw> {
    let set: Vec<u8> = within.iter().flat_map(|offset| Raw::new(magic, *offset).bytes()).collect();
    Some(Raw::wrapper(magic, offset, any_codec()?, &set))
}

/// Checks that a message is whole and its checksum right, and what its records end in.
#[track_caller]
fn check(raw: &Raw, kind: DecodeErrorKind, offset: usize) {
    let set = only_set(raw.bytes().into());
    let error = match set.records(LIMIT) {
        Err(error) => error,
        Ok(records) => {
            let mut iter = records.iter();
            let error = iter.next().unwrap().unwrap_err();
            assert!(iter.next().is_none(), "the iteration went on after a fault");
            error
        }
    };
    assert_eq!((error.kind(), error.offset()), (&kind, offset));
}

#[track_caller]
fn offsets(raw: &Raw) -> Vec<i64> {
    all_seen(raw.bytes().into()).into_iter().map(|(offset, ..)| offset).collect()
}

#[test]
fn c28_message_size() {
    let rule = corrupt("batch length below the size of a header");
    let first = three_messages(1, Codec::None);
    for (magic, least) in [(0, 14), (1, 22)] {
        for size in [i32::MIN, -1, 0, 13, least - 1] {
            let mut second = Raw::new(magic, 20).bytes();
            second[8..12].copy_from_slice(&size.to_be_bytes());
            let mut sets = RecordSets::new([&first[..], &second].concat().into());
            assert_eq!(sets.by_ref().take(3).filter(Result::is_ok).count(), 3);
            let error = sets.next().unwrap().unwrap_err();
            assert_eq!((error.kind(), error.offset()), (&rule, first.len() + 8));
            assert!(sets.next().is_none() && !sets.partial_tail());
        }
        let mut beyond = Raw::new(magic, 20).bytes();
        beyond[8..12].copy_from_slice(&i32::MAX.to_be_bytes());
        let mut sets = RecordSets::new(beyond.into());
        assert!(sets.next().is_none() && sets.is_first_too_large());
        assert_eq!(sets.partial_tail_len(), Some(i32::MAX as usize + 12));
    }
}

#[test]
fn c29_partial_tail_and_first_entry_too_large() {
    for (magic, codec) in
        (0..=1).flat_map(|magic| codecs_of(magic).map(move |codec| (magic, codec)))
    {
        let one = three_messages(magic, codec);
        let entries: Vec<usize> =
            RecordSets::new(one.clone()).map(|set| set.unwrap().bytes().len()).collect();
        for cut in 0..=one.len() {
            let mut sets = RecordSets::new(one.slice(..cut));
            let got: Vec<usize> = sets.by_ref().map(|set| set.unwrap().bytes().len()).collect();
            assert!(entries.starts_with(&got));
            let whole: usize = got.iter().sum();
            assert_eq!(sets.byte_position(), whole);
            assert_eq!(sets.partial_tail(), cut > whole, "{cut}");
            assert_eq!(sets.is_first_too_large(), cut > 0 && got.is_empty(), "{cut}");
            let known = (cut - whole >= 12).then(|| entries[got.len()]);
            assert_eq!(sets.partial_tail_len(), known, "{cut}");
        }
    }
    let batch = three_records(Codec::None);
    let mut sets = RecordSets::new(batch.slice(..70));
    assert!(sets.next().is_none() && sets.is_first_too_large());
    assert_eq!(sets.partial_tail_len(), Some(batch.len()));
}

#[test]
fn c30_unknown_magic_stops_where_it_is() {
    let good = three_messages(0, Codec::None);
    for magic in (i8::MIN..=i8::MAX).filter(|magic| !(0..=2).contains(magic)) {
        let mut bad = three_records(Codec::None).to_vec();
        bad[16] = magic as u8;
        let mut sets = RecordSets::new([&good[..], &bad].concat().into());
        assert_eq!(sets.by_ref().take(3).filter(Result::is_ok).count(), 3);
        let error = sets.next().unwrap().unwrap_err();
        let at = good.len() + 16;
        assert_eq!((error.kind(), error.offset()), (&DecodeErrorKind::UnsupportedMagic(magic), at));
        assert_eq!(sets.byte_position(), good.len());
    }
}

#[test]
fn c31_crc32_of_messages() {
    for (magic, codec) in
        (0..=1).flat_map(|magic| codecs_of(magic).map(move |codec| (magic, codec)))
    {
        let bytes = three_messages(magic, codec);
        let first = RecordSets::new(bytes.clone()).next().unwrap().unwrap();
        let len = first.bytes().len();
        for at in (12..len).filter(|at| *at != 16) {
            let mut damaged = bytes.slice(..len).to_vec();
            damaged[at] ^= 0x10;
            let set = RecordSets::new(damaged.into()).next().unwrap().unwrap();
            let error = set.verify_crc().unwrap_err();
            assert!(matches!(error.kind(), DecodeErrorKind::CrcMismatch { .. }), "{error}");
            assert_eq!(error.offset(), 12);
        }
    }
    // Without the check, a plain message reads as what it has become.
    let mut damaged = Raw::new(1, 7).bytes();
    *damaged.last_mut().unwrap() = b'w';
    let set = RecordSets::new(damaged.into()).next().unwrap().unwrap();
    assert!(set.verify_crc().is_err());
    let records = set.records(0).unwrap();
    assert_eq!(records.iter().next().unwrap().unwrap().value, Some(b"w".as_slice()));
}

#[test]
fn c31_crc32_within_a_wrapper() {
    let Some(codec) = any_codec() else {
        return;
    };
    let mut within = [Raw::new(1, 0).bytes(), Raw::new(1, 1).bytes()].concat();
    *within.last_mut().unwrap() = b'w';
    let set = only_set(Raw::wrapper(1, 9, codec, &within).bytes().into());
    let SetRecords::Messages(messages) = set.records(LIMIT).unwrap() else {
        panic!("a batch");
    };
    let error = messages.verify_crcs().unwrap_err();
    assert!(matches!(error.kind(), DecodeErrorKind::CrcMismatch { .. }));
    assert_eq!(error.offset(), within.len() / 2 + 12);
    assert_eq!(messages.iter().filter(Result::is_ok).count(), 2);
}

#[test]
fn c33_lengths_within_a_message() {
    let null = [0xff; 4];
    let with = |parts: &[&[u8]]| Raw::with_fields(&parts.concat());
    // The key starts at byte 26, the value at byte 30.
    check(&with(&[&[0xff, 0xff, 0xff, 0xfe], &null]), DecodeErrorKind::NegativeLength(-2), 26);
    check(&with(&[&null, &[0x80, 0, 0, 0]]), DecodeErrorKind::NegativeLength(i32::MIN.into()), 30);
    let large = |claimed, left| DecodeErrorKind::LengthTooLarge { claimed, left };
    check(&with(&[&[0, 0, 0, 5], &null]), large(5, 4), 26);
    check(&with(&[&null, &[0, 0, 0, 1]]), large(1, 0), 30);
    check(&with(&[&null, &[0x7f, 0xff, 0xff, 0xff], b"v"]), large(i32::MAX as u64, 1), 30);
    check(&with(&[&[0, 0, 0, 2], &null]), DecodeErrorKind::Truncated { needed: 10, left: 8 }, 26);
    check(&with(&[&null, &null, b"x"]), corrupt("message longer than its parts"), 34);
}

#[test]
fn c37_offsets_that_go_back_are_given_as_they_are() {
    let again = three_messages(1, Codec::None);
    let batch = three_records(Codec::None);
    let bytes = [&batch[..], &again, &batch, &Raw::new(0, 3).bytes()].concat();
    let offsets: Vec<i64> = all_seen(bytes.into()).into_iter().map(|(offset, ..)| offset).collect();
    assert_eq!(offsets, [10, 11, 12, 10, 11, 13, 10, 11, 12, 3]);
}

#[test]
fn c36_last_offset_of_a_message() {
    let last = |offset| only_set(Raw::new(1, offset).bytes().into()).last_offset().ok();
    assert_eq!(last(i64::MAX - 1), Some(i64::MAX - 1));
    assert_eq!((last(i64::MAX), last(-1)), (None, Some(-1)));
}

#[test]
fn c38_timestamps_of_messages() {
    let stamps = |raw: Raw| -> Vec<i64> {
        all_seen(raw.bytes().into()).into_iter().map(|(_, timestamp, ..)| timestamp).collect()
    };
    for timestamp in [i64::MIN, -1, 0, i64::MAX] {
        assert_eq!(stamps(Raw { timestamp, ..Raw::new(1, 7) }), [timestamp]);
        assert_eq!(stamps(Raw { timestamp, attributes: 8, ..Raw::new(1, 7) }), [timestamp]);
        // Magic 0 has none, whatever the bit says that is none there.
        assert_eq!(stamps(Raw { attributes: 8, ..Raw::new(0, 7) }), [-1]);
    }
    let Some(wrapper) = wrapped(1, 7, &[0, 1]) else {
        return;
    };
    assert_eq!(stamps(Raw { timestamp: -3, ..wrapper.clone() }), [5, 5]);
    let attributes = wrapper.attributes | 8;
    assert_eq!(stamps(Raw { timestamp: -3, attributes, ..wrapper }), [-3, -3]);
}

/// A batch of one record of a producer's transaction, or the marker at its end.
fn transaction(offset: i64, marker: Option<ControlType>) -> Bytes {
    let builder = match marker {
        Some(kind) => BatchBuilder::end_transaction(kind, 0, 0, 4711, 3).unwrap(),
        None => {
            let builder = BatchBuilder::new(Codec::None).with_producer(4711, 3, 0);
            let mut builder = builder.with_transactional(true);
            builder.push(0, None, Some(b"v"), &[]).unwrap();
            builder
        }
    };
    builder.build(offset).unwrap()
}

#[test]
fn c40_markers_are_given_as_often_as_they_come() {
    let abort = Some(ControlType::Abort);
    let bytes = [transaction(0, None), transaction(1, abort), transaction(2, abort)].concat();
    let mut kinds = vec![];
    for batch in Batches::new(bytes.into()) {
        let batch = batch.unwrap();
        assert_eq!(batch.header().producer_id, 4711);
        let record = batch.control_record(LIMIT).unwrap();
        kinds.push(record.map(|record| (record.offset, record.kind)));
    }
    assert_eq!(kinds, [None, Some((1, ControlType::Abort)), Some((2, ControlType::Abort))]);
}

#[test]
fn c41_aborted_records_read_like_any_others() {
    let bytes = [transaction(0, None), transaction(1, Some(ControlType::Abort))].concat();
    let sets: Vec<RecordSet> = RecordSets::new(bytes.into()).map(Result::unwrap).collect();
    assert_eq!(sets.iter().map(RecordSet::is_control).collect::<Vec<_>>(), [false, true]);
    let count = |set: &RecordSet| set.records(LIMIT).unwrap().iter().filter(Result::is_ok).count();
    assert_eq!(sets.iter().map(count).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn c47_compressed_again() {
    let Some(codec) = any_codec() else {
        return;
    };
    // As an old client wrote it when it sent a batch for the second time.
    let once = wrapped(1, 1, &[0, 1]).unwrap();
    let twice = Raw::wrapper(1, 9, codec, &once.bytes());
    check(&twice, corrupt("message within a wrapper is compressed again"), 0);
    let behind = [Raw::new(0, 0).bytes(), wrapped(0, 1, &[0]).unwrap().bytes()].concat();
    let at = Raw::new(0, 0).bytes().len();
    let rule = corrupt("message within a wrapper is compressed again");
    check(&Raw::wrapper(0, 9, codec, &behind), rule, at);
}

#[test]
fn c47_another_magic_within() {
    let Some(codec) = any_codec() else {
        return;
    };
    let rule = corrupt("message within a wrapper of another magic");
    check(&Raw::wrapper(0, 9, codec, &Raw::new(1, 0).bytes()), rule.clone(), 0);
    check(&Raw::wrapper(1, 9, codec, &Raw::new(0, 0).bytes()), rule, 0);
    let batch = three_records(Codec::None);
    check(&Raw::wrapper(1, 9, codec, &batch), DecodeErrorKind::UnsupportedMagic(2), 16);
}

#[test]
fn c47_nothing_within() {
    let Some(codec) = any_codec() else {
        return;
    };
    for magic in 0..=1 {
        let rule = corrupt("compressed message set without messages");
        check(&Raw::wrapper(magic, 9, codec, b""), rule, 0);
        let null = Raw { attributes: codec as u8, fields: vec![0xff; 8], ..Raw::new(magic, 9) };
        check(&null, corrupt("compressed message set without a value"), 0);
    }
}

#[test]
fn c47_relative_offsets() {
    let Some(good) = wrapped(1, 9, &[0, 1, 3]) else {
        return;
    };
    assert_eq!(offsets(&good), [6, 7, 9]);
    let size = Raw::new(1, 0).bytes().len();
    let order = corrupt("relative offsets do not ascend");
    check(&wrapped(1, 9, &[0, 0]).unwrap(), order.clone(), size);
    check(&wrapped(1, 9, &[0, 2, 1]).unwrap(), order.clone(), 2 * size);
    check(&wrapped(1, 9, &[-1, 0]).unwrap(), order.clone(), 0);
    check(&wrapped(1, -9, &[0, 1]).unwrap(), corrupt("relative offsets beyond their wrapper's"), 0);
    // Absolute ones, which an old client may write: below the wrapper's they can't be told from relative ones.
    let rule = corrupt("relative offsets beyond their wrapper's");
    check(&wrapped(1, 9, &[9, 10]).unwrap(), rule, 0);
    assert_eq!(offsets(&wrapped(1, 9, &[8, 9]).unwrap()), [8, 9]);
    assert_eq!(offsets(&wrapped(1, i64::MAX - 1, &[0, i64::MAX - 1]).unwrap()), [0, i64::MAX - 1]);
}

#[test]
fn c47_offsets_that_producers_write_are_given_as_they_are() {
    let Some(zeros) = wrapped(1, 0, &[0, 0, 0]) else {
        return;
    };
    assert_eq!(offsets(&zeros), [0, 0, 0]);
    assert_eq!(offsets(&wrapped(1, 0, &[0, 1, 2]).unwrap()), [0, 1, 2]);
    // In magic 0 the messages have the offsets that they have, and the wrapper's counts for nothing.
    assert_eq!(offsets(&wrapped(0, 9, &[0, 1, 2]).unwrap()), [0, 1, 2]);
    assert_eq!(offsets(&wrapped(0, 9, &[7, 8, 9]).unwrap()), [7, 8, 9]);
    assert_eq!(offsets(&wrapped(0, 0, &[5, 5, -1]).unwrap()), [5, 5, -1]);
}

#[test]
fn c47_codecs_that_message_sets_do_not_have() {
    for magic in 0..=1 {
        let zstd = Raw { attributes: 4, ..Raw::new(magic, 9) };
        check(&zstd, corrupt("zstd in a message set of magic 0 or 1"), 0);
        for number in 5..8 {
            let raw = Raw { attributes: number, ..Raw::new(magic, 9) };
            check(&raw, DecodeErrorKind::UnknownCodec(number as i8), 17);
        }
    }
}

#[test]
fn c48_a_wrapper_that_its_messages_do_not_fill() {
    let Some(codec) = any_codec() else {
        return;
    };
    for magic in 0..=1 {
        let within = [Raw::new(magic, 0).bytes(), Raw::new(magic, 1).bytes()].concat();
        let half = within.len() / 2;
        for cut in (1..within.len()).filter(|cut| *cut != half) {
            let raw = Raw::wrapper(magic, 9, codec, &within[..cut]);
            let error = only_set(raw.bytes().into()).records(LIMIT).unwrap_err();
            let cut_off = matches!(error.kind(), DecodeErrorKind::Truncated { .. });
            assert!(
                cut_off || *error.kind() == corrupt("message beyond the end of its set"),
                "{error}"
            );
            assert_eq!(error.offset(), if cut > half { half } else { 0 });
        }
        let mut more = within.clone();
        more.extend_from_slice(b"more");
        check(
            &Raw::wrapper(magic, 9, codec, &more),
            DecodeErrorKind::Truncated { needed: 8, left: 4 },
            within.len(),
        );
    }
}

#[test]
fn c48_a_broken_message_within_ends_the_iteration() {
    let Some(codec) = any_codec() else {
        return;
    };
    let broken = Raw { offset: 1, ..Raw::with_fields(&[0xff; 9]) };
    let within = [Raw::new(1, 0).bytes(), broken.bytes(), Raw::new(1, 2).bytes()].concat();
    let set = only_set(Raw::wrapper(1, 9, codec, &within).bytes().into());
    let records = set.records(LIMIT).unwrap();
    let results: Vec<bool> = records.iter().map(|record| record.is_ok()).collect();
    assert_eq!(results, [true, false]);
    let error = records.iter().find_map(Result::err).unwrap();
    assert_eq!(*error.kind(), corrupt("message longer than its parts"));
    assert_eq!(error.offset(), Raw::new(1, 0).bytes().len() + broken.bytes().len() - 1);
}

#[test]
fn c31_crc32_within_a_wrapper_is_checked_before_conversion() {
    let Some(codec) = any_codec() else {
        return;
    };
    let mut within = Raw::new(1, 0).bytes();
    *within.last_mut().unwrap() = b'w';
    let wrapper = Raw::wrapper(1, 9, codec, &within).bytes();
    for to in [0, 2] {
        let Err(ConvertError::Decode(error)) = convert(wrapper.clone().into(), to, LIMIT) else {
            panic!("converted to magic {to}");
        };
        assert!(matches!(error.kind(), DecodeErrorKind::CrcMismatch { .. }), "{error}");
    }
}

#[test]
fn c48_a_wrapper_that_is_not_compressed() {
    for codec in codecs_of(1).filter(|codec| *codec != Codec::None) {
        let raw = Raw { attributes: codec as u8, ..Raw::new(1, 9) };
        let error = only_set(raw.bytes().into()).records(LIMIT).unwrap_err();
        let refused = matches!(
            error.kind(),
            DecodeErrorKind::Decompress(_) | DecodeErrorKind::Truncated { .. }
        );
        assert!(refused, "{codec}: {error}");
    }
}
