//! Message bodies of three sizes, from the schema tables alone.

use kafka_proto::records::{BatchBuilder, Codec};
use kafka_proto::schema::{FieldSchema, FieldType, MessageSchema, StructSchema};

/// How much a body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Nulls where they may be, else nothing: no element, no text, no tag.
    Minimal,
    /// One of everything that is not tagged.
    Typical,
    /// Several of everything, tags known and unknown, numbers at their ends.
    Maximal,
}

impl Size {
    pub(crate) const ALL: [Self; 3] = [Self::Minimal, Self::Typical, Self::Maximal];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Typical => "typical",
            Self::Maximal => "maximal",
        }
    }
}

/// The bytes of a message.
pub(crate) fn body(schema: &MessageSchema, version: i16, size: Size) -> Vec<u8> {
    let flexible = schema.is_flexible(version);
    let mut body = Body { version, flexible, size, out: Vec::new(), numbers: 0, wide: None };
    body.structure(schema.body);
    body.out
}

/// The bytes of a message as lean as can be but for one array, the one met after `skipped` others that hold one element
/// each: it has `count`. If there are not so many arrays, none is so long.
pub(crate) fn wide(schema: &MessageSchema, version: i16, skipped: usize, count: usize) -> Vec<u8> {
    let flexible = schema.is_flexible(version);
    let wide = Some(Wide { skipped, count });
    let size = Size::Minimal;
    let mut body = Body { version, flexible, size, out: Vec::new(), numbers: 0, wide };
    body.structure(schema.body);
    body.out
}

/// The one array that is long, as long as it has not been met.
#[derive(Clone, Copy)]
struct Wide {
    skipped: usize,
    count: usize,
}

struct Body {
    version: i16,
    flexible: bool,
    size: Size,
    out: Vec<u8>,
    /// Numbers written so far, so that no two neighbours are the same.
    numbers: u8,
    wide: Option<Wide>,
}

impl Body {
    fn structure(&mut self, schema: &StructSchema) {
        let present = |field: &&FieldSchema| field.attrs.is_present(self.version);
        let fields: Vec<&FieldSchema> = schema.fields.iter().filter(present).collect();
        for field in fields.iter().filter(|field| field.attrs.tag.is_none()) {
            self.value(field);
        }
        if !self.flexible {
            return;
        }
        let mut tags: Vec<(u32, Vec<u8>)> = Vec::new();
        if self.size == Size::Maximal {
            for field in fields {
                let Some(tag) = field.attrs.tag else { continue };
                let outer = std::mem::take(&mut self.out);
                self.value(field);
                tags.push((tag, std::mem::replace(&mut self.out, outer)));
            }
            tags.push((77, b"unknown".to_vec()));
        }
        tags.sort_by_key(|(tag, _)| *tag);
        self.varint(tags.len());
        for (tag, value) in tags {
            self.varint(tag as usize);
            self.varint(value.len());
            self.out.extend(value);
        }
    }

    fn value(&mut self, field: &FieldSchema) {
        let flexible = self.flexible;
        self.flexible &= !field.attrs.inflexible;
        self.one_value(field);
        self.flexible = flexible;
    }

    fn one_value(&mut self, field: &FieldSchema) {
        let nullable = field.attrs.is_nullable(self.version);
        let is_array = matches!(field.ty, FieldType::Array(_));
        let null = nullable && self.size == Size::Minimal && !(is_array && self.wide.is_some());
        match field.ty {
            FieldType::Struct(schema) if nullable => {
                self.out.push(if null { 0xff } else { 1 });
                if !null {
                    self.structure(schema);
                }
            }
            ty if null => self.length(None, matches!(ty, FieldType::Str)),
            ty => self.plain(ty),
        }
    }

    fn plain(&mut self, ty: FieldType) {
        let count: u8 = match self.size {
            Size::Minimal => 0,
            Size::Typical => 1,
            Size::Maximal => 2,
        };
        match ty {
            FieldType::Bool => self.out.push(count.min(1)),
            FieldType::I8 => self.number(1),
            FieldType::I16 | FieldType::U16 => self.number(2),
            FieldType::I32 | FieldType::U32 => self.number(4),
            FieldType::I64 => self.number(8),
            FieldType::F64 => self.out.extend(f64::from(count).to_be_bytes()),
            FieldType::Uuid => self.number(16),
            FieldType::Str => {
                let text = ["", "topic", "grüße-von-weit-her"][usize::from(count)];
                self.length(Some(text.len()), true);
                self.out.extend(text.as_bytes());
            }
            FieldType::Bytes => {
                let bytes = b"bytes".repeat(count.into());
                self.length(Some(bytes.len()), false);
                self.out.extend(bytes);
            }
            FieldType::Records => {
                let records =
                    (0..count).flat_map(|at| batch(i64::from(at) * 2)).collect::<Vec<_>>();
                self.length(Some(records.len()), false);
                self.out.extend(records);
            }
            FieldType::Array(element) => {
                let count = self.elements(count.into());
                self.length(Some(count), false);
                for _ in 0..count {
                    self.plain(*element);
                }
            }
            FieldType::Struct(schema) => self.structure(schema),
        }
    }

    /// How many elements the next array has.
    fn elements(&mut self, usual: usize) -> usize {
        match &mut self.wide {
            None => usual,
            Some(Wide { skipped: 0, count }) => {
                let count = *count;
                self.wide = None;
                count
            }
            Some(wide) => {
                wide.skipped -= 1;
                1
            }
        }
    }

    /// Zero, a small number, or by turns the largest, minus two, and the smallest.
    fn number(&mut self, size: usize) {
        self.numbers = self.numbers.wrapping_add(1);
        let (first, rest) = match self.size {
            Size::Minimal => (0, 0),
            Size::Typical => (0, 0),
            Size::Maximal => [(0x7f, 0xff), (0xff, 0xff), (0x80, 0)][usize::from(self.numbers % 3)],
        };
        let mut bytes = vec![rest; size];
        bytes[0] = first;
        let last = bytes.len() - 1;
        bytes[last] = match self.size {
            Size::Minimal => 0,
            Size::Typical => self.numbers % 8,
            // No tagged field may be at its default, or it would be left out.
            Size::Maximal if size == 1 => first.clamp(1, 0x7f),
            Size::Maximal => rest & 0xfe,
        };
        self.out.extend(bytes);
    }

    fn length(&mut self, len: Option<usize>, short: bool) {
        if self.flexible {
            self.varint(len.map_or(0, |len| len + 1));
        } else if short {
            self.out.extend(len.map_or(-1, |len| len as i16).to_be_bytes());
        } else {
            self.out.extend(len.map_or(-1, |len| len as i32).to_be_bytes());
        }
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }
}

/// A small batch of two records.
pub(crate) fn batch(base_offset: i64) -> Vec<u8> {
    let mut builder = BatchBuilder::new(Codec::None).with_producer(7, 0, base_offset as i32);
    for value in [Some(&b"value"[..]), None] {
        builder
            .push(1_700_000_000_000, Some(b"key"), value, &[(b"h", Some(b"1"))])
            .expect("a record");
    }
    builder.build(base_offset).expect("a batch").to_vec()
}
