//! Zstandard (RFC 8878): by the reference library with the feature `zstd`, else read by a decoder in Rust.
//!
//! The library is C and several times as fast. The Rust decoder is a plain dependency rather than one behind a feature:
//! features only add, so "when `zstd` is off" can't be said with them, and a consumer that can't read a topic because
//! of how it was built is worse than one small dependency that some builds don't use. Writing needs the feature.
//! The Rust decoder passes over a frame's checksum, whose hash would be another dependency: the checksum of the batch
//! covers the same bytes.

#[cfg(feature = "zstd")]
pub(super) use library::{Decoder, Encoder};
#[cfg(not(feature = "zstd"))]
pub(super) use rust::Decoder;

use alloc::vec::Vec;

use super::zstd_frames::{Contents, measure};
use super::{over_budget, refused};
use crate::error::DecodeError;

/// Makes room, or fails if the frames can't be what they say.
fn prepare(input: &[u8], limit: usize, output: &mut Vec<u8>) -> Result<Contents, DecodeError> {
    let contents = measure(input, limit)?;
    output.clear();
    output.reserve_exact(contents.most.min(limit));
    Ok(contents)
}

fn check(contents: &Contents, limit: usize, output: &[u8]) -> Result<(), DecodeError> {
    if output.len() > limit {
        return Err(over_budget(limit));
    }
    if contents.claimed.is_some_and(|claimed| claimed != output.len()) {
        return Err(refused("zstd content size mismatch", 0));
    }
    Ok(())
}

#[cfg(feature = "zstd")]
mod library {
    use alloc::vec::Vec;
    use zstd::zstd_safe::{
        CCtx, CParameter, DCtx, compress_bound, get_error_name, max_c_level, min_c_level,
    };

    use super::{check, over_budget, prepare, refused};
    use crate::error::{DecodeError, EncodeError};

    /// The library's code for an output that is too small, as it returns it.
    const DESTINATION_TOO_SMALL: usize = 70_usize.wrapping_neg();

    pub(in super::super) struct Encoder {
        context: CCtx<'static>,
        /// One call for one slice is faster than a stream, which would copy its input too.
        joined: Vec<u8>,
    }

    impl Encoder {
        pub(in super::super) fn new(level: Option<i32>) -> Result<Self, EncodeError> {
            let mut context =
                CCtx::try_create().ok_or(EncodeError::Compress("no memory for zstd"))?;
            if let Some(level) = level {
                if !(min_c_level()..=max_c_level()).contains(&level) {
                    return Err(EncodeError::Compress("no such zstd level"));
                }
                context
                    .set_parameter(CParameter::CompressionLevel(level))
                    .map_err(|code| EncodeError::Compress(get_error_name(code)))?;
            }
            Ok(Self { context, joined: Vec::new() })
        }

        pub(in super::super) fn compress(
            &mut self,
            pieces: &[&[u8]],
        ) -> Result<Vec<u8>, EncodeError> {
            let input = match *pieces {
                [piece] => piece,
                _ => {
                    self.joined.clear();
                    for piece in pieces {
                        self.joined.extend_from_slice(piece);
                    }
                    &self.joined
                }
            };
            let mut output = Vec::with_capacity(compress_bound(input.len()));
            self.context
                .compress2(&mut output, input)
                .map_err(|code| EncodeError::Compress(get_error_name(code)))?;
            Ok(output)
        }
    }

    #[derive(Default)]
    pub(in super::super) struct Decoder {
        context: Option<DCtx<'static>>,
    }

    impl Decoder {
        pub(in super::super) fn decompress(
            &mut self,
            input: &[u8],
            limit: usize,
            output: &mut Vec<u8>,
        ) -> Result<(), DecodeError> {
            let contents = prepare(input, limit, output)?;
            let context = match &mut self.context {
                Some(context) => context,
                none => {
                    none.insert(DCtx::try_create().ok_or_else(|| refused("no memory for zstd", 0))?)
                }
            };
            // In one call the output is the window, so that a frame can't make the library reserve one.
            match context.decompress(output, input) {
                Ok(_) => check(&contents, limit, output),
                Err(DESTINATION_TOO_SMALL) if contents.most > limit => Err(over_budget(limit)),
                Err(code) => Err(refused(get_error_name(code), 0)),
            }
        }
    }
}

#[cfg(any(test, not(feature = "zstd")))]
pub(super) mod rust {
    use alloc::vec::Vec;
    use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
    use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

    use super::{check, over_budget, prepare, refused};
    use crate::error::DecodeError;

    #[derive(Default)]
    pub(in super::super) struct Decoder;

    impl Decoder {
        pub(in super::super) fn decompress(
            &mut self,
            input: &[u8],
            limit: usize,
            output: &mut Vec<u8>,
        ) -> Result<(), DecodeError> {
            let contents = prepare(input, limit, output)?;
            let mut rest = input;
            while !rest.is_empty() {
                frame(&mut rest, input.len(), limit, output)?;
            }
            check(&contents, limit, output)
        }
    }

    fn frame(
        rest: &mut &[u8],
        input_len: usize,
        limit: usize,
        output: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        let at = input_len.wrapping_sub(rest.len());
        let invalid = || refused("not a valid zstd frame", at);
        // A decoder used before would reserve the window that the frame claims; a new one grows with what it holds.
        let mut decoder = FrameDecoder::new();
        match decoder.init(&mut *rest) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                *rest = rest.get(length as usize..).ok_or_else(invalid)?;
                return Ok(());
            }
            Err(_) => return Err(invalid()),
        }
        while !decoder.is_finished() {
            decoder
                .decode_blocks(&mut *rest, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|_| invalid())?;
            // Up to a window of output stays in the decoder until the end of the frame.
            if output.len().saturating_add(decoder.can_collect()) > limit {
                return Err(over_budget(limit));
            }
            decoder.collect_to_writer(&mut *output).map_err(|_| invalid())?;
        }
        Ok(())
    }
}
