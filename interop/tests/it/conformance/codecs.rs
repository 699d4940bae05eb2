//! Our two codecs, called by a message's name.

use bytes::Bytes;
use kafka_proto::json::field_name;
use kafka_proto::messages::{self, SCHEMAS};
use kafka_proto::schema::{FieldType, MessageSchema, MessageVisitor, StructSchema};
use kafka_proto::{Message, Reader, Writer, json};
use serde_json::Value;
use std::collections::HashMap;

use super::table;

type Again = fn(i16, Bytes) -> Result<Bytes, String>;

/// Every message's own decoder and encoder.
pub(super) struct Codecs {
    again: HashMap<&'static str, Again>,
}

/// A body as JSON, with its record bytes apart, because Kafka prints them as an empty text.
pub(super) struct Printed {
    pub(super) json: Value,
    pub(super) without_records: Value,
    /// In base64, in the order of the fields.
    pub(super) records: Vec<Value>,
}

impl Codecs {
    pub(super) fn new() -> Self {
        let mut codecs = Self { again: HashMap::new() };
        messages::visit_all(&mut codecs);
        codecs
    }

    /// Decodes and encodes a body with the message's own code.
    pub(super) fn again(
        &self,
        schema: &MessageSchema,
        version: i16,
        body: Bytes,
    ) -> Result<Bytes, String> {
        self.again[schema.name](version, body)
    }
}

impl MessageVisitor for Codecs {
    fn message<M: Message>(&mut self) {
        self.again.insert(M::NAME, again::<M>);
    }
}

fn again<M: Message>(version: i16, body: Bytes) -> Result<Bytes, String> {
    let mut reader = Reader::new(body, version, false);
    let message = M::decode(&mut reader).map_err(|error| error.to_string())?;
    if reader.remaining() > 0 {
        return Err(format!("{} bytes left", reader.remaining()));
    }
    let mut writer = Writer::new(version, false);
    message.encode(&mut writer).map_err(|error| error.to_string())?;
    Ok(writer.finish().map_err(|error| error.to_string())?.chunks.to_bytes())
}

/// Our schema of a message of a release: by its key and kind, because names of messages have changed, or else by its name.
pub(super) fn schema(name: &str, kind: &str, key: Option<i16>) -> Option<&'static MessageSchema> {
    SCHEMAS.iter().copied().find(|schema| match key {
        Some(key) => schema.key.map(i16::from) == Some(key) && table::kind(schema.kind) == kind,
        None => schema.name == name,
    })
}

/// A body in JSON, by the interpreter over the table.
pub(super) fn print(
    schema: &'static MessageSchema,
    version: i16,
    body: Bytes,
) -> Result<Printed, String> {
    let json = json::decode(schema, version, body).map_err(|error| error.to_string())?;
    let (mut without_records, mut records) = (json.clone(), Vec::new());
    take_records(schema.body, &mut without_records, &mut records);
    Ok(Printed { json, without_records, records })
}

fn take_records(schema: &StructSchema, value: &mut Value, records: &mut Vec<Value>) {
    for field in schema.fields {
        if let Some(value) = value.get_mut(field_name(field.name)) {
            take_records_of(field.ty, value, records);
        }
    }
}

fn take_records_of(ty: FieldType, value: &mut Value, records: &mut Vec<Value>) {
    match (ty, value) {
        (FieldType::Records, value) if !value.is_null() => {
            records.push(std::mem::replace(value, Value::from("")));
        }
        (FieldType::Struct(schema), value) => take_records(schema, value, records),
        (FieldType::Array(element), Value::Array(values)) => {
            for value in values {
                take_records_of(*element, value, records);
            }
        }
        _ => {}
    }
}
