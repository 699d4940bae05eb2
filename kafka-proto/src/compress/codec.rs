//! The names and numbers of the codecs.

use core::fmt;
use core::str::FromStr;

/// How the records section of a batch is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i8)]
pub enum Codec {
    /// Not at all.
    #[default]
    None = 0,
    /// Gzip (RFC 1952).
    Gzip = 1,
    /// Snappy, in the blocks of the `xerial` Java library.
    Snappy = 2,
    /// LZ4 frames.
    Lz4 = 3,
    /// Zstandard (RFC 8878), brokers from 2.1 on (KIP-110).
    Zstd = 4,
}

impl Codec {
    /// All codecs, by number.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The codec of a number in a batch's attributes.
    #[must_use]
    pub const fn from_number(number: i8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Gzip),
            2 => Some(Self::Snappy),
            3 => Some(Self::Lz4),
            4 => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Kafka's name for it, as in the `compression.type` setting.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Whether this build can compress with it. Zstandard is read even where it can't be written.
    #[must_use]
    pub const fn is_built(self) -> bool {
        match self {
            Self::None => true,
            Self::Gzip => cfg!(feature = "gzip"),
            Self::Snappy => cfg!(feature = "snappy"),
            Self::Lz4 => cfg!(feature = "lz4"),
            Self::Zstd => cfg!(feature = "zstd"),
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Codec {
    type Err = UnknownCodecName;

    fn from_str(name: &str) -> Result<Self, UnknownCodecName> {
        Self::ALL.into_iter().find(|codec| codec.name() == name).ok_or(UnknownCodecName)
    }
}

/// A name that is none of `none`, `gzip`, `snappy`, `lz4`, `zstd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCodecName;

impl fmt::Display for UnknownCodecName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown compression codec: expected none, gzip, snappy, lz4 or zstd")
    }
}

impl core::error::Error for UnknownCodecName {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_and_numbers_round_trip() {
        for (number, codec) in Codec::ALL.into_iter().enumerate() {
            assert_eq!(Codec::from_number(number as i8), Some(codec));
            assert_eq!(codec as usize, number);
            assert_eq!(codec.to_string().parse(), Ok(codec));
        }
        for number in [-1, 5, 6, 7, i8::MAX] {
            assert_eq!(Codec::from_number(number), None);
        }
        assert_eq!("Gzip".parse::<Codec>(), Err(UnknownCodecName));
    }
}
