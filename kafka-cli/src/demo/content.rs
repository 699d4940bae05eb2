//! Values that say what they are, so that each can be checked on its own.

/// Size of a value in bytes.
pub(crate) const VALUE: usize = 100;

/// Size of its number in text, in bytes.
const NUMBER: usize = 20;

/// Writes the value of a number: the number in twenty digits, and letters that follow from it.
pub(crate) fn fill(number: u64, value: &mut [u8; VALUE]) {
    let mut left = number;
    let (digits, letters) = value.split_at_mut(NUMBER);
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + low(left % 10);
        left /= 10;
    }
    let mut state = number.wrapping_add(1);
    for piece in letters.chunks_mut(8) {
        // The step of splitmix64: neighbours have nothing in common.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        for letter in piece {
            *letter = b'a' + low((mixed & 0xff) % 26);
            mixed >>= 8;
        }
    }
}

/// The number of a value, if it is one that [`fill`] wrote, to the last byte.
pub(crate) fn read(value: &[u8]) -> Option<u64> {
    let digits = value.get(..NUMBER)?;
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let mut expected = [0; VALUE];
    fill(number, &mut expected);
    (value == expected).then_some(number)
}

/// A number that is known to fit.
fn low(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_was_written() {
        for number in [0, 1, 9, 10, 999_999, u64::MAX] {
            let mut value = [0; VALUE];
            fill(number, &mut value);
            assert!(value.iter().all(u8::is_ascii_alphanumeric));
            assert_eq!(read(&value), Some(number));
            for at in 0..VALUE {
                let mut broken = value;
                broken[at] ^= 1;
                assert_eq!(read(&broken), None, "{number} {at}");
            }
        }
        assert_eq!(read(b""), None);
        assert_eq!(read(&[b'0'; VALUE + 1]), None);
    }
}
