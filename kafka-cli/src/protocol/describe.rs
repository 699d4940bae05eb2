//! `kafka protocol describe`: a message's fields.

use std::fmt::Write;

use clap::Args;
use kafka_proto::{
    VersionRange,
    json::field_name,
    schema::{FieldSchema, FieldType, MessageKind, MessageSchema, StructSchema},
};
use serde_json::{Value, json};

use super::list::kips;
use super::target::{Kind, Target, api_schema};
use crate::failure::Failure;
use crate::output::Output;

/// Options of `kafka protocol describe`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each line is a field: its name in JSON, its type, the versions that have it, and what else is said \
of it. A nullable field is null by default unless another default is named; others are zero, false or empty.

Examples:
  kafka protocol describe Metadata
  kafka protocol describe 3 --version 12
  kafka protocol describe ConsumerProtocolSubscription"
)]
pub(crate) struct Describe {
    /// An API, by name or key, or the name of a message.
    #[arg(value_name = "API|NAME", value_parser = Target::parse, allow_negative_numbers = true)]
    target: Target,

    /// Only what this version has.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    version: Option<i16>,

    /// Print a JSON object a message.
    #[arg(long)]
    json: bool,
}

/// Prints an API's request and response, or one message.
pub(crate) fn run(options: &Describe) -> Result<(), Failure> {
    let messages = match options.target {
        Target::Api(api) => {
            let of_kind = |kind| api_schema(api, kind).map_err(Failure::Failed);
            vec![of_kind(Kind::Request)?, of_kind(Kind::Response)?]
        }
        Target::Message(schema) => vec![schema],
    };
    let mut output = Output::new();
    for (i, schema) in messages.into_iter().enumerate() {
        check_version(schema, options.version)?;
        let view = View { versions: schema.versions, only: options.version };
        let text = match (options.json, i) {
            (true, _) => view.message_as_json(schema).to_string(),
            (false, 0) => view.message(schema),
            (false, _) => format!("\n{}", view.message(schema)),
        };
        output.line(text)?;
    }
    Ok(())
}

/// A version that the message does not have can't be asked for.
pub(crate) fn check_version(schema: &MessageSchema, version: Option<i16>) -> Result<(), Failure> {
    match version {
        Some(version) if !schema.versions.contains(version) => Err(Failure::Usage(format!(
            "{} has no version {version}, only {}",
            schema.name, schema.versions
        ))),
        _ => Ok(()),
    }
}

/// What to show: one version, or all that the message has.
#[derive(Clone, Copy)]
struct View {
    versions: VersionRange,
    only: Option<i16>,
}

impl View {
    /// The message and all its fields, a line each, without a newline at the end.
    fn message(self, schema: &'static MessageSchema) -> String {
        let mut text = schema.name.to_owned();
        // Nothing can go wrong when a String is written to.
        if let Some(api) = schema.key {
            let _ = write!(text, " (key {})", api.to_i16());
        }
        let _ = match self.only {
            Some(version) => write!(text, " version {version}"),
            None => write!(text, " versions {}", schema.versions),
        };
        let _ = match (schema.first_flexible, self.only) {
            (Some(first), None) => write!(text, ", flexible from {first}"),
            (Some(first), Some(version)) if version >= first => write!(text, ", flexible"),
            _ => Ok(()),
        };
        self.kips(schema, &mut text);
        self.fields(schema.body, 1, &mut text);
        text
    }

    /// A line for each version that a KIP brought.
    fn kips(self, schema: &MessageSchema, text: &mut String) {
        let mut last = None;
        for (version, kip) in schema.kips {
            if self.only.is_some_and(|only| only != *version) {
                continue;
            }
            let _ = match last == Some(version) {
                true => write!(text, ", KIP-{kip}"),
                false => write!(text, "\n  version {version}: KIP-{kip}"),
            };
            last = Some(version);
        }
    }

    fn fields(self, body: &StructSchema, depth: usize, text: &mut String) {
        for field in body.fields.iter().filter(|field| self.shows(field)) {
            let _ = write!(text, "\n{:indent$}{}", "", self.field(field), indent = 2 * depth);
            if let Some(body) = struct_of(&field.ty) {
                self.fields(body, depth + 1, text);
            }
        }
    }

    fn shows(self, field: &FieldSchema) -> bool {
        self.only.is_none_or(|version| field.attrs.is_present(version))
    }

    /// `name: type, versions 3+, nullable 3+, tag 0, default -1`.
    fn field(self, field: &FieldSchema) -> String {
        let attrs = &field.attrs;
        let mut text = format!("{}: {}", field_name(field.name), type_name(&field.ty));
        match self.only {
            None => {
                let _ = write!(text, ", versions {}", self.range(attrs.versions()));
                if !attrs.nullable_versions().is_empty() {
                    let _ = write!(text, ", nullable {}", self.range(attrs.nullable_versions()));
                }
            }
            Some(version) if attrs.is_nullable(version) => text.push_str(", nullable"),
            Some(_) => {}
        }
        if let Some(tag) = attrs.tag {
            let _ = write!(text, ", tag {tag}");
        }
        if let Some(default) = default(field) {
            let _ = write!(text, ", default {default}");
        }
        if attrs.ignorable {
            text.push_str(", ignorable");
        }
        text
    }

    /// A field's versions, open where they go up to the message's newest.
    fn range(self, range: VersionRange) -> String {
        match range.max >= self.versions.max {
            true => format!("{}+", range.min),
            false => range.to_string(),
        }
    }

    fn message_as_json(self, schema: &'static MessageSchema) -> Value {
        let mut kips = kips(schema);
        if let Some(only) = self.only {
            kips.retain(|version, _| *version == only.to_string());
        }
        json!({
            "name": schema.name,
            "key": schema.key.map(i16::from),
            "kind": match schema.kind {
                MessageKind::Request => "request",
                MessageKind::Response => "response",
                MessageKind::Header => "header",
                MessageKind::Data => "data",
            },
            "versions": schema.versions.to_string(),
            "version": self.only,
            "flexible": schema.first_flexible,
            "kips": kips,
            "fields": self.fields_as_json(schema.body),
        })
    }

    fn fields_as_json(self, body: &StructSchema) -> Vec<Value> {
        let one = |field: &FieldSchema| {
            let nullable = field.attrs.nullable_versions();
            let mut value = json!({
                "name": field_name(field.name),
                "type": type_name(&field.ty),
                "versions": self.range(field.attrs.versions()),
                "nullable": (!nullable.is_empty()).then(|| self.range(nullable)),
                "tag": field.attrs.tag,
                "default": default(field),
                "ignorable": field.attrs.ignorable,
            });
            if let (Some(object), Some(body)) = (value.as_object_mut(), struct_of(&field.ty)) {
                object.insert("fields".into(), Value::Array(self.fields_as_json(body)));
            }
            value
        };
        body.fields.iter().filter(|field| self.shows(field)).map(one).collect()
    }
}

/// Kafka's name of a type.
fn type_name(ty: &FieldType) -> String {
    let name = match ty {
        FieldType::Bool => "bool",
        FieldType::I8 => "int8",
        FieldType::I16 => "int16",
        FieldType::U16 => "uint16",
        FieldType::I32 => "int32",
        FieldType::U32 => "uint32",
        FieldType::I64 => "int64",
        FieldType::F64 => "float64",
        FieldType::Uuid => "uuid",
        FieldType::Str => "string",
        FieldType::Bytes => "bytes",
        FieldType::Records => "records",
        FieldType::Array(element) => return format!("[]{}", type_name(element)),
        FieldType::Struct(body) => body.name,
    };
    name.to_owned()
}

/// The struct that a field is, or is a list of.
fn struct_of(ty: &FieldType) -> Option<&'static StructSchema> {
    match ty {
        FieldType::Struct(body) => Some(body),
        FieldType::Array(element) => struct_of(element),
        _ => None,
    }
}

/// A default that the schema names. An expression stands for an empty value where null would be the default otherwise.
fn default(field: &FieldSchema) -> Option<&'static str> {
    match field.default {
        "" => None,
        expression if expression.starts_with("Some(") => Some(match field.ty {
            FieldType::Array(_) => "[]",
            _ => "\"\"",
        }),
        value => Some(value),
    }
}
