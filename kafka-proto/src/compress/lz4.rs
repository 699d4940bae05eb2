//! LZ4 frames, by the block functions of the codec: the frame around them is little, and read here it can be read
//! straight into the caller's buffer.
//!
//! ```text
//! Magic             u32, 0x184d2204
//! Flags             version 1 in the upper two bits, then: blocks independent, block checksums, content size,
//!                   content checksum, reserved, dictionary
//! BlockSize         4 to 7 in bits 4 to 6: 64 KiB, 256 KiB, 1 MiB, 4 MiB
//! ContentSize       u64, if flagged
//! HeaderChecksum    second byte of the xxHash of what is between magic and here
//! then for each block: u32 length (upper bit: stored as it is), bytes, u32 checksum if flagged
//! EndMark           u32, 0
//! ContentChecksum   u32, if flagged
//! ```
//! All numbers are little-endian. Kafka's Java reader wants independent blocks, so those are written, of 64 KiB as it
//! writes them; other producers write linked ones, which are read as well.

use alloc::vec;
use alloc::vec::Vec;
use lz4_flex::block::{
    CompressTable, DecompressError, compress_into_with_table, decompress_into,
    decompress_into_with_dict, get_maximum_output_size,
};
use twox_hash::XxHash32;

use super::pieces::Blocks;
use super::{over_budget, refused, total, truncated};
use crate::error::{DecodeError, EncodeError};

const MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();
const FLAGS_WRITTEN: u8 = VERSION | INDEPENDENT;
const BLOCK_SIZE_WRITTEN: u8 = 4 << 4;
/// Bytes in front of the first block as written here: no content size.
const HEADER_LEN: usize = 7;
const BLOCK_LEN: usize = 64 * 1024;

const VERSION: u8 = 0b0100_0000;
const VERSION_MASK: u8 = 0b1100_0000;
const INDEPENDENT: u8 = 1 << 5;
const BLOCK_CHECKSUM: u8 = 1 << 4;
const CONTENT_SIZE: u8 = 1 << 3;
const CONTENT_CHECKSUM: u8 = 1 << 2;
const RESERVED: u8 = 1 << 1;
const DICTIONARY: u8 = 1;
/// In a block's length: its bytes are not compressed.
const STORED: u32 = 1 << 31;
/// How far back a block may refer to those before it.
const WINDOW: usize = 64 * 1024;
/// Most bytes that one byte can stand for: a match length grows by 255 a byte.
const MAX_RATIO: usize = 255;

pub(super) struct Encoder(CompressTable);

impl Encoder {
    pub(super) fn new() -> Self {
        Self(CompressTable::default())
    }

    pub(super) fn compress(&mut self, pieces: &[&[u8]]) -> Result<Vec<u8>, EncodeError> {
        let blocks = total(pieces).div_ceil(BLOCK_LEN);
        let most_per_block = get_maximum_output_size(BLOCK_LEN).saturating_add(4);
        let mut output = vec![0; blocks.saturating_mul(most_per_block).saturating_add(HEADER_LEN)];
        if let Some(header) = output.first_chunk_mut() {
            let checksum = header_checksum(&[FLAGS_WRITTEN, BLOCK_SIZE_WRITTEN]);
            let [a, b, c, d] = MAGIC;
            *header = [a, b, c, d, FLAGS_WRITTEN, BLOCK_SIZE_WRITTEN, checksum];
        }
        let mut at = HEADER_LEN;
        let mut blocks = Blocks::new(pieces, BLOCK_LEN);
        while let Some(block) = blocks.next() {
            let Some((length, room)) = output.get_mut(at..).and_then(<[u8]>::split_first_chunk_mut)
            else {
                return Err(EncodeError::Compress("lz4 output bound"));
            };
            let mut len = compress_into_with_table(block, room, &mut self.0)
                .map_err(|_| EncodeError::Compress("lz4 block"))?;
            let mut stored = 0;
            if len >= block.len() {
                (len, stored) = (block.len(), STORED);
                room.get_mut(..len).unwrap_or_default().copy_from_slice(block);
            }
            *length = (len as u32 | stored).to_le_bytes();
            at = at.saturating_add(4).saturating_add(len);
        }
        output.truncate(at);
        output.extend_from_slice(&[0; 4]);
        Ok(output)
    }
}

pub(super) fn decompress(
    input: &[u8],
    limit: usize,
    output: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let mut reader = Reader { rest: input, len: input.len() };
    let frame = Frame::read(&mut reader)?;
    if frame.content_size.is_some_and(|size| size > limit as u64) {
        return Err(over_budget(limit));
    }
    let most = frame.most(reader.clone())?;
    if frame.content_size.is_some_and(|size| size > most as u64) {
        return Err(refused("lz4 frame claims more than it can hold", 0));
    }
    output.reserve_exact(most.min(limit).saturating_sub(output.len()));
    let mut at = 0_usize;
    while let Some(block) = frame.block(&mut reader)? {
        at = frame.inflate(&block, at, limit, output)?;
    }
    output.truncate(at);
    if frame.content_size.is_some_and(|size| size != at as u64) {
        return Err(refused("lz4 content size mismatch", 0));
    }
    if frame.flags & CONTENT_CHECKSUM != 0 && reader.u32()? != XxHash32::oneshot(0, output) {
        return Err(refused("lz4 content checksum mismatch", reader.at().saturating_sub(4)));
    }
    if !reader.rest.is_empty() {
        return Err(refused("bytes after the lz4 frame", reader.at()));
    }
    Ok(())
}

/// What the header of a frame says.
struct Frame {
    flags: u8,
    block_len: usize,
    content_size: Option<u64>,
}

struct Block<'a> {
    bytes: &'a [u8],
    stored: bool,
    at: usize,
}

impl Frame {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.array()? != MAGIC {
            return Err(refused("not an lz4 frame", 0));
        }
        let descriptor = reader.rest;
        let [flags, block_size] = reader.array()?;
        if flags & VERSION_MASK != VERSION || flags & RESERVED != 0 || block_size & 0b1000_1111 != 0
        {
            return Err(refused("unknown lz4 version or reserved bits", 4));
        }
        if flags & DICTIONARY != 0 {
            return Err(refused("lz4 frame needs a dictionary", 4));
        }
        let block_len = match block_size >> 4 {
            4 => 1 << 16,
            5 => 1 << 18,
            6 => 1 << 20,
            7 => 1 << 22,
            _ => return Err(refused("unknown lz4 block size", 5)),
        };
        let content_size = if flags & CONTENT_SIZE != 0 {
            Some(u64::from_le_bytes(reader.array()?))
        } else {
            None
        };
        let descriptor =
            descriptor.get(..descriptor.len().wrapping_sub(reader.rest.len())).unwrap_or_default();
        let [checksum] = reader.array()?;
        if checksum != header_checksum(descriptor) {
            return Err(refused("lz4 header checksum mismatch", reader.at().saturating_sub(1)));
        }
        Ok(Self { flags, block_len, content_size })
    }

    /// The next block, or nothing at the end mark.
    fn block<'a>(&self, reader: &mut Reader<'a>) -> Result<Option<Block<'a>>, DecodeError> {
        let at = reader.at();
        let length = reader.u32()?;
        if length == 0 {
            return Ok(None);
        }
        let len = (length & !STORED) as usize;
        if len > self.block_len {
            return Err(refused("lz4 block above the maximum of its frame", at));
        }
        let bytes = reader.take(len)?;
        if self.flags & BLOCK_CHECKSUM != 0 && reader.u32()? != XxHash32::oneshot(0, bytes) {
            return Err(refused("lz4 block checksum mismatch", at));
        }
        Ok(Some(Block { bytes, stored: length & STORED != 0, at }))
    }

    /// The most bytes that the blocks can hold.
    fn most(&self, mut reader: Reader<'_>) -> Result<usize, DecodeError> {
        let mut most = 0_usize;
        // The checksums are looked at when the blocks are read.
        let unchecked = Self { flags: self.flags & !BLOCK_CHECKSUM, ..*self };
        while let Some(block) = unchecked.block(&mut reader)? {
            most = most.saturating_add(self.most_of(&block));
            if self.flags & BLOCK_CHECKSUM != 0 {
                reader.u32()?;
            }
        }
        Ok(most)
    }

    fn most_of(&self, block: &Block<'_>) -> usize {
        if block.stored {
            block.bytes.len()
        } else {
            block.bytes.len().saturating_mul(MAX_RATIO).min(self.block_len)
        }
    }

    /// Writes a block's contents at `at` and returns where they end.
    fn inflate(
        &self,
        block: &Block<'_>,
        at: usize,
        limit: usize,
        output: &mut Vec<u8>,
    ) -> Result<usize, DecodeError> {
        let most = self.most_of(block);
        let room = most.min(limit.saturating_sub(at));
        let end = at.saturating_add(room);
        if output.len() < end {
            output.resize(end, 0);
        }
        let Some((before, after)) = output.split_at_mut_checked(at) else {
            return Err(over_budget(limit));
        };
        let window = before.get(before.len().saturating_sub(WINDOW)..).unwrap_or_default();
        let after = after.get_mut(..room).unwrap_or_default();
        let written = if block.stored {
            if block.bytes.len() > room {
                return Err(over_budget(limit));
            }
            after.copy_from_slice(block.bytes);
            Ok(room)
        } else if self.flags & INDEPENDENT != 0 {
            decompress_into(block.bytes, after)
        } else {
            decompress_into_with_dict(block.bytes, after, window)
        };
        match written {
            Ok(written) => Ok(at.saturating_add(written)),
            Err(DecompressError::OutputTooSmall { .. }) if room < most => Err(over_budget(limit)),
            Err(_) => Err(refused("not an lz4 block", block.at)),
        }
    }
}

#[derive(Clone)]
struct Reader<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Reader<'a> {
    fn at(&self) -> usize {
        self.len.wrapping_sub(self.rest.len())
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            return Err(truncated(len, self.rest.len(), self.at()));
        };
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let bytes = self.take(N)?;
        Ok(bytes.first_chunk().copied().unwrap_or([0; N]))
    }

    fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }
}

fn header_checksum(descriptor: &[u8]) -> u8 {
    XxHash32::oneshot(0, descriptor).to_le_bytes()[1]
}
