//! Variable-length integers: whatever is read comes back from what is written, and nothing is read beyond its length.

use kafka_proto::error::DecodeErrorKind;
use kafka_proto::wire::varint::{
    MAX_LEN_32, MAX_LEN_64, len_i32, len_i64, len_u32, len_u64, put_i32, put_i64, put_u32, put_u64,
    read_i32, read_i64, read_u32, read_u64,
};

type Read<T> = fn(&[u8]) -> Result<(T, usize), DecodeErrorKind>;

/// Reads the bytes as a varint of every type, and writes their first bytes as an integer of every type.
pub fn varint(data: &[u8]) {
    let put = |out: &mut Vec<u8>, value| put_u32(out, value);
    check(data, MAX_LEN_32, u32::from_le_bytes, read_u32, len_u32, put);
    let put = |out: &mut Vec<u8>, value| put_u64(out, value);
    check(data, MAX_LEN_64, u64::from_le_bytes, read_u64, len_u64, put);
    let put = |out: &mut Vec<u8>, value| put_i32(out, value);
    check(data, MAX_LEN_32, i32::from_le_bytes, read_i32, len_i32, put);
    let put = |out: &mut Vec<u8>, value| put_i64(out, value);
    check(data, MAX_LEN_64, i64::from_le_bytes, read_i64, len_i64, put);
}

fn check<T: Copy + PartialEq + std::fmt::Debug, const N: usize>(
    data: &[u8],
    max: usize,
    from_bytes: fn([u8; N]) -> T,
    read: Read<T>,
    len: fn(T) -> usize,
    put: fn(&mut Vec<u8>, T),
) {
    let written = |value: T| {
        let mut out = Vec::new();
        put(&mut out, value);
        assert_eq!(out.len(), len(value), "{value:?}");
        assert!(out.len() <= max, "{value:?}");
        assert_eq!(read(&out), Ok((value, out.len())));
        out.len()
    };
    if let Ok((value, used)) = read(data) {
        // An encoding may be longer than necessary, never shorter.
        assert!((written(value)..=max).contains(&used), "{value:?}");
        assert_eq!(read(&data[..used]), Ok((value, used)));
        let cut = read(&data[..used - 1]);
        assert!(matches!(cut, Err(DecodeErrorKind::Truncated { .. })));
    }
    if let Some(bytes) = data.first_chunk() {
        written(from_bytes(*bytes));
    }
}
