//! The corpus of messages: one file with a minimal, a typical and a maximal body of each message in each version, and the
//! inputs that targets make of it.
//!
//! A file a body would be thousands of files. `corpus/messages.jsonl` has a line each instead, such as
//! `{"api_key":18,"version":3,"kind":"request","size":"minimal","hex":"010100"}`; headers and data messages, which have no
//! API, have `"name"` instead of key and kind.

use std::path::{Path, PathBuf};

use kafka_proto::ApiKey;
use kafka_proto::messages::{api_schema, schema};
use kafka_proto::schema::{MessageKind, MessageSchema};
use serde_json::Value;

use crate::json_encode;
use crate::messages::selected;

/// A body in the pack.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Which message it is of.
    pub schema: &'static MessageSchema,
    /// In which version.
    pub version: i16,
    /// `minimal`, `typical` or `maximal`.
    pub size: String,
    /// The bytes, without a header.
    pub body: Vec<u8>,
}

impl Packed {
    /// The line that stands for it.
    #[must_use]
    pub fn to_line(&self) -> String {
        let of = match (self.schema.key, self.schema.kind) {
            (Some(key), kind) => {
                let kind = if kind == MessageKind::Request { "request" } else { "response" };
                format!(r#""api_key":{},"version":{},"kind":"{kind}""#, key.to_i16(), self.version)
            }
            (None, _) => format!(r#""name":"{}","version":{}"#, self.schema.name, self.version),
        };
        let hex: String = self.body.iter().map(|byte| format!("{byte:02x}")).collect();
        format!(r#"{{{of},"size":"{}","hex":"{hex}"}}"#, self.size)
    }

    /// What a line stands for.
    fn from_line(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let schema = match line["name"].as_str() {
            Some(name) => schema(name)?,
            None => {
                let key = ApiKey::from_i16(i16::try_from(line["api_key"].as_i64()?).ok()?)?;
                let asks = line["kind"] == "request";
                api_schema(key, if asks { MessageKind::Request } else { MessageKind::Response })?
            }
        };
        let digit = |digit: &u8| char::from(*digit).to_digit(16).map(|digit| digit as u8);
        let digits: Option<Vec<u8>> = line["hex"].as_str()?.as_bytes().iter().map(digit).collect();
        Some(Self {
            schema,
            version: i16::try_from(line["version"].as_i64()?).ok()?,
            size: line["size"].as_str()?.to_string(),
            body: digits?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect(),
        })
    }

    /// A name that no other line of the pack has.
    fn name(&self) -> String {
        format!("{}-v{:02}-{}", self.schema.name, self.version, self.size)
    }

    /// The body of a request as a frame, without its length prefix.
    fn frame(&self) -> Option<Vec<u8>> {
        let api = self.schema.key.filter(|_| self.schema.kind == MessageKind::Request)?;
        let mut frame = [api.to_i16().to_be_bytes(), self.version.to_be_bytes()].concat();
        frame.extend([0, 0, 0, 5]);
        let header_version = api.request_header_version(self.version);
        if header_version >= 1 {
            frame.extend([0, 4, b'f', b'u', b'z', b'z']);
        }
        if header_version >= 2 {
            frame.push(0);
        }
        frame.extend(&self.body);
        Some(frame)
    }
}

/// Where the corpora are.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Where the pack is.
#[must_use]
pub fn path() -> PathBuf {
    folder().join("messages.jsonl")
}

/// Every body of the pack.
///
/// # Panics
/// If the file is not there, or a line makes no sense.
#[must_use]
pub fn read() -> Vec<Packed> {
    let text = std::fs::read_to_string(path()).expect("the pack");
    text.lines().map(|line| Packed::from_line(line).expect(line)).collect()
}

/// The inputs that a target has from the pack, with names: none for most targets.
#[must_use]
pub fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let input: fn(&Packed) -> Option<Vec<u8>> = match target {
        "request" => Packed::frame,
        "response" => |packed| {
            let asks = packed.schema.kind == MessageKind::Request;
            (!asks).then(|| selected(packed.schema, packed.version, &packed.body))
        },
        "json_encode" => json_encode::input,
        "static_dynamic" => |packed| Some(selected(packed.schema, packed.version, &packed.body)),
        _ => return Vec::new(),
    };
    let named = |packed: &Packed| Some((packed.name(), input(packed)?));
    read().iter().filter_map(named).collect()
}
