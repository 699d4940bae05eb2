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

/// The bytes of a random message, and what is special about them.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// Whether an encoder must write the very same bytes: no tagged field is there that it would leave out.
    pub(crate) canonical: bool,
    /// Whether there are tagged fields that no schema knows.
    pub(crate) unknown_tags: bool,
}

/// A random message of this version. `many` is how many elements its outermost arrays have at most.
pub(crate) fn body(schema: &MessageSchema, version: i16, many: u64, random: &mut Random) -> Body {
    let flexible = schema.is_flexible(version);
    let body = Body { bytes: Vec::new(), canonical: true, unknown_tags: false };
    let mut generator = Generator { version, flexible, random, many, body };
    generator.structure(schema.body, false);
    generator.body
}

/// Elements of the arrays inside arrays, and of all arrays of small messages, at most.
pub(crate) const FEW: u64 = 4;

struct Generator<'a> {
    version: i16,
    flexible: bool,
    random: &'a mut Random,
    many: u64,
    body: Body,
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
            let choice = self.random.below(8);
            if choice < 4 {
                continue;
            }
            let outer = std::mem::take(&mut self.body.bytes);
            match choice {
                7 if !special => {
                    self.default_value(field);
                    self.body.canonical = false;
                }
                _ => self.value(field, true),
            }
            let value = std::mem::replace(&mut self.body.bytes, outer);
            tags.push((field.attrs.tag.unwrap(), value));
        }
        if self.random.below(8) == 0 {
            let len = [0, 1, 127, 128, 300][self.random.below(5) as usize];
            tags.push((40 + self.random.below(1000) as u32, vec![0xab; len]));
            self.body.unknown_tags = true;
        }
        self.varint(tags.len() as u32);
        for (tag, value) in tags {
            self.varint(tag);
            self.varint(value.len() as u32);
            self.body.bytes.extend(value);
        }
    }

    /// What the field holds where it is not set.
    fn default_value(&mut self, field: &FieldSchema) {
        let null = field.default.is_empty() && !field.attrs.nullable_versions().is_empty();
        match field.ty {
            FieldType::Bool => self.body.bytes.push(u8::from(field.default == "true")),
            FieldType::I8 => self.default_integer(field, 1),
            FieldType::I16 | FieldType::U16 => self.default_integer(field, 2),
            FieldType::I32 | FieldType::U32 => self.default_integer(field, 4),
            FieldType::I64 | FieldType::F64 => self.default_integer(field, 8),
            FieldType::Uuid => self.body.bytes.extend([0; 16]),
            FieldType::Str => self.length((!null).then_some(0), true),
            FieldType::Bytes | FieldType::Records | FieldType::Array(_) => {
                self.length((!null).then_some(0), false);
            }
            FieldType::Struct(_) if null => self.body.bytes.push(0xff),
            FieldType::Struct(schema) => {
                let version = self.version;
                let present = |field: &&FieldSchema| field.attrs.is_present(version);
                let fields = schema.fields.iter().filter(present);
                fields
                    .filter(|field| field.attrs.tag.is_none())
                    .for_each(|f| self.default_value(f));
                self.varint(0);
            }
        }
    }

    fn default_integer(&mut self, field: &FieldSchema, size: usize) {
        let default = match field.default.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).unwrap(),
            None if field.default.is_empty() => 0,
            None => field.default.parse().unwrap(),
        };
        self.body.bytes.extend(&default.to_be_bytes()[8 - size..]);
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
                    self.body.bytes.push(if null { 0xff } else { 1 });
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
                self.body.bytes.push(u8::from(value));
            }
            FieldType::I8 => self.integer(1, special),
            FieldType::I16 | FieldType::U16 => self.integer(2, special),
            FieldType::I32 | FieldType::U32 => self.integer(4, special),
            FieldType::I64 => self.integer(8, special),
            FieldType::F64 => self.float(),
            FieldType::Uuid => self.integer(16, special),
            FieldType::Str => {
                let text: String = (0..self.count(special, 6))
                    .map(|_| ['a', 'Z', '.', 'é', '漢', '🦀'][self.random.below(6) as usize])
                    .collect();
                self.length(Some(text.len()), true);
                self.body.bytes.extend(text.as_bytes());
            }
            FieldType::Bytes | FieldType::Records => {
                let len = self.count(special, 200);
                self.length(Some(len), false);
                for _ in 0..len {
                    let byte = self.random.next() as u8;
                    self.body.bytes.push(byte);
                }
            }
            FieldType::Array(element) => {
                let many = std::mem::replace(&mut self.many, FEW);
                let count = self.count(special, many);
                self.length(Some(count), false);
                for _ in 0..count {
                    match *element {
                        FieldType::Struct(schema) => self.structure(schema, special),
                        element => self.plain(element, special),
                    }
                }
                self.many = many;
            }
            FieldType::Struct(schema) => self.structure(schema, special),
        }
    }

    /// Special integers are 0x0101..01 to 0x7070..70: neither zero, nor -1, nor the largest or smallest.
    fn integer(&mut self, size: usize, special: bool) {
        let extremes = [0x00, 0xff, 0x7f, 0x80];
        if special {
            let byte = 1 + self.random.below(0x70) as u8;
            self.body.bytes.extend(vec![byte; size]);
        } else if self.random.below(3) == 0 {
            let byte = extremes[self.random.below(4) as usize];
            self.body.bytes.extend(vec![byte; size]);
        } else {
            for _ in 0..size {
                let byte = self.random.next() as u8;
                self.body.bytes.push(byte);
            }
        }
    }

    /// No NaN, which would not equal itself.
    fn float(&mut self) {
        let extremes = [0.0, -0.0, 1.0, -1.5, f64::MAX, 5e-324, f64::INFINITY, f64::NEG_INFINITY];
        let value = match self.random.below(3) {
            0 => extremes[self.random.below(8) as usize],
            1 => self.random.below(1 << 52) as f64 / 3.0,
            _ => f64::from_bits(self.random.next() & !(1 << 62)),
        };
        self.body.bytes.extend(value.to_be_bytes());
    }

    fn count(&mut self, special: bool, end: u64) -> usize {
        self.random.below(end) as usize + usize::from(special)
    }

    fn length(&mut self, len: Option<usize>, short: bool) {
        if self.flexible {
            self.varint(len.map_or(0, |len| len as u32 + 1));
        } else if short {
            self.body.bytes.extend(len.map_or(-1, |len| len as i16).to_be_bytes());
        } else {
            self.body.bytes.extend(len.map_or(-1, |len| len as i32).to_be_bytes());
        }
    }

    fn varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.body.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.body.bytes.push(value as u8);
    }
}
