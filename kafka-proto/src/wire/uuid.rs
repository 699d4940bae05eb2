//! Topic, member and directory ids.

use core::{cmp::Ordering, fmt, str::FromStr};

/// 128 bits, displayed as Kafka does: URL-safe base64 without padding, 22 characters.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// No id at all: what a field holds that was not set.
    pub const ZERO: Self = Self([0; 16]);

    /// Whether this is [`Uuid::ZERO`].
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

/// A text that is no [`Uuid`] in Kafka's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseUuidError;

impl fmt::Display for ParseUuidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not 22 characters of URL-safe base64")
    }
}

impl core::error::Error for ParseUuidError {}

impl Ord for Uuid {
    /// By their bytes, as one number: ids are keys of many maps.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        u128::from_be_bytes(self.0).cmp(&u128::from_be_bytes(other.0))
    }
}

impl PartialOrd for Uuid {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Uuid {
    type Err = ParseUuidError;

    /// Takes the 22 characters, and the padding of two `=` that some tools add.
    fn from_str(text: &str) -> Result<Self, ParseUuidError> {
        let text = text.strip_suffix("==").unwrap_or(text);
        if text.len() != TEXT_LEN {
            return Err(ParseUuidError);
        }
        // 22 characters are 132 bits: one too many for a u128, so the last four bits are checked apart.
        let mut bits = 0_u128;
        for (i, character) in text.bytes().enumerate() {
            let value =
                ALPHABET.iter().position(|&known| known == character).ok_or(ParseUuidError)?;
            let value = value as u128;
            if i.wrapping_add(1) < TEXT_LEN {
                bits = bits << 6 | value;
            } else if value & 0b1111 == 0 {
                bits = bits << 2 | value >> 4;
            } else {
                return Err(ParseUuidError);
            }
        }
        Ok(Self(bits.to_be_bytes()))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = u128::from_be_bytes(self.0);
        let mut text = [0_u8; TEXT_LEN];
        for (i, character) in text.iter_mut().enumerate() {
            // Characters take bits 122, 116, ..., 2 and up; the last one has two bits left and four zeros.
            let from = 122_u32.saturating_sub((i as u32).saturating_mul(6));
            let value =
                if i.wrapping_add(1) < TEXT_LEN { bits.wrapping_shr(from) } else { bits << 4 };
            *character = ALPHABET.get((value & 0b11_1111) as usize).copied().unwrap_or_default();
        }
        f.pad(core::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const TEXT_LEN: usize = 22;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn check(bytes: [u8; 16], text: &str) {
        assert_eq!(Uuid(bytes).to_string(), text);
        assert_eq!(text.parse(), Ok(Uuid(bytes)));
    }

    #[test]
    fn known_texts() {
        check([0; 16], "AAAAAAAAAAAAAAAAAAAAAA");
        check([0xff; 16], "_____________________w");
        check(1_u128.to_be_bytes(), "AAAAAAAAAAAAAAAAAAAAAQ");
        check(
            0xfb_f0_00_00_00_00_00_00_00_00_00_00_00_00_00_10_u128.to_be_bytes(),
            "-_AAAAAAAAAAAAAAAAAAEA",
        );
    }

    #[test]
    fn every_bit_round_trips() {
        for bit in 0..128 {
            let id = Uuid((1_u128 << bit).to_be_bytes());
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "AAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAB",
            "AAAAAAAAAAAAAAAAAAAAA+",
            "ÄÄÄÄÄÄÄÄÄÄÄ",
        ] {
            assert_eq!(text.parse::<Uuid>(), Err(ParseUuidError), "{text}");
        }
    }
}
