//! Whether a JSON value is what a field holds that was not set.

use alloc::string::String;

use serde_json::{Map, Value};

use super::name::camel_case;
use crate::{
    schema::{FieldSchema, FieldType, StructSchema},
    wire::Uuid,
};

/// Whether `value` is the field's default. A value of another type never is, and a struct that lacks a field which
/// `version` demands isn't either, so that encoding gets to refuse them.
pub(super) fn is_default(field: &FieldSchema, value: &Value, version: i16) -> bool {
    if field.default.is_empty() && !field.attrs.nullable_versions().is_empty() {
        return value.is_null();
    }
    match field.ty {
        FieldType::Bool => value.as_bool() == Some(field.default == "true"),
        FieldType::I8
        | FieldType::I16
        | FieldType::U16
        | FieldType::I32
        | FieldType::U32
        | FieldType::I64 => {
            value.as_i64().is_some_and(|value| integer(field.default) == Some(value))
        }
        FieldType::F64 => value.as_f64() == Some(field.default.parse().unwrap_or(0.0)),
        FieldType::Uuid => value.as_str().and_then(|id| id.parse().ok()) == Some(Uuid::ZERO),
        FieldType::Str | FieldType::Bytes | FieldType::Records => value.as_str() == Some(""),
        FieldType::Array(_) => value.as_array().is_some_and(|elements| elements.is_empty()),
        FieldType::Struct(schema) => {
            value.as_object().is_some_and(|object| is_default_struct(schema, object, version))
        }
    }
}

fn is_default_struct(schema: &StructSchema, object: &Map<String, Value>, version: i16) -> bool {
    let mut name = String::new();
    schema.fields.iter().all(|field| {
        camel_case(field.name, &mut name);
        match object.get(&name) {
            Some(value) => is_default(field, value, version),
            None => !field.attrs.in_body(version),
        }
    })
}

/// The default of an integer as the schema writes it.
fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        _ if text.is_empty() => Some(0),
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
