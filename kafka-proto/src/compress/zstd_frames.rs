//! The outside of Zstandard frames (RFC 8878), to know what a stream can hold before anything is inflated.
//!
//! A block of a Zstandard frame holds at most 128 KiB, and raw and run-length blocks say how much they hold. So a walk
//! over the block headers gives a bound that no claimed content size can lie about.

use super::{over_budget, refused, truncated};
use crate::error::DecodeError;

const MAGIC: u32 = 0xfd2f_b528;
const MAGIC_SKIPPABLE: u32 = 0x184d_2a50;
/// Most bytes that one block holds.
const MAX_BLOCK: usize = 128 * 1024;
/// Largest window accepted, that of the reference decoder by default; the highest regular level uses it.
const MAX_WINDOW: u64 = 1 << 27;

/// What a stream of frames can hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    /// Bytes that come out at most.
    pub(super) most: usize,
    /// Bytes that come out, as the headers claim, if all of them do.
    pub(super) claimed: Option<usize>,
}

/// Walks the frames, without looking into compressed blocks.
///
/// Refuses what no decoder here takes: other magic numbers, dictionaries, windows above 128 MiB, content sizes that
/// the blocks can't hold, and streams that hold more than `limit` bytes for sure.
pub(super) fn measure(input: &[u8], limit: usize) -> Result<Contents, DecodeError> {
    let mut reader = Reader { rest: input, len: input.len() };
    let mut contents = Contents { most: 0, claimed: Some(0) };
    loop {
        match reader.number(4)? as u32 {
            MAGIC => {
                let frame = frame(&mut reader, limit)?;
                contents.most = contents.most.saturating_add(frame.most);
                contents.claimed =
                    contents.claimed.zip(frame.claimed).map(|(a, b)| a.saturating_add(b));
            }
            magic if magic & !0xf == MAGIC_SKIPPABLE => {
                let len = reader.number(4)?;
                reader.skip(len as usize)?;
            }
            _ => return Err(refused("not a zstd frame", reader.at().saturating_sub(4))),
        }
        if contents.claimed.is_some_and(|claimed| claimed > limit) {
            return Err(over_budget(limit));
        }
        if reader.rest.is_empty() {
            return Ok(contents);
        }
    }
}

fn frame(reader: &mut Reader<'_>, limit: usize) -> Result<Contents, DecodeError> {
    let at = reader.at();
    let descriptor = reader.number(1)? as u8;
    let single_segment = descriptor & 0b10_0000 != 0;
    if descriptor & 0b1000 != 0 {
        return Err(refused("reserved bit in a zstd frame", at));
    }
    if !single_segment {
        let window = reader.number(1)?;
        let base = 1_u64 << (window >> 3).saturating_add(10);
        if base.saturating_add((base >> 3).saturating_mul(window & 7)) > MAX_WINDOW {
            return Err(refused("zstd window above 128 MiB", at));
        }
    }
    let dictionary_len = if descriptor & 3 == 3 { 4 } else { usize::from(descriptor & 3) };
    if reader.number(dictionary_len)? != 0 {
        return Err(refused("zstd frame needs a dictionary", at));
    }
    let claimed = match descriptor >> 6 {
        0 if single_segment => Some(reader.number(1)?),
        0 => None,
        1 => Some(reader.number(2)?.saturating_add(256)),
        2 => Some(reader.number(4)?),
        _ => Some(reader.number(8)?),
    };
    let most = blocks(reader, limit)?;
    if descriptor & 0b100 != 0 {
        reader.skip(4)?;
    }
    match claimed.map(|claimed| usize::try_from(claimed).unwrap_or(usize::MAX)) {
        Some(claimed) if claimed > limit => Err(over_budget(limit)),
        Some(claimed) if claimed > most => {
            Err(refused("zstd frame claims more than it can hold", at))
        }
        claimed => Ok(Contents { most: claimed.unwrap_or(most), claimed }),
    }
}

/// Walks the blocks of one frame and returns the most that they can hold.
fn blocks(reader: &mut Reader<'_>, limit: usize) -> Result<usize, DecodeError> {
    let (mut most, mut least) = (0_usize, 0_usize);
    loop {
        let at = reader.at();
        let header = reader.number(3)? as usize;
        let size = header >> 3;
        if size > MAX_BLOCK {
            return Err(refused("zstd block above 128 KiB", at));
        }
        let (stored, held) = match (header >> 1) & 3 {
            0 => (size, Some(size)),
            1 => (1, Some(size)),
            2 => (size, None),
            _ => return Err(refused("reserved zstd block type", at)),
        };
        reader.skip(stored)?;
        most = most.saturating_add(held.unwrap_or(MAX_BLOCK));
        least = least.saturating_add(held.unwrap_or(0));
        if least > limit {
            return Err(over_budget(limit));
        }
        if header & 1 != 0 {
            return Ok(most);
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    len: usize,
}

impl Reader<'_> {
    fn at(&self) -> usize {
        self.len.wrapping_sub(self.rest.len())
    }

    fn skip(&mut self, len: usize) -> Result<(), DecodeError> {
        let Some((_, rest)) = self.rest.split_at_checked(len) else {
            return Err(truncated(len, self.rest.len(), self.at()));
        };
        self.rest = rest;
        Ok(())
    }

    /// A little-endian number of up to eight bytes.
    fn number(&mut self, len: usize) -> Result<u64, DecodeError> {
        let bytes = self.rest;
        self.skip(len)?;
        Ok(bytes.iter().take(len).rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }
}
