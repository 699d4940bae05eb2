//! One message between bytes and JSON, with the header in front of it or without.

use bytes::Bytes;
use kafka_proto::{
    ApiKey, DecodeError, DecodeErrorKind, Reader, json,
    messages::{RequestHeader, ResponseHeader},
    schema::{Message, MessageKind, MessageSchema},
};
use serde_json::{Map, Value, json};

/// How a message is put into bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coding {
    pub(crate) schema: &'static MessageSchema,
    pub(crate) version: i16,
    /// Whether the message's header is in front; only requests and responses have one.
    pub(crate) with_header: bool,
}

impl Coding {
    /// Reads a message: its JSON, or an object of `header` and `body` where it has a header.
    pub(crate) fn decode(self, bytes: Bytes) -> Result<Value, String> {
        let text = |error: DecodeError| error.to_string();
        let Some(header) = self.header() else {
            return json::decode(self.schema, self.version, bytes).map_err(text);
        };
        let mut reader = Reader::new(bytes, header.version, false);
        let mut head = json::decode_with(header.schema, &mut reader).map_err(text)?;
        // Bytes of another message would be nonsense as this one, or even make sense.
        self.agree(&mut head)?;
        reader.set_version(self.version, false);
        let body = json::decode_with(self.schema, &mut reader).map_err(text)?;
        match reader.remaining() {
            0 => Ok(json!({ "header": head, "body": body })),
            left => Err(text(reader.error(DecodeErrorKind::TrailingBytes(left)))),
        }
    }

    /// Writes a message from what [`decode`](Self::decode) gives. A request's header may leave out key and version.
    pub(crate) fn encode(self, value: &Value) -> Result<Bytes, String> {
        let body = |value| {
            json::encode(self.schema, self.version, value).map_err(|error| error.to_string())
        };
        let Some(header) = self.header() else { return body(value) };
        let part = |name: &str| {
            value
                .get(name)
                .ok_or_else(|| format!("{name}: missing, beside the other of header and body"))
        };
        let mut head = part("header")?.clone();
        self.agree(&mut head)?;
        let head = json::encode(header.schema, header.version, &head);
        let head = head.map_err(|error| error.to_string())?;
        Ok([head, body(part("body")?)?].concat().into())
    }

    /// Fills in what a request's header leaves out, and refuses one of another message.
    fn agree(self, header: &mut Value) -> Result<(), String> {
        match (header.as_object_mut(), self.schema.key, self.schema.kind) {
            (Some(header), Some(api), MessageKind::Request) => complete(header, api, self.version),
            _ => Ok(()),
        }
    }

    /// The header's schema and its version, which the message's decides.
    fn header(self) -> Option<Header> {
        let api = self.schema.key.filter(|_| self.with_header)?;
        Some(match self.schema.kind {
            MessageKind::Response => Header {
                schema: ResponseHeader::SCHEMA,
                version: api.response_header_version(self.version),
            },
            _ => Header {
                schema: RequestHeader::SCHEMA,
                version: api.request_header_version(self.version),
            },
        })
    }
}

struct Header {
    schema: &'static MessageSchema,
    version: i16,
}

/// Fills in what is known without being said, and refuses what contradicts it.
fn complete(header: &mut Map<String, Value>, api: ApiKey, version: i16) -> Result<(), String> {
    for (name, known) in [("requestApiKey", api.to_i16()), ("requestApiVersion", version)] {
        match header.get(name) {
            None => {
                header.insert(name.to_owned(), known.into());
            }
            Some(said) if *said == json!(known) => {}
            Some(said) => return Err(format!("header.{name}: {said} is not {known}")),
        }
    }
    Ok(())
}
