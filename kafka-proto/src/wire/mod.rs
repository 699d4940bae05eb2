//! The primitive types on the wire: integers, strings, bytes, ids, lengths and tagged fields.

mod node_ids;
mod reader;
mod records;
mod str;
mod tags;
mod unknown_tags;
mod uuid;
pub mod varint;
mod writer;

pub(crate) use self::tags::Tags;
pub use self::{
    node_ids::NodeIds,
    reader::Reader,
    records::Records,
    str::Str,
    unknown_tags::UnknownTags,
    uuid::{ParseUuidError, Uuid},
    writer::{Encoded, Writer},
};
