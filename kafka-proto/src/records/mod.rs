//! Record batches of magic 2: what a Fetch returns and a Produce sends.
//!
//! Reading goes outside in, and nothing is copied on the way unless it was compressed:
//! 1. [`Batches`] cuts the bytes of a records field into [`RecordBatch`]es and stops at a batch that was cut off.
//! 2. [`RecordBatch::verify_crc`] and [`RecordBatch::records`] check and inflate one batch.
//! 3. [`RecordIter`] yields borrowed [`Record`]s; [`validate`] and [`skip_to`] walk them without handing them out.
//!
//! Writing goes inside out: [`put_record`] (or [`RecordPrefix`], when the room has to be known first) appends records
//! to any [`Sink`], [`compress`](crate::compress) packs them, [`BatchHeader::to_bytes`] and [`crc32c_of`] finish the
//! batch. [`BatchBuilder`] does all of it for whoever isn't in a hurry.
//!
//! Message sets of magic 0 and 1 (brokers before 0.11) are recognised and refused with `UnsupportedMagic`.

mod batches;
mod builder;
mod control;
mod crc;
mod encode;
mod header;
mod headers;
mod parse;
mod record;
mod sink;
#[cfg(test)]
mod tests;
mod walk;

pub use crate::compress::Codec;
pub use batches::{BatchRecords, Batches, RecordBatch};
pub use builder::BatchBuilder;
pub use control::{ControlRecord, ControlType};
pub use crc::crc32c_of;
pub use encode::{RecordPrefix, put_record, record_size};
pub use header::{Attributes, BatchHeader};
pub use headers::{HeadersIter, HeadersRef};
pub use record::{Record, RecordIter};
pub use sink::Sink;
pub use walk::{RecordCursor, Walk, skip_to, validate};

use crate::error::{DecodeError, DecodeErrorKind};

/// A broken rule of the batch format, at a byte offset.
#[cold]
fn malformed(rule: &'static str, offset: usize) -> DecodeError {
    DecodeError::new(DecodeErrorKind::Corrupt(rule), offset)
}
