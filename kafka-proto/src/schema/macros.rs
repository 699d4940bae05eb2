//! The schema macro.

/// Defines messages and the structs inside them. The module's documentation shows one with its expansion.
///
/// ```text
/// Name [-> Response] [= [key N,] versions A..=B[, flexible C..][, memory M][, kips [V: K, ...]]] { field: Type [RANGE, ...] [= default], }
/// ```
/// Without `=`, it is a struct inside a message. A range is a pattern on the version. After it may follow `null RANGE`,
/// `tag N`, `ignorable`, `lossy`, `inflexible`: these are methods of `FieldAttrs`, and patterns become sets of numbers for them.
macro_rules! messages {
    ($(
        $(#[$meta:meta])*
        $name:ident $(-> $response:ident)? $(= $(key $key:literal,)? versions $min:literal..=$max:literal
            $(, flexible $flexible:literal..)? $(, memory $memory:literal)? $(, kips [$($since:literal: $kip:literal),* $(,)?])?)? {
            $( $(#[$doc:meta])* $field:ident: $ty:ty [$range:pat $(, $word:ident $($arg:pat)?)*] $(= $default:expr)? ),* $(,)?
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $(
                $(#[$doc])*
                #[doc = concat!("\nVersions `", stringify!($range), "`" $(, ", ", stringify!($word) $(, " `", stringify!($arg), "`")?)*
                    $(, ", default `", stringify!($default), "`")?, ".")]
                pub $field: $ty,
            )*
            /// Tagged fields that the schema does not know; they are written back.
            pub unknown_tagged_fields: $crate::wire::UnknownTags,
        }

        const _: () = {
            use $crate::schema::prelude::*;

            /// The attributes of each field, under the field's name.
            struct Attrs;
            #[allow(non_upper_case_globals)]
            impl Attrs {
                $(const $field: FieldAttrs = FieldAttrs::new(set_of!($range)) $(.$word($(set_of!($arg))?))* .checked(<$ty as Field>::NULLABLE);)*
            }

            /// The default of each field, under the field's name.
            struct Defaults;
            impl Defaults {
                $(#[inline] fn $field() -> $ty { let _default = <$ty>::default; $(let _default = || $default;)? _default() })*
            }

            impl Default for $name {
                #[inline]
                fn default() -> Self {
                    Self { $($field: Defaults::$field(),)* unknown_tagged_fields: Default::default() }
                }
            }

            impl Struct for $name {
                const MIN_WIRE: usize = least_wire(&[$((Attrs::$field, <$ty as Field>::MIN_WIRE)),*]);
                const SCHEMA: &'static StructSchema = &StructSchema {
                    name: stringify!($name),
                    size: size_of::<Self>(),
                    min_wire: <Self as Struct>::MIN_WIRE,
                    fields: &[$(FieldSchema {
                        name: stringify!($field), ty: <$ty as Field>::TYPE, attrs: Attrs::$field, default: concat!($(stringify!($default))?),
                    },)*],
                };

                #[inline(always)]
                fn fill(&mut self, reader: &mut Reader) -> Result<(), DecodeError> {
                    let version = reader.version();
                    $(if Attrs::$field.in_body(version) {
                        if let Err(error) = read_into(&mut self.$field, reader, Attrs::$field, version) {
                            return Err(error.in_field(stringify!($field)));
                        }
                    })*
                    Ok(())
                }

                #[inline(always)]
                fn read_tag(&mut self, _reader: &mut Reader, _tag: u32, _version: i16) -> Result<bool, DecodeError> {
                    $(if Attrs::$field.has_tag(_tag, _version) {
                        self.$field = read_field(_reader, Attrs::$field, _version).map_err(|error| error.in_field(stringify!($field)))?;
                        return Ok(true);
                    })*
                    Ok(false)
                }

                #[inline(always)]
                fn write_body(&self, writer: &mut Writer) -> u32 {
                    let (version, mut _tagged) = (writer.version(), 0_u32);
                    $(if Attrs::$field.in_body(version) {
                        write_field(&self.$field, writer, Attrs::$field, version, (stringify!($name), stringify!($field)));
                    } else if Attrs::$field.matters(version) && self.$field != Defaults::$field() {
                        if Attrs::$field.tag_in(version).is_some() {
                            _tagged = _tagged.wrapping_add(1);
                        } else {
                            writer.fail(EncodeError::FieldNotInVersion { message: stringify!($name), field: stringify!($field), version });
                        }
                    })*
                    _tagged
                }

                #[inline(always)]
                fn write_tags(&self, _writer: &mut Writer, _unknown: &mut &[(u32, Bytes)]) {
                    let _version = _writer.version();
                    $(if let Some(tag) = Attrs::$field.tag_in(_version) && self.$field != Defaults::$field() {
                        *_unknown = _writer.write_unknown_tags(_unknown, u64::from(tag));
                        _writer.write_tag(tag, |w| write_field(&self.$field, w, Attrs::$field, _version, (stringify!($name), stringify!($field))));
                    })*
                }

                #[inline(always)]
                fn unknown_tags(&self) -> &UnknownTags {
                    &self.unknown_tagged_fields
                }

                #[inline(always)]
                fn set_unknown_tags(&mut self, tags: UnknownTags) {
                    self.unknown_tagged_fields = tags;
                }
            }

            struct_field!($name);

            $(impl Message for $name {
                const NAME: &'static str = stringify!($name);
                const KEY: Option<ApiKey> = { let _key: Option<ApiKey> = None; $(let _key = ApiKey::from_i16($key);)? _key };
                const VERSIONS: core::ops::RangeInclusive<i16> = $min..=$max;
                const FIRST_FLEXIBLE: Option<i16> = { let _first: Option<i16> = None; $(let _first = Some($flexible);)? _first };
                const MEMORY_FACTOR: usize = { let _factor = 8; $(let _factor = $memory;)? _factor };
                const KIND: MessageKind = MessageKind::of(Self::NAME, Self::KEY.is_some());
                const KIPS: &'static [(i16, u16)] = { let _kips: &[(i16, u16)] = &[]; $(let _kips: &[(i16, u16)] = &[$(($since, $kip)),*];)? _kips };
            })?

            $(impl Request for $name {
                type Response = $response;
                const API: ApiKey = <Self as Message>::KEY.expect("a request has a key");
            })?
        };
    )*};
}
pub(crate) use messages;

/// A struct as the type of a field. All is inline and ends in functions that are generic, so that a program compiles the
/// messages that it uses, and this crate none.
macro_rules! struct_field {
    ($name:ident) => {
        impl Field for $name {
            const TYPE: FieldType = FieldType::Struct(<Self as Struct>::SCHEMA);
            const MIN_WIRE: usize = <Self as Struct>::MIN_WIRE;

            #[inline(always)]
            fn read(reader: &mut Reader, _: bool) -> Result<Self, DecodeError> {
                read_struct(reader)
            }

            #[inline(always)]
            fn read_elements(reader: &mut Reader, count: usize) -> Result<Vec<Self>, DecodeError> {
                read_structs(reader, count)
            }

            #[inline(always)]
            fn write(&self, writer: &mut Writer, _: bool) {
                write_struct(self, writer);
            }
        }
    };
}
pub(crate) use struct_field;

/// The set of the numbers from 0 to 31 that a pattern matches, lowest bit first.
macro_rules! set_of {
    ($pattern:pat) => {{
        let (mut set, mut number) = (0_u32, 0_i16);
        while number < 32 {
            set |= if matches!(number, $pattern) { 1 << number } else { 0 };
            number = number.wrapping_add(1);
        }
        set
    }};
}
pub(crate) use set_of;

/// What the expansion of [`messages!`] names.
pub(crate) mod prelude {
    pub(crate) use alloc::vec::Vec;

    pub(crate) use bytes::Bytes;

    pub(crate) use super::{set_of, struct_field};
    pub(crate) use crate::{
        api::ApiKey,
        error::{DecodeError, EncodeError},
        schema::{
            Field, FieldAttrs, FieldSchema, FieldType, Message, MessageKind, Request, Struct,
            StructSchema, least_wire, read_field, read_into, read_struct, read_structs,
            write_field, write_struct,
        },
        wire::{Reader, UnknownTags, Writer},
    };
}
