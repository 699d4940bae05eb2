//! Kafka's specs of messages, which its classes are generated from, seen one version at a time.

use kafka_proto::VersionRange;
use serde_json::Value;

/// One field as one version of a message has it. Names and types are written as Kafka writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// JSON names from the message down, between dots.
    pub(super) path: String,
    /// `int32`, `[]string`, `[]FetchPartition`.
    pub(super) ty: String,
    pub(super) nullable: bool,
    pub(super) tag: Option<u32>,
    pub(super) ignorable: bool,
    /// Whether it has no compact length even where the version is flexible.
    pub(super) inflexible: bool,
    /// In decimal; empty for what is empty, zero or false.
    pub(super) default: String,
}

/// One message.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) name: String,
    /// `request`, `response`, `header` or `data`.
    pub(super) kind: String,
    pub(super) key: Option<i16>,
    pub(super) versions: VersionRange,
    pub(super) flexible: VersionRange,
    spec: Value,
}

impl Spec {
    /// Reads a spec; none where the release has no version of the message any more.
    pub(super) fn read(spec: &Value) -> Option<Self> {
        let versions = versions(&spec["validVersions"]);
        let text = |name: &str| spec[name].as_str().unwrap_or_default().to_owned();
        let key = spec["apiKey"].as_i64().map(|key| key as i16);
        (!versions.is_empty()).then(|| Self {
            name: text("name"),
            kind: text("type"),
            key,
            versions,
            flexible: self::versions(&spec["flexibleVersions"]),
            spec: spec.clone(),
        })
    }

    /// The fields of a version, those of structs behind the field that holds them.
    pub(super) fn rows(&self, version: i16) -> Vec<Row> {
        let mut rows = Vec::new();
        self.collect(&self.spec["fields"], "", version, &mut rows);
        rows
    }

    /// The fields that a version lacks, of the message and of structs that the version has, and whether each is ignorable.
    pub(super) fn absent(&self, version: i16) -> Vec<(String, bool)> {
        let mut absent = Vec::new();
        self.collect_absent(&self.spec["fields"], "", version, &mut absent);
        absent
    }

    /// Whether some version of this release lacks the field.
    pub(super) fn is_ever_absent(&self, path: &str) -> bool {
        (self.versions.min..=self.versions.max)
            .any(|version| self.absent(version).iter().any(|(absent, _)| absent == path))
    }

    fn collect_absent(
        &self,
        fields: &Value,
        prefix: &str,
        version: i16,
        absent: &mut Vec<(String, bool)>,
    ) {
        for field in fields.as_array().unwrap() {
            let path = format!("{prefix}{}", lower_first(field["name"].as_str().unwrap()));
            let ty = field["type"].as_str().unwrap().trim_start_matches("[]");
            if !versions(&field["versions"]).contains(version) {
                absent.push((path, field["ignorable"] == true));
            } else if let Some(nested) = self.nested(field, ty) {
                self.collect_absent(nested, &format!("{path}."), version, absent);
            }
        }
    }

    fn collect(&self, fields: &Value, prefix: &str, version: i16, rows: &mut Vec<Row>) {
        for field in fields.as_array().unwrap() {
            if !versions(&field["versions"]).contains(version) {
                continue;
            }
            let ty = field["type"].as_str().unwrap();
            let path = format!("{prefix}{}", lower_first(field["name"].as_str().unwrap()));
            let tagged = versions(&field["taggedVersions"]).contains(version);
            rows.push(Row {
                path: path.clone(),
                ty: ty.to_owned(),
                nullable: versions(&field["nullableVersions"]).contains(version),
                tag: tagged.then(|| plain(&field["tag"]).parse().unwrap()),
                ignorable: field["ignorable"].as_bool().unwrap_or(false),
                inflexible: field["flexibleVersions"] == "none",
                default: plain_default(&plain(&field["default"])),
            });
            if let Some(nested) = self.nested(field, ty.trim_start_matches("[]")) {
                self.collect(nested, &format!("{path}."), version, rows);
            }
        }
    }

    /// The fields of the struct that a field holds: its own, or one that several fields share.
    fn nested<'a>(&'a self, field: &'a Value, ty: &str) -> Option<&'a Value> {
        let shared = self.spec["commonStructs"].as_array();
        let named = |it: &&Value| it["name"] == ty;
        field.get("fields").or_else(|| shared?.iter().find(named)?.get("fields"))
    }
}

/// `3`, `3-5`, `3+` or `none`; nothing is none.
fn versions(text: &Value) -> VersionRange {
    let number = |text: &str| text.parse::<i16>().unwrap();
    match text.as_str() {
        None | Some("none") => VersionRange::EMPTY,
        Some(text) => match (text.strip_suffix('+'), text.split_once('-')) {
            (Some(min), _) => VersionRange::new(number(min), i16::MAX),
            (None, Some((min, max))) => VersionRange::new(number(min), number(max)),
            (None, None) => VersionRange::new(number(text), number(text)),
        },
    }
}

/// Specs write numbers and words both with quotes and without. Nothing is empty.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A default in decimal; empty for zero and false.
pub(super) fn plain_default(text: &str) -> String {
    let text = text.replace(' ', "");
    let hex = text.strip_prefix("0x").map(|digits| i64::from_str_radix(digits, 16).unwrap());
    match (hex, text.as_str()) {
        (Some(number), _) => number.to_string(),
        (None, "0" | "false") => String::new(),
        (None, _) => text,
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}
