//! How the types of fields are read and written.

use alloc::vec::Vec;

use bytes::Bytes;

use super::{structs::set_default, table::FieldType};
use crate::{
    error::{DecodeError, DecodeErrorKind},
    wire::{NodeIds, Reader, Records, Str, Uuid, Writer},
};

/// A type that a field of a message can have. Structs implement it through the schema macro.
///
/// `nullable` says whether this version of the message allows null; only [`Option`] looks at it.
pub trait Field: Sized + 'static {
    /// The type as data.
    const TYPE: FieldType;
    /// Whether null is a value of the type.
    const NULLABLE: bool = false;

    /// The fewest bytes that a value takes on the wire, in whichever version.
    const MIN_WIRE: usize;

    /// Reads a value.
    ///
    /// # Errors
    /// Whatever is wrong with the bytes.
    fn read(reader: &mut Reader, nullable: bool) -> Result<Self, DecodeError>;

    /// Whether values are slices of the frame, which are better built where they are to stay.
    const IS_BYTES: bool = false;

    /// Reads a value into a field that still has its default, which owns nothing. What is large is built right there.
    ///
    /// # Errors
    /// Whatever is wrong with the bytes.
    #[inline(always)]
    fn read_into(&mut self, reader: &mut Reader, nullable: bool) -> Result<(), DecodeError> {
        set_default(self, Self::read(reader, nullable)?);
        Ok(())
    }

    /// Reads a value where null is allowed into a field that still has its default.
    ///
    /// # Errors
    /// Whatever is wrong with the bytes.
    #[inline(always)]
    fn read_into_or_null(field: &mut Option<Self>, reader: &mut Reader) -> Result<(), DecodeError> {
        set_default(field, Self::read_or_null(reader)?);
        Ok(())
    }

    /// Appends the value. What can't be written is remembered by the writer.
    fn write(&self, writer: &mut Writer, nullable: bool);

    /// Whether the value is null.
    #[inline]
    fn is_null(&self) -> bool {
        false
    }

    /// Reads a value where null is allowed. Structs have a byte in front: negative is null.
    ///
    /// # Errors
    /// Whatever is wrong with the bytes.
    fn read_or_null(reader: &mut Reader) -> Result<Option<Self>, DecodeError> {
        if i8::from_be_bytes(reader.read_array()?) < 0 {
            return Ok(None);
        }
        Self::read(reader, false).map(Some)
    }

    /// Appends a value where null is allowed.
    fn write_or_null(value: Option<&Self>, writer: &mut Writer) {
        let Some(value) = value else {
            return writer.write_array((-1_i8).to_be_bytes());
        };
        writer.write_array(1_i8.to_be_bytes());
        value.write(writer, false);
    }

    /// Reads an array's elements.
    ///
    /// # Errors
    /// Whatever is wrong with the bytes; a count that they can't hold, before anything is allocated.
    fn read_elements(reader: &mut Reader, count: usize) -> Result<Vec<Self>, DecodeError> {
        let mut elements = reader.reserve(count, Self::MIN_WIRE)?;
        for index in 0..count {
            match Self::read(reader, false) {
                Ok(element) => elements.push(element),
                Err(error) => return Err(error.at_index(index)),
            }
        }
        Ok(elements)
    }

    /// Appends an array's elements.
    fn write_elements(elements: &[Self], writer: &mut Writer) {
        for element in elements {
            element.write(writer, false);
        }
    }
}

/// Fixed-size types. Their arrays are read and written in one go.
macro_rules! fixed_size {
    ($($ty:ty, $type:ident, $size:literal, $read:expr, $write:expr;)*) => {$(
        impl Field for $ty {
            const TYPE: FieldType = FieldType::$type;

            const MIN_WIRE: usize = $size;

            #[inline]
            fn read(reader: &mut Reader, _: bool) -> Result<Self, DecodeError> {
                reader.read_array().map($read)
            }

            #[inline]
            fn write(&self, writer: &mut Writer, _: bool) {
                writer.write_array::<$size>($write(*self));
            }

            fn read_elements(reader: &mut Reader, count: usize) -> Result<Vec<Self>, DecodeError> {
                reader.read_arrays(count, $read)
            }
        }
    )*};
}

fixed_size! {
    bool, Bool, 1, |[byte]: [u8; 1]| byte != 0, |value| [u8::from(value)];
    i8, I8, 1, Self::from_be_bytes, Self::to_be_bytes;
    i16, I16, 2, Self::from_be_bytes, Self::to_be_bytes;
    u16, U16, 2, Self::from_be_bytes, Self::to_be_bytes;
    i32, I32, 4, Self::from_be_bytes, Self::to_be_bytes;
    u32, U32, 4, Self::from_be_bytes, Self::to_be_bytes;
    i64, I64, 8, Self::from_be_bytes, Self::to_be_bytes;
    f64, F64, 8, Self::from_be_bytes, Self::to_be_bytes;
    Uuid, Uuid, 16, Self, |value: Self| value.0;
}

/// Types with a length, which is also where their null is.
macro_rules! length_prefixed {
    ($($ty:ty, $type:ident, $read:expr, $write:expr $(, $into:expr)?;)*) => {$(
        impl Field for $ty {
            const TYPE: FieldType = FieldType::$type;

            const MIN_WIRE: usize = 1;
            $(
            const IS_BYTES: bool = true;

            #[inline(always)]
            fn read_into_or_null(field: &mut Option<Self>, reader: &mut Reader) -> Result<(), DecodeError> {
                reader.read_bytes_into(field, $into)
            })?

            #[inline]
            fn read(reader: &mut Reader, _: bool) -> Result<Self, DecodeError> {
                match $read(reader)? {
                    Some(value) => Ok(value),
                    None => Err(reader.error(DecodeErrorKind::NullNotAllowed)),
                }
            }

            #[inline]
            fn write(&self, writer: &mut Writer, _: bool) {
                Self::write_or_null(Some(self), writer);
            }

            #[inline]
            fn read_or_null(reader: &mut Reader) -> Result<Option<Self>, DecodeError> {
                $read(reader)
            }

            #[inline]
            fn write_or_null(value: Option<&Self>, writer: &mut Writer) {
                $write(writer, value);
            }
        }
    )*};
}

length_prefixed! {
    Str, Str, Reader::read_str, |w: &mut Writer, value: Option<&Self>| w.write_str(value.map(Self::as_str));
    Bytes, Bytes, Reader::read_bytes, |w: &mut Writer, value: Option<&Self>| w.write_bytes(value.map(AsRef::as_ref)),
        |bytes| bytes;
    Records, Records, |r: &mut Reader| r.read_bytes().map(|bytes| bytes.map(Self::from)), Writer::write_records,
        Self::from;
}

impl Field for NodeIds {
    const TYPE: FieldType = FieldType::Array(&FieldType::I32);

    const MIN_WIRE: usize = 1;

    #[inline]
    fn read(reader: &mut Reader, _: bool) -> Result<Self, DecodeError> {
        match reader.read_len()? {
            Some(count) => reader.read_node_ids(count),
            None => Err(reader.error(DecodeErrorKind::NullNotAllowed)),
        }
    }

    #[inline]
    fn write(&self, writer: &mut Writer, _: bool) {
        writer.write_len(Some(self.len()), "array");
        i32::write_elements(self, writer);
    }

    #[inline]
    fn read_or_null(reader: &mut Reader) -> Result<Option<Self>, DecodeError> {
        match reader.read_len()? {
            Some(count) => reader.read_node_ids(count).map(Some),
            None => Ok(None),
        }
    }

    #[inline]
    fn write_or_null(value: Option<&Self>, writer: &mut Writer) {
        match value {
            Some(value) => value.write(writer, false),
            None => writer.write_len(None, "array"),
        }
    }
}

impl<T: Field> Field for Vec<T> {
    const TYPE: FieldType = FieldType::Array(&T::TYPE);

    const MIN_WIRE: usize = 1;

    #[inline]
    fn read(reader: &mut Reader, _: bool) -> Result<Self, DecodeError> {
        match reader.read_len()? {
            Some(0) => Ok(Self::new()),
            Some(count) => T::read_elements(reader, count),
            None => Err(reader.error(DecodeErrorKind::NullNotAllowed)),
        }
    }

    #[inline]
    fn write(&self, writer: &mut Writer, _: bool) {
        writer.write_len(Some(self.len()), "array");
        T::write_elements(self, writer);
    }

    #[inline]
    fn read_or_null(reader: &mut Reader) -> Result<Option<Self>, DecodeError> {
        match reader.read_len()? {
            Some(0) => Ok(Some(Self::new())),
            Some(count) => T::read_elements(reader, count).map(Some),
            None => Ok(None),
        }
    }

    #[inline]
    fn write_or_null(value: Option<&Self>, writer: &mut Writer) {
        match value {
            Some(value) => value.write(writer, false),
            None => writer.write_len(None, "array"),
        }
    }
}

impl<T: Field> Field for Option<T> {
    const TYPE: FieldType = T::TYPE;
    const NULLABLE: bool = true;
    const IS_BYTES: bool = T::IS_BYTES;

    const MIN_WIRE: usize = 1;

    #[inline]
    fn read(reader: &mut Reader, nullable: bool) -> Result<Self, DecodeError> {
        if nullable { T::read_or_null(reader) } else { T::read(reader, false).map(Some) }
    }

    #[inline(always)]
    fn read_into(&mut self, reader: &mut Reader, nullable: bool) -> Result<(), DecodeError> {
        if nullable {
            return T::read_into_or_null(self, reader);
        }
        set_default(self, Some(T::read(reader, false)?));
        Ok(())
    }

    #[inline]
    fn write(&self, writer: &mut Writer, nullable: bool) {
        match self {
            _ if nullable => T::write_or_null(self.as_ref(), writer),
            Some(value) => value.write(writer, false),
            // The macro has told the writer already, with the names that are not known here.
            None => {}
        }
    }

    #[inline]
    fn is_null(&self) -> bool {
        self.is_none()
    }
}
