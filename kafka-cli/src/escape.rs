//! Escapes in arguments: `\n`, `\t`, `\x1f`.

use std::iter::Peekable;
use std::str::Chars;

/// A text with its escapes replaced by the bytes that they stand for: `\n \r \t \0 \\ \xHH`. A backslash before anything
/// else stays, as in kcat.
pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, chars.peek()) {
            ('\\', Some(escape)) => {
                let escape = *escape;
                match plain(escape) {
                    Some(byte) => {
                        chars.next();
                        bytes.push(byte);
                    }
                    None => bytes.push(hex(&mut chars).unwrap_or(b'\\')),
                }
            }
            _ => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

fn plain(escape: char) -> Option<u8> {
    match escape {
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        '0' => Some(b'\0'),
        '\\' => Some(b'\\'),
        _ => None,
    }
}

/// Takes `xHH` if that is what follows.
fn hex(chars: &mut Peekable<Chars<'_>>) -> Option<u8> {
    let mut ahead = chars.clone();
    let x = ahead.next()?;
    let high = ahead.next()?.to_digit(16)?;
    let low = ahead.next()?.to_digit(16)?;
    if x != 'x' {
        return None;
    }
    *chars = ahead;
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_bytes() {
        let check = |text: &str, bytes: &[u8]| assert_eq!(unescape(text), bytes, "{text}");
        check("", b"");
        check("plain", b"plain");
        check(r"a\tb\n", b"a\tb\n");
        check(r"\x00\xff\x1F", b"\x00\xff\x1f");
        check(r"\\n", br"\n");
        check(r"\0", b"\0");
        check(r"\q\", br"\q\");
        check(r"\xg0\x1", br"\xg0\x1");
        check("é\\té", "é\té".as_bytes());
    }
}
