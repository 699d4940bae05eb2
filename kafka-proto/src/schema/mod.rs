//! Messages as schemas: the traits they implement, and the macro that writes them down.
//!
//! One line per field gives the struct, its defaults, its encoder, its decoder and its row in a static table
//! ([`MessageSchema`]), for all versions at once. A message that is one line here,
//!
//! ```text
//! messages! {
//!     /// A sign of life of a group member.
//!     HeartbeatRequest -> HeartbeatResponse = key 12, versions 0..=4, flexible 4.. {
//!         group_id: Str [0..],
//!         generation_id: i32 [0..],
//!         member_id: Str [0..],
//!         group_instance_id: Option<Str> [3.., null 3..],
//!     }
//! }
//! ```
//!
//! expands, for its last field, into this:
//!
//! ```text
//! pub struct HeartbeatRequest { pub group_instance_id: Option<Str>, .., pub unknown_tagged_fields: UnknownTags }
//! // Struct::fill, of a value that is the default
//! if version >= 3 { self.group_instance_id = Field::read(reader, version >= 3)? }
//! // Field::write
//! if version >= 3 { self.group_instance_id.write(writer, version >= 3) }
//! else if self.group_instance_id != None { writer.fail(EncodeError::FieldNotInVersion { .. }) }
//! ```

mod field;
mod macros;
mod structs;
mod table;

use core::{fmt::Debug, ops::RangeInclusive};

pub use self::{
    field::Field,
    table::{FieldAttrs, FieldSchema, FieldType, MessageKind, MessageSchema, StructSchema},
};
pub(crate) use self::{
    macros::{messages, prelude},
    structs::{
        Struct, read_field, read_into, read_struct, read_structs, write_field, write_struct,
    },
    table::least_wire,
};
use crate::{
    api::{ApiKey, VersionRange},
    error::{DecodeError, DecodeErrorKind, EncodeError},
    wire::{Reader, Writer},
};

/// A request, a response, or another value that Kafka gives a schema with versions.
pub trait Message: Field + Default + Clone + Debug + PartialEq {
    /// Kafka's name, such as `FetchRequest`.
    const NAME: &'static str;
    /// The API that the message belongs to, if it travels in a frame of its own.
    const KEY: Option<ApiKey>;
    /// Versions that can be encoded and decoded.
    const VERSIONS: RangeInclusive<i16>;
    /// Memory that decoding may take, as a multiple of the encoded bytes, beside 64 KiB. It is 8 unless a message's
    /// smallest elements are larger than that in memory.
    ///
    /// Tagged fields that the schema doesn't know draw on the same memory, and the first of a struct takes 64 bytes. No
    /// release sends one in every element of a large array; a body that did could be refused.
    const MEMORY_FACTOR: usize;
    /// First version with compact lengths and tagged fields (KIP-482), if there is one.
    const FIRST_FLEXIBLE: Option<i16>;
    /// Which version came with which KIP, for requests and data messages.
    const KIPS: &'static [(i16, u16)];
    /// What the message is good for.
    const KIND: MessageKind;
    /// The message as data.
    const SCHEMA: &'static MessageSchema = &MessageSchema {
        name: Self::NAME,
        key: Self::KEY,
        versions: VersionRange::new(*Self::VERSIONS.start(), *Self::VERSIONS.end()),
        first_flexible: Self::FIRST_FLEXIBLE,
        kind: Self::KIND,
        memory_factor: Self::MEMORY_FACTOR,
        kips: Self::KIPS,
        body: Self::TYPE.fields(),
    };

    /// Whether this version has compact lengths and tagged fields.
    #[must_use]
    fn is_flexible(version: i16) -> bool {
        Self::FIRST_FLEXIBLE.is_some_and(|first| version >= first)
    }

    /// Appends the message in the version of the writer.
    ///
    /// # Errors
    /// `UnsupportedVersion`, a field that the version can't carry, a null it doesn't allow, a string too long for its
    /// length field.
    #[inline]
    fn encode(&self, writer: &mut Writer) -> Result<(), EncodeError> {
        let version = writer.version();
        if !Self::VERSIONS.contains(&version) {
            return Err(EncodeError::UnsupportedVersion { message: Self::NAME, version });
        }
        writer.set_version(version, Self::is_flexible(version));
        self.write(writer, false);
        writer.check()
    }

    /// Reads one message in the version of the reader; bytes may be left after it.
    ///
    /// # Errors
    /// Whatever is wrong with the bytes, with offset and field.
    #[inline]
    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        let version = reader.version();
        if !Self::VERSIONS.contains(&version) {
            let error = reader.error(DecodeErrorKind::UnsupportedVersion);
            return Err(error.in_message(Self::NAME, version));
        }
        reader.set_version(version, Self::is_flexible(version));
        reader.set_memory_factor(Self::MEMORY_FACTOR);
        match Self::read(reader, false) {
            Ok(message) => Ok(message),
            Err(error) => Err(error.in_message(Self::NAME, version)),
        }
    }
}

/// A request, which is answered.
pub trait Request: Message {
    /// What answers it, in the same version.
    type Response: Message;
    /// The API it calls.
    const API: ApiKey;
}

/// Something to be done with every message type, such as to test or to list it.
pub trait MessageVisitor {
    /// Takes one message.
    fn message<M: Message>(&mut self);

    /// Takes a request and its response.
    fn request<R: Request>(&mut self) {
        self.message::<R>();
        self.message::<R::Response>();
    }
}
