//! Variable-length integers: seven bits a byte, lowest first, the high bit set on every byte but the last.
//!
//! `u32`/`u64` are plain (lengths and counts of flexible messages); `i32`/`i64` are zigzag (record batches).
//! Longer encodings than necessary are read, because other clients may write them, but never written. A sixth byte
//! (eleventh for 64 bits) is an error, and so are bits beyond the type in the last one.

use bytes::BufMut;

use crate::error::DecodeErrorKind;

/// Most bytes that a 32-bit varint takes.
pub const MAX_LEN_32: usize = 5;
/// Most bytes that a 64-bit varint takes.
pub const MAX_LEN_64: usize = 10;

/// Reads an unsigned 32-bit varint from the front of `buf`: the value and the number of bytes it took.
///
/// # Errors
/// `Truncated`, `VarintTooLong`, `VarintOverflow`.
#[inline]
pub fn read_u32(buf: &[u8]) -> Result<(u32, usize), DecodeErrorKind> {
    match *buf {
        [a, ..] if a < 0x80 => Ok((u32::from(a), 1)),
        [a, b, ..] if b < 0x80 => Ok((u32::from(a & 0x7f) | u32::from(b) << 7, 2)),
        _ => {
            let (value, used) = read_long(buf, MAX_LEN_32)?;
            let value = u32::try_from(value).map_err(|_| DecodeErrorKind::VarintOverflow)?;
            Ok((value, used))
        }
    }
}

/// Reads an unsigned 64-bit varint from the front of `buf`: the value and the number of bytes it took.
///
/// # Errors
/// `Truncated`, `VarintTooLong`, `VarintOverflow`.
#[inline]
pub fn read_u64(buf: &[u8]) -> Result<(u64, usize), DecodeErrorKind> {
    match *buf {
        [a, ..] if a < 0x80 => Ok((u64::from(a), 1)),
        [a, b, ..] if b < 0x80 => Ok((u64::from(a & 0x7f) | u64::from(b) << 7, 2)),
        _ => read_long(buf, MAX_LEN_64),
    }
}

/// Reads a zigzag 32-bit varint from the front of `buf`: the value and the number of bytes it took.
///
/// # Errors
/// `Truncated`, `VarintTooLong`, `VarintOverflow`.
#[inline]
pub fn read_i32(buf: &[u8]) -> Result<(i32, usize), DecodeErrorKind> {
    let (value, used) = read_u32(buf)?;
    Ok((unzigzag_32(value), used))
}

/// Reads a zigzag 64-bit varint from the front of `buf`: the value and the number of bytes it took.
///
/// # Errors
/// `Truncated`, `VarintTooLong`, `VarintOverflow`.
#[inline]
pub fn read_i64(buf: &[u8]) -> Result<(i64, usize), DecodeErrorKind> {
    let (value, used) = read_u64(buf)?;
    Ok((unzigzag_64(value), used))
}

/// Bytes that [`put_u32`] writes.
#[inline]
#[must_use]
pub const fn len_u32(value: u32) -> usize {
    len_u64(value as u64)
}

/// Bytes that [`put_u64`] writes.
#[inline]
#[must_use]
pub const fn len_u64(value: u64) -> usize {
    // A byte per seven bits begun, and one byte for zero. Multiplying by 9 and shifting by 6 divides by 7 with
    // the rounding that is right for 1 to 64 bits.
    let bits = 64_u32.wrapping_sub((value | 1).leading_zeros());
    (bits.wrapping_mul(9).wrapping_add(64) >> 6) as usize
}

/// Bytes that [`put_i32`] writes.
#[inline]
#[must_use]
pub const fn len_i32(value: i32) -> usize {
    len_u32(zigzag_32(value))
}

/// Bytes that [`put_i64`] writes.
#[inline]
#[must_use]
pub const fn len_i64(value: i64) -> usize {
    len_u64(zigzag_64(value))
}

/// Appends an unsigned 32-bit varint.
#[inline]
pub fn put_u32(out: &mut impl BufMut, value: u32) {
    put_u64(out, u64::from(value));
}

/// Appends an unsigned 64-bit varint.
#[inline]
pub fn put_u64(out: &mut impl BufMut, mut value: u64) {
    while value >= 0x80 {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// Appends a zigzag 32-bit varint.
#[inline]
pub fn put_i32(out: &mut impl BufMut, value: i32) {
    put_u32(out, zigzag_32(value));
}

/// Appends a zigzag 64-bit varint.
#[inline]
pub fn put_i64(out: &mut impl BufMut, value: i64) {
    put_u64(out, zigzag_64(value));
}

/// Maps small negative and small positive numbers to small unsigned ones.
#[inline]
#[must_use]
pub const fn zigzag_32(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

/// Maps small negative and small positive numbers to small unsigned ones.
#[inline]
#[must_use]
pub const fn zigzag_64(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag_32`].
#[inline]
#[must_use]
pub const fn unzigzag_32(value: u32) -> i32 {
    (value >> 1) as i32 ^ ((value & 1) as i32).wrapping_neg()
}

/// The inverse of [`zigzag_64`].
#[inline]
#[must_use]
pub const fn unzigzag_64(value: u64) -> i64 {
    (value >> 1) as i64 ^ ((value & 1) as i64).wrapping_neg()
}

/// Reads a varint of at most `max` bytes, one by one. Bits beyond 64 are an error; bits between `max` bytes' 35 and
/// the caller's 32 are for the caller to refuse.
fn read_long(buf: &[u8], max: usize) -> Result<(u64, usize), DecodeErrorKind> {
    let mut value = 0_u64;
    for (i, &byte) in buf.iter().take(max).enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shift = (i as u32).wrapping_mul(7);
        // Only the tenth byte, at bit 63, can lose bits.
        if shift == 63 && bits > 1 && byte < 0x80 {
            return Err(DecodeErrorKind::VarintOverflow);
        }
        value |= bits.wrapping_shl(shift);
        if byte < 0x80 {
            return Ok((value, i.wrapping_add(1)));
        }
    }
    if buf.len() >= max {
        Err(DecodeErrorKind::VarintTooLong)
    } else {
        Err(DecodeErrorKind::Truncated { needed: buf.len().saturating_add(1), left: buf.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn check_64(value: u64, bytes: &[u8]) {
        let mut out = Vec::new();
        put_u64(&mut out, value);
        assert_eq!(out, bytes, "{value}");
        assert_eq!(len_u64(value), bytes.len(), "{value}");
        assert_eq!(read_u64(bytes), Ok((value, bytes.len())));
        for cut in 0..bytes.len() {
            assert_eq!(
                read_u64(&bytes[..cut]),
                Err(DecodeErrorKind::Truncated { needed: cut + 1, left: cut })
            );
        }
    }

    #[test]
    fn known_bytes() {
        check_64(0, &[0]);
        check_64(127, &[0x7f]);
        check_64(128, &[0x80, 1]);
        check_64(300, &[0xac, 2]);
        check_64(16_383, &[0xff, 0x7f]);
        check_64(16_384, &[0x80, 0x80, 1]);
        check_64(u64::from(u32::MAX), &[0xff, 0xff, 0xff, 0xff, 0x0f]);
        check_64(u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    }

    #[test]
    fn every_power_of_two_and_its_neighbours_round_trip() {
        for bit in 0..64 {
            for value in [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1] {
                let mut out = Vec::new();
                put_u64(&mut out, value);
                assert_eq!(out.len(), len_u64(value));
                assert_eq!(read_u64(&out), Ok((value, out.len())));
                for signed in [value as i64, (value as i64).wrapping_neg()] {
                    let mut out = Vec::new();
                    put_i64(&mut out, signed);
                    assert_eq!(
                        (read_i64(&out), len_i64(signed)),
                        (Ok((signed, out.len())), out.len())
                    );
                    let small = signed as i32;
                    let mut out = Vec::new();
                    put_i32(&mut out, small);
                    assert_eq!(
                        (read_i32(&out), len_i32(small)),
                        (Ok((small, out.len())), out.len())
                    );
                }
            }
        }
    }

    #[test]
    fn c11_zigzag_extremes() {
        for (value, raw) in
            [(0, 0), (-1, 1), (1, 2), (i32::MAX, u32::MAX - 1), (i32::MIN, u32::MAX)]
        {
            assert_eq!((zigzag_32(value), unzigzag_32(raw)), (raw, value));
        }
        for (value, raw) in [(-1, 1), (i64::MAX, u64::MAX - 1), (i64::MIN, u64::MAX)] {
            assert_eq!((zigzag_64(value), unzigzag_64(raw)), (raw, value));
        }
    }

    #[test]
    fn c08_too_long() {
        assert_eq!(read_u32(&[0xff; 5]), Err(DecodeErrorKind::VarintTooLong));
        assert_eq!(
            read_u32(&[0x80, 0x80, 0x80, 0x80, 0x80, 0]),
            Err(DecodeErrorKind::VarintTooLong)
        );
        assert_eq!(read_u64(&[0xff; 10]), Err(DecodeErrorKind::VarintTooLong));
        assert_eq!(read_u64(&[0x80; 11]), Err(DecodeErrorKind::VarintTooLong));
    }

    #[test]
    fn c09_bits_beyond_the_type() {
        assert_eq!(read_u32(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok((u32::MAX, 5)));
        assert_eq!(read_u32(&[0xff, 0xff, 0xff, 0xff, 0x10]), Err(DecodeErrorKind::VarintOverflow));
        assert_eq!(read_i32(&[0x80, 0x80, 0x80, 0x80, 0x7f]), Err(DecodeErrorKind::VarintOverflow));
        let mut bytes = [0x80; 10];
        bytes[9] = 2;
        assert_eq!(read_u64(&bytes), Err(DecodeErrorKind::VarintOverflow));
    }

    #[test]
    fn c10_longer_than_necessary_is_read() {
        assert_eq!(read_u32(&[0x81, 0x80, 0x00]), Ok((1, 3)));
        assert_eq!(
            read_u64(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]),
            Ok((0, 10))
        );
    }
}
