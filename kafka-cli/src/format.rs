//! `-f FORMAT`: kcat's tokens.

use std::io::Write;

use kafka_tokio::ConsumedRecord;

use crate::escape::unescape;

/// How a record is printed: bytes and tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Topic,
    Partition,
    Offset,
    Timestamp,
    Key,
    KeyLength,
    Value,
    ValueLength,
    Headers,
}

impl Format {
    /// The value and a newline.
    pub(crate) fn value() -> Self {
        Self { parts: vec![Part::Value, Part::Text(b"\n".to_vec())] }
    }

    /// Reads a format: `%` and a letter is a token, `%%` is a `%`, and escapes stand for bytes.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((plain, after)) = rest.split_once('%') {
            push_text(&mut parts, plain);
            let mut chars = after.chars();
            match chars.next() {
                Some('%') => parts.push(Part::Text(b"%".to_vec())),
                Some(token) => parts.push(part(token)?),
                None => return Err("a % at the end stands for nothing; %% prints one".to_owned()),
            }
            rest = chars.as_str();
        }
        push_text(&mut parts, rest);
        Ok(Self { parts })
    }

    /// Appends the record as the format has it. Null is printed as nothing, its length as -1.
    pub(crate) fn write(&self, record: &ConsumedRecord<'_>, out: &mut Vec<u8>) {
        for part in &self.parts {
            // Nothing can go wrong when a Vec is written to.
            let _ = match part {
                Part::Text(text) => out.write_all(text),
                Part::Topic => out.write_all(record.topic.as_bytes()),
                Part::Partition => write!(out, "{}", record.partition),
                Part::Offset => write!(out, "{}", record.offset),
                Part::Timestamp => write!(out, "{}", record.timestamp),
                Part::Key => out.write_all(record.key.unwrap_or_default()),
                Part::KeyLength => write!(out, "{}", length(record.key)),
                Part::Value => out.write_all(record.value.unwrap_or_default()),
                Part::ValueLength => write!(out, "{}", length(record.value)),
                Part::Headers => write_headers(record.headers(), out),
            };
        }
    }
}

fn part(token: char) -> Result<Part, String> {
    Ok(match token {
        't' => Part::Topic,
        'p' => Part::Partition,
        'o' => Part::Offset,
        'T' => Part::Timestamp,
        'k' => Part::Key,
        'K' => Part::KeyLength,
        's' => Part::Value,
        'S' => Part::ValueLength,
        'h' => Part::Headers,
        _ => {
            return Err(format!(
                "there is no token %{token}: use %t %p %o %k %s %h %T %K %S, or %% for a %"
            ));
        }
    })
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(unescape(text)));
    }
}

fn length(bytes: Option<&[u8]>) -> i64 {
    bytes.map_or(-1, |bytes| i64::try_from(bytes.len()).unwrap_or(i64::MAX))
}

/// `name=value,name=value`; a null value is `NULL`.
fn write_headers<'a>(
    headers: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    out: &mut Vec<u8>,
) -> std::io::Result<()> {
    for (i, (name, value)) in headers.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value.unwrap_or(b"NULL"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Part {
        Part::Text(bytes.to_vec())
    }

    #[test]
    fn formats_are_parsed() {
        let check = |format: &str, parts: &[Part]| {
            assert_eq!(
                Format::parse(format).map(|format| format.parts).as_deref(),
                Ok(parts),
                "{format}"
            );
        };
        check("", &[]);
        check(r"%s\n", &[Part::Value, text(b"\n")]);
        check("%t/%p@%o", &[Part::Topic, text(b"/"), Part::Partition, text(b"@"), Part::Offset]);
        check(
            "%k%K%S%h%T",
            &[Part::Key, Part::KeyLength, Part::ValueLength, Part::Headers, Part::Timestamp],
        );
        check("100%%\\x00", &[text(b"100"), text(b"%"), text(b"\0")]);
        check("%%s", &[text(b"%"), text(b"s")]);
    }

    #[test]
    fn bad_formats_are_refused() {
        for format in ["%", "%s%", "%y", "%é", "% s"] {
            assert!(Format::parse(format).is_err(), "{format}");
        }
    }

    #[test]
    fn headers_are_pairs_behind_commas() {
        let check = |headers: &[(&[u8], Option<&[u8]>)], expected: &[u8]| {
            let mut out = Vec::new();
            write_headers(headers.iter().copied(), &mut out).expect("a Vec takes everything");
            assert_eq!(out, expected);
        };
        check(&[], b"");
        check(&[(b"a", Some(b"1"))], b"a=1");
        check(&[(b"a", Some(b"1")), (b"b", None), (b"a", Some(b""))], b"a=1,b=NULL,a=");
    }

    #[test]
    fn null_has_the_length_minus_one() {
        assert_eq!([length(None), length(Some(b"")), length(Some(b"abc"))], [-1, 0, 3]);
    }
}
