//! Loops over the bytes of a batch that know no more than they must: no errors told apart, no headers of records, no
//! other codec, no limits. What is left is the work that any codec has.

use std::hint::black_box;

use bytes::Bytes;

use super::{Outcome, Work, work};
use crate::{Case, Failure, bytes_of};

const HEADER: usize = 61;
const CRC_AT: usize = 17;
const CRC_FROM: usize = 21;

pub(super) fn prepare(case: &Case) -> Result<Option<Work>, Failure> {
    match case.name {
        "batch-encode" => Ok(work(|| Ok(Outcome::Encoded(encode())))),
        "batch-decode-owned" | "batch-decode-in-place" => {
            let batch = bytes_of::batch()?;
            Ok(work(move || decode(&batch).map(Outcome::Decoded).ok_or_else(|| "corrupt".into())))
        }
        _ => Ok(None),
    }
}

fn encode() -> Bytes {
    let mut out = vec![0; HEADER];
    for record in 0..bytes_of::RECORDS {
        let value: &[u8] = black_box(&bytes_of::VALUE);
        let delta = record as u64 * 2;
        let varints = 2 * varint_len(delta) + 1 + varint_len(value.len() as u64 * 2);
        put_varint(&mut out, (1 + varints + value.len() + 1) as u64 * 2);
        out.push(0);
        put_varint(&mut out, delta);
        put_varint(&mut out, delta);
        out.push(1);
        put_varint(&mut out, value.len() as u64 * 2);
        out.extend_from_slice(value);
        out.push(0);
    }
    let last = bytes_of::RECORDS as i32 - 1;
    let length = out.len() as i32 - 12;
    out[8..12].copy_from_slice(&length.to_be_bytes());
    out[12..16].copy_from_slice(&(-1_i32).to_be_bytes());
    out[16] = 2;
    out[23..27].copy_from_slice(&last.to_be_bytes());
    out[27..35].copy_from_slice(&bytes_of::TIME.to_be_bytes());
    out[35..43].copy_from_slice(&(bytes_of::TIME + i64::from(last)).to_be_bytes());
    // No producer, its epoch, no sequence: all are -1.
    out[43..57].fill(0xff);
    out[57..61].copy_from_slice(&(last + 1).to_be_bytes());
    let crc = crc32c::crc32c(&out[CRC_FROM..]);
    out[CRC_AT..CRC_FROM].copy_from_slice(&crc.to_be_bytes());
    out.into()
}

fn decode(batch: &[u8]) -> Option<usize> {
    let header: &[u8; HEADER] = batch.first_chunk()?;
    let number = |at: usize| i64::from_be_bytes(*header[at..].first_chunk().unwrap_or(&[0; 8]));
    let crc = u32::from_be_bytes(*header[CRC_AT..].first_chunk()?);
    if crc32c::crc32c(&batch[CRC_FROM..]) != crc {
        return None;
    }
    let (base_offset, base_timestamp) = (number(0), number(27));
    let count = u32::from_be_bytes(*header[57..].first_chunk()?);
    let (mut rest, mut sum) = (&batch[HEADER..], 0);
    for _ in 0..count {
        let (_length, after) = varint(rest)?;
        let (timestamp_delta, after) = varint(after.get(1..)?)?;
        let (offset_delta, after) = varint(after)?;
        let (_key, after) = field(after)?;
        let (value, after) = field(after)?;
        let (_headers, after) = varint(after)?;
        rest = after;
        let timestamp = base_timestamp.wrapping_add(timestamp_delta);
        let offset = base_offset.wrapping_add(offset_delta);
        sum += offset + timestamp + value.map_or(0, <[u8]>::len) as i64;
    }
    black_box(sum);
    Some(count as usize)
}

#[inline]
fn field(input: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (length, rest) = varint(input)?;
    if length < 0 {
        return Some((None, rest));
    }
    let (field, rest) = rest.split_at_checked(length as usize)?;
    Some((Some(field), rest))
}

/// A zigzag varint.
#[inline]
fn varint(input: &[u8]) -> Option<(i64, &[u8])> {
    let (mut value, mut shift) = (0_u64, 0);
    for (at, byte) in input.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(((value >> 1) as i64 ^ -((value & 1) as i64), &input[at + 1..]));
        }
        shift += 7;
        if shift > 63 {
            return None;
        }
    }
    None
}

#[inline]
fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

#[inline]
fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
