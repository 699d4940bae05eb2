//! Records in all forms that a record can have.

use kafka_interop::Record;

/// Every codec, by the number that it has in a batch's attributes.
pub(crate) const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

/// Some time in 2023.
pub(crate) const TIME: i64 = 1_700_000_000_123;

/// Every field in its odd forms: null and empty, repeated header keys, null header values, bytes that are no text.
pub(crate) fn odd() -> Vec<Record> {
    let full = Record {
        partition: Some(0),
        key: Some(vec![0, 0xff, 0x80]),
        value: Some(vec![7; 3000]),
        headers: vec![
            ("a".into(), Some(vec![1])),
            ("a".into(), None),
            ("ä".into(), Some(vec![])),
            (String::new(), Some(vec![0])),
            ("a".into(), Some(vec![0xff])),
        ],
        timestamp: Some(TIME),
    };
    let empty =
        Record { key: Some(vec![]), value: Some(vec![]), timestamp: Some(0), ..full.clone() };
    let null =
        Record { key: None, value: None, headers: vec![], timestamp: Some(1), partition: Some(1) };
    vec![full, empty, null]
}

/// Many of them, in two partitions: batches of every size, times that go up and down, fields that come and go.
pub(crate) fn many() -> Vec<Record> {
    let record = |n: i64| Record {
        partition: Some(i32::from(n % 3 == 0)),
        key: match n % 4 {
            0 => None,
            1 => Some(vec![]),
            _ => Some(n.to_be_bytes().to_vec()),
        },
        value: match n % 7 {
            0 => None,
            1 => Some(vec![]),
            _ => Some(noise(n, (n * 31 % 400) as usize)),
        },
        headers: (0..n % 5).map(|at| (format!("h{}", at / 2), header_value(n, at))).collect(),
        timestamp: Some(TIME + n * 7919 % 10_000 - 5_000),
    };
    (0..3000).map(record).collect()
}

fn header_value(n: i64, at: i64) -> Option<Vec<u8>> {
    (at != 1).then(|| vec![n as u8; at as usize])
}

/// Bytes of which a half can be packed.
fn noise(seed: i64, bytes: usize) -> Vec<u8> {
    let mut all = unpackable(seed, bytes);
    all[..bytes / 2].fill(b'.');
    all
}

/// Bytes that no codec makes fewer of.
pub(crate) fn unpackable(seed: i64, bytes: usize) -> Vec<u8> {
    // xorshift64*; the seed must not be 0.
    let mut state = (seed as u64).wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    };
    (0..bytes).map(|_| next()).collect()
}
