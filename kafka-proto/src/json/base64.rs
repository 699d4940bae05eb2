//! Standard base64 with padding (RFC 4648, section 4), for it is all that Kafka's JSON needs of a crate.

use alloc::{string::String, vec::Vec};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text of some bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for group in bytes.chunks(3) {
        let byte = |at| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let character = ALPHABET.get((bits >> shift & 0b11_1111) as usize);
            text.push(char::from(*character.filter(|_| at <= group.len()).unwrap_or(&b'=')));
        }
    }
    text
}

/// The bytes of a text; `None` unless it is what [`encode`] gives for them.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let (groups, []) = text.as_bytes().as_chunks::<4>() else {
        return None;
    };
    let mut bytes = Vec::with_capacity(groups.len().saturating_mul(3));
    for (at, group) in groups.iter().enumerate() {
        let is_last = at.wrapping_add(1) == groups.len();
        let padding = match group {
            [_, _, b'=', b'='] if is_last => 2,
            [_, _, _, b'='] if is_last => 1,
            _ => 0_u32,
        };
        let digits = group.get(..4_usize.wrapping_sub(padding as usize))?;
        let mut bits = 0_u32;
        for digit in digits {
            bits = bits << 6 | u32::from(value_of(*digit)?);
        }
        // What the padding stands for, and the bits before it that no byte takes, are zero.
        bits <<= padding.wrapping_mul(6);
        let [_, decoded @ ..] = bits.to_be_bytes();
        let (decoded, unused) = decoded.split_at_checked(3_usize.wrapping_sub(padding as usize))?;
        if unused.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(decoded);
    }
    Some(bytes)
}

fn value_of(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit.wrapping_sub(b'A')),
        b'a'..=b'z' => Some(digit.wrapping_sub(b'a').wrapping_add(26)),
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0').wrapping_add(52)),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn every_byte_round_trips() {
        let all: Vec<u8> = (0..=255).collect();
        for start in 0..3 {
            assert_eq!(decode(&encode(&all[start..])).as_deref(), Some(&all[start..]));
        }
        assert!(encode(&all).contains('+') && encode(&all).contains('/'));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v=", "====", "Z===", "Zm-_", "Zg=v",
            "Ä==",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
