//! Schemas as data, for whatever wants to know a message's fields without being compiled for them.

use crate::api::{ApiKey, VersionRange};

/// One message.
#[non_exhaustive]
#[derive(Debug)]
pub struct MessageSchema {
    /// Kafka's name, such as `FetchRequest`.
    pub name: &'static str,
    /// The API it belongs to, if it travels in a frame of its own.
    pub key: Option<ApiKey>,
    /// What it is good for.
    pub kind: MessageKind,
    /// Versions that can be encoded and decoded.
    pub versions: VersionRange,
    /// First version with compact lengths and tagged fields, if there is one.
    pub first_flexible: Option<i16>,
    /// Memory that decoding may take, as a multiple of the encoded bytes, beside 64 KiB.
    pub memory_factor: usize,
    /// Which version came with which KIP, for requests and data messages; a response follows its request.
    pub kips: &'static [(i16, u16)],
    /// Its fields.
    pub body: &'static StructSchema,
}

impl MessageSchema {
    /// Whether this version has compact lengths and tagged fields.
    #[inline]
    #[must_use]
    pub fn is_flexible(&self, version: i16) -> bool {
        self.first_flexible.is_some_and(|first| version >= first)
    }
}

/// What a message is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// It asks.
    Request,
    /// It answers.
    Response,
    /// It stands before a request or a response.
    Header,
    /// It travels or rests inside something else: group metadata, control records, an index.
    Data,
}

impl MessageKind {
    /// The kind that Kafka's name and the presence of an API say.
    pub(crate) const fn of(name: &str, has_key: bool) -> Self {
        match (name.as_bytes(), has_key) {
            ([.., b'R', b'e', b'q', b'u', b'e', b's', b't'], true) => Self::Request,
            (_, true) => Self::Response,
            ([.., b'H', b'e', b'a', b'd', b'e', b'r'], false) => Self::Header,
            _ => Self::Data,
        }
    }
}

/// A message's body, or a struct inside it.
#[non_exhaustive]
#[derive(Debug)]
pub struct StructSchema {
    /// Kafka's name, such as `FetchPartition`.
    pub name: &'static str,
    /// Bytes that a decoded value takes in memory, without what it points to.
    pub size: usize,
    /// The fewest bytes that a value takes on the wire, in whichever version.
    pub min_wire: usize,
    /// Fields in the order of the wire.
    pub fields: &'static [FieldSchema],
}

/// One field.
#[non_exhaustive]
#[derive(Debug)]
pub struct FieldSchema {
    /// Name in snake_case.
    pub name: &'static str,
    /// Type on the wire.
    pub ty: FieldType,
    /// Versions, and what is special about the field in them.
    pub attrs: FieldAttrs,
    /// The default as the schema has it, which is an expression of Rust; empty where it is zero, false, empty or (for
    /// nullable fields) null.
    pub default: &'static str,
}

/// What a field is on the wire. Integers are big-endian.
#[derive(Clone, Copy, Debug)]
pub enum FieldType {
    /// One byte; all but zero is true.
    Bool,
    /// 8 bits, signed.
    I8,
    /// 16 bits, signed.
    I16,
    /// 16 bits, unsigned.
    U16,
    /// 32 bits, signed.
    I32,
    /// 32 bits, unsigned.
    U32,
    /// 64 bits, signed.
    I64,
    /// 64 bits, IEEE 754.
    F64,
    /// 16 bytes.
    Uuid,
    /// UTF-8 after a length.
    Str,
    /// Bytes after a length.
    Bytes,
    /// Record batches after a length.
    Records,
    /// A count and elements.
    Array(&'static Self),
    /// Fields in order, and tagged fields where the version is flexible.
    Struct(&'static StructSchema),
}

impl FieldType {
    /// The struct that this is; only for types that are one.
    pub(crate) const fn fields(self) -> &'static StructSchema {
        match self {
            Self::Struct(body) => body,
            _ => panic!("a message is a struct"),
        }
    }
}

/// In which versions a field is what. Version sets are bits, version 0 lowest: no API has 32 versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldAttrs {
    present: u32,
    nullable: u32,
    /// The tag, if the field is a tagged one. A field is tagged in all its versions or in none.
    pub tag: Option<u32>,
    /// Whether a value that the version can't carry is dropped silently rather than an error.
    pub ignorable: bool,
    /// Whether the text is for people, so that bytes which are not UTF-8 are replaced rather than an error.
    pub lossy: bool,
    /// Whether the field has no compact length even where the version is flexible.
    pub inflexible: bool,
}

impl FieldAttrs {
    /// Whether the version has the field.
    #[inline]
    #[must_use]
    pub const fn is_present(&self, version: i16) -> bool {
        contains(self.present, version)
    }

    /// Whether the field may be null in the version.
    #[inline]
    #[must_use]
    pub const fn is_nullable(&self, version: i16) -> bool {
        contains(self.nullable, version)
    }

    /// Versions that have the field; the upper end is 31 where the schema names none.
    #[must_use]
    pub const fn versions(&self) -> VersionRange {
        range(self.present)
    }

    /// Versions that allow null.
    #[must_use]
    pub const fn nullable_versions(&self) -> VersionRange {
        range(self.nullable)
    }

    /// Whether the field stands between its neighbours in this version, untagged.
    #[inline]
    pub(crate) const fn in_body(&self, version: i16) -> bool {
        self.tag.is_none() && contains(self.present, version)
    }

    /// Whether a value that does not stand there has to be looked at: it is tagged, or an error.
    #[inline]
    pub(crate) const fn matters(&self, version: i16) -> bool {
        (self.tag.is_some() && contains(self.present, version))
            || (!self.ignorable && !contains(self.present, version))
    }

    /// Whether `tag` is this field in this version.
    #[inline]
    pub(crate) const fn has_tag(&self, tag: u32, version: i16) -> bool {
        match self.tag {
            Some(own) => own == tag && contains(self.present, version),
            None => false,
        }
    }

    /// The tag, if this version has the field as a tagged one.
    #[inline]
    pub(crate) const fn tag_in(&self, version: i16) -> Option<u32> {
        if contains(self.present, version) { self.tag } else { None }
    }

    // What follows are the words of the schema macro: `[12.., null 12.., tag 0, ignorable, lossy]`. Each argument is a
    // pattern, turned into the set of numbers it matches.

    pub(crate) const fn new(present: u32) -> Self {
        Self { present, nullable: 0, tag: None, ignorable: false, lossy: false, inflexible: false }
    }

    pub(crate) const fn null(mut self, versions: u32) -> Self {
        self.nullable = versions & self.present;
        self
    }

    pub(crate) const fn tag(mut self, number: u32) -> Self {
        assert!(number.is_power_of_two(), "a tag is one number below 32");
        self.tag = Some(number.trailing_zeros());
        self
    }

    pub(crate) const fn ignorable(mut self) -> Self {
        self.ignorable = true;
        self
    }

    pub(crate) const fn lossy(mut self) -> Self {
        self.lossy = true;
        self
    }

    pub(crate) const fn inflexible(mut self) -> Self {
        self.inflexible = true;
        self
    }

    /// Stops the build where a field that can be null has a type that can't.
    pub(crate) const fn checked(self, type_is_nullable: bool) -> Self {
        assert!(
            type_is_nullable == (self.nullable != 0),
            "a field is an Option if and only if some version allows null"
        );
        self
    }
}

/// The fewest bytes that a struct takes on the wire in any version that has some of its fields; at least one, so that an
/// array's count is never believed beyond the bytes left.
pub(crate) const fn least_wire(mut fields: &[(FieldAttrs, usize)]) -> usize {
    let all = fields;
    let mut least = usize::MAX;
    let mut version = 0_i16;
    while version < 32 {
        let mut sum = 0_usize;
        fields = all;
        while let [(attrs, wire), rest @ ..] = fields {
            if attrs.in_body(version) {
                sum = sum.saturating_add(*wire);
            }
            fields = rest;
        }
        if 0 < sum && sum < least {
            least = sum;
        }
        version = version.saturating_add(1);
    }
    if least == usize::MAX { 1 } else { least }
}

#[inline]
const fn contains(set: u32, version: i16) -> bool {
    set.wrapping_shr(version as u32) & 1 == 1
}

const fn range(set: u32) -> VersionRange {
    if set == 0 {
        return VersionRange::EMPTY;
    }
    let min = set.trailing_zeros() as i16;
    let max = 31_i16.saturating_sub(set.leading_zeros() as i16);
    VersionRange::new(min, max)
}
