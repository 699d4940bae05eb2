//! Rules that every schema table keeps.

use bytes::Bytes;
use kafka_proto::{
    ApiKey, Message, Request, Str, messages,
    schema::{FieldSchema, FieldType, MessageKind, MessageVisitor, StructSchema},
};

#[test]
fn messages_agree_with_their_api() {
    struct Apis;
    impl MessageVisitor for Apis {
        fn message<M: Message>(&mut self) {
            let Some(api) = M::KEY else { return };
            assert_eq!(M::SCHEMA.versions, api.versions(), "{}", M::NAME);
            for version in M::VERSIONS {
                assert_eq!(M::is_flexible(version), api.is_flexible(version), "{}", M::NAME);
            }
            assert_eq!((M::SCHEMA.name, M::SCHEMA.key), (M::NAME, M::KEY));
        }

        fn request<R: Request>(&mut self) {
            assert_eq!(R::NAME, format!("{}Request", R::API));
            assert_eq!(R::Response::NAME, format!("{}Response", R::API));
            assert_eq!((R::KEY, R::Response::KEY), (Some(R::API), Some(R::API)));
            self.message::<R>();
            self.message::<R::Response>();
        }
    }
    messages::visit_all(&mut Apis);
}

#[test]
fn every_api_is_asked_and_answered_once() {
    use std::collections::BTreeSet;
    let names: BTreeSet<_> = messages::SCHEMAS.iter().map(|schema| schema.name).collect();
    assert_eq!(names.len(), messages::SCHEMAS.len(), "two messages have one name");
    for schema in messages::SCHEMAS {
        assert!(std::ptr::eq(messages::schema(schema.name).unwrap(), *schema));
        let has_key = matches!(schema.kind, MessageKind::Request | MessageKind::Response);
        assert_eq!(schema.key.is_some(), has_key, "{}", schema.name);
    }
    for kind in [MessageKind::Request, MessageKind::Response] {
        let of_kind = messages::SCHEMAS.iter().filter(|schema| schema.kind == kind);
        assert!(
            of_kind.filter_map(|schema| schema.key).eq(ApiKey::ALL.iter().copied()),
            "{kind:?}"
        );
        for api in ApiKey::ALL {
            assert_eq!(messages::api_schema(*api, kind).unwrap().name, format!("{api}{kind:?}"));
        }
    }
    assert_eq!((ApiKey::ALL.len(), messages::SCHEMAS.len()), (95, 2 * 95 + 2 + 11));
}

/// A field's name in JSON can be told from its name in the schema, and the other way round.
#[cfg(feature = "json")]
#[test]
fn names_in_json_round_trip() {
    for schema in messages::SCHEMAS.iter().flat_map(|schema| structs(schema.body)) {
        for field in schema.fields {
            let mut back = String::new();
            for letter in kafka_proto::json::field_name(field.name).chars() {
                if letter.is_ascii_uppercase() {
                    back.push('_');
                }
                back.push(letter.to_ascii_lowercase());
            }
            assert_eq!(back, field.name.trim_start_matches("r#"), "{}", schema.name);
        }
    }
}

/// Every struct of a message, the message itself first.
fn structs(root: &'static StructSchema) -> Vec<&'static StructSchema> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(schema) = found.get(next) {
        found.extend(schema.fields.iter().filter_map(|field| nested(field.ty)));
        next += 1;
    }
    found
}

fn nested(ty: FieldType) -> Option<&'static StructSchema> {
    match ty {
        FieldType::Struct(schema) => Some(schema),
        FieldType::Array(element) => nested(*element),
        _ => None,
    }
}

#[test]
fn tags_ascend_and_are_only_in_flexible_versions() {
    struct Tags;
    impl MessageVisitor for Tags {
        fn message<M: Message>(&mut self) {
            for schema in structs(M::SCHEMA.body) {
                let tagged = schema.fields.iter().filter(|field| field.attrs.tag.is_some());
                let numbers: Vec<_> = tagged.clone().map(|field| field.attrs.tag).collect();
                assert!(numbers.is_sorted_by(|a, b| a < b), "{}: {numbers:?}", schema.name);
                for (field, version) in
                    tagged.flat_map(|field| M::VERSIONS.map(move |v| (field, v)))
                {
                    let present = field.attrs.is_present(version);
                    assert!(M::is_flexible(version) || !present, "{} v{version}", field.name);
                }
            }
        }
    }
    messages::visit_all(&mut Tags);
}

#[test]
fn every_field_is_in_some_version() {
    struct Fields;
    impl MessageVisitor for Fields {
        fn message<M: Message>(&mut self) {
            for schema in structs(M::SCHEMA.body) {
                for field in schema.fields {
                    let mut versions = M::VERSIONS;
                    let present = versions.any(|version| field.attrs.is_present(version));
                    assert!(present, "{}.{}", schema.name, field.name);
                }
            }
        }
    }
    messages::visit_all(&mut Fields);
}

/// The leanest honest element must fit the memory that its bytes allow, however deep it is nested, for there may be any
/// number of it: names of four bytes, one element in every array, and null or empty for the rest. A message whose
/// elements need more says so by its factor.
#[test]
fn elements_fit_the_memory_factor() {
    struct Elements(Vec<String>);
    impl MessageVisitor for Elements {
        fn message<M: Message>(&mut self) {
            for version in M::VERSIONS {
                for schema in elements(M::SCHEMA.body, version) {
                    let (memory, wire) = leanest(schema, version, M::is_flexible(version));
                    if memory > M::MEMORY_FACTOR * wire {
                        let name = schema.name;
                        self.0.push(format!(
                            "{} {name} v{version}: {memory} bytes in memory, {wire} on the wire",
                            M::NAME
                        ));
                    }
                }
            }
        }
    }
    let mut elements = Elements(Vec::new());
    messages::visit_all(&mut elements);
    assert!(elements.0.is_empty(), "{}", elements.0.join("\n"));
}

/// The structs that a version has in arrays, at every depth.
fn elements(root: &StructSchema, version: i16) -> Vec<&StructSchema> {
    let mut found = Vec::new();
    for field in root.fields.iter().filter(|field| field.attrs.is_present(version)) {
        if let Some(schema) = nested(field.ty) {
            if matches!(field.ty, FieldType::Array(_)) {
                found.push(schema);
            }
            found.extend(elements(schema, version));
        }
    }
    found
}

fn in_body(schema: &StructSchema, version: i16) -> impl Iterator<Item = &FieldSchema> {
    let fields = schema.fields.iter();
    fields.filter(move |field| field.attrs.is_present(version) && field.attrs.tag.is_none())
}

/// Bytes in memory and on the wire.
fn leanest(schema: &StructSchema, version: i16, flexible: bool) -> (usize, usize) {
    let (mut memory, mut wire) = (schema.size, usize::from(flexible));
    for field in in_body(schema, version) {
        let (inner_memory, inner_wire) = if field.attrs.is_nullable(version) {
            (0, null_wire(field.ty, flexible))
        } else {
            leanest_field(field.ty, version, flexible)
        };
        memory += inner_memory;
        wire += inner_wire;
    }
    (memory, wire)
}

/// Bytes on the wire of a null.
fn null_wire(ty: FieldType, flexible: bool) -> usize {
    match ty {
        FieldType::Str if !flexible => 2,
        FieldType::Str | FieldType::Struct(_) => 1,
        _ if flexible => 1,
        _ => 4,
    }
}

/// Bytes outside of the struct that the field is in, in memory and on the wire.
fn leanest_field(ty: FieldType, version: i16, flexible: bool) -> (usize, usize) {
    let (short, long) = if flexible { (1, 1) } else { (2, 4) };
    match ty {
        FieldType::Bool | FieldType::I8 => (0, 1),
        FieldType::I16 | FieldType::U16 => (0, 2),
        FieldType::I32 | FieldType::U32 => (0, 4),
        FieldType::I64 | FieldType::F64 => (0, 8),
        FieldType::Uuid => (0, 16),
        FieldType::Str => (0, short + 4),
        FieldType::Bytes | FieldType::Records => (0, long),
        // The size of a struct inside another is part of the other's.
        FieldType::Struct(schema) => {
            let (memory, wire) = leanest(schema, version, flexible);
            (memory - schema.size, wire)
        }
        FieldType::Array(element) => {
            let own = match element {
                FieldType::Struct(schema) => schema.size,
                FieldType::Str => size_of::<Str>(),
                FieldType::Bytes => size_of::<Bytes>(),
                // Numbers take as much memory as they have bytes, and no budget counts them.
                _ => 0,
            };
            let (memory, wire) = leanest_field(*element, version, flexible);
            (own + memory, long + wire)
        }
    }
}
