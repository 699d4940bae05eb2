//! The outside of LZ4 frames: their header, and the blocks behind it.
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
//! All numbers are little-endian.

use nom::Parser;
use nom::bytes::streaming::tag;
use nom::combinator::cond;
use nom::number::streaming::{le_u8, le_u64};
use twox_hash::XxHash32;

use super::framing::{Parsed, fault, or, parse};
use super::{refused, truncated};
use crate::error::{DecodeError, DecodeErrorKind};

const MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();
/// Kafka's Java reader wants independent blocks, so those are written, of 64 KiB as it writes them.
const FLAGS_WRITTEN: u8 = VERSION | INDEPENDENT;
const BLOCK_SIZE_WRITTEN: u8 = 4 << 4;
/// Bytes in front of the first block as written here: no content size.
pub(super) const HEADER_LEN: usize = 7;
/// Bytes of a block as written here.
pub(super) const BLOCK_LEN: usize = 64 * 1024;

const VERSION: u8 = 0b0100_0000;
const VERSION_MASK: u8 = 0b1100_0000;
const INDEPENDENT: u8 = 1 << 5;
const BLOCK_CHECKSUM: u8 = 1 << 4;
const CONTENT_SIZE: u8 = 1 << 3;
const CONTENT_CHECKSUM: u8 = 1 << 2;
const RESERVED: u8 = 1 << 1;
const DICTIONARY: u8 = 1;
/// In a block's length: its bytes are not compressed.
pub(super) const STORED: u32 = 1 << 31;
/// Most bytes that one byte can stand for: a match length grows by 255 a byte.
const MAX_RATIO: usize = 255;

/// What the checksum of a frame's header is computed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderChecksum {
    /// What the format says: the descriptor between the magic number and the checksum.
    Descriptor,
    /// The magic number too, as the first Java client did it by mistake. Message sets of magic 0 are written so ever
    /// since; in them nobody looks at the checksum, for other clients made mistakes of their own.
    MagicAndDescriptor,
}

/// The header as written here.
pub(super) fn header(checksum: HeaderChecksum) -> [u8; HEADER_LEN] {
    let [a, b, c, d] = MAGIC;
    let (flags, size) = (FLAGS_WRITTEN, BLOCK_SIZE_WRITTEN);
    let sum = match checksum {
        HeaderChecksum::Descriptor => header_checksum(&[flags, size]),
        HeaderChecksum::MagicAndDescriptor => header_checksum(&[a, b, c, d, flags, size]),
    };
    [a, b, c, d, flags, size, sum]
}

/// What the header of a frame says.
pub(super) struct Frame {
    flags: u8,
    block_len: usize,
    pub(super) content_size: Option<u64>,
}

pub(super) struct Block<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) stored: bool,
    pub(super) at: usize,
}

impl Frame {
    /// Reads the header of a frame, and makes a reader of the blocks behind it.
    pub(super) fn open(
        input: &[u8],
        checksum: HeaderChecksum,
    ) -> Result<(Self, Reader<'_>), DecodeError> {
        let (frame, rest) = parse(|input| frame_header(input, checksum), input, 0)?;
        Ok((frame, Reader { rest, len: input.len() }))
    }

    pub(super) fn has_independent_blocks(&self) -> bool {
        self.flags & INDEPENDENT != 0
    }

    pub(super) fn has_content_checksum(&self) -> bool {
        self.flags & CONTENT_CHECKSUM != 0
    }

    /// The next block, or nothing at the end mark.
    pub(super) fn block<'a>(
        &self,
        reader: &mut Reader<'a>,
    ) -> Result<Option<Block<'a>>, DecodeError> {
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
    pub(super) fn most(&self, mut reader: Reader<'_>) -> Result<usize, DecodeError> {
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

    pub(super) fn most_of(&self, block: &Block<'_>) -> usize {
        if block.stored {
            block.bytes.len()
        } else {
            block.bytes.len().saturating_mul(MAX_RATIO).min(self.block_len)
        }
    }
}

fn frame_header(input: &[u8], checksum: HeaderChecksum) -> Parsed<'_, Frame> {
    let magic = or(tag(MAGIC.as_slice()), refusal("not an lz4 frame"));
    let (descriptor, _) = { magic }.parse(input)?;
    let (after_flags, flags) = le_u8(descriptor)?;
    let (rest, block_size) = le_u8(after_flags)?;
    if flags & VERSION_MASK != VERSION || flags & RESERVED != 0 || block_size & 0b1000_1111 != 0 {
        return fault(refusal("unknown lz4 version or reserved bits"), descriptor);
    }
    if flags & DICTIONARY != 0 {
        return fault(refusal("lz4 frame needs a dictionary"), descriptor);
    }
    let block_len = match block_size >> 4 {
        4 => 1 << 16,
        5 => 1 << 18,
        6 => 1 << 20,
        7 => 1 << 22,
        _ => return fault(refusal("unknown lz4 block size"), after_flags),
    };
    let (at_sum, content_size) = cond(flags & CONTENT_SIZE != 0, le_u64).parse(rest)?;
    let (rest, sum) = le_u8(at_sum)?;
    let len = descriptor.len().wrapping_sub(at_sum.len());
    let descriptor = descriptor.get(..len).unwrap_or_default();
    if checksum == HeaderChecksum::Descriptor && sum != header_checksum(descriptor) {
        return fault(refusal("lz4 header checksum mismatch"), at_sum);
    }
    Ok((rest, Frame { flags, block_len, content_size }))
}

fn header_checksum(bytes: &[u8]) -> u8 {
    let [_, second, ..] = XxHash32::oneshot(0, bytes).to_le_bytes();
    second
}

fn refusal(why: &'static str) -> DecodeErrorKind {
    DecodeErrorKind::Decompress(why)
}

/// What is left of a frame behind its header.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    pub(super) rest: &'a [u8],
    len: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn at(&self) -> usize {
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

    pub(super) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }
}
