//! What the expansions of the schema macro have in common.

use alloc::vec::Vec;

use bytes::Bytes;

use super::{Field, FieldAttrs, StructSchema};
use crate::{
    error::{DecodeError, EncodeError},
    wire::{Reader, UnknownTags, Writer},
};

/// What the expansion of a struct is: one line or two per field in each of these. Everything else is generic.
///
/// Reading starts from the default, so that a value is built right where it is to stay, and is in two halves, because
/// the second has nothing to do for almost every struct.
pub(crate) trait Struct: Field + Default {
    /// The fewest bytes that a value takes on the wire, in whichever version.
    const MIN_WIRE: usize;
    /// The struct as data.
    const SCHEMA: &'static StructSchema;

    /// Reads the fields that are not tagged into a value that is the default. Defaults own nothing, so that what is
    /// replaced need not be dropped.
    fn fill(&mut self, reader: &mut Reader) -> Result<(), DecodeError>;

    /// Reads the field of a tag; returns whether there is one.
    fn read_tag(
        &mut self,
        reader: &mut Reader,
        tag: u32,
        version: i16,
    ) -> Result<bool, DecodeError>;

    /// Appends the fields that are not tagged; returns the number of tagged ones to be written.
    fn write_body(&self, writer: &mut Writer) -> u32;

    /// Appends the tagged fields, and in between, as their order demands, some of the unknown ones, which it takes off.
    fn write_tags(&self, writer: &mut Writer, unknown: &mut &[(u32, Bytes)]);

    /// Tagged fields that the schema does not know.
    fn unknown_tags(&self) -> &UnknownTags;

    /// Sets them.
    fn set_unknown_tags(&mut self, tags: UnknownTags);
}

/// Reads a struct.
#[inline]
pub(crate) fn read_struct<T: Struct>(reader: &mut Reader) -> Result<T, DecodeError> {
    let mut value = T::default();
    value.fill(reader)?;
    if reader.has_tags() {
        read_tags(&mut value, reader)?;
    }
    Ok(value)
}

/// Reads an array's structs.
pub(crate) fn read_structs<T: Struct>(
    reader: &mut Reader,
    count: usize,
) -> Result<Vec<T>, DecodeError> {
    let mut elements: Vec<T> = reader.reserve(count, <T as Struct>::MIN_WIRE)?;
    // A value that is made first and then pushed would be copied.
    elements.resize_with(count, T::default);
    for (index, element) in elements.iter_mut().enumerate() {
        if let Err(error) = element.fill(reader) {
            return Err(error.at_index(index));
        }
        if reader.has_tags() {
            read_tags(element, reader).map_err(|error| error.at_index(index))?;
        }
    }
    Ok(elements)
}

#[cold]
#[inline(never)]
fn read_tags<T: Struct>(value: &mut T, reader: &mut Reader) -> Result<(), DecodeError> {
    let version = reader.version();
    let mut tags = reader.read_tags()?;
    while let Some(tag) = tags.next(reader)? {
        if value.read_tag(reader, tag, version)? {
            tags.end_known(reader)?;
        } else {
            tags.keep(reader)?;
        }
    }
    value.set_unknown_tags(tags.finish(reader)?);
    Ok(())
}

/// Reads a field into where it is to stay; it still has its default.
#[inline(always)]
pub(crate) fn read_into<T: Field>(
    field: &mut T,
    reader: &mut Reader,
    attrs: FieldAttrs,
    version: i16,
) -> Result<(), DecodeError> {
    if T::IS_BYTES && !attrs.inflexible {
        return field.read_into(reader, attrs.is_nullable(version));
    }
    match read_field(reader, attrs, version) {
        Ok(value) => {
            set_default(field, value);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Sets a field that still has its default, which owns nothing: dropping it would be work for nothing, in every field.
#[inline(always)]
pub(super) fn set_default<T>(field: &mut T, value: T) {
    core::mem::forget(core::mem::replace(field, value));
}

/// Appends a struct.
pub(crate) fn write_struct<T: Struct>(value: &T, writer: &mut Writer) {
    let known = value.write_body(writer);
    let unknown = value.unknown_tags().as_slice();
    if writer.start_tags(known, unknown, T::SCHEMA.name) {
        write_tags(value, writer);
    }
}

#[cold]
#[inline(never)]
fn write_tags<T: Struct>(value: &T, writer: &mut Writer) {
    let mut unknown = value.unknown_tags().as_slice();
    value.write_tags(writer, &mut unknown);
    writer.write_unknown_tags(unknown, u64::MAX);
}

/// Reads a field. Its name is for the caller to add to an error, who then has the value where it is to stay.
#[inline(always)]
pub(crate) fn read_field<T: Field>(
    reader: &mut Reader,
    attrs: FieldAttrs,
    version: i16,
) -> Result<T, DecodeError> {
    if !attrs.lossy && !attrs.inflexible {
        return T::read(reader, attrs.is_nullable(version));
    }
    let flexible = reader.flexible();
    reader.set_lossy(attrs.lossy);
    reader.set_version(version, flexible && !attrs.inflexible);
    let value = T::read(reader, attrs.is_nullable(version));
    reader.set_lossy(false);
    reader.set_version(version, flexible);
    value
}

/// Appends a field; the last argument names its message and itself.
#[inline(always)]
pub(crate) fn write_field<T: Field>(
    value: &T,
    writer: &mut Writer,
    attrs: FieldAttrs,
    version: i16,
    (message, field): (&'static str, &'static str),
) {
    let nullable = attrs.is_nullable(version);
    if T::NULLABLE && !nullable && value.is_null() {
        writer.fail(EncodeError::NullNotAllowed { message, field, version });
    }
    if attrs.inflexible {
        let flexible = writer.flexible();
        writer.set_version(version, false);
        value.write(writer, nullable);
        writer.set_version(version, flexible);
        return;
    }
    value.write(writer, nullable);
}
