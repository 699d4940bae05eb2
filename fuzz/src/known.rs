//! What of a message its JSON can hold: all but tagged fields that nobody knows, and which kind of no number a NaN is.
//!
//! It walks the schema table over bytes that an encoder has written, which are sound, so that it is short enough to be
//! believed.

use kafka_proto::schema::{FieldSchema, FieldType, MessageSchema, StructSchema};

/// The bytes of a message without what its JSON can't hold.
///
/// # Panics
/// If the bytes are not what an encoder writes.
pub(crate) fn known(schema: &MessageSchema, version: i16, body: &[u8]) -> Vec<u8> {
    let flexible = schema.is_flexible(version);
    let mut walk = Walk { version, flexible, rest: body, out: Vec::with_capacity(body.len()) };
    walk.structure(schema.body);
    assert!(walk.rest.is_empty(), "{} bytes behind {}", walk.rest.len(), schema.name);
    walk.out
}

struct Walk<'a> {
    version: i16,
    flexible: bool,
    rest: &'a [u8],
    out: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn structure(&mut self, schema: &StructSchema) {
        let present = |field: &&FieldSchema| field.attrs.is_present(self.version);
        let fields: Vec<&FieldSchema> = schema.fields.iter().filter(present).collect();
        for field in fields.iter().filter(|field| field.attrs.tag.is_none()) {
            self.field(field);
        }
        if !self.flexible {
            return;
        }
        let mut tags = 0_usize;
        let mut kept = Vec::new();
        for _ in 0..self.varint() {
            let (tag, size) = (self.varint(), self.varint());
            let value = self.take(size);
            let Some(field) = fields.iter().find(|field| field.attrs.tag == Some(tag as u32))
            else {
                continue;
            };
            let mut inner =
                Self { version: self.version, flexible: true, rest: value, out: vec![] };
            inner.field(field);
            tags += 1;
            put_varint(&mut kept, tag);
            put_varint(&mut kept, inner.out.len());
            kept.extend(inner.out);
        }
        put_varint(&mut self.out, tags);
        self.out.extend(kept);
    }

    fn field(&mut self, field: &FieldSchema) {
        let flexible = self.flexible;
        self.flexible &= !field.attrs.inflexible;
        match field.ty {
            FieldType::Struct(_) if field.attrs.is_nullable(self.version) => {
                let there = self.copy(1)[0] as i8;
                if there >= 0 {
                    self.value(field.ty);
                }
            }
            ty => self.value(ty),
        }
        self.flexible = flexible;
    }

    fn value(&mut self, ty: FieldType) {
        match ty {
            FieldType::Bool | FieldType::I8 => drop(self.copy(1)),
            FieldType::I16 | FieldType::U16 => drop(self.copy(2)),
            FieldType::I32 | FieldType::U32 => drop(self.copy(4)),
            FieldType::I64 => drop(self.copy(8)),
            FieldType::Uuid => drop(self.copy(16)),
            FieldType::F64 => {
                let number: [u8; 8] = self.take(8).try_into().expect("eight bytes");
                let number = f64::from_be_bytes(number);
                let number = if number.is_nan() { f64::NAN } else { number };
                self.out.extend(number.to_be_bytes());
            }
            FieldType::Str => {
                let len = self.length(2);
                self.copy(len);
            }
            FieldType::Bytes | FieldType::Records => {
                let len = self.length(4);
                self.copy(len);
            }
            FieldType::Array(element) => {
                for _ in 0..self.length(4) {
                    self.value(*element);
                }
            }
            FieldType::Struct(schema) => self.structure(schema),
        }
    }

    /// A length, or the 0 of a null.
    fn length(&mut self, fixed: usize) -> usize {
        if self.flexible {
            let len = self.varint();
            put_varint(&mut self.out, len);
            return len.saturating_sub(1);
        }
        let bytes = self.copy(fixed);
        if bytes[0] >= 0x80 {
            return 0;
        }
        bytes.iter().fold(0, |len, byte| len << 8 | usize::from(*byte))
    }

    fn varint(&mut self) -> usize {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return value;
            }
        }
        panic!("a varint of more than five bytes");
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken
    }

    fn copy(&mut self, len: usize) -> &'a [u8] {
        let copied = self.take(len);
        self.out.extend(copied);
        copied
    }
}

fn put_varint(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
