//! Compression of the records section of a batch.
//!
//! Every codec is a feature; one that isn't built is the error `CodecNotBuilt`. What a peer sent is inflated under a
//! budget: never more than `limit` bytes come out, and a size that the input claims is believed only as far as the
//! codec could honestly reach from that many bytes.
//!
//! [`compress`] and [`decompress`] set up a codec for one call. A [`Compressor`] or [`Decompressor`] keeps the codec's
//! tables from call to call, which is worth it for small batches.

mod codec;
pub(crate) mod framing;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "lz4")]
mod lz4_frame;
#[cfg(any(feature = "lz4", feature = "snappy"))]
mod pieces;
#[cfg(feature = "snappy")]
mod snappy;
#[cfg(test)]
pub(crate) mod tests;
mod zstd;
mod zstd_frames;

#[cfg(feature = "snappy")]
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

pub use codec::{Codec, UnknownCodecName};

use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
#[cfg(feature = "lz4")]
use lz4::HeaderChecksum;

const ZSTD_IN_MESSAGE_SET: &str = "zstd in a message set of magic 0 or 1";

/// Compresses the bytes of `input`, one piece after the other, as one stream.
///
/// `level` is on the codec's own scale: gzip 0 to 9, or -1 for its default; zstd as far as its library goes; ignored by
/// snappy and lz4, whose implementations have one level. `None` is the codec's default. [`Codec::None`] joins the
/// pieces.
///
/// # Errors
/// `CodecNotBuilt`, and `Compress` for a level that the codec doesn't have.
pub fn compress<'a>(
    codec: Codec,
    level: Option<i32>,
    input: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, EncodeError> {
    Compressor::new(codec, level)?.compress(input)
}

/// Decompresses `input` to at most `limit` bytes.
///
/// # Errors
/// `BudgetExceeded` if there would be more than `limit` bytes, `Decompress` or `Truncated` for bytes that the codec
/// refuses, `CodecNotBuilt`.
pub fn decompress(codec: Codec, input: &[u8], limit: usize) -> Result<Vec<u8>, DecodeError> {
    let mut output = Vec::new();
    Decompressor::new().decompress_into(codec, input, limit, &mut output)?;
    Ok(fitting(output))
}

/// Decompresses the value of a compressed message of magic 0 or 1, or the records section of a batch of magic 2.
///
/// Differs from [`decompress`] in two things that only message sets know: in magic 0 nobody looks at the checksum of an
/// LZ4 frame's header, which the first clients computed wrongly; and zstd is refused below magic 2.
///
/// # Errors
/// As for [`decompress`], and `Corrupt` for zstd below magic 2.
pub fn decompress_for_magic(
    magic: i8,
    codec: Codec,
    input: &[u8],
    limit: usize,
) -> Result<Vec<u8>, DecodeError> {
    match codec {
        Codec::Zstd if magic < 2 => Err(DecodeErrorKind::Corrupt(ZSTD_IN_MESSAGE_SET).into()),
        #[cfg(feature = "lz4")]
        Codec::Lz4 if magic == 0 => {
            let mut output = Vec::new();
            let checksum = HeaderChecksum::MagicAndDescriptor;
            lz4::decompress(input, checksum, limit, &mut output)?;
            Ok(fitting(output))
        }
        codec => decompress(codec, input, limit),
    }
}

/// A codec at a level, with the tables it works on.
pub struct Compressor(Encoder);

enum Encoder {
    None,
    #[cfg(feature = "gzip")]
    Gzip(gzip::Encoder),
    #[cfg(feature = "snappy")]
    Snappy(Box<snappy::Encoder>),
    #[cfg(feature = "lz4")]
    Lz4(lz4::Encoder),
    #[cfg(feature = "zstd")]
    Zstd(zstd::Encoder),
}

impl Compressor {
    /// Sets a codec up; the arguments are those of [`compress`].
    ///
    /// # Errors
    /// `CodecNotBuilt`, and `Compress` for a level that the codec doesn't have.
    pub fn new(codec: Codec, level: Option<i32>) -> Result<Self, EncodeError> {
        let _ = level;
        Ok(Self(match codec {
            Codec::None => Encoder::None,
            #[cfg(feature = "gzip")]
            Codec::Gzip => Encoder::Gzip(gzip::Encoder::new(level)?),
            #[cfg(feature = "snappy")]
            Codec::Snappy => Encoder::Snappy(Box::new(snappy::Encoder::new())),
            #[cfg(feature = "lz4")]
            Codec::Lz4 => Encoder::Lz4(lz4::Encoder::new(HeaderChecksum::Descriptor)),
            #[cfg(feature = "zstd")]
            Codec::Zstd => Encoder::Zstd(zstd::Encoder::new(level)?),
            #[allow(unreachable_patterns, reason = "with all features on, no codec is left over")]
            codec => return Err(EncodeError::CodecNotBuilt(codec.name())),
        }))
    }

    /// Sets a codec up for records of a format: for message sets of magic 0, whose LZ4 frames have a header checksum
    /// that no other LZ4 reader takes, and of magic 1, which like magic 0 has no zstd; else as [`new`](Self::new).
    ///
    /// # Errors
    /// As for [`new`](Self::new), and `CodecNotInMagic` for zstd below magic 2.
    pub fn for_magic(magic: i8, codec: Codec, level: Option<i32>) -> Result<Self, EncodeError> {
        match codec {
            Codec::Zstd if magic < 2 => {
                Err(EncodeError::CodecNotInMagic { codec: codec.name(), magic })
            }
            #[cfg(feature = "lz4")]
            Codec::Lz4 if magic == 0 => {
                Ok(Self(Encoder::Lz4(lz4::Encoder::new(HeaderChecksum::MagicAndDescriptor))))
            }
            codec => Self::new(codec, level),
        }
    }

    /// Compresses the bytes of `input`, one piece after the other, as one stream.
    ///
    /// # Errors
    /// `Compress` if the codec fails.
    pub fn compress<'a>(
        &mut self,
        input: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Vec<u8>, EncodeError> {
        // The total size comes first, because it decides the size of tables and output.
        let pieces: Vec<&[u8]> = input.into_iter().collect();
        match &mut self.0 {
            Encoder::None => Ok(pieces.concat()),
            #[cfg(feature = "gzip")]
            Encoder::Gzip(encoder) => encoder.compress(&pieces),
            #[cfg(feature = "snappy")]
            Encoder::Snappy(encoder) => encoder.compress(&pieces),
            #[cfg(feature = "lz4")]
            Encoder::Lz4(encoder) => encoder.compress(&pieces),
            #[cfg(feature = "zstd")]
            Encoder::Zstd(encoder) => encoder.compress(&pieces),
        }
    }
}

/// Decompresses streams of any codec, keeping the tables of those that it has met.
#[derive(Default)]
pub struct Decompressor {
    zstd: zstd::Decoder,
}

impl Decompressor {
    /// Sets nothing up yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decompresses `input` to at most `limit` bytes, which replace the contents of `output`.
    ///
    /// An `output` used before, and not cleared, saves filling it with zeros. After an error its contents are
    /// unspecified.
    ///
    /// # Errors
    /// As for [`decompress`].
    pub fn decompress_into(
        &mut self,
        codec: Codec,
        input: &[u8],
        limit: usize,
        output: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        match codec {
            Codec::None if input.len() > limit => Err(over_budget(limit)),
            Codec::None => {
                output.clear();
                output.extend_from_slice(input);
                Ok(())
            }
            #[cfg(feature = "gzip")]
            Codec::Gzip => gzip::decompress(input, limit, output),
            #[cfg(feature = "snappy")]
            Codec::Snappy => snappy::decompress(input, limit, output),
            #[cfg(feature = "lz4")]
            Codec::Lz4 => lz4::decompress(input, HeaderChecksum::Descriptor, limit, output),
            Codec::Zstd => self.zstd.decompress(input, limit, output),
            #[allow(unreachable_patterns, reason = "with all features on, no codec is left over")]
            codec => Err(DecodeErrorKind::CodecNotBuilt(codec.name()).into()),
        }
    }
}

impl fmt::Debug for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compressor").finish_non_exhaustive()
    }
}

impl fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decompressor").finish_non_exhaustive()
    }
}

/// Room was made for the most that the input could hold. Keep to what it did hold, so that whoever counts the output's
/// bytes counts its memory.
fn fitting(mut output: Vec<u8>) -> Vec<u8> {
    if output.capacity() / 2 > output.len() {
        output.shrink_to_fit();
    }
    output
}

/// Bytes of all pieces.
#[cfg(any(feature = "gzip", feature = "lz4", feature = "snappy"))]
fn total(pieces: &[&[u8]]) -> usize {
    pieces.iter().fold(0, |total, piece| total.saturating_add(piece.len()))
}

#[cold]
fn over_budget(limit: usize) -> DecodeError {
    DecodeErrorKind::BudgetExceeded { limit }.into()
}

/// A fault of the compressed stream, at a byte offset in it.
#[cold]
fn refused(why: &'static str, offset: usize) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Decompress(why), offset)
}

/// The stream ends at `offset`, `needed` bytes too early at least.
#[cold]
fn truncated(needed: usize, left: usize, offset: usize) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Truncated { needed, left }, offset)
}
