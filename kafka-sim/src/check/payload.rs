//! The value of a record: who sent it, and a hash that tells whether it is still as it was sent.
//!
//! ```text
//! rid 8 | producer 4 | index 4 | length 4 | hash 8 | padding
//! ```
//! Big-endian. The length is that of the whole value, the padding is a function of `rid`, and the hash covers all but itself.

use super::ids::{ProducerRef, RecordId};
use crate::Rng;

/// The shortest value, in bytes.
pub const LEN_MIN: usize = 28;

const HASHED: usize = 20;

/// What a value says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Payload {
    /// The record.
    pub rid: RecordId,
    /// Who sent it.
    pub producer: ProducerRef,
    /// Which of the producer's records it is.
    pub index: u32,
    /// Hash of everything in it.
    pub hash: u64,
}

/// A value of `len` bytes, or of [`LEN_MIN`] if that is more.
#[must_use]
pub fn encode(rid: RecordId, producer: ProducerRef, index: u32, len: usize) -> Vec<u8> {
    let len = len.max(LEN_MIN).min(u32::MAX as usize);
    // Room for the last word of the padding, of which the end is cut off.
    let mut value = Vec::with_capacity(len + 8);
    value.extend(rid.0.to_be_bytes());
    value.extend(producer.0.to_be_bytes());
    value.extend(index.to_be_bytes());
    value.extend((len as u32).to_be_bytes());
    value.extend([0; 8]);
    let mut word = rid.0;
    while value.len() < len {
        word = mix(word);
        value.extend(word.to_be_bytes());
    }
    value.truncate(len);
    if let Some((front, rest)) = value.split_at_mut_checked(HASHED)
        && let Some((place, padding)) = rest.split_first_chunk_mut()
    {
        *place = hash_of(front, padding).to_be_bytes();
    }
    value
}

/// What a value says, or `None` if it was not made by [`encode`], or was changed since.
#[must_use]
pub fn decode(value: &[u8]) -> Option<Payload> {
    let payload = peek(value)?;
    let (front, rest) = value.split_at_checked(HASHED)?;
    let len = u32::from_be_bytes(*front.last_chunk()?);
    let whole = len as usize == value.len() && hash_of(front, rest.get(8..)?) == payload.hash;
    whole.then_some(payload)
}

/// The hash in a value, or of a value that is none of ours: what [`content::hash`](super::content::hash) wants.
#[must_use]
pub fn hash(value: &[u8]) -> u64 {
    read(value).1
}

/// What a value says, as [`decode`] has it, and its [`hash`].
#[must_use]
pub fn read(value: &[u8]) -> (Option<Payload>, u64) {
    let payload = decode(value);
    let hash = payload.map_or_else(|| hash_of(value, &[]), |payload| payload.hash);
    (payload, hash)
}

/// What a value says, unchecked.
pub(crate) fn peek(value: &[u8]) -> Option<Payload> {
    let (rid, rest) = value.split_first_chunk::<8>()?;
    let (producer, rest) = rest.split_first_chunk::<4>()?;
    let (index, rest) = rest.split_first_chunk::<4>()?;
    let (_, rest) = rest.split_first_chunk::<4>()?;
    let (hash, _) = rest.split_first_chunk::<8>()?;
    Some(Payload {
        rid: RecordId(u64::from_be_bytes(*rid)),
        producer: ProducerRef(u32::from_be_bytes(*producer)),
        index: u32::from_be_bytes(*index),
        hash: u64::from_be_bytes(*hash),
    })
}

/// A hash of two pieces, as if they were one.
fn hash_of(front: &[u8], rest: &[u8]) -> u64 {
    digest([front, rest])
}

/// A hash of bytes in pieces. The pieces count: another cut is another hash.
pub(crate) fn digest<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let mut state = 0x243f_6a88_85a3_08d3_u64;
    for piece in pieces {
        let (words, tail) = piece.as_chunks::<8>();
        for word in words {
            state = mix(state ^ u64::from_le_bytes(*word));
        }
        let last = tail.iter().rev().fold(0, |last, byte| (last << 8) | u64::from(*byte));
        state = mix(state ^ last ^ (piece.len() as u64).rotate_left(40));
    }
    state
}

/// SplitMix64's step: every bit of the input moves half of the output's.
fn mix(word: u64) -> u64 {
    Rng::new(word).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_tells_what_it_is_and_that_it_was_changed() {
        for len in [0, LEN_MIN, LEN_MIN + 1, LEN_MIN + 8, 100, 1000] {
            let value = encode(RecordId(7), ProducerRef(3), 11, len);
            assert_eq!(value.len(), len.max(LEN_MIN));
            let payload = decode(&value).unwrap();
            assert_eq!(
                (payload.rid, payload.producer, payload.index),
                (RecordId(7), ProducerRef(3), 11)
            );
            assert_eq!(hash(&value), payload.hash);
            for at in 0..value.len() {
                let mut changed = value.clone();
                changed[at] ^= 0x10;
                assert_eq!(decode(&changed), None, "len {len} at {at}");
                assert_eq!(decode(&value[..at]), None, "len {len} cut at {at}");
            }
            assert_eq!(decode(&[value.as_slice(), b"x"].concat()), None);
        }
    }

    #[test]
    fn other_records_have_other_hashes() {
        let hashes: std::collections::BTreeSet<u64> =
            (0..1000).map(|rid| hash(&encode(RecordId(rid), ProducerRef(0), 0, 64))).collect();
        assert_eq!(hashes.len(), 1000);
    }
}
