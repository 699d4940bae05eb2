//! Decoding to JSON takes no more memory than its input allows, whatever the input claims.
//!
//! A binary of its own with a single test, because the allocator counts for the whole process.

use bytes::Bytes;
use kafka_proto::{
    DecodeErrorKind, json, messages,
    schema::{FieldSchema, FieldType, MessageSchema, StructSchema},
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const KIB: usize = 1024;

/// Elements of the array that is measured: just when a growing list has doubled, in a body so small that the 64 KiB count
/// for much and in one that they don't help.
const COUNTS: [u32; 2] = [513, 4097];

#[test]
fn peak_memory_is_bounded_by_the_input() {
    let mut tally = Tally::default();
    for schema in messages::SCHEMAS {
        for version in [schema.versions.min, schema.versions.max] {
            let lean = Lean::new(schema, version);
            for (array, count) in lean.arrays().flat_map(|array| COUNTS.map(|count| (array, count)))
            {
                tally.check(schema, version, lean.body(array, count));
            }
        }
    }
    assert!(tally.taken > 100 && tally.refused > 10, "{tally:?}");
    assert!(tally.dearest * 2 > json::MEMORY_FACTOR, "the factor is far from {tally:?}");
    claims_allocate_nothing();
}

#[derive(Debug, Default)]
struct Tally {
    taken: u32,
    refused: u32,
    /// Most bytes in memory for one on the wire.
    dearest: usize,
}

impl Tally {
    fn check(&mut self, schema: &'static MessageSchema, version: i16, body: Vec<u8>) {
        let (name, len) = (schema.name, body.len());
        let (error, peak) = decode(schema, version, body);
        match error {
            None => {
                self.taken += 1;
                self.dearest = self.dearest.max(peak / len);
                assert!(peak <= json::MEMORY_FACTOR * len, "{name} v{version}: {peak} for {len}");
            }
            Some(DecodeErrorKind::BudgetExceeded { .. }) => {
                self.refused += 1;
                assert!(peak <= 64 * KIB, "{name} v{version}: {peak} for {len}, refused");
            }
            Some(kind) => panic!("{name} v{version}: {kind}"),
        }
    }
}

/// Why a body is refused, if it is, and how many bytes were allocated at most.
fn decode(
    schema: &'static MessageSchema,
    version: i16,
    body: Vec<u8>,
) -> (Option<DecodeErrorKind>, usize) {
    let body = Bytes::from(body);
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let decoded = json::decode(schema, version, body);
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    (decoded.err().map(|error| error.kind().clone()), peak)
}

/// Topics within topics that each claim what is left, and a count of `i32::MAX`.
fn claims_allocate_nothing() {
    let schema = messages::schema("FetchResponse").unwrap();
    let mut body = vec![0; 10];
    body.extend([0xe9, 0x07]);
    for _ in 0..1000 {
        body.extend([1, 0x80, 0x80, 0x01]);
    }
    body.extend(vec![0; 400 * KIB]);
    let (error, peak) = decode(schema, 12, body);
    assert!(error.is_some() && peak <= 64 * KIB, "{error:?} {peak}");
    let schema = messages::schema("MetadataRequest").unwrap();
    let (error, peak) = decode(schema, 0, vec![0x7f, 0xff, 0xff, 0xff, 1, 2, 3]);
    assert!(error.is_some() && peak <= KIB, "{error:?} {peak}");
}

/// Writes messages in which everything is as short as it can be, but for one array.
struct Lean {
    schema: &'static MessageSchema,
    version: i16,
    flexible: bool,
}

impl Lean {
    fn new(schema: &'static MessageSchema, version: i16) -> Self {
        let flexible = schema.is_flexible(version);
        Self { schema, version, flexible }
    }

    /// The arrays of the message itself.
    fn arrays(&self) -> impl Iterator<Item = &'static FieldSchema> {
        let array = |field: &&FieldSchema| matches!(field.ty, FieldType::Array(_));
        self.in_body(self.schema.body).filter(array)
    }

    fn in_body(&self, schema: &'static StructSchema) -> impl Iterator<Item = &'static FieldSchema> {
        let version = self.version;
        let fields = schema.fields.iter();
        fields.filter(move |field| field.attrs.is_present(version) && field.attrs.tag.is_none())
    }

    fn body(&self, array: &FieldSchema, count: u32) -> Vec<u8> {
        let mut out = Vec::new();
        for field in self.in_body(self.schema.body) {
            match field.ty {
                FieldType::Array(element) if std::ptr::eq(field, array) => {
                    self.count(count, &mut out);
                    let mut one = Vec::new();
                    self.value(*element, false, false, &mut one);
                    out.extend(one.repeat(count as usize));
                }
                ty => self.field(field, ty, &mut out),
            }
        }
        if self.flexible {
            out.push(0);
        }
        out
    }

    fn field(&self, field: &FieldSchema, ty: FieldType, out: &mut Vec<u8>) {
        self.value(ty, field.attrs.is_nullable(self.version), field.attrs.inflexible, out);
    }

    fn value(&self, ty: FieldType, nullable: bool, inflexible: bool, out: &mut Vec<u8>) {
        let size = match ty {
            FieldType::Bool | FieldType::I8 => 1,
            FieldType::I16 | FieldType::U16 => 2,
            FieldType::I32 | FieldType::U32 => 4,
            FieldType::I64 | FieldType::F64 => 8,
            FieldType::Uuid => 16,
            FieldType::Str if inflexible || !self.flexible => 2,
            FieldType::Struct(_) if nullable => return out.push(0xff),
            FieldType::Struct(schema) => {
                for field in self.in_body(schema) {
                    self.field(field, field.ty, out);
                }
                usize::from(self.flexible)
            }
            _ => return self.count(0, out),
        };
        out.extend(vec![0; size]);
    }

    fn count(&self, count: u32, out: &mut Vec<u8>) {
        if !self.flexible {
            return out.extend(count.to_be_bytes());
        }
        let mut rest = count + 1;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
}
