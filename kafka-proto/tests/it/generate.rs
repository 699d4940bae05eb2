//! Random message bodies, made from the schema tables alone.
//!
//! The generator shares no code with the encoder that it checks: it walks the static table and writes canonical bytes.

use kafka_proto::schema::{FieldSchema, FieldType, MessageSchema, StructSchema};

/// A small generator of random numbers (SplitMix64), so that a seed names a case for good.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// The bytes of a random message of this version.
pub(crate) fn body(schema: &MessageSchema, version: i16, random: &mut Random) -> Vec<u8> {
    let flexible = schema.first_flexible.is_some_and(|first| version >= first);
    let mut generator = Generator { version, flexible, random, out: Vec::new() };
    generator.structure(schema.body, false);
    generator.out
}

struct Generator<'a> {
    version: i16,
    flexible: bool,
    random: &'a mut Random,
    out: Vec<u8>,
}

impl Generator<'_> {
    /// `special` asks for values that are no field's default, because a tagged field at its default is left out.
    fn structure(&mut self, schema: &StructSchema, special: bool) {
        let (version, flexible) = (self.version, self.flexible);
        let present = |field: &&FieldSchema| field.attrs.is_present(version);
        let fields = schema.fields.iter().filter(present);
        for field in fields.clone().filter(|field| field.attrs.tag.is_none()) {
            self.value(field, special);
        }
        if !flexible {
            return;
        }
        let mut tags: Vec<(u32, Vec<u8>)> = Vec::new();
        for field in fields.filter(|field| field.attrs.tag.is_some()) {
            if self.random.below(2) == 0 {
                let outer = std::mem::take(&mut self.out);
                self.value(field, true);
                let value = std::mem::replace(&mut self.out, outer);
                tags.push((field.attrs.tag.unwrap(), value));
            }
        }
        if self.random.below(8) == 0 {
            let len = [0, 1, 127, 128, 300][self.random.below(5) as usize];
            tags.push((40 + self.random.below(1000) as u32, vec![0xab; len]));
        }
        self.varint(tags.len() as u32);
        for (tag, value) in tags {
            self.varint(tag);
            self.varint(value.len() as u32);
            self.out.extend(value);
        }
    }

    fn value(&mut self, field: &FieldSchema, special: bool) {
        let flexible = self.flexible;
        self.flexible &= !field.attrs.inflexible;
        self.one_value(field, special);
        self.flexible = flexible;
    }

    fn one_value(&mut self, field: &FieldSchema, special: bool) {
        let nullable = field.attrs.is_nullable(self.version);
        let null = nullable && !special && self.random.below(4) == 0;
        match field.ty {
            FieldType::Struct(schema) => {
                if nullable {
                    self.out.push(if null { 0xff } else { 1 });
                }
                if !null {
                    self.structure(schema, special);
                }
            }
            FieldType::Array(_) | FieldType::Str | FieldType::Bytes | FieldType::Records
                if null =>
            {
                let short = matches!(field.ty, FieldType::Str);
                self.length(None, short);
            }
            ty => self.plain(ty, special),
        }
    }

    fn plain(&mut self, ty: FieldType, special: bool) {
        match ty {
            FieldType::Bool => {
                let value = special || self.random.below(2) == 0;
                self.out.push(u8::from(value));
            }
            FieldType::I8 => self.integer(1, special),
            FieldType::I16 | FieldType::U16 => self.integer(2, special),
            FieldType::I32 | FieldType::U32 => self.integer(4, special),
            FieldType::I64 => self.integer(8, special),
            // No NaN, which would not equal itself.
            FieldType::F64 => {
                let value = self.random.below(1 << 52) as f64 / 3.0;
                self.out.extend(value.to_be_bytes());
            }
            FieldType::Uuid => self.integer(16, special),
            FieldType::Str => {
                let text: String = (0..self.count(special, 6))
                    .map(|_| ['a', 'Z', '.', 'é', '漢', '🦀'][self.random.below(6) as usize])
                    .collect();
                self.length(Some(text.len()), true);
                self.out.extend(text.as_bytes());
            }
            FieldType::Bytes | FieldType::Records => {
                let len = self.count(special, 200);
                self.length(Some(len), false);
                for _ in 0..len {
                    let byte = self.random.next() as u8;
                    self.out.push(byte);
                }
            }
            FieldType::Array(element) => {
                let count = self.count(special, 4);
                self.length(Some(count), false);
                for _ in 0..count {
                    match *element {
                        FieldType::Struct(schema) => self.structure(schema, special),
                        element => self.plain(element, special),
                    }
                }
            }
            FieldType::Struct(schema) => self.structure(schema, special),
        }
    }

    /// Special integers are 0x0101..01 to 0x7070..70: neither zero, nor -1, nor the largest or smallest.
    fn integer(&mut self, size: usize, special: bool) {
        let extremes = [0x00, 0xff, 0x7f, 0x80];
        if special {
            let byte = 1 + self.random.below(0x70) as u8;
            self.out.extend(vec![byte; size]);
        } else if self.random.below(3) == 0 {
            let byte = extremes[self.random.below(4) as usize];
            self.out.extend(vec![byte; size]);
        } else {
            for _ in 0..size {
                let byte = self.random.next() as u8;
                self.out.push(byte);
            }
        }
    }

    fn count(&mut self, special: bool, end: u64) -> usize {
        self.random.below(end) as usize + usize::from(special)
    }

    fn length(&mut self, len: Option<usize>, short: bool) {
        if self.flexible {
            self.varint(len.map_or(0, |len| len as u32 + 1));
        } else if short {
            self.out.extend(len.map_or(-1, |len| len as i16).to_be_bytes());
        } else {
            self.out.extend(len.map_or(-1, |len| len as i32).to_be_bytes());
        }
    }

    fn varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }
}
