//! Records as written, against a slow encoder and cut into segments.

use alloc::vec;
use bytes::BytesMut;
use proptest::prelude::*;

use super::*;
use crate::error::EncodeError;
use crate::wire::varint::{put_i32, put_i64};

/// The format of a record, word for word.
fn slow(
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Pair],
) -> Vec<u8> {
    fn field(out: &mut Vec<u8>, field: Option<&[u8]>) {
        put_i32(out, field.map_or(-1, |bytes| bytes.len() as i32));
        out.extend_from_slice(field.unwrap_or_default());
    }
    let mut body = vec![0];
    put_i64(&mut body, timestamp_delta);
    put_i32(&mut body, offset_delta);
    field(&mut body, key);
    field(&mut body, value);
    put_i32(&mut body, headers.len() as i32);
    for (key, value) in headers {
        field(&mut body, Some(key));
        field(&mut body, *value);
    }
    let mut record = Vec::new();
    put_i32(&mut record, body.len() as i32);
    record.extend(body);
    record
}

/// Segments of a few bytes each, as an accumulator chains them.
struct Chain {
    segments: Vec<Vec<u8>>,
    room: usize,
}

impl Sink for Chain {
    fn put(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.segments.last().is_none_or(|segment| segment.len() == self.room) {
                self.segments.push(Vec::new());
            }
            let segment = self.segments.last_mut().unwrap();
            let (now, later) = bytes.split_at(bytes.len().min(self.room - segment.len()));
            segment.extend_from_slice(now);
            bytes = later;
        }
    }
}

#[track_caller]
fn check(
    timestamp_delta: i64,
    offset_delta: i32,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &[Pair],
) {
    let expected = slow(timestamp_delta, offset_delta, key, value, headers);
    assert_eq!(record_size(timestamp_delta, offset_delta, key, value, headers), expected.len());
    let prefix = RecordPrefix::new(timestamp_delta, offset_delta, key, value, headers).unwrap();
    assert_eq!(prefix.record_size(), expected.len());

    // Exactly enough room, which must not be outgrown for a moment.
    let mut exact = Vec::with_capacity(expected.len() + 3);
    exact.extend_from_slice(b"...");
    let (capacity, at) = (exact.capacity(), exact.as_ptr());
    let written = put_record(&mut exact, timestamp_delta, offset_delta, key, value, headers);
    assert_eq!((written, &exact[3..]), (Ok(expected.len()), &expected[..]));
    assert_eq!((exact.capacity(), exact.as_ptr()), (capacity, at));

    let mut bytes = BytesMut::with_capacity(expected.len());
    prefix.put(&mut bytes, key, value, headers);
    assert_eq!(bytes, expected);

    for room in [1, 3, 7, 64] {
        let mut chain = Chain { segments: vec![], room };
        prefix.put(&mut chain, key, value, headers);
        assert_eq!(chain.segments.concat(), expected);
    }
}

#[test]
fn known_bytes() {
    let mut out = Vec::new();
    put_record(&mut out, 1, 2, Some(b"k"), Some(b"v"), &[(b"h", None)]).unwrap();
    assert_eq!(out, [22, 0, 2, 4, 2, b'k', 2, b'v', 2, 2, b'h', 1]);
    out.clear();
    put_record(&mut out, 0, 0, None, None, &[]).unwrap();
    assert_eq!(out, [12, 0, 0, 0, 1, 1, 0]);
}

#[test]
fn every_length_of_every_varint() {
    let big = vec![7; 20_000];
    for bits in 0..64 {
        let power = 1_i64.wrapping_shl(bits);
        let minus = power.wrapping_neg();
        for delta in [power, power.wrapping_sub(1), minus, minus.wrapping_sub(1)] {
            check(delta, 0, None, Some(b"value"), &[]);
            check(delta, delta as i32, Some(b"key"), Some(b"value"), &[(b"h", Some(b"x"))]);
        }
    }
    for len in [0, 1, 62, 63, 64, 65, 100, 8190, 8191, 8192, 8193, 20_000] {
        check(0, 1, None, Some(&big[..len]), &[]);
        check(5, 300, Some(&big[..len]), None, &[]);
        check(
            i64::MIN,
            i32::MAX,
            Some(&big[..len]),
            Some(&big[..len]),
            &[(&big[..len], Some(&big[..len]))],
        );
    }
    check(i64::MAX, i32::MIN, None, None, &vec![(b"".as_slice(), None); 200]);
}

#[test]
fn c58_a_record_too_long_for_a_batch_is_refused_before_it_is_written() {
    // 64 KiB a thousand times over 33 headers: 2.1 GB that nobody has to own.
    let key = vec![0; 1 << 16];
    let headers = vec![(key.as_slice(), None); 33_000];
    let mut out = Vec::new();
    let error = put_record(&mut out, 0, 0, None, None, &headers).unwrap_err();
    let len = record_size(0, 0, None, None, &headers);
    assert!(matches!(error, EncodeError::TooLong { what: "record", .. }), "{error}");
    assert!(len > i32::MAX as usize && out.is_empty() && out.capacity() == 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn as_the_slow_encoder(
        timestamp_delta in prop_oneof![any::<i64>(), -5000..5000_i64],
        offset_delta in prop_oneof![any::<i32>(), 0..5000_i32],
        key in prop::option::of(prop::collection::vec(any::<u8>(), 0..100)),
        value in prop::option::of(prop::collection::vec(any::<u8>(), 0..300)),
        headers in super::round_trip::headers(),
    ) {
        let headers: Vec<Pair> = headers.iter().map(|(key, value)| (key.as_slice(), value.as_deref())).collect();
        check(timestamp_delta, offset_delta, key.as_deref(), value.as_deref(), &headers);
    }
}
