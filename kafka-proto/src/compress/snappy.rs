//! Snappy: written in the framing of the Java library by xerial, read in that and raw.
//!
//! ```text
//! Magic       8 bytes, 0x82 "SNAPPY" 0
//! Version     i32, 1
//! Compatible  i32, 1: the oldest version that can read it
//! then for each block of 32 KiB:
//! Length      i32
//! Block       raw snappy
//! ```
//! The two versions say nothing, and some producers write them little-endian, so nobody should look at them.

use alloc::vec;
use alloc::vec::Vec;
use nom::Parser;
use nom::bytes::streaming::{tag, take};
use nom::combinator::{opt, value};
use nom::number::streaming::{be_i32, be_u32};
use snap::raw::{Decoder, decompress_len, max_compress_len};

use super::framing::{Parsed, fault, parse};
use super::pieces::Blocks;
use super::{over_budget, refused, total};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};

const MAGIC: [u8; 8] = *b"\x82SNAPPY\0";
const VERSIONS: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 1];
const HEADER_LEN: usize = 16;
const BLOCK_LEN: usize = 32 * 1024;
/// Most bytes that one byte can stand for: a copy of 64 takes three.
const MAX_RATIO: usize = 22;

pub(super) struct Encoder(snap::raw::Encoder);

impl Encoder {
    pub(super) fn new() -> Self {
        Self(snap::raw::Encoder::new())
    }

    pub(super) fn compress(&mut self, pieces: &[&[u8]]) -> Result<Vec<u8>, EncodeError> {
        let most_per_block = max_compress_len(BLOCK_LEN).saturating_add(4);
        let most = total(pieces)
            .div_ceil(BLOCK_LEN)
            .saturating_mul(most_per_block)
            .saturating_add(HEADER_LEN);
        let mut output = vec![0; most];
        let mut at = HEADER_LEN;
        if let Some((header, _)) = output.split_first_chunk_mut::<HEADER_LEN>() {
            let (magic, versions) = header.split_at_mut(8);
            magic.copy_from_slice(&MAGIC);
            versions.copy_from_slice(&VERSIONS);
        }
        let mut blocks = Blocks::new(pieces, BLOCK_LEN);
        while let Some(block) = blocks.next() {
            let Some((length, room)) = output.get_mut(at..).and_then(<[u8]>::split_first_chunk_mut)
            else {
                return Err(EncodeError::Compress("snappy output bound"));
            };
            let len =
                self.0.compress(block, room).map_err(|_| EncodeError::Compress("snappy block"))?;
            // A block of 32 KiB stays well below 64 KiB.
            *length = (len as u32).to_be_bytes();
            at = at.saturating_add(4).saturating_add(len);
        }
        output.truncate(at);
        Ok(output)
    }
}

pub(super) fn decompress(
    input: &[u8],
    limit: usize,
    output: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    match parse(header, input, 0) {
        Ok((_, chunks)) => framed(chunks, limit, output),
        Err(_) => {
            let len = checked_len(input, 0)?;
            if len > limit {
                return Err(over_budget(limit));
            }
            output.resize(len, 0);
            raw(input, output, 0)
        }
    }
}

fn framed(chunks: &[u8], limit: usize, output: &mut Vec<u8>) -> Result<(), DecodeError> {
    // All lengths are looked at before any room is made.
    let mut total = 0_usize;
    for chunk in Chunks::new(chunks) {
        let (block, at) = chunk?;
        total = total.saturating_add(checked_len(block, at)?);
        if total > limit {
            return Err(over_budget(limit));
        }
    }
    output.resize(total, 0);
    let mut room = output.as_mut_slice();
    for chunk in Chunks::new(chunks) {
        let (block, at) = chunk?;
        let Some((now, later)) =
            core::mem::take(&mut room).split_at_mut_checked(checked_len(block, at)?)
        else {
            return Err(over_budget(limit));
        };
        raw(block, now, at)?;
        room = later;
    }
    Ok(())
}

/// Iterator over the framed blocks and where they start.
struct Chunks<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Chunks<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest, at: HEADER_LEN }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<(&'a [u8], usize), DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match parse(chunk, self.rest, self.at) {
            Ok((block, rest)) => {
                self.at = self.at.saturating_add(self.rest.len().wrapping_sub(rest.len()));
                self.rest = rest;
                Some(Ok((block, self.at.saturating_sub(block.len()))))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

/// The header, whatever its versions say.
fn header(input: &[u8]) -> Parsed<'_, ()> {
    value((), (tag(MAGIC.as_slice()), be_u32, be_u32)).parse(input)
}

/// A block with its length in front. Streams may be joined, so that there may be a header first; no length begins as
/// one does, for it would be negative.
fn chunk(input: &[u8]) -> Parsed<'_, &[u8]> {
    let (input, _) = opt(header).parse(input)?;
    let (rest, len) = be_i32(input)?;
    match usize::try_from(len) {
        Ok(len) => take(len)(rest),
        Err(_) => fault(DecodeErrorKind::Decompress("negative snappy block length"), input),
    }
}

/// The size that a raw block claims, if the block can honestly be that large.
fn checked_len(block: &[u8], at: usize) -> Result<usize, DecodeError> {
    if block.is_empty() {
        return Err(refused("empty snappy block", at));
    }
    let len = decompress_len(block).map_err(|_| refused("not a snappy block", at))?;
    if len > block.len().saturating_mul(MAX_RATIO) {
        return Err(refused("snappy block claims more than it can hold", at));
    }
    Ok(len)
}

/// Decompresses a raw block into exactly the room that its length asks for.
fn raw(block: &[u8], room: &mut [u8], at: usize) -> Result<(), DecodeError> {
    match Decoder::new().decompress(block, room) {
        Ok(len) if len == room.len() => Ok(()),
        _ => Err(refused("not a snappy block", at)),
    }
}
