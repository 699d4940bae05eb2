//! From bytes to JSON.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{base64, default::is_default, name::field_name};
use crate::{
    error::{DecodeError, DecodeErrorKind},
    schema::{FieldSchema, FieldType, StructSchema},
    wire::{Reader, Records, Str, Uuid},
};

/// Walks a schema and the bytes together. Its recursion is as deep as the schema, whatever the bytes are.
///
/// It asks the reader for the same things in the same order as the decoders of the schema macro do, charges included:
/// then the same bytes give the same error.
pub(super) struct Decoder<'a> {
    reader: &'a mut Reader,
    version: i16,
    /// Tagged fields so far that no schema knows.
    unknown_tags: usize,
}

/// Elements that a list has room for before any is read. A count is only a claim.
const FIRST_ROOM: usize = 16;

impl<'a> Decoder<'a> {
    pub(super) fn new(reader: &'a mut Reader) -> Self {
        let version = reader.version();
        Self { reader, version, unknown_tags: 0 }
    }

    /// Reads a struct, tagged fields included.
    pub(super) fn structure(
        &mut self,
        schema: &'static StructSchema,
    ) -> Result<Value, DecodeError> {
        let version = self.version;
        let in_body = schema.fields.iter().filter(|field| field.attrs.in_body(version));
        let mut object = Map::with_capacity(in_body.clone().count());
        for field in in_body {
            let value = self.field(field)?;
            object.insert(field_name(field.name), value);
        }
        if self.reader.has_tags() {
            self.tagged(schema, &mut object)?;
        }
        Ok(Value::Object(object))
    }

    #[cold]
    fn tagged(
        &mut self,
        schema: &'static StructSchema,
        object: &mut Map<String, Value>,
    ) -> Result<(), DecodeError> {
        let mut found = Vec::new();
        let mut tags = self.reader.read_tags()?;
        while let Some(tag) = tags.next(self.reader)? {
            let mut fields = schema.fields.iter().enumerate();
            let Some((at, field)) =
                fields.find(|(_, field)| field.attrs.has_tag(tag, self.version))
            else {
                tags.keep(self.reader)?;
                self.unknown_tags = self.unknown_tags.saturating_add(1);
                continue;
            };
            let unknown_tags = self.unknown_tags;
            let value = self.field(field)?;
            tags.end_known(self.reader)?;
            // A struct with something unknown in it differs from the default, though not in what JSON shows.
            if unknown_tags != self.unknown_tags || !is_default(field, &value, self.version) {
                found.push((at, field, value));
            }
        }
        tags.finish(self.reader)?;
        self.merge(schema, object, found);
        Ok(())
    }

    /// Puts tagged fields where the schema has them, which is where Kafka prints them.
    fn merge(
        &self,
        schema: &StructSchema,
        object: &mut Map<String, Value>,
        mut found: Vec<(usize, &FieldSchema, Value)>,
    ) {
        found.sort_unstable_by_key(|(at, ..)| *at);
        for (already, (at, field, value)) in found.into_iter().enumerate() {
            let before = schema.fields.iter().take(at);
            let before = before.filter(|field| field.attrs.in_body(self.version)).count();
            let index = before.saturating_add(already).min(object.len());
            object.shift_insert(index, field_name(field.name), value);
        }
    }

    fn field(&mut self, field: &'static FieldSchema) -> Result<Value, DecodeError> {
        let (version, attrs) = (self.version, field.attrs);
        let flexible = self.reader.flexible();
        if attrs.lossy {
            self.reader.set_lossy(true);
        }
        if attrs.inflexible {
            self.reader.set_version(version, false);
        }
        let value = self.value(&field.ty, attrs.is_nullable(version));
        if attrs.lossy {
            self.reader.set_lossy(false);
        }
        if attrs.inflexible {
            self.reader.set_version(version, flexible);
        }
        value.map_err(|error| error.in_field(field.name))
    }

    fn value(&mut self, ty: &'static FieldType, nullable: bool) -> Result<Value, DecodeError> {
        let reader = &mut *self.reader;
        let value = match ty {
            FieldType::Bool => boolean(reader.read_array()?),
            FieldType::I8 => Value::from(i8::from_be_bytes(reader.read_array()?)),
            FieldType::I16 => Value::from(i16::from_be_bytes(reader.read_array()?)),
            FieldType::U16 => Value::from(u16::from_be_bytes(reader.read_array()?)),
            FieldType::I32 => Value::from(i32::from_be_bytes(reader.read_array()?)),
            FieldType::U32 => Value::from(u32::from_be_bytes(reader.read_array()?)),
            FieldType::I64 => Value::from(i64::from_be_bytes(reader.read_array()?)),
            FieldType::F64 => float(f64::from_be_bytes(reader.read_array()?)),
            FieldType::Uuid => Value::from(Uuid(reader.read_array()?).to_string()),
            FieldType::Str => match reader.read_str()? {
                Some(text) => Value::from(text.as_str()),
                None => return self.null(nullable),
            },
            FieldType::Bytes | FieldType::Records => match reader.read_bytes()? {
                Some(bytes) => Value::from(base64::encode(&bytes)),
                None => return self.null(nullable),
            },
            FieldType::Array(element) => match reader.read_len()? {
                Some(count) => return self.elements(element, count).map(Value::Array),
                None => return self.null(nullable),
            },
            FieldType::Struct(_) if nullable && i8::from_be_bytes(reader.read_array()?) < 0 => {
                Value::Null
            }
            FieldType::Struct(schema) => return self.structure(schema),
        };
        Ok(value)
    }

    fn null(&self, nullable: bool) -> Result<Value, DecodeError> {
        if nullable {
            Ok(Value::Null)
        } else {
            Err(self.reader.error(DecodeErrorKind::NullNotAllowed))
        }
    }

    fn elements(
        &mut self,
        ty: &'static FieldType,
        count: usize,
    ) -> Result<Vec<Value>, DecodeError> {
        let (min_wire, size) = match ty {
            FieldType::Bool => return self.fixed_size(count, |byte: [u8; 1]| byte, boolean),
            FieldType::I8 => return self.fixed_size(count, i8::from_be_bytes, Value::from),
            FieldType::I16 => return self.fixed_size(count, i16::from_be_bytes, Value::from),
            FieldType::U16 => return self.fixed_size(count, u16::from_be_bytes, Value::from),
            FieldType::I32 => return self.fixed_size(count, i32::from_be_bytes, Value::from),
            FieldType::U32 => return self.fixed_size(count, u32::from_be_bytes, Value::from),
            FieldType::I64 => return self.fixed_size(count, i64::from_be_bytes, Value::from),
            FieldType::F64 => return self.fixed_size(count, f64::from_be_bytes, float),
            FieldType::Uuid => {
                return self.fixed_size(count, Uuid, |id| Value::from(id.to_string()));
            }
            FieldType::Str => (1, size_of::<Str>()),
            FieldType::Bytes => (1, size_of::<Bytes>()),
            FieldType::Records => (1, size_of::<Records>()),
            FieldType::Array(_) => (1, size_of::<Vec<Value>>()),
            FieldType::Struct(schema) => (schema.min_wire, schema.size),
        };
        if count == 0 {
            return Ok(Vec::new());
        }
        // Nothing is allocated for a list of nothing: this only looks whether the bytes left can hold the elements.
        self.reader.reserve::<()>(count, min_wire)?;
        self.reader.charge(count.saturating_mul(size))?;
        let mut elements = Vec::with_capacity(count.min(FIRST_ROOM));
        for index in 0..count {
            match self.value(ty, false) {
                Ok(element) => elements.push(element),
                Err(error) => return Err(error.at_index(index)),
            }
        }
        Ok(elements)
    }

    fn fixed_size<const N: usize, T>(
        &mut self,
        count: usize,
        read: impl Fn([u8; N]) -> T,
        value: impl Fn(T) -> Value,
    ) -> Result<Vec<Value>, DecodeError> {
        Ok(self.reader.read_arrays(count, read)?.into_iter().map(value).collect())
    }
}

fn boolean([byte]: [u8; 1]) -> Value {
    Value::Bool(byte != 0)
}

/// What is no number in JSON is a string, as Jackson has it.
fn float(value: f64) -> Value {
    match serde_json::Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => Value::from("NaN"),
        None if value > 0.0 => Value::from("Infinity"),
        None => Value::from("-Infinity"),
    }
}
