//! LZ4 by the block functions of the codec: the frame around them is little, and read here it can be read straight into
//! the caller's buffer.
//!
//! Blocks are written independent, as Kafka's Java reader wants them; other producers write linked ones, which are read
//! as well.

use alloc::vec;
use alloc::vec::Vec;
use lz4_flex::block::{
    CompressTable, DecompressError, compress_into_with_table, decompress_into,
    decompress_into_with_dict, get_maximum_output_size,
};
use twox_hash::XxHash32;

pub(super) use super::lz4_frame::HeaderChecksum;
use super::lz4_frame::{BLOCK_LEN, Block, Frame, HEADER_LEN, STORED, header};
use super::pieces::Blocks;
use super::{over_budget, refused, total};
use crate::error::{DecodeError, EncodeError};

/// How far back a block may refer to those before it.
const WINDOW: usize = 64 * 1024;

pub(super) struct Encoder {
    table: CompressTable,
    checksum: HeaderChecksum,
}

impl Encoder {
    pub(super) fn new(checksum: HeaderChecksum) -> Self {
        Self { table: CompressTable::default(), checksum }
    }

    pub(super) fn compress(&mut self, pieces: &[&[u8]]) -> Result<Vec<u8>, EncodeError> {
        let blocks = total(pieces).div_ceil(BLOCK_LEN);
        let most_per_block = get_maximum_output_size(BLOCK_LEN).saturating_add(4);
        let mut output = vec![0; blocks.saturating_mul(most_per_block).saturating_add(HEADER_LEN)];
        if let Some(front) = output.first_chunk_mut() {
            *front = header(self.checksum);
        }
        let mut at = HEADER_LEN;
        let mut blocks = Blocks::new(pieces, BLOCK_LEN);
        while let Some(block) = blocks.next() {
            let Some((length, room)) = output.get_mut(at..).and_then(<[u8]>::split_first_chunk_mut)
            else {
                return Err(EncodeError::Compress("lz4 output bound"));
            };
            let mut len = compress_into_with_table(block, room, &mut self.table)
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
    checksum: HeaderChecksum,
    limit: usize,
    output: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let (frame, mut reader) = Frame::open(input, checksum)?;
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
        at = inflate(&frame, &block, at, limit, output)?;
    }
    output.truncate(at);
    if frame.content_size.is_some_and(|size| size != at as u64) {
        return Err(refused("lz4 content size mismatch", 0));
    }
    if frame.has_content_checksum() && reader.u32()? != XxHash32::oneshot(0, output) {
        return Err(refused("lz4 content checksum mismatch", reader.at().saturating_sub(4)));
    }
    if !reader.rest.is_empty() {
        return Err(refused("bytes after the lz4 frame", reader.at()));
    }
    Ok(())
}

/// Writes a block's contents at `at` and returns where they end.
fn inflate(
    frame: &Frame,
    block: &Block<'_>,
    at: usize,
    limit: usize,
    output: &mut Vec<u8>,
) -> Result<usize, DecodeError> {
    let most = frame.most_of(block);
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
    } else if frame.has_independent_blocks() {
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
