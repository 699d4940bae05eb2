//! Our schema table, seen one version at a time in Kafka's words.

use kafka_proto::json::field_name;
use kafka_proto::schema::{FieldSchema, FieldType, MessageKind, MessageSchema, StructSchema};

use super::spec::{Row, plain_default};

/// The fields of a version, those of structs behind the field that holds them.
pub(super) fn rows(schema: &MessageSchema, version: i16) -> Vec<Row> {
    let mut rows = Vec::new();
    collect(schema.body, "", version, &mut rows);
    rows
}

/// The fields that a version lacks, of the message and of structs that the version has, and whether each is ignorable.
pub(super) fn absent(schema: &MessageSchema, version: i16) -> Vec<(String, bool)> {
    let mut absent = Vec::new();
    collect_absent(schema.body, "", version, &mut absent);
    absent
}

/// The word of Kafka's specs.
pub(super) fn kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Request => "request",
        MessageKind::Response => "response",
        MessageKind::Header => "header",
        MessageKind::Data => "data",
    }
}

fn collect(schema: &StructSchema, prefix: &str, version: i16, rows: &mut Vec<Row>) {
    for field in schema.fields.iter().filter(|field| field.attrs.is_present(version)) {
        let path = format!("{prefix}{}", field_name(field.name));
        rows.push(Row {
            path: path.clone(),
            ty: type_name(field.ty),
            nullable: field.attrs.is_nullable(version),
            tag: field.attrs.tag,
            ignorable: field.attrs.ignorable,
            inflexible: field.attrs.inflexible,
            default: default(field),
        });
        if let Some(nested) = nested(field.ty) {
            collect(nested, &format!("{path}."), version, rows);
        }
    }
}

fn collect_absent(
    schema: &StructSchema,
    prefix: &str,
    version: i16,
    absent: &mut Vec<(String, bool)>,
) {
    for field in schema.fields {
        let path = format!("{prefix}{}", field_name(field.name));
        if !field.attrs.is_present(version) {
            absent.push((path, field.attrs.ignorable));
        } else if let Some(nested) = nested(field.ty) {
            collect_absent(nested, &format!("{path}."), version, absent);
        }
    }
}

fn type_name(ty: FieldType) -> String {
    match ty {
        FieldType::Array(element) => format!("[]{}", type_name(*element)),
        FieldType::Struct(schema) => schema.name.to_owned(),
        FieldType::Bool => "bool".to_owned(),
        FieldType::I8 => "int8".to_owned(),
        FieldType::I16 => "int16".to_owned(),
        FieldType::U16 => "uint16".to_owned(),
        FieldType::I32 => "int32".to_owned(),
        FieldType::U32 => "uint32".to_owned(),
        FieldType::I64 => "int64".to_owned(),
        FieldType::F64 => "float64".to_owned(),
        FieldType::Uuid => "uuid".to_owned(),
        FieldType::Str => "string".to_owned(),
        FieldType::Bytes => "bytes".to_owned(),
        FieldType::Records => "records".to_owned(),
    }
}

fn nested(ty: FieldType) -> Option<&'static StructSchema> {
    match ty {
        FieldType::Struct(schema) => Some(schema),
        FieldType::Array(element) => nested(*element),
        _ => None,
    }
}

/// An `Option` without a default is null; `Some` of a type's default is empty.
fn default(field: &FieldSchema) -> String {
    match field.default {
        "" if !field.attrs.nullable_versions().is_empty() => "null".to_owned(),
        text if text.starts_with("Some(") => String::new(),
        text => plain_default(text),
    }
}
