//! What the expansions of the schema macro have in common.

use alloc::vec::Vec;

use super::{Field, FieldAttrs};
use crate::{
    error::{DecodeError, EncodeError},
    wire::{Reader, Writer},
};

/// The two halves of reading a struct. Apart, because the first can build a value right where it is to stay, and the
/// second, which needs its address, has nothing to do for almost every struct.
pub(crate) trait Struct: Field {
    /// Reads the fields that are not tagged.
    fn read_body(reader: &mut Reader) -> Result<Self, DecodeError>;

    /// Reads the tagged fields.
    fn read_tagged(&mut self, reader: &mut Reader) -> Result<(), DecodeError>;
}

/// Reads a struct.
#[inline]
pub(crate) fn read_struct<T: Struct>(reader: &mut Reader) -> Result<T, DecodeError> {
    let mut value = T::read_body(reader)?;
    if reader.has_tags() {
        value.read_tagged(reader)?;
    }
    Ok(value)
}

/// Reads an array's structs.
pub(crate) fn read_structs<T: Struct>(
    reader: &mut Reader,
    count: usize,
) -> Result<Vec<T>, DecodeError> {
    let mut elements = reader.reserve(count, T::MIN_WIRE)?;
    for index in 0..count {
        match T::read_body(reader) {
            Ok(element) => elements.push(element),
            Err(error) => return Err(error.at_index(index)),
        }
        if reader.has_tags()
            && let Some(element) = elements.last_mut()
        {
            let tagged = element.read_tagged(reader);
            tagged.map_err(|error| error.at_index(index))?;
        }
    }
    Ok(elements)
}

/// Reads the field `name`.
#[inline(always)]
pub(crate) fn read_field<T: Field>(
    reader: &mut Reader,
    attrs: FieldAttrs,
    version: i16,
    name: &'static str,
) -> Result<T, DecodeError> {
    let flexible = reader.flexible();
    if attrs.lossy {
        reader.set_lossy(true);
    }
    if attrs.inflexible {
        reader.set_version(version, false);
    }
    let value = T::read(reader, attrs.is_nullable(version));
    if attrs.lossy {
        reader.set_lossy(false);
    }
    if attrs.inflexible {
        reader.set_version(version, flexible);
    }
    value.map_err(|error| error.in_field(name))
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
