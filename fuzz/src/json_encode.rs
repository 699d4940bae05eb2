//! JSON text from anybody: what can be encoded can be decoded, and says the same.

use bytes::Bytes;
use kafka_proto::{Reader, json};
use serde_json::Value;

use crate::input::Input;
use crate::messages::{select, selected};
use crate::pack::Packed;

/// The most changes to one value; one may add 64 KiB to it.
const EDITS: usize = 16;

/// The first two bytes name a message and a version; the rest is the text of its JSON, and after a zero what is to be
/// changed in it: which value, to what.
pub fn json_encode(data: &[u8]) {
    let Some((codec, version, text)) = select(data) else {
        return;
    };
    let (text, edits) = match text.iter().position(|byte| *byte == 0) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &[][..]),
    };
    let Ok(mut value) = serde_json::from_slice(text) else {
        return;
    };
    let mut edits = Input::new(edits);
    for _ in 0..EDITS {
        if !edits.is_empty() {
            edit(&mut value, &mut edits);
        }
    }
    let schema = codec.schema;
    let body = match json::encode(schema, version, &value) {
        Ok(body) => body,
        Err(error) => {
            assert_eq!((error.message(), error.version()), (schema.name, version));
            return assert!(!error.to_string().is_empty());
        }
    };
    let Ok(decoded) = json::decode(schema, version, body.clone()) else {
        // Many lean elements in little text may be more than a decoder takes; no decoder takes them then.
        let refused = (codec.again)(&mut Reader::new(body.clone(), version, false));
        return assert!(refused.is_err(), "{} v{version}: {body:02x?}", schema.name);
    };
    // Not the value it came from: fields that no version knows, and another way of writing an id, are gone.
    assert_eq!(json::encode(schema, version, &decoded).as_ref(), Ok(&body));
    let mut reader = Reader::new(body.clone(), version, false);
    assert_eq!((codec.again)(&mut reader), Ok(Some(body)));
    assert_eq!(reader.remaining(), 0);
}

/// Changes one value somewhere in a tree: a random walk to it, and what it becomes.
fn edit(value: &mut Value, edits: &mut Input<'_>) {
    let children = match &*value {
        Value::Array(elements) => elements.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    let here = usize::from(edits.byte());
    match value {
        Value::Array(elements) if here < 16 && children > 0 => {
            let at = here % children;
            match edits.flag() {
                true => drop(elements.remove(at)),
                false => elements.push(elements[at].clone()),
            }
        }
        Value::Object(fields) if here < 16 && children > 0 => {
            let name = fields.keys().nth(here % children).cloned();
            name.and_then(|name| fields.remove(&name));
        }
        Value::Array(elements) if children > 0 => edit(&mut elements[here % children], edits),
        Value::Object(fields) if children > 0 => {
            if let Some(field) = fields.values_mut().nth(here % children) {
                edit(field, edits);
            }
        }
        other => *other = replacement(edits),
    }
}

/// Values of every type, and numbers at the ends of types.
fn replacement(edits: &mut Input<'_>) -> Value {
    match edits.byte() % 16 {
        0 => Value::Null,
        1 => edits.flag().into(),
        2 => edits.i64().into(),
        3 => (edits.i64() as u64).into(),
        4 => (1_i64 << (edits.byte() % 63)).into(),
        5 => ((1_i64 << (edits.byte() % 63)) - 1).into(),
        6 => (-(1_i64 << (edits.byte() % 63))).into(),
        7 => u64::MAX.into(),
        8 => f64::from_bits(edits.i64() as u64).into(),
        9 => "x".repeat(usize::from(edits.u16())).into(),
        10 => {
            edits.pick(&["NaN", "-Infinity", "AAAA", "AAA=", "AAAAAAAAAAAAAAAAAAAAAA", "é"]).into()
        }
        11 => "".into(),
        12 => Value::Array(vec![]),
        13 => Value::Object(Default::default()),
        14 => Value::Array(vec![edits.byte().into(); usize::from(edits.byte())]),
        _ => String::from_utf8_lossy(edits.take(24)).into(),
    }
}

/// The JSON of a body in the pack, and two changes that the body itself names.
pub(crate) fn input(packed: &Packed) -> Option<Vec<u8>> {
    let body = Bytes::copy_from_slice(&packed.body);
    let value = json::decode(packed.schema, packed.version, body).ok()?;
    let mut text = value.to_string().into_bytes();
    if packed.size != "typical" {
        let noise = packed
            .body
            .iter()
            .fold(17_u64, |noise, byte| noise.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte));
        text.push(0);
        text.extend(noise.to_be_bytes());
    }
    Some(selected(packed.schema, packed.version, &text))
}
