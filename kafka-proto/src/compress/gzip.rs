//! Gzip (RFC 1952), one member written, any number of them read.

use alloc::vec::Vec;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::{over_budget, refused, total, truncated};
use crate::error::{DecodeError, EncodeError};

/// Logarithm of the largest window, which is what every reader has room for.
const WINDOW_BITS: u8 = 15;
/// Most bytes that one byte of a deflate stream can stand for: 258 for each two bits.
const MAX_RATIO: usize = 1032;

pub(super) struct Encoder(Compress);

impl Encoder {
    pub(super) fn new(level: Option<i32>) -> Result<Self, EncodeError> {
        let level = match level {
            // zlib's own number for its default, and that of Kafka's `compression.gzip.level`.
            None | Some(-1) => Compression::default(),
            Some(level) => match u32::try_from(level) {
                Ok(level @ 0..=9) => Compression::new(level),
                _ => return Err(EncodeError::Compress("gzip levels are -1 to 9")),
            },
        };
        Ok(Self(Compress::new_gzip(level, WINDOW_BITS)))
    }

    pub(super) fn compress(&mut self, pieces: &[&[u8]]) -> Result<Vec<u8>, EncodeError> {
        self.0.reset();
        let mut output = Vec::with_capacity((total(pieces) / 2).saturating_add(256));
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() {
                self.step(&mut rest, &mut output, FlushCompress::None)?;
            }
        }
        while self.step(&mut [].as_slice(), &mut output, FlushCompress::Finish)?
            != Status::StreamEnd
        {}
        Ok(output)
    }

    fn step(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        flush: FlushCompress,
    ) -> Result<Status, EncodeError> {
        if output.len() == output.capacity() {
            output.reserve(1024);
        }
        let before = self.0.total_in();
        let status = self
            .0
            .compress_vec(input, output, flush)
            .map_err(|_| EncodeError::Compress("gzip stream state"))?;
        *input = input.get(self.0.total_in().wrapping_sub(before) as usize..).unwrap_or_default();
        Ok(status)
    }
}

pub(super) fn decompress(
    input: &[u8],
    limit: usize,
    output: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    output.clear();
    // The last four bytes tell the size of the last member. One byte more, or the end would not be noticed in the call
    // that fills the output.
    let told = input.last_chunk().map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let room = told.min(input.len().saturating_mul(MAX_RATIO)).min(limit);
    output.reserve_exact(room.saturating_add(1));
    let mut rest = input;
    loop {
        rest = member(input.len(), rest, limit, output)?;
        match *rest {
            [] => return Ok(()),
            [0x1f, 0x8b, ..] => {}
            _ => {
                return Err(refused(
                    "bytes after the gzip stream",
                    input.len().wrapping_sub(rest.len()),
                ));
            }
        }
    }
}

/// Inflates one member and returns what follows it.
fn member<'a>(
    input_len: usize,
    mut rest: &'a [u8],
    limit: usize,
    output: &mut Vec<u8>,
) -> Result<&'a [u8], DecodeError> {
    let mut inflate = Decompress::new_gzip(WINDOW_BITS);
    loop {
        if output.len() == output.capacity() {
            let more =
                output.len().max(4096).min(limit.saturating_sub(output.len()).saturating_add(1));
            output.reserve_exact(more);
        }
        let (taken, given) = (inflate.total_in(), inflate.total_out());
        let at = input_len.wrapping_sub(rest.len());
        // All of the input is there, which spares the decoder its window when the output is large enough too.
        let status = inflate
            .decompress_vec(rest, output, FlushDecompress::Finish)
            .map_err(|_| refused("not a valid gzip stream", at))?;
        rest = rest.get(inflate.total_in().wrapping_sub(taken) as usize..).unwrap_or_default();
        if output.len() > limit {
            return Err(over_budget(limit));
        }
        if status == Status::StreamEnd {
            return Ok(rest);
        }
        if inflate.total_in() == taken && inflate.total_out() == given {
            return Err(truncated(1, 0, input_len));
        }
    }
}
