//! Writing values into one frame.

use alloc::vec::Vec;

use bytes::Bytes;

use super::{Records, varint};
use crate::{chunks::Chunks, error::EncodeError};

/// Writes the values of one message.
///
/// It knows the version and whether it is flexible, like [`Reader`](super::Reader). There is no pass to find the size
/// first: a frame's length is filled in at the end. Writing never fails half-way; the first thing that can't be written
/// is remembered, and [`Writer::finish`] returns it.
#[derive(Debug)]
pub struct Writer {
    buf: Vec<u8>,
    links: Vec<Link>,
    linked_len: usize,
    version: i16,
    flexible: bool,
    /// Reasons not to link: tagged fields that are being written, whose size is not known yet, and a buffer of the
    /// caller's, who wants all bytes in it.
    unlinkable: u32,
    failed: Option<EncodeError>,
}

/// Pieces that belong between the bytes before and from `at` in the buffer.
#[derive(Debug)]
struct Link {
    at: usize,
    records: Records,
}

/// Written bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoded {
    /// All bytes, in order.
    pub chunks: Chunks,
    /// For every records field that was linked in rather than copied, the index in `chunks` of its first piece.
    pub records_at: Vec<usize>,
}

/// Bytes that no length field can count; they are refused before they are copied.
const LEN_ABOVE_MAX: usize = i32::MAX as usize + 1;

/// Records below this many bytes are copied: a piece of its own costs the socket more than the copy.
const LINK_MIN: usize = 1024;

/// Length of a batch header. Records that start with a piece of just this length want it to stay a piece, to be stamped.
const BATCH_HEADER_LEN: usize = 61;

impl Writer {
    /// A writer with nothing written.
    #[must_use]
    pub fn new(version: i16, flexible: bool) -> Self {
        Self {
            buf: Vec::new(),
            links: Vec::new(),
            linked_len: 0,
            version,
            flexible,
            unlinkable: 0,
            failed: None,
        }
    }

    /// A writer that appends to `buf`, links nothing, and whose end is [`finish_appended`](Self::finish_appended).
    #[inline]
    pub(crate) fn appending(buf: Vec<u8>, version: i16) -> Self {
        Self { buf, unlinkable: 1, ..Self::new(version, false) }
    }

    /// A writer with room for `capacity` bytes.
    #[inline]
    pub(crate) fn with_capacity(capacity: usize, version: i16) -> Self {
        Self { buf: Vec::with_capacity(capacity), ..Self::new(version, false) }
    }

    /// Makes room for `bytes` more bytes at once.
    pub fn reserve(&mut self, bytes: usize) {
        self.buf.reserve(bytes);
    }

    /// Version of the message being written.
    #[inline]
    #[must_use]
    pub fn version(&self) -> i16 {
        self.version
    }

    /// Whether lengths are compact and structs end in tagged fields.
    #[inline]
    #[must_use]
    pub fn flexible(&self) -> bool {
        self.flexible
    }

    /// Sets what the next values are encoded as: the header of a frame and its body differ.
    pub fn set_version(&mut self, version: i16, flexible: bool) {
        self.version = version;
        self.flexible = flexible;
    }

    /// Bytes written so far, linked ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buf.len().saturating_add(self.linked_len)
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends bytes as they are.
    #[inline]
    pub fn write_raw(&mut self, bytes: &[u8]) {
        self.buf.extend_from_slice(bytes);
    }

    /// Appends a fixed-size value.
    #[inline]
    pub fn write_array<const N: usize>(&mut self, bytes: [u8; N]) {
        self.buf.extend_from_slice(&bytes);
    }

    /// Appends an unsigned varint.
    #[inline]
    pub fn write_varint(&mut self, value: u32) {
        match value {
            ..0x80 => self.buf.push(value as u8),
            0x80..0x4000 => self.write_array([value as u8 | 0x80, (value >> 7) as u8]),
            _ => self.write_long_varint(value),
        }
    }

    /// Appends a string or null: its length is compact, or 16 bits. Both end at 32,767 bytes.
    #[inline]
    pub fn write_str(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.write_text(text.as_bytes()),
            None => self.write_null_str(),
        }
    }

    /// Appends a string with a 16-bit length in every version, as in request headers.
    #[inline]
    pub fn write_short_str(&mut self, text: Option<&str>) {
        let flexible = core::mem::replace(&mut self.flexible, false);
        self.write_str(text);
        self.flexible = flexible;
    }

    /// Appends bytes or null: their length is compact, or 32 bits.
    #[inline]
    pub fn write_bytes(&mut self, bytes: Option<&[u8]>) {
        let len = bytes.map(<[u8]>::len);
        if let Some(len @ LEN_ABOVE_MAX..) = len {
            return self.too_long("bytes", len, i32::MAX as usize);
        }
        self.write_len(len, "bytes");
        self.write_raw(bytes.unwrap_or_default());
    }

    /// Appends the length of bytes or the count of an array, or null. `what` names it in an error.
    #[inline]
    pub fn write_len(&mut self, len: Option<usize>, what: &'static str) {
        let Some(len) = len else {
            return if self.flexible {
                self.write_varint(0);
            } else {
                self.write_array((-1_i32).to_be_bytes());
            };
        };
        match i32::try_from(len) {
            Ok(len) if self.flexible => self.write_varint(len.unsigned_abs().saturating_add(1)),
            Ok(len) => self.write_array(len.to_be_bytes()),
            Err(_) => self.too_long(what, len, i32::MAX as usize),
        }
    }

    /// Appends a records field, or null. The record bytes are linked, not copied, from 1 KiB on; below that too if they
    /// start with a batch header in a piece of its own.
    pub fn write_records(&mut self, records: Option<&Records>) {
        let Some(records) = records else {
            return self.write_len(None, "records");
        };
        match records.as_single() {
            Some(bytes) if bytes.len() < LINK_MIN && bytes.len() != BATCH_HEADER_LEN => {
                self.write_bytes(Some(bytes));
            }
            _ => self.write_large_records(records),
        }
    }

    /// Remembers why the message can't be written; the first reason stays.
    #[cold]
    #[inline(never)]
    pub fn fail(&mut self, error: EncodeError) {
        self.failed.get_or_insert(error);
    }

    /// Ends with the first error, if there was one, and clears it.
    ///
    /// # Errors
    /// Whatever could not be written.
    #[inline]
    pub fn check(&mut self) -> Result<(), EncodeError> {
        match self.failed.take() {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }

    /// Everything written.
    ///
    /// # Errors
    /// Whatever could not be written.
    #[inline]
    pub fn finish(self) -> Result<Encoded, EncodeError> {
        match self.failed {
            Some(error) => Err(error),
            None if self.links.is_empty() => {
                Ok(Encoded { chunks: Chunks::from(Bytes::from(self.buf)), records_at: Vec::new() })
            }
            None => Ok(linked(self.buf, self.links)),
        }
    }

    /// Sets the length of the frame that starts at `start` of the buffer with four bytes for it.
    #[inline]
    pub(crate) fn end_frame(&mut self, start: usize) {
        let len = self.len().saturating_sub(start).saturating_sub(4);
        match i32::try_from(len) {
            Ok(prefix) => {
                let frame = self.buf.get_mut(start..).unwrap_or_default();
                if let Some(first) = frame.first_chunk_mut() {
                    *first = prefix.to_be_bytes();
                }
            }
            Err(_) => self.too_long("frame", len, i32::MAX as usize),
        }
    }

    /// Gives the buffer back, and the first error if there was one.
    #[inline]
    pub(crate) fn finish_appended(self) -> (Vec<u8>, Result<(), EncodeError>) {
        (self.buf, self.failed.map_or(Ok(()), Err))
    }

    /// Appends a tagged field: its tag, the size of what `value` writes, and that.
    pub(crate) fn write_tag(&mut self, tag: u32, value: impl FnOnce(&mut Self)) {
        self.write_varint(tag);
        self.unlinkable = self.unlinkable.saturating_add(1);
        let start = self.buf.len();
        value(self);
        self.unlinkable = self.unlinkable.saturating_sub(1);
        // The size is only known afterwards, so the value moves over to make room for it.
        let end = self.buf.len();
        let size = end.saturating_sub(start);
        let Ok(size) = u32::try_from(size) else {
            return self.too_long("tagged field", size, u32::MAX as usize);
        };
        let room = varint::len_u32(size);
        self.write_varint(size);
        if let Some(moved) = self.buf.get_mut(start..) {
            moved.rotate_right(room);
        }
    }

    /// Starts the tagged fields that end a struct, of which the schema knows `known`. Returns whether any follow.
    #[inline]
    pub(crate) fn start_tags(
        &mut self,
        known: u32,
        unknown: &[(u32, Bytes)],
        message: &'static str,
    ) -> bool {
        if !self.flexible {
            if !unknown.is_empty() {
                self.fail(EncodeError::FieldNotInVersion {
                    message,
                    field: "unknown_tagged_fields",
                    version: self.version,
                });
            }
            return false;
        }
        let count = known.saturating_add(unknown.len() as u32);
        self.write_varint(count);
        count > 0
    }

    /// Appends the unknown tags below `limit` and returns the others.
    pub(crate) fn write_unknown_tags<'a>(
        &mut self,
        tags: &'a [(u32, Bytes)],
        limit: u64,
    ) -> &'a [(u32, Bytes)] {
        let below = tags.partition_point(|(tag, _)| u64::from(*tag) < limit);
        let (now, later) = tags.split_at(below);
        for (tag, value) in now {
            self.write_tag(*tag, |w| w.write_raw(value));
        }
        later
    }

    #[inline(never)]
    fn write_large_records(&mut self, records: &Records) {
        let len = records.len();
        if len >= LEN_ABOVE_MAX {
            return self.too_long("records", len, i32::MAX as usize);
        }
        self.write_len(Some(len), "records");
        let first = records.chunks().next();
        let own_header = first.is_some_and(|piece| piece.len() == BATCH_HEADER_LEN);
        if self.unlinkable == 0 && (len >= LINK_MIN || own_header) {
            self.linked_len = self.linked_len.saturating_add(len);
            self.links.push(Link { at: self.buf.len(), records: records.clone() });
        } else {
            for piece in records.chunks() {
                self.write_raw(piece);
            }
        }
    }

    #[inline(never)]
    fn write_long_varint(&mut self, value: u32) {
        varint::put_u32(&mut self.buf, value);
    }

    fn write_text(&mut self, text: &[u8]) {
        let len = text.len();
        if len > i16::MAX as usize {
            return self.too_long("string", len, i16::MAX as usize);
        }
        if self.flexible {
            self.write_varint((len as u32).wrapping_add(1));
        } else {
            self.write_array((len as u16).to_be_bytes());
        }
        self.write_raw(text);
    }

    #[inline]
    fn write_null_str(&mut self) {
        if self.flexible {
            self.write_varint(0);
        } else {
            self.write_array((-1_i16).to_be_bytes());
        }
    }

    #[cold]
    #[inline(never)]
    fn too_long(&mut self, what: &'static str, len: usize, max: usize) {
        self.fail(EncodeError::TooLong { what, len, max });
    }
}

/// The written bytes with the pieces in between that were linked.
#[inline(never)]
fn linked(buf: Vec<u8>, links: Vec<Link>) -> Encoded {
    let mut encoded = Encoded {
        chunks: Chunks::with_capacity(links.len().saturating_mul(2).saturating_add(1)),
        records_at: Vec::with_capacity(links.len()),
    };
    let mut buf = Bytes::from(buf);
    let mut pieces = 0_usize;
    let mut cut = 0;
    for link in links {
        let before = buf.split_to(link.at.saturating_sub(cut));
        cut = link.at;
        pieces = pieces.saturating_add(usize::from(!before.is_empty()));
        encoded.chunks.push(before);
        encoded.records_at.push(pieces);
        for piece in link.records.chunks().filter(|piece| !piece.is_empty()) {
            encoded.chunks.push(piece.clone());
            pieces = pieces.saturating_add(1);
        }
    }
    encoded.chunks.push(buf);
    encoded
}
