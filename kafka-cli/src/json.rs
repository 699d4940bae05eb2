//! Records as JSON, one object a line.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kafka_tokio::ConsumedRecord;

/// Appends a record as an object, without a newline:
///
/// `{"topic":"t","partition":0,"offset":5,"timestamp":1700000000000,"key":null,"value":"text",
/// "headers":[{"name":"trace","value":"1"}]}`
///
/// What is not UTF-8 comes in base64, under `key_base64`, `value_base64`, `name_base64`. Null stays null, and so is the
/// timestamp of a record that has none.
pub(crate) fn write(record: &ConsumedRecord<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"topic\":");
    write_string(record.topic, out);
    // Nothing can go wrong when a Vec is written to.
    let _ = write!(out, ",\"partition\":{},\"offset\":{}", record.partition, record.offset);
    let _ = match record.timestamp {
        -1 => write!(out, ",\"timestamp\":null"),
        timestamp => write!(out, ",\"timestamp\":{timestamp}"),
    };
    out.push(b',');
    write_content(record.key, record.value, record.headers(), out);
    out.push(b'}');
}

/// Appends the fields `key`, `value` and `headers` of an object.
pub(crate) fn write_content<'a>(
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    out: &mut Vec<u8>,
) {
    write_bytes("key", key, out);
    out.push(b',');
    write_bytes("value", value, out);
    out.extend_from_slice(b",\"headers\":[");
    for (i, (name, value)) in headers.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.push(b'{');
        write_bytes("name", Some(name), out);
        out.push(b',');
        write_bytes("value", value, out);
        out.push(b'}');
    }
    out.push(b']');
}

fn write_bytes(field: &str, bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    let Some(bytes) = bytes else {
        let _ = write!(out, "\"{field}\":null");
        return;
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let _ = write!(out, "\"{field}\":");
            write_string(text, out);
        }
        Err(_) => {
            let _ = write!(out, "\"{field}_base64\":\"{}\"", STANDARD.encode(bytes));
        }
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    // A string is always JSON, and a Vec takes everything.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_or_base64_or_null() {
        let check = |bytes: Option<&[u8]>, expected: &str| {
            let mut out = Vec::new();
            write_bytes("value", bytes, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected);
        };
        check(None, r#""value":null"#);
        check(Some(b""), r#""value":"""#);
        check(Some(b"say \"hi\"\n\x01"), r#""value":"say \"hi\"\n\u0001""#);
        check(Some("é".as_bytes()), r#""value":"é""#);
        check(Some(b"\xff\xfe"), r#""value_base64":"//4=""#);
    }
}
