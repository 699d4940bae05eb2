//! Message sets: written and read back, known bytes, cut anywhere, and next to each other.

use alloc::vec;
use proptest::prelude::*;

use super::*;
use crate::EncodeError;
use crate::compress::tests::unhex;

/// A message as a test writes it: gap to the one before, timestamp, key and value.
pub(super) type Owned = (i32, i64, Option<Vec<u8>>, Option<Vec<u8>>);

pub(super) fn messages(count: core::ops::Range<usize>) -> impl Strategy<Value = Vec<Owned>> {
    let bytes = || prop::option::of(prop::collection::vec(any::<u8>(), 0..120));
    let gap = prop_oneof![9 => Just(0), 1 => 0..100_000_i32];
    let timestamp = prop_oneof![any::<i64>(), Just(-1), 1_700_000_000_000..1_700_000_100_000_i64];
    prop::collection::vec((gap, timestamp, bytes(), bytes()), count)
}

/// A builder of the messages, and what is to be read of them from an offset on.
fn filled(
    builder: MessageSetBuilder,
    magic: i8,
    stamp: Option<i64>,
    base_offset: i64,
    messages: &[Owned],
) -> (MessageSetBuilder, Vec<Seen>) {
    let mut builder = builder;
    let mut expected = vec![];
    let mut delta = -1;
    for (gap, timestamp, key, value) in messages {
        delta += 1 + gap;
        let (k, v) = (key.as_deref(), value.as_deref());
        let size = builder.uncompressed_size_with(k, v);
        builder.push_at(delta, *timestamp, k, v).unwrap();
        assert_eq!(builder.uncompressed_size(), size);
        let timestamp = if magic == 0 { -1 } else { stamp.unwrap_or(*timestamp) };
        expected.push((base_offset + i64::from(delta), timestamp, key.clone(), value.clone()));
    }
    (builder, expected)
}

/// Three small messages at offsets 10, 11 and 13.
pub(super) fn three_messages(magic: i8, codec: Codec) -> Bytes {
    let mut builder = MessageSetBuilder::new(magic, codec).unwrap();
    builder.push(1000, Some(b"a"), Some(b"first")).unwrap();
    builder.push(1001, None, Some(b"second, second, second")).unwrap();
    builder.push_at(3, 999, Some(b"c"), None).unwrap();
    builder.build(10).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn message_sets_round_trip(
        messages in messages(0..20),
        base_offset in prop_oneof![Just(0), 1..1_i64 << 62],
        stamp in prop::option::of(any::<i64>()),
    ) {
        for (magic, codec) in [0, 1].into_iter().flat_map(|magic| codecs_of(magic).map(move |codec| (magic, codec))) {
            let mut builder = MessageSetBuilder::new(magic, codec).unwrap();
            if let Some(stamp) = stamp {
                builder = builder.with_log_append_time(stamp);
            }
            let (builder, expected) = filled(builder, magic, stamp, base_offset, &messages);
            let bytes = builder.build(base_offset).unwrap();
            prop_assert_eq!(&bytes, &builder.build(base_offset).unwrap());
            prop_assert_eq!((builder.len(), builder.is_empty()), (messages.len(), messages.is_empty()));
            let sets: Vec<RecordSet> = RecordSets::new(bytes.clone()).map(Result::unwrap).collect();
            if codec == Codec::None || messages.is_empty() {
                prop_assert_eq!(bytes.len(), builder.uncompressed_size());
                prop_assert_eq!(sets.len(), messages.len());
            } else {
                prop_assert_eq!(sets.len(), 1);
                // Exact but for the codec.
                let wrapper = message_size(magic, None, None);
                let payload = sets[0].records(builder.uncompressed_size()).unwrap().payload().len();
                prop_assert_eq!(payload + wrapper, builder.uncompressed_size());
                let latest = expected.iter().map(|(_, time, ..)| *time).max().unwrap();
                prop_assert_eq!(sets[0].max_timestamp(), if stamp.is_none() { latest.max(-1) } else { latest });
                prop_assert_eq!(sets[0].last_offset().ok(), expected.last().map(|(offset, ..)| *offset));
            }
            for set in &sets {
                prop_assert_eq!((set.magic(), set.codec(), set.is_control()), (magic, Ok(codec), false));
                prop_assert_eq!(set.is_log_append_time(), stamp.is_some() && magic == 1);
                if let SetRecords::Messages(messages) = set.records(LIMIT).unwrap() {
                    prop_assert_eq!(messages.verify_crcs(), Ok(()));
                }
            }
            prop_assert_eq!(all_seen(bytes), expected);
        }
    }

    #[test]
    fn a_flipped_bit_is_found_or_harmless(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        for (magic, codec) in [0, 1].into_iter().flat_map(|magic| codecs_of(magic).map(move |codec| (magic, codec))) {
            let mut bytes = three_messages(magic, codec).to_vec();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let mut sound = true;
            let mut sets = RecordSets::new(bytes.into());
            for set in sets.by_ref() {
                let Ok(set) = set else {
                    sound = false;
                    break;
                };
                sound &= set.verify_crc().is_ok();
                // Without the check, there are records, or there is a fault; nothing else.
                if let Ok(records) = set.records(1 << 16) {
                    let end = records.iter().find(Result::is_err);
                    prop_assert!(records.iter().count() <= 4 || end.is_some());
                    if let SetRecords::Messages(messages) = &records {
                        let _ = messages.verify_crcs();
                    }
                }
            }
            sound &= !sets.partial_tail();
            // Only the offset of an entry is not covered by its checksum.
            let offset = Entry::all(magic, codec).iter().any(|entry| (entry.at..entry.at + 8).contains(&at));
            prop_assert_eq!(sound, offset, "{} at {}", codec, at);
        }
    }

    #[test]
    fn noise_is_no_message(noise in prop::collection::vec(any::<u8>(), 0..300), size in 0..200_i32, magic in -1..4_i8, attributes in 0..16_u8) {
        let mut noise = noise;
        if let Some(front) = noise.first_chunk_mut::<18>() {
            front[8..12].copy_from_slice(&size.to_be_bytes());
            front[16] = magic as u8;
            front[17] = attributes;
        }
        for set in RecordSets::new(noise.into()).flatten() {
            let _ = (set.verify_crc(), set.last_offset(), set.base_offset(), set.count(), set.max_timestamp());
            if let Ok(records) = set.records(1 << 16) {
                let (_, most) = records.iter().size_hint();
                prop_assert!(records.iter().count() <= most.unwrap());
            }
        }
    }
}

/// Where the entries of [`three_messages`] are.
struct Entry {
    at: usize,
}

impl Entry {
    fn all(magic: i8, codec: Codec) -> Vec<Self> {
        let mut sets = RecordSets::new(three_messages(magic, codec));
        let mut all = vec![];
        loop {
            all.push(Self { at: sets.byte_position() });
            if sets.next().is_none() {
                return all;
            }
        }
    }
}

#[test]
fn known_bytes() {
    // Checksums by another implementation.
    let zero = "0000000000000007 00000014 8faa5588 00 00 00000001 6b 00000005 76616c7565
        0000000000000008 0000000e a7ec6803 00 00 ffffffff ffffffff";
    let one =
        "0000000000000007 0000001c ab0d7cf7 01 00 00000000000003e8 00000001 6b 00000005 76616c7565
        0000000000000008 00000016 63ea9b9e 01 08 ffffffffffffffff ffffffff 00000000";
    let mut builder = MessageSetBuilder::new(0, Codec::None).unwrap();
    builder.push(1000, Some(b"k"), Some(b"value")).unwrap();
    builder.push(1000, None, None).unwrap();
    assert_eq!(builder.build(7).unwrap(), unhex(zero));
    let (k, value) = (Some(b"k".to_vec()), Some(b"value".to_vec()));
    let read = [(7, -1, k.clone(), value.clone()), (8, -1, None, None)];
    assert_eq!(all_seen(unhex(zero).into()), read);
    let read = [(7, 1000, k, value), (8, -1, None, Some(vec![]))];
    assert_eq!(all_seen(unhex(one).into()), read);
}

#[test]
fn plain_messages_are_slices_of_the_input() {
    let bytes = three_messages(1, Codec::None);
    let first = RecordSets::new(bytes.clone()).next().unwrap().unwrap();
    let records = first.records(0).unwrap();
    assert_eq!(records.payload().as_ptr(), bytes.as_ptr());
    let value = records.iter().next().unwrap().unwrap().value.unwrap();
    assert!(bytes.as_ptr_range().contains(&value.as_ptr()));
    assert_eq!((first.base_offset(), first.count()), (Some(10), Some(1)));
}

#[test]
fn a_wrapper_is_inflated_under_the_callers_limit() {
    for codec in codecs_of(1).filter(|codec| *codec != Codec::None) {
        let set = only_set(three_messages(1, codec));
        let len = set.records(LIMIT).unwrap().payload().len();
        assert!(set.records(len).is_ok());
        let error = set.records(len - 1).unwrap_err();
        assert_eq!(*error.kind(), DecodeErrorKind::BudgetExceeded { limit: len - 1 }, "{codec}");
        assert_eq!((set.base_offset(), set.count(), set.last_offset()), (None, None, Ok(13)));
    }
}

#[test]
fn formats_mixed_in_one_fetch() {
    let batch = || {
        let mut builder = BatchBuilder::new(Codec::None);
        builder.push_at(3, 5, None, Some(b"new"), &[(b"h", None)]).unwrap();
        builder.build(10).unwrap()
    };
    let mut bytes = vec![];
    for magic in [1, 0, 1] {
        for codec in codecs_of(magic) {
            bytes.extend_from_slice(&three_messages(magic, codec));
            bytes.extend_from_slice(&batch());
        }
    }
    bytes.extend_from_slice(&batch());
    let magics: Vec<i8> =
        RecordSets::new(bytes.clone().into()).map(|set| set.unwrap().magic()).collect();
    let codecs = codecs_of(1).count();
    assert_eq!(magics.iter().filter(|magic| **magic == 2).count(), 3 * codecs + 1);
    assert_eq!(magics.len(), 3 * codecs + 1 + 3 * (codecs + 2));
    let all = all_seen(bytes.into());
    assert_eq!(all.len(), 3 * codecs * 4 + 1);
    assert!(all.iter().all(|(offset, ..)| (10..=13).contains(offset)));
}

#[test]
fn the_builder_keeps_to_the_formats() {
    for magic in 0..=1 {
        let error = MessageSetBuilder::new(magic, Codec::Zstd).unwrap_err();
        assert_eq!(error, EncodeError::CodecNotInMagic { codec: "zstd", magic });
    }
    for magic in [-1, 2, 3] {
        let error = MessageSetBuilder::new(magic, Codec::None).unwrap_err();
        assert_eq!(error, EncodeError::UnsupportedMagic(magic));
    }
    let mut builder = MessageSetBuilder::new(1, Codec::None).unwrap();
    assert_eq!((builder.build(5), builder.uncompressed_size()), (Ok(Bytes::new()), 0));
    let refused = Err(EncodeError::InvalidBatch("offset deltas do not ascend"));
    assert_eq!(builder.push_at(-1, 0, None, None), refused);
    builder.push_at(5, 0, None, None).unwrap();
    assert_eq!(builder.push_at(5, 0, None, None), refused);
    let overflow = Err(EncodeError::InvalidBatch("offset delta overflows"));
    assert_eq!(builder.push_at(i32::MAX, 0, None, None), overflow);
    builder.push(0, None, None).unwrap();
    let overflow = Err(EncodeError::InvalidBatch("offset overflows"));
    assert_eq!(builder.build(i64::MAX - 5), overflow);
    assert!(builder.build(i64::MAX - 6).is_ok());
}

#[test]
fn a_wrapper_has_the_latest_timestamp_and_none_below_none() {
    for codec in codecs_of(1).filter(|codec| *codec != Codec::None) {
        for (timestamps, latest) in
            [([3, 7, 5], 7), ([-1, 0, -1], 0), ([-1, -1, -1], -1), ([-9, -8, -7], -1)]
        {
            let mut builder = MessageSetBuilder::new(1, codec).unwrap();
            for timestamp in timestamps {
                builder.push(timestamp, None, None).unwrap();
            }
            assert_eq!(only_set(builder.build(0).unwrap()).max_timestamp(), latest);
        }
    }
}

#[test]
fn negative_offsets_go_into_no_wrapper_of_magic_1() {
    for (magic, codec) in
        (0..=1).flat_map(|magic| codecs_of(magic).map(move |codec| (magic, codec)))
    {
        let mut builder = MessageSetBuilder::new(magic, codec).unwrap();
        builder.push(5, None, None).unwrap();
        builder.push(5, None, None).unwrap();
        let built = builder.build(-1);
        if magic == 1 && codec != Codec::None {
            let rule = "negative offset of a compressed message set";
            assert_eq!(built, Err(EncodeError::InvalidBatch(rule)));
        } else {
            let offsets: Vec<i64> =
                all_seen(built.unwrap()).into_iter().map(|(offset, ..)| offset).collect();
            assert_eq!(offsets, [-1, 0]);
        }
    }
}

#[test]
fn levels() {
    if !Codec::Gzip.is_built() {
        return;
    }
    let build = |level| {
        let mut builder = MessageSetBuilder::new(1, Codec::Gzip).unwrap().with_level(level);
        builder.push(0, None, Some(&[7; 5000])).unwrap();
        builder.build(0)
    };
    assert!(build(0).unwrap().len() > 5000 && build(9).unwrap().len() < 200);
    assert_eq!(build(10), Err(EncodeError::Compress("gzip levels are -1 to 9")));
}

#[test]
fn size_estimates_of_batches_are_exact() {
    for codec in codecs_of(2) {
        let mut builder = BatchBuilder::new(codec);
        assert_eq!(builder.uncompressed_size(), builder.build(0).unwrap().len());
        let headers: [Pair; 2] = [(b"h", Some(b"1")), (b"h", None)];
        for (i, timestamp) in [1_700_000_000_000, -1, i64::MAX, 0, 5].into_iter().enumerate() {
            let value = vec![b'v'; i * 1000];
            let headers = &headers[..i % 3];
            let size =
                builder.uncompressed_size_with(timestamp, Some(b"key"), Some(&value), headers);
            builder.push(timestamp, Some(b"key"), Some(&value), headers).unwrap();
            assert_eq!(builder.uncompressed_size(), size);
            let batch = only_batch(builder.build(7).unwrap());
            assert_eq!(batch.payload(LIMIT).unwrap().len() + BatchHeader::LEN, size);
            assert!(codec != Codec::None || batch.bytes().len() == size);
        }
    }
}
