//! What is appended comes back out, in order, whatever the segments, limits and codecs.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use kafka_engine::accumulator::{
    AppendError, Appended, BatchLimits, FIRST_SEGMENT_BYTES, PartitionQueue, RecordRef,
    SEGMENT_BYTES, Segments, split,
};
use kafka_engine::{Batch, Instant, PartitionKey, Pending, TopicKey};
use kafka_proto::records::{Attributes, BatchHeader, Batches, Codec, crc32c_of};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const WALL: i64 = 1_700_000_000_000;

/// A record that owns its parts, with the timestamp that it is to have in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    timestamp: Option<i64>,
}

impl Owned {
    fn of(value: &[u8]) -> Self {
        Self { key: None, value: Some(value.to_vec()), headers: Vec::new(), timestamp: None }
    }

    fn append(&self, queue: &mut PartitionQueue, pool: &mut Pool) -> Result<Appended, AppendError> {
        let headers: Vec<_> =
            self.headers.iter().map(|(key, value)| (key.as_slice(), value.as_deref())).collect();
        let record = RecordRef {
            key: self.key.as_deref(),
            value: self.value.as_deref(),
            headers: &headers,
            timestamp: self.timestamp,
        };
        let mut clock = || pool.clock.tick();
        let mut lent = Lent { free: &mut pool.free, most: pool.most, asked: &mut pool.asked };
        queue.append(&mut clock, &record, &mut lent)
    }
}

/// Memory of which so many bytes are free, in segments of at most so many.
struct Pool {
    free: usize,
    most: usize,
    asked: Vec<usize>,
    clock: Clock,
}

impl Pool {
    fn new(free: usize, most: usize) -> Self {
        Self { free, most, asked: Vec::new(), clock: Clock { reads: 0, step: 0 } }
    }

    fn endless() -> Self {
        Self::new(usize::MAX, usize::MAX)
    }
}

struct Lent<'a> {
    free: &'a mut usize,
    most: usize,
    asked: &'a mut Vec<usize>,
}

impl Segments for Lent<'_> {
    fn segment(&mut self, at_least: usize) -> Option<BytesMut> {
        self.asked.push(at_least);
        let size = at_least.min(self.most);
        *self.free = self.free.checked_sub(size)?;
        let mut segment = BytesMut::with_capacity(size);
        // What a pool hands out may have been used before.
        segment.resize(size / 2, 0xee);
        Some(segment)
    }

    fn release(&mut self, segment: BytesMut) {
        assert!(segment.is_empty());
        *self.free += segment.capacity();
    }
}

/// Goes on by so many milliseconds each time it is read.
struct Clock {
    reads: u64,
    step: i64,
}

impl Clock {
    fn tick(&mut self) -> (Instant, i64) {
        self.reads += 1;
        (Instant::from_nanos(self.reads), WALL + (self.reads as i64 - 1) * self.step)
    }
}

fn limits(batch_bytes: usize) -> BatchLimits {
    BatchLimits {
        batch_bytes,
        max_request_bytes: 1 << 20,
        buffer_memory: 32 << 20,
        codec: Codec::None,
        refresh_timestamps: false,
    }
}

fn queue(limits: BatchLimits) -> PartitionQueue {
    PartitionQueue::new(PartitionKey { topic: TopicKey(3), partition: 7 }, Arc::new(limits))
}

/// The batch as it would go over the wire, read back.
fn read_back(batch: &Batch) -> Vec<Owned> {
    let body: Vec<u8> = batch.body.concat();
    assert_eq!(body.len(), batch.body_bytes);
    let mut header = BatchHeader {
        batch_length: i32::try_from(body.len() + BatchHeader::LEN - BatchHeader::LOG_OVERHEAD)
            .unwrap(),
        attributes: Attributes::default().with_codec(batch.codec),
        last_offset_delta: batch.records as i32 - 1,
        base_timestamp: batch.base_timestamp,
        max_timestamp: batch.max_timestamp,
        records_count: batch.records as i32,
        ..BatchHeader::default()
    };
    header.crc = crc32c_of([&header.to_bytes()[BatchHeader::CRC_COVERS_FROM..], &body]);
    let wire: Bytes = [header.to_bytes().as_slice(), &body].concat().into();
    let mut batches = Batches::new(wire);
    let read = batches.next().unwrap().unwrap();
    assert!(batches.next().is_none());
    read.verify_crc().unwrap();
    let records = read.records(batch.raw_bytes).unwrap();
    assert_eq!(records.payload().len(), batch.raw_bytes);
    let records: Vec<Owned> = records
        .iter()
        .enumerate()
        .map(|(index, record)| {
            let record = record.unwrap();
            assert_eq!(record.offset, index as i64);
            let headers = record.headers.iter();
            Owned {
                key: record.key.map(<[u8]>::to_vec),
                value: record.value.map(<[u8]>::to_vec),
                headers: headers
                    .map(|(key, value)| (key.to_vec(), value.map(<[u8]>::to_vec)))
                    .collect(),
                timestamp: Some(record.timestamp),
            }
        })
        .collect();
    assert_eq!(
        records.iter().filter_map(|record| record.timestamp).max(),
        Some(batch.max_timestamp)
    );
    records
}

fn collect_all(queue: &mut PartitionQueue, codec: Codec) -> Vec<Batch> {
    std::iter::from_fn(|| queue.collect().0)
        .map(|batch| batch.seal(codec, None).unwrap().batch)
        .collect()
}

fn any_bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    // Runs of one byte, so that codecs have something to do.
    (any::<u8>(), 0..=most).prop_map(|(byte, len)| vec![byte; len])
}

fn any_record() -> impl Strategy<Value = Owned> {
    let header = (any_bytes(10), option::of(any_bytes(100)));
    let value = prop_oneof![9 => any_bytes(300), 1 => any_bytes(9000)];
    let timestamp = prop_oneof![3 => Just(None), 2 => (WALL - 5000..WALL + 100_000).prop_map(Some), 1 => Just(Some(0)),
        1 => Just(Some(i64::MAX))];
    (option::of(any_bytes(80)), option::of(value), vec(header, 0..3), timestamp)
        .prop_map(|(key, value, headers, timestamp)| Owned { key, value, headers, timestamp })
}

proptest! {
    #[test]
    fn what_is_appended_is_read_back(
        records in vec(any_record(), 1..200),
        batch_bytes in prop_oneof![Just(0), 100..2000_usize, 10_000..200_000_usize],
        most in prop_oneof![Just(usize::MAX), 1..100_usize],
        codec in 0..5_usize,
    ) {
        let mut queue = queue(limits(batch_bytes));
        let mut pool = Pool::new(usize::MAX, most);
        let (mut batch, mut next) = (None, 0);
        for record in &records {
            let appended = record.append(&mut queue, &mut pool).unwrap();
            if appended.opened {
                prop_assert_eq!(appended.batch, batch.map_or(0, |batch: u64| batch + 1));
                (batch, next) = (Some(appended.batch), 0);
            }
            prop_assert_eq!((Some(appended.batch), appended.index), (batch, next));
            next += 1;
        }
        let batches = collect_all(&mut queue, Codec::ALL[codec]);
        for batch in &batches {
            let length = batch.raw_bytes + BatchHeader::LEN;
            prop_assert!(length <= batch_bytes || batch.records == 1, "{} records in {length} B", batch.records);
        }
        let read: Vec<Owned> = batches.iter().flat_map(read_back).collect();
        let expected: Vec<Owned> = records
            .into_iter()
            .map(|record| Owned { timestamp: record.timestamp.or(Some(WALL)), ..record })
            .collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn split_keeps_order_indexes_and_timestamps(records in vec(any_record(), 2..60), codec in 0..5_usize) {
        let mut queue = queue(limits(usize::MAX));
        let mut pool = Pool::endless();
        for record in &records {
            record.append(&mut queue, &mut pool).unwrap();
        }
        let [batch] = collect_all(&mut queue, Codec::ALL[codec]).try_into().unwrap();
        let whole = read_back(&batch);
        let (first, second) = split(&batch, None).unwrap().unwrap();
        prop_assert_eq!((first.id, second.id, first.opened, second.opened), (batch.id, batch.id, batch.opened, batch.opened));
        prop_assert!(first.records > 0 && second.records > 0);
        // Rebased deltas take fewer bytes, or more where timestamps jump.
        let longest = records.iter().map(|record| 100 + record.value.as_ref().map_or(0, Vec::len)).max().unwrap() + 500;
        prop_assert!(first.raw_bytes <= batch.raw_bytes / 2 + longest, "{} of {}", first.raw_bytes, batch.raw_bytes);
        prop_assert!(second.raw_bytes <= batch.raw_bytes / 2 + longest + 10 * records.len());
        let halves: Vec<Owned> = [first, second].iter().flat_map(read_back).collect();
        prop_assert_eq!(halves, whole);
    }

    /// Against a count kept beside it: memory is asked for before it is used, given back when it does not suffice, and
    /// a refusal leaves everything as it was.
    #[test]
    fn memory_stays_within_its_bound(
        sizes in vec(prop_oneof![9 => 0..400_usize, 1 => 0..300_000_usize], 1..200),
        bound in 4096..400_000_usize,
        most in prop_oneof![Just(usize::MAX), 512..5000_usize],
    ) {
        let mut queue = queue(limits(16_384));
        let mut pool = Pool::new(bound, most);
        let mut accepted = Vec::new();
        for (number, &size) in sizes.iter().enumerate() {
            let record = Owned::of(&vec![number as u8; size]);
            let free = pool.free;
            match record.append(&mut queue, &mut pool) {
                Ok(_) => accepted.push(record),
                Err(error) => {
                    prop_assert!(matches!(error, AppendError::Full { .. }), "{error:?}");
                    prop_assert_eq!(pool.free, free);
                }
            }
        }
        let mut held = 0;
        let mut read = Vec::new();
        while let (Some(batch), _) = queue.collect() {
            held += batch.memory();
            read.extend(read_back(&batch.uncompressed()).into_iter().map(|record| Owned { timestamp: None, ..record }));
        }
        prop_assert_eq!(held + pool.free, bound);
        prop_assert_eq!(read, accepted);
    }
}

#[test]
fn segments_are_small_first_and_then_as_long_as_the_batch_may_become() {
    let asked = |batch_bytes: usize, size: usize, count: usize| {
        let mut queue = queue(limits(batch_bytes));
        let mut pool = Pool::endless();
        for _ in 0..count {
            Owned::of(&vec![0; size]).append(&mut queue, &mut pool).unwrap();
        }
        pool.asked
    };
    let room = 16_384 - BatchHeader::LEN;
    assert_eq!(asked(16_384, 10, 1), [FIRST_SEGMENT_BYTES]);
    assert_eq!(asked(16_384, 1000, 10), [FIRST_SEGMENT_BYTES, room - FIRST_SEGMENT_BYTES]);
    assert_eq!(asked(1 << 20, 1000, 60), [FIRST_SEGMENT_BYTES, SEGMENT_BYTES]);
    assert_eq!(asked(16_384, 5000, 1), [5000 + 9]);
    assert_eq!(
        asked(16_384, 200_000, 1),
        [SEGMENT_BYTES, SEGMENT_BYTES, SEGMENT_BYTES, 200_011 - 3 * SEGMENT_BYTES]
    );
}

/// Appends records of `sizes` and checks what the engine is told after each: since when and whether to send at once.
fn check_notices(batch_bytes: usize, steps: &[(usize, Option<(u64, bool)>)]) -> PartitionQueue {
    let mut queue = queue(limits(batch_bytes));
    let mut pool = Pool::endless();
    let mut version = 0;
    for (number, &(size, told)) in steps.iter().enumerate() {
        let appended = Owned::of(&vec![0; size]).append(&mut queue, &mut pool).unwrap();
        let expected = told.map(|(since, full)| {
            version += 1;
            Pending { version, since: Some(Instant::from_nanos(since)), full }
        });
        assert_eq!(appended.notice, expected, "step {number}");
    }
    queue
}

#[test]
fn notices_on_the_first_record_and_on_the_first_full_batch() {
    let first = Some((1, false));
    let full = Some((1, true));
    check_notices(1000, &[(100, first), (100, None), (900, full), (900, None), (900, None)]);
    // A batch that has room for nothing more is full at once, and so is one that is over its size with one record.
    check_notices(1000, &[(1000, full), (10, None)]);
    check_notices(0, &[(1, full), (1, None)]);
}

#[test]
fn versions_count_every_notice_and_collect() {
    let mut queue =
        check_notices(1000, &[(100, Some((1, false))), (900, Some((1, true))), (900, None)]);
    let told = |version, since, full| Pending {
        version,
        since: Option::map(since, Instant::from_nanos),
        full,
    };
    assert_eq!(queue.pending(), told(2, Some(1), true));
    let (batch, rest) = queue.collect();
    assert_eq!((batch.unwrap().id().number, rest), (0, told(3, Some(2), true)));
    let (batch, rest) = queue.collect();
    assert_eq!((batch.unwrap().id().number, rest), (1, told(4, Some(3), false)));
    assert_eq!(queue.close_open(), Some(told(5, Some(3), true)));
    assert_eq!(queue.close_open(), None);
    let (batch, rest) = queue.collect();
    assert_eq!((batch.unwrap().id().number, rest), (2, told(6, None, false)));
    let (batch, rest) = queue.collect();
    assert!(batch.is_none());
    assert_eq!(rest, told(7, None, false));
    let mut pool = Pool::endless();
    assert_eq!(
        Owned::of(b"").append(&mut queue, &mut pool).unwrap().notice,
        Some(told(8, Some(1), false))
    );
}

#[test]
fn without_memory_what_is_open_is_pressed_once_and_may_still_grow() {
    let mut queue = queue(limits(16_384));
    let mut pool = Pool::new(FIRST_SEGMENT_BYTES, usize::MAX);
    let small = Owned::of(&[1; 100]);
    let large = Owned::of(&[2; 5000]);
    assert_eq!(
        large.append(&mut queue, &mut pool),
        Err(AppendError::Full { notice: None }),
        "nothing waits here"
    );
    assert!(!small.append(&mut queue, &mut pool).unwrap().notice.unwrap().full);
    let pressed = Pending { version: 2, since: Some(Instant::from_nanos(2)), full: true };
    assert_eq!(
        large.append(&mut queue, &mut pool),
        Err(AppendError::Full { notice: Some(pressed) })
    );
    assert_eq!(
        large.append(&mut queue, &mut pool),
        Err(AppendError::Full { notice: None }),
        "told already"
    );
    assert_eq!(
        small.append(&mut queue, &mut pool).unwrap(),
        Appended { batch: 0, index: 1, opened: false, notice: None }
    );
    let (batch, rest) = queue.collect();
    assert_eq!(batch.unwrap().records(), 2);
    assert!(!rest.full);
}

#[test]
fn too_large_for_a_request_or_for_all_memory() {
    let check = |max_request_bytes,
                 buffer_memory,
                 size: usize,
                 expected: Result<(), AppendError>| {
        let mut queue = queue(BatchLimits { max_request_bytes, buffer_memory, ..limits(16_384) });
        let mut pool = Pool::endless();
        let small = Owned::of(&[0; 10]).append(&mut queue, &mut pool).unwrap();
        let result = Owned::of(&vec![0; size]).append(&mut queue, &mut pool);
        assert_eq!(result.map(|_| ()), expected);
        if expected.is_err() {
            assert_eq!(queue.pending().since, Some(Instant::from_nanos(1)), "what is queued stays");
            assert_eq!(queue.collect().0.unwrap().records(), small.index + 1);
        }
    };
    // 61 bytes of header; of a record 3 for its length, 3 for the value's, and 1 each for five small numbers.
    let framed = |size: usize| size + 61 + 11;
    let (mib, max) = (1 << 20, "max.request.size");
    check(mib, 32 << 20, mib - 72, Ok(()));
    let bytes = framed(mib - 71);
    check(mib, 32 << 20, mib - 71, Err(AppendError::TooLarge { bytes, limit: mib, setting: max }));
    let (bytes, limit) = (100_011, 100_000);
    check(
        mib,
        limit,
        100_000,
        Err(AppendError::TooLarge { bytes, limit, setting: "buffer.memory" }),
    );
}

#[test]
fn a_negative_timestamp_is_refused() {
    let mut queue = queue(limits(16_384));
    let mut pool = Pool::endless();
    for _ in 0..2 {
        for timestamp in [-1, i64::MIN] {
            let record = Owned { timestamp: Some(timestamp), ..Owned::of(b"x") };
            let refused = record.append(&mut queue, &mut pool);
            assert_eq!(refused, Err(AppendError::NegativeTimestamp(timestamp)));
        }
        Owned::of(b"x").append(&mut queue, &mut pool).unwrap();
    }
}

#[test]
fn the_clock_is_read_once_a_batch_or_every_sixteenth_record() {
    for (refresh_timestamps, reads) in [(false, 1), (true, 3)] {
        let mut queue = queue(BatchLimits { refresh_timestamps, ..limits(16_384) });
        let mut pool = Pool::endless();
        pool.clock.step = 1000;
        for _ in 0..48 {
            Owned::of(b"x").append(&mut queue, &mut pool).unwrap();
        }
        assert_eq!(pool.clock.reads, reads);
        let records = read_back(&queue.collect().0.unwrap().uncompressed());
        for (index, record) in records.iter().enumerate() {
            let step = if refresh_timestamps { index as i64 / 16 } else { 0 };
            assert_eq!(record.timestamp, Some(WALL + step * 1000));
        }
    }
}

#[test]
fn a_clock_before_1970_counts_as_1970() {
    let mut queue = queue(BatchLimits { refresh_timestamps: true, ..limits(16_384) });
    let mut pool = Pool::endless();
    pool.clock.step = -2 * WALL;
    for _ in 0..17 {
        Owned::of(b"x").append(&mut queue, &mut pool).unwrap();
    }
    queue.close_open();
    Owned::of(b"x").append(&mut queue, &mut pool).unwrap();
    let records: Vec<Owned> =
        collect_all(&mut queue, Codec::None).iter().flat_map(read_back).collect();
    assert_eq!(
        records[15..].iter().map(|record| record.timestamp.unwrap()).collect::<Vec<_>>(),
        [WALL, 0, 0]
    );
}

#[test]
fn compression_frees_the_segments_and_what_it_makes_longer_stays() {
    let seal = |value: &[u8], codec| {
        let mut queue = queue(limits(16_384));
        Owned::of(value).append(&mut queue, &mut Pool::endless()).unwrap();
        let unsealed = queue.collect().0.unwrap();
        let memory = unsealed.memory();
        let sealed = unsealed.seal(codec, None).unwrap();
        assert_eq!(read_back(&sealed.batch)[0].value.as_deref(), Some(value));
        assert!(sealed.freed.iter().all(|segment| segment.is_empty()));
        (sealed.batch.codec, sealed.freed.iter().map(BytesMut::capacity).sum::<usize>() == memory)
    };
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        assert_eq!(seal(&[0; 2000], codec), (codec, true));
        assert_eq!(seal(b"x", codec), (Codec::None, false));
    }
    assert_eq!(seal(&[0; 2000], Codec::None), (Codec::None, false));
}

#[test]
fn a_level_that_the_codec_lacks_fails_the_seal_and_frees_the_memory() {
    let mut queue = queue(limits(16_384));
    Owned::of(&[0; 100]).append(&mut queue, &mut Pool::endless()).unwrap();
    let failed = queue.collect().0.unwrap().seal(Codec::Gzip, Some(77)).unwrap_err();
    assert_eq!((failed.id.number, failed.records, failed.freed.len()), (0, 1, 1));
    assert!(failed.error.to_string().contains("could not be compressed"), "{}", failed.error);
}

#[test]
fn a_single_record_is_not_split() {
    let mut queue = queue(limits(16_384));
    Owned::of(&[0; 100]).append(&mut queue, &mut Pool::endless()).unwrap();
    assert!(split(&queue.collect().0.unwrap().uncompressed(), None).unwrap().is_none());
}

#[test]
fn a_batch_that_is_not_what_it_says_is_not_split() {
    let mut queue = queue(limits(16_384));
    for _ in 0..3 {
        Owned::of(&[0; 100]).append(&mut queue, &mut Pool::endless()).unwrap();
    }
    let mut batch = queue.collect().0.unwrap().uncompressed();
    batch.records = 4;
    assert!(split(&batch, None).is_err());
    (batch.records, batch.codec) = (3, Codec::Zstd);
    assert!(split(&batch, None).is_err());
}
