//! From a line to a record, and headers from arguments.

use kafka_tokio::{Header, Record};

/// How a line becomes a record.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    /// What stands between key and value.
    pub(crate) separator: Option<&'a [u8]>,
    /// Whether empty keys and values are null.
    pub(crate) empty_is_null: bool,
    /// What all records have in common.
    pub(crate) template: Record<'a>,
}

impl<'a> Fields<'a> {
    /// The record of a line. The key is what stands before the first separator; without one there is no key.
    #[inline]
    pub(crate) fn record<'l>(&self, line: &'l [u8]) -> Record<'l>
    where
        'a: 'l,
    {
        let (key, value) = match self.separator.and_then(|separator| split(line, separator)) {
            Some((key, value)) => (Some(key), value),
            None => (None, line),
        };
        let keep = |bytes: &&[u8]| !(self.empty_is_null && bytes.is_empty());
        Record { key: key.filter(keep), value: Some(value).filter(keep), ..self.template }
    }
}

fn split<'l>(line: &'l [u8], separator: &[u8]) -> Option<(&'l [u8], &'l [u8])> {
    let at = match separator {
        [byte] => line.iter().position(|found| found == byte),
        _ => line.windows(separator.len()).position(|found| found == separator),
    };
    let (key, rest) = line.split_at_checked(at?)?;
    Some((key, rest.get(separator.len()..)?))
}

/// A header of every record, as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderArgument {
    name: String,
    value: Option<String>,
}

impl HeaderArgument {
    /// `NAME=VALUE`, or `NAME` for a null value.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        if name.is_empty() {
            return Err("a header needs a name: NAME=VALUE".to_owned());
        }
        Ok(Self { name: name.to_owned(), value })
    }

    pub(crate) fn as_header(&self) -> Header<'_> {
        (self.name.as_bytes(), self.value.as_deref().map(str::as_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_keys_and_values() {
        type Parts<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);
        let check =
            |separator: Option<&[u8]>, empty_is_null: bool, line: &[u8], parts: Parts<'_>| {
                let fields =
                    Fields { separator, empty_is_null, template: Record::new().partition(3) };
                let record = fields.record(line);
                assert_eq!(
                    (record.key, record.value, record.partition),
                    (parts.0, parts.1, Some(3)),
                    "{line:?}"
                );
            };
        check(None, false, b"a:b", (None, Some(b"a:b")));
        check(None, false, b"", (None, Some(b"")));
        check(None, true, b"", (None, None));
        check(Some(b":"), false, b"a:b:c", (Some(b"a"), Some(b"b:c")));
        check(Some(b":"), false, b"ab", (None, Some(b"ab")));
        check(Some(b":"), false, b":", (Some(b""), Some(b"")));
        check(Some(b":"), true, b"a:", (Some(b"a"), None));
        check(Some(b":"), true, b":b", (None, Some(b"b")));
        check(Some(b"=>"), false, b"\xff=>\xfe", (Some(b"\xff"), Some(b"\xfe")));
        check(Some(b"=>"), false, b"=", (None, Some(b"=")));
    }

    #[test]
    fn headers_are_parsed() {
        let check = |text: &str, header: Header<'_>| {
            assert_eq!(
                HeaderArgument::parse(text).as_ref().map(HeaderArgument::as_header),
                Ok(header)
            );
        };
        check("a=b", (b"a", Some(b"b")));
        check("a=b=c", (b"a", Some(b"b=c")));
        check("a=", (b"a", Some(b"")));
        check("a", (b"a", None));
        assert!(HeaderArgument::parse("=b").is_err());
        assert!(HeaderArgument::parse("").is_err());
    }
}
