//! Tests of whole batches: written and read back, cut off, tampered with, and as another client writes them.

mod control;
mod convert;
mod encode;
mod hostile;
mod hostile_messages;
mod java;
mod message_sets;
mod round_trip;
mod vectors;
mod walk;

use alloc::vec::Vec;
use bytes::Bytes;

use super::*;

/// Room for whatever a test inflates.
const LIMIT: usize = 1 << 24;

/// A header as tests write it: the key, and a value that may be null.
type Pair<'a> = (&'a [u8], Option<&'a [u8]>);

/// The only batch in `bytes`.
#[track_caller]
fn only_batch(bytes: Bytes) -> RecordBatch {
    let mut batches = Batches::new(bytes);
    let batch = batches.next().unwrap().unwrap();
    assert!(batches.next().is_none() && !batches.partial_tail());
    batch
}

/// A batch of three small records at offsets 10 to 12, with everything in it that can be.
fn three_records(codec: Codec) -> Bytes {
    let mut builder = BatchBuilder::new(codec);
    builder
        .push(
            1000,
            Some(b"a"),
            Some(b"first"),
            &[(b"h", Some(b"1")), (b"h", None), (b"", Some(b""))],
        )
        .unwrap();
    builder.push(1001, None, Some(b"second"), &[]).unwrap();
    builder.push(999, Some(b"c"), None, &[]).unwrap();
    builder.build(10).unwrap()
}

/// Offset, timestamp, key and value of a record.
type Seen = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>);

fn seen(record: Record<'_>) -> Seen {
    let owned = |field: Option<&[u8]>| field.map(<[u8]>::to_vec);
    (record.offset, record.timestamp, owned(record.key), owned(record.value))
}

/// The only set in `bytes`, its checksum right.
#[track_caller]
fn only_set(bytes: Bytes) -> RecordSet {
    let mut sets = RecordSets::new(bytes);
    let set = sets.next().unwrap().unwrap();
    assert!(sets.next().is_none() && !sets.partial_tail());
    assert_eq!(set.verify_crc(), Ok(()));
    set
}

/// All records of all sets in `bytes`, which are sound.
#[track_caller]
fn all_seen(bytes: Bytes) -> Vec<Seen> {
    let mut all = Vec::new();
    let mut sets = RecordSets::new(bytes);
    for set in sets.by_ref() {
        let set = set.unwrap();
        assert_eq!(set.verify_crc(), Ok(()));
        all.extend(set.records(LIMIT).unwrap().iter().map(|record| seen(record.unwrap())));
    }
    assert!(!sets.partial_tail());
    all
}

/// The codecs of a format that this build can write.
fn codecs_of(magic: i8) -> impl Iterator<Item = Codec> {
    Codec::ALL
        .into_iter()
        .filter(move |codec| codec.is_built() && (magic == 2 || *codec != Codec::Zstd))
}

/// Offset, key and value of what an iteration yields, and the fault that it ended with.
fn outcome(iter: RecordIter<'_>) -> (Vec<i64>, Option<DecodeErrorKind>) {
    let mut iter = iter;
    let mut offsets = Vec::new();
    for item in iter.by_ref() {
        match item {
            Ok(record) => offsets.push(record.offset),
            Err(error) => {
                assert!(iter.next().is_none(), "the iteration went on after a fault");
                return (offsets, Some(error.kind().clone()));
            }
        }
    }
    assert!(iter.next().is_none());
    (offsets, None)
}

#[test]
fn what_is_made_for_every_record_stays_small() {
    assert!(size_of::<Option<Result<Record<'_>, DecodeError>>>() <= 80);
    assert!(size_of::<RecordPrefix>() <= 72);
    assert!(size_of::<RecordIter<'_>>() <= 80);
    assert_eq!(size_of::<RecordCursor>(), 16);
}
