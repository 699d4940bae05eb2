//! Records in all three formats: what a Fetch returns and a Produce sends.
//!
//! Brokers since 0.11 store batches of magic 2, those before stored message sets of magic 0 and, from 0.10
//! on, 1; one answer may hold all of them. Reading goes outside in, and nothing is copied on the way unless it was
//! compressed:
//! 1. [`RecordSets`] cuts the bytes of a records field into [`RecordSet`]s, whatever their magic, and stops at one that
//!    was cut off. [`Batches`] does the same for batches alone.
//! 2. [`RecordSet::verify_crc`] and [`RecordSet::records`] check and inflate one of them, the latter under a limit.
//! 3. [`SetRecords::iter`] yields borrowed [`Record`]s. For a batch, [`validate`] and [`skip_to`] walk them without
//!    handing them out.
//!
//! Writing goes inside out: [`put_record`] (or [`RecordPrefix`], when the room has to be known first) appends records
//! to any [`Sink`], [`compress`](crate::compress) packs them, [`BatchHeader::to_bytes`] and [`crc32c_of`] finish the
//! batch. [`BatchBuilder`] does all of it for whoever isn't in a hurry, and [`MessageSetBuilder`] for the old formats.
//!
//! [`convert`](convert()) turns records of one format into another, as brokers do it for clients of another age.

mod batches;
mod builder;
mod control;
mod convert;
mod crc;
mod cut;
mod encode;
mod header;
mod headers;
mod message;
mod owned;
mod parse;
mod record;
mod sets;
mod sink;
#[cfg(test)]
mod tests;
mod walk;

pub use crate::compress::Codec;
pub use batches::{BatchRecords, Batches, RecordBatch};
pub use builder::BatchBuilder;
pub use control::{ControlRecord, ControlType};
pub use convert::{ConvertError, convert, down_convert};
pub use crc::crc32c_of;
pub use encode::{RecordPrefix, put_record, record_size};
pub use header::{Attributes, BatchHeader};
pub use headers::{HeadersIter, HeadersRef};
pub use message::{
    MessageEntry, MessageHeader, MessageIter, MessageRecords, MessageSetBuilder, message_size,
};
pub use owned::{OwnedRecord, OwnedRecords};
pub use record::{Record, RecordIter};
pub use sets::{RecordSet, RecordSets, SetRecords, SetRecordsIter};
pub use sink::Sink;
pub use walk::{RecordCursor, Walk, skip_to, validate};

use crate::error::{DecodeError, DecodeErrorKind};

/// A broken rule of the batch format, at a byte offset.
#[cold]
fn malformed(rule: &'static str, offset: usize) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Corrupt(rule), offset)
}
