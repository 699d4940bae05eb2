//! What goes wrong between JSON and bytes.

use alloc::{boxed::Box, format, string::String};
use core::fmt;

use serde_json::{Number, Value};

use super::name::field_name;

/// Why a JSON value can't be encoded, without the place.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// A field that the version demands is not there.
    Missing,
    /// A value of another type.
    WrongType {
        /// The type in the schema, as Kafka calls it.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A number that the type has no room for.
    OutOfRange {
        /// The number.
        number: Number,
        /// The type, as Kafka calls it.
        ty: &'static str,
    },
    /// A text that is no padded standard base64.
    InvalidBase64,
    /// A text that is no id: 22 characters of URL-safe base64.
    InvalidUuid,
    /// Null where this version of the message has no null.
    NullNotAllowed,
    /// A field holds something else than its default, and the version can neither carry nor ignore it.
    NotInVersion,
    /// A string, array or byte field longer than its length field can say.
    TooLong {
        /// What is too long, such as `string`.
        what: &'static str,
        /// Its length in bytes (in elements for arrays).
        len: usize,
        /// The most that fits.
        max: usize,
    },
    /// A version that the message does not have.
    UnsupportedVersion,
}

impl fmt::Display for JsonErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::OutOfRange { number, ty } => write!(f, "{number} does not fit {ty}"),
            Self::InvalidBase64 => f.write_str("invalid base64"),
            Self::InvalidUuid => f.write_str("invalid uuid"),
            Self::NullNotAllowed => f.write_str("null where a value is required"),
            Self::NotInVersion => f.write_str("not in this version"),
            Self::TooLong { what, len, max } => {
                write!(f, "{what} of length {len} is longer than {max}")
            }
            Self::UnsupportedVersion => f.write_str("unsupported version"),
        }
    }
}

impl core::error::Error for JsonErrorKind {}

/// A JSON value that is no message of a version: what is wrong, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonError(Box<Detail>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Detail {
    kind: JsonErrorKind,
    message: &'static str,
    version: i16,
    path: String,
}

impl JsonError {
    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &JsonErrorKind {
        &self.0.kind
    }

    /// Name of the message that was being encoded.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.0.message
    }

    /// Version of the message that was being encoded.
    #[must_use]
    pub fn version(&self) -> i16 {
        self.0.version
    }

    /// The faulty field by its names in JSON, such as `topics[2].partitions[0].currentLeaderEpoch`; empty for the message
    /// itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    pub(super) fn wrong_type(expected: &'static str, found: &Value) -> Self {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_f64() => "a number with a fraction",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        JsonErrorKind::WrongType { expected, found }.into()
    }

    /// Puts a field of the schema in front of the path.
    #[cold]
    pub(super) fn in_field(mut self, name: &str) -> Self {
        let inner = core::mem::take(&mut self.0.path);
        let dot = if inner.is_empty() || inner.starts_with('[') { "" } else { "." };
        self.0.path = format!("{}{dot}{inner}", field_name(name));
        self
    }

    /// Puts an array's index in front of the path.
    #[cold]
    pub(super) fn at_index(mut self, index: usize) -> Self {
        let inner = core::mem::take(&mut self.0.path);
        let dot = if inner.is_empty() { "" } else { "." };
        self.0.path = format!("[{index}]{dot}{inner}");
        self
    }

    #[cold]
    pub(super) fn in_message(mut self, name: &'static str, version: i16) -> Self {
        (self.0.message, self.0.version) = (name, version);
        self
    }
}

impl From<JsonErrorKind> for JsonError {
    #[cold]
    fn from(kind: JsonErrorKind) -> Self {
        Self(Box::new(Detail { kind, message: "", version: 0, path: String::new() }))
    }
}

impl fmt::Debug for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonError({self})")
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail { kind, message, version, path } = &*self.0;
        write!(f, "{message} v{version}")?;
        if !path.is_empty() {
            write!(f, ", {path}")?;
        }
        write!(f, ": {}", kind)
    }
}

impl core::error::Error for JsonError {}
