//! Where our schema table and Kafka's specs differ, field by field and version by version.

use kafka_proto::schema::MessageSchema;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::spec::{Row, Spec};
use super::table;

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    pub(super) message: String,
    /// None where it is the whole message.
    pub(super) version: Option<i16>,
    pub(super) what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            Some(version) => write!(f, "{} {version}: {}", self.message, self.what),
            None => write!(f, "{}: {}", self.message, self.what),
        }
    }
}

/// Something that our table writes in another way than Kafka's specs, and that is no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Convention {
    /// A request and its response are in one module: where both have a struct of one name, the response's is
    /// `ResponseName` here.
    ResponseStruct,
    /// A field that may be null is null here unless the spec gives it another default. Kafka's is then empty. It
    /// can't be seen on the wire, because fields outside of tags are always written.
    NullForEmpty,
    /// Whether a field is ignorable matters only in versions that lack it. Where no version of the release does, the word
    /// of the older release that has such a version holds.
    IgnorableBefore,
    /// Records never have a default in a spec, and are null in Java, even where null can't be written. Here they are
    /// empty then.
    EmptyRecords,
}

/// What comparing came to.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) differences: Vec<Difference>,
    pub(super) conventions: BTreeMap<Convention, usize>,
    /// Each message and version that both have.
    pub(super) compared: BTreeSet<(String, i16)>,
    /// Fields of all of them.
    pub(super) fields: usize,
    /// Fields that versions lack.
    pub(super) absent: usize,
}

/// Compares every version of every spec of a release with our table. Versions that the release lacks are not looked at.
///
/// `newer` are the messages and versions of newer releases, which say for themselves what is ignorable in them.
pub(super) fn compare(
    specs: &[Value],
    newer: &BTreeSet<(String, i16)>,
    ours: &[&'static MessageSchema],
) -> Comparison {
    let mut comparison = Comparison::default();
    for spec in specs.iter().filter_map(Spec::read) {
        match ours.iter().find(|schema| schema.name == spec.name) {
            Some(schema) => comparison.message(&spec, newer, schema),
            None => {
                let key = spec.key.map_or_else(String::new, |key| format!(" of key {key}"));
                comparison.differ(&spec, None, format!("an unknown {}{key}", spec.kind));
            }
        }
    }
    comparison
}

impl Comparison {
    fn message(
        &mut self,
        spec: &Spec,
        newer: &BTreeSet<(String, i16)>,
        schema: &'static MessageSchema,
    ) {
        let key = schema.key.map(i16::from);
        if spec.key.is_some() && key != spec.key {
            self.differ(spec, None, format!("has key {key:?} here, {:?} in Kafka", spec.key));
        }
        let kind = table::kind(schema.kind);
        if kind != spec.kind {
            self.differ(spec, None, format!("is a {kind} here, a {} in Kafka", spec.kind));
        }
        for version in spec.versions.min..=spec.versions.max {
            if !schema.versions.contains(version) {
                self.differ(spec, Some(version), "an unknown version".to_owned());
                continue;
            }
            self.version(spec, newer.is_empty(), schema, version);
            if !newer.contains(&(spec.name.clone(), version)) {
                self.absent(spec, schema, version);
            }
        }
    }

    /// The fields of a version; `newest` is whether no newer release has another word on what is ignorable.
    fn version(&mut self, spec: &Spec, newest: bool, schema: &'static MessageSchema, version: i16) {
        let flexible = schema.is_flexible(version);
        if flexible != spec.flexible.contains(version) {
            self.differ(spec, Some(version), format!("is flexible here: {flexible}"));
        }
        let (ours, kafkas) = (table::rows(schema, version), spec.rows(version));
        let mut matched = Vec::new();
        for row in &kafkas {
            match ours.iter().find(|own| own.path == row.path) {
                Some(own) => {
                    matched.push(&own.path);
                    let mut row = row.clone();
                    if !newest {
                        row.ignorable = own.ignorable;
                    }
                    let row = self.by_convention(spec, own, row);
                    self.field(spec, version, own, row);
                }
                None => self.differ(spec, Some(version), format!("{} is not here", row.path)),
            }
        }
        for own in ours.iter().filter(|own| !matched.contains(&&own.path)) {
            self.differ(spec, Some(version), format!("{} is not in Kafka", own.path));
        }
        let in_order = ours.iter().map(|own| &own.path).filter(|path| matched.contains(path));
        if !in_order.eq(matched.iter().copied()) {
            self.differ(spec, Some(version), format!("Kafka's order of fields is {matched:?}"));
        }
        self.fields += kafkas.len();
        self.compared.insert((spec.name.clone(), version));
    }

    /// Whether a value that the version can't carry is dropped or an error, for fields that both know.
    fn absent(&mut self, spec: &Spec, schema: &'static MessageSchema, version: i16) {
        let ours = table::absent(schema, version);
        for (path, kafkas) in spec.absent(version) {
            let own = ours.iter().find(|own| own.0 == path);
            if let Some(own) = own.filter(|own| own.1 != kafkas) {
                let what = format!("{path}: absent and ignorable here: {}", own.1);
                self.differ(spec, Some(version), what);
            }
            self.absent += usize::from(own.is_some());
        }
    }

    fn field(&mut self, spec: &Spec, version: i16, ours: &Row, kafka: Row) {
        let own = ours.clone();
        let parts = [
            ("type", own.ty, kafka.ty),
            ("nullable", own.nullable.to_string(), kafka.nullable.to_string()),
            ("tag", format!("{:?}", own.tag), format!("{:?}", kafka.tag)),
            ("ignorable", own.ignorable.to_string(), kafka.ignorable.to_string()),
            ("inflexible", own.inflexible.to_string(), kafka.inflexible.to_string()),
            ("default", own.default, kafka.default),
        ];
        for (part, own, kafka) in parts {
            if own != kafka {
                let what = format!("{}: {part} is {own:?} here, {kafka:?} in Kafka", ours.path);
                self.differ(spec, Some(version), what);
            }
        }
    }

    /// Kafka's row as we would write it.
    fn by_convention(&mut self, spec: &Spec, ours: &Row, mut kafkas: Row) -> Row {
        let brackets = if kafkas.ty.starts_with("[]") { "[]" } else { "" };
        let prefixed = format!("{brackets}Response{}", kafkas.ty.trim_start_matches("[]"));
        if spec.kind == "response" && ours.ty == prefixed {
            kafkas.ty = prefixed;
            self.count(Convention::ResponseStruct);
        }
        if kafkas.ty == "records" && !kafkas.nullable {
            self.count(Convention::EmptyRecords);
        } else if kafkas.default.is_empty() && ours.default == "null" && kafkas.tag.is_none() {
            kafkas.default = "null".to_owned();
            self.count(Convention::NullForEmpty);
        }
        if ours.ignorable != kafkas.ignorable && !spec.is_ever_absent(&ours.path) {
            kafkas.ignorable = ours.ignorable;
            self.count(Convention::IgnorableBefore);
        }
        kafkas
    }

    fn count(&mut self, convention: Convention) {
        *self.conventions.entry(convention).or_default() += 1;
    }

    fn differ(&mut self, spec: &Spec, version: Option<i16>, what: String) {
        self.differences.push(Difference { message: spec.name.clone(), version, what });
    }
}
