//! From JSON to bytes.

use alloc::string::String;

use serde_json::{Map, Value};

use super::{
    base64,
    default::is_default,
    error::{JsonError, JsonErrorKind},
    name::camel_case,
};
use crate::{
    error::EncodeError,
    schema::{FieldSchema, FieldType, StructSchema},
    wire::{Uuid, Writer},
};

/// Writes a struct, tagged fields included. Its recursion is as deep as the schema, whatever the value is.
pub(super) fn structure(
    writer: &mut Writer,
    schema: &StructSchema,
    value: &Value,
) -> Result<(), JsonError> {
    let Value::Object(object) = value else {
        return Err(JsonError::wrong_type("an object", value));
    };
    let object = Object { values: object, name: String::new(), version: writer.version() };
    object.write(writer, schema)
}

/// An object of JSON under the names of a schema.
struct Object<'v> {
    values: &'v Map<String, Value>,
    /// The name that was looked up last; kept for its memory.
    name: String,
    version: i16,
}

impl<'v> Object<'v> {
    fn write(mut self, writer: &mut Writer, schema: &StructSchema) -> Result<(), JsonError> {
        for field in schema.fields {
            let written = match self.get(field) {
                Some(value) if field.attrs.in_body(self.version) => {
                    write_field(writer, field, value)
                }
                None if field.attrs.in_body(self.version) => Err(JsonErrorKind::Missing.into()),
                Some(value) if lost(field, value, self.version) => {
                    Err(JsonErrorKind::NotInVersion.into())
                }
                _ => Ok(()),
            };
            written.map_err(|error| error.in_field(field.name))?;
        }
        self.write_tagged(writer, schema)
    }

    fn write_tagged(
        &mut self,
        writer: &mut Writer,
        schema: &StructSchema,
    ) -> Result<(), JsonError> {
        let version = self.version;
        let fields = schema.fields.iter();
        let fields = fields.filter_map(|field| Some((field, field.attrs.tag_in(version)?)));
        let mut count = 0_u32;
        for (field, _) in fields.clone() {
            count = count.saturating_add(u32::from(self.get_set(field).is_some()));
        }
        if !writer.start_tags(count, &[], schema.name) {
            return Ok(());
        }
        for (field, tag) in fields {
            let Some(value) = self.get_set(field) else { continue };
            let mut written = Ok(());
            writer.write_tag(tag, |writer| written = write_field(writer, field, value));
            written.map_err(|error| error.in_field(field.name))?;
        }
        Ok(())
    }

    fn get(&mut self, field: &FieldSchema) -> Option<&'v Value> {
        camel_case(field.name, &mut self.name);
        self.values.get(&self.name)
    }

    /// The value of a field that holds something else than its default.
    fn get_set(&mut self, field: &FieldSchema) -> Option<&'v Value> {
        self.get(field).filter(|value| !is_default(field, value, self.version))
    }
}

fn write_field(writer: &mut Writer, field: &FieldSchema, value: &Value) -> Result<(), JsonError> {
    let (version, flexible) = (writer.version(), writer.flexible());
    if field.attrs.inflexible {
        writer.set_version(version, false);
    }
    let nullable = field.attrs.is_nullable(version);
    let written = if value.is_null() {
        write_null(writer, &field.ty, nullable)
    } else {
        if nullable && matches!(field.ty, FieldType::Struct(_)) {
            writer.write_array(1_i8.to_be_bytes());
        }
        write_value(writer, &field.ty, value)
    };
    writer.set_version(version, flexible);
    written
}

fn write_null(writer: &mut Writer, ty: &FieldType, nullable: bool) -> Result<(), JsonError> {
    match ty {
        _ if !nullable => return Err(JsonErrorKind::NullNotAllowed.into()),
        FieldType::Str => writer.write_str(None),
        FieldType::Struct(_) => writer.write_array((-1_i8).to_be_bytes()),
        _ => writer.write_len(None, "array"),
    }
    Ok(())
}

fn write_value(writer: &mut Writer, ty: &FieldType, value: &Value) -> Result<(), JsonError> {
    match ty {
        FieldType::Bool => {
            let flag = value.as_bool().ok_or_else(|| JsonError::wrong_type("bool", value))?;
            writer.write_array([u8::from(flag)]);
        }
        FieldType::I8 => writer.write_array(integer::<i8>(value, "int8")?.to_be_bytes()),
        FieldType::I16 => writer.write_array(integer::<i16>(value, "int16")?.to_be_bytes()),
        FieldType::U16 => writer.write_array(integer::<u16>(value, "uint16")?.to_be_bytes()),
        FieldType::I32 => writer.write_array(integer::<i32>(value, "int32")?.to_be_bytes()),
        FieldType::U32 => writer.write_array(integer::<u32>(value, "uint32")?.to_be_bytes()),
        FieldType::I64 => writer.write_array(integer::<i64>(value, "int64")?.to_be_bytes()),
        FieldType::F64 => writer.write_array(float(value)?.to_be_bytes()),
        FieldType::Uuid => {
            let id: Result<Uuid, _> = text(value, "uuid")?.parse();
            writer.write_array(id.map_err(|_| JsonErrorKind::InvalidUuid)?.0);
        }
        FieldType::Str => writer.write_str(Some(text(value, "string")?)),
        FieldType::Bytes | FieldType::Records => {
            let bytes = base64::decode(text(value, "base64")?);
            writer.write_bytes(Some(&bytes.ok_or(JsonErrorKind::InvalidBase64)?));
        }
        FieldType::Array(element) => return write_elements(writer, element, value),
        FieldType::Struct(schema) => return structure(writer, schema, value),
    }
    writer.check().map_err(unwritable)
}

fn write_elements(writer: &mut Writer, ty: &FieldType, value: &Value) -> Result<(), JsonError> {
    let Value::Array(elements) = value else {
        return Err(JsonError::wrong_type("an array", value));
    };
    writer.write_len(Some(elements.len()), "array");
    writer.check().map_err(unwritable)?;
    for (index, element) in elements.iter().enumerate() {
        let written = match element {
            Value::Null => Err(JsonErrorKind::NullNotAllowed.into()),
            element => write_value(writer, ty, element),
        };
        written.map_err(|error| error.at_index(index))?;
    }
    Ok(())
}

/// Whether leaving the value out of this version, which has no such field, would change what is said.
fn lost(field: &FieldSchema, value: &Value, version: i16) -> bool {
    !field.attrs.ignorable && !field.attrs.is_present(version) && !is_default(field, value, version)
}

fn integer<T: TryFrom<i64>>(value: &Value, ty: &'static str) -> Result<T, JsonError> {
    match value {
        Value::Number(number) if !number.is_f64() => {
            let fitting = number.as_i64().and_then(|integer| T::try_from(integer).ok());
            fitting.ok_or_else(|| JsonErrorKind::OutOfRange { number: number.clone(), ty }.into())
        }
        _ => Err(JsonError::wrong_type(ty, value)),
    }
}

fn float(value: &Value) -> Result<f64, JsonError> {
    match value.as_str() {
        Some("NaN") => Ok(f64::NAN),
        Some("Infinity") => Ok(f64::INFINITY),
        Some("-Infinity") => Ok(f64::NEG_INFINITY),
        _ => value.as_f64().ok_or_else(|| JsonError::wrong_type("float64", value)),
    }
}

fn text<'v>(value: &'v Value, expected: &'static str) -> Result<&'v str, JsonError> {
    value.as_str().ok_or_else(|| JsonError::wrong_type(expected, value))
}

/// What the writer refuses is a length; it is told of nothing else.
#[cold]
pub(super) fn unwritable(error: EncodeError) -> JsonError {
    match error {
        EncodeError::TooLong { what, len, max } => JsonErrorKind::TooLong { what, len, max }.into(),
        _ => JsonErrorKind::NotInVersion.into(),
    }
}
