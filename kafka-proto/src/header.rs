//! Frames: the length prefix, the header, and the body behind it.
//!
//! A frame is four bytes of length and that many bytes of header and body. Functions that encode write the prefix;
//! functions that decode want it stripped, because a transport needs it to know where a frame ends.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{
    api::ApiKey,
    error::{DecodeError, DecodeErrorKind, EncodeError},
    messages::RequestHeader,
    schema::{Field, Message, Request},
    wire::{Encoded, Reader, Writer},
};

/// Room for the prefix, the header and a small body, so that most requests take one allocation.
const SMALL_FRAME: usize = 256;

/// Encodes a whole request frame, its length prefix included. Large records are linked in, not copied.
///
/// # Errors
/// A version that the request does not have, or values that it can't carry.
pub fn encode_request<R: Request>(
    body: &R,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Result<Encoded, EncodeError> {
    let mut writer = Writer::with_capacity(SMALL_FRAME, version);
    write_request(&mut writer, body, correlation_id, client_id)?;
    writer.end_frame(0);
    writer.finish()
}

/// Appends a whole request frame, its length prefix included, to a buffer that can be used again: a frame takes no
/// allocation once the buffer has grown, and records are copied. On an error the buffer is left as it was.
///
/// # Errors
/// A version that the request does not have, or values that it can't carry.
pub fn encode_request_into<R: Request>(
    buf: &mut Vec<u8>,
    body: &R,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Result<(), EncodeError> {
    append(buf, version, |writer| write_request(writer, body, correlation_id, client_id))
}

#[inline]
fn write_request<R: Request>(
    writer: &mut Writer,
    body: &R,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Result<(), EncodeError> {
    let version = writer.version();
    let header_version = R::API.request_header_version(version);
    let ([k0, k1], [v0, v1]) = (R::API.to_i16().to_be_bytes(), version.to_be_bytes());
    let [i0, i1, i2, i3] = correlation_id.to_be_bytes();
    // Room for the length, and what stands in every version of the header.
    writer.write_array([0, 0, 0, 0, k0, k1, v0, v1, i0, i1, i2, i3]);
    if header_version >= 1 {
        // Not compact even in header version 2: a broker must be able to read it before it knows the version.
        writer.write_short_str(client_id);
    }
    if header_version >= 2 {
        writer.write_varint(0);
    }
    body.encode(writer)
}

/// Encodes a whole response frame, its length prefix included. Large records are linked in, not copied.
///
/// # Errors
/// A version that the response does not have, or values that it can't carry.
pub fn encode_response<R: Request>(
    body: &R::Response,
    version: i16,
    correlation_id: i32,
) -> Result<Encoded, EncodeError> {
    let mut writer = Writer::with_capacity(SMALL_FRAME, version);
    write_response::<R>(&mut writer, body, correlation_id)?;
    writer.end_frame(0);
    writer.finish()
}

/// Appends a whole response frame to a buffer, as [`encode_request_into`] does a request.
///
/// # Errors
/// A version that the response does not have, or values that it can't carry.
pub fn encode_response_into<R: Request>(
    buf: &mut Vec<u8>,
    body: &R::Response,
    version: i16,
    correlation_id: i32,
) -> Result<(), EncodeError> {
    append(buf, version, |writer| write_response::<R>(writer, body, correlation_id))
}

#[inline]
fn write_response<R: Request>(
    writer: &mut Writer,
    body: &R::Response,
    correlation_id: i32,
) -> Result<(), EncodeError> {
    let [i0, i1, i2, i3] = correlation_id.to_be_bytes();
    writer.write_array([0, 0, 0, 0, i0, i1, i2, i3]);
    if R::API.response_header_version(writer.version()) >= 1 {
        writer.write_varint(0);
    }
    body.encode(writer)
}

/// Appends a frame to a buffer, or leaves it as it was.
#[inline]
fn append(
    buf: &mut Vec<u8>,
    version: i16,
    write: impl FnOnce(&mut Writer) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let start = buf.len();
    let mut writer = Writer::appending(core::mem::take(buf), version);
    let written = write(&mut writer);
    writer.end_frame(start);
    let (mut bytes, finished) = writer.finish_appended();
    let result = written.and(finished);
    if result.is_err() {
        bytes.truncate(start);
    }
    *buf = bytes;
    result
}

/// What stands first in every request, whatever its API and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestStart {
    /// Number of the API; [`ApiKey::from_i16`] names those that are Kafka's own.
    pub api_key: i16,
    /// Version of the request, and of the response that it wants.
    pub api_version: i16,
    /// Comes back in the response.
    pub correlation_id: i32,
}

/// Looks at the start of a request frame that comes without its length prefix: for proxies, which also pass on APIs that
/// this crate does not know.
///
/// # Errors
/// `Truncated`.
pub fn peek_request(frame: &[u8]) -> Result<RequestStart, DecodeError> {
    let Some(&[k0, k1, v0, v1, c0, c1, c2, c3]) = frame.first_chunk() else {
        let (needed, left) = (8, frame.len());
        return Err(DecodeErrorKind::Truncated { needed, left }.into());
    };
    Ok(RequestStart {
        api_key: i16::from_be_bytes([k0, k1]),
        api_version: i16::from_be_bytes([v0, v1]),
        correlation_id: i32::from_be_bytes([c0, c1, c2, c3]),
    })
}

/// Reads the header of a request frame that comes without its length prefix. The reader is left at the body, set to its
/// version, which need not be one that this crate knows.
///
/// # Errors
/// Whatever is wrong with the bytes; `UnknownApiKey` where the header's own version can't be known ([`peek_request`]
/// looks at those too).
pub fn decode_request_header(frame: Bytes) -> Result<(RequestHeader, Reader), DecodeError> {
    // The header's version follows from what stands first in every version of it.
    let Some(&[k0, k1, v0, v1]) = frame.first_chunk() else {
        let (needed, left) = (4, frame.len());
        return Err(DecodeErrorKind::Truncated { needed, left }.into());
    };
    let (key, version) = (i16::from_be_bytes([k0, k1]), i16::from_be_bytes([v0, v1]));
    let Some(api) = ApiKey::from_i16(key) else {
        return Err(DecodeErrorKind::UnknownApiKey(key).into());
    };
    let mut reader = Reader::new(frame, api.request_header_version(version), false);
    let header = RequestHeader::decode(&mut reader)?;
    reader.set_version(version, api.is_flexible(version));
    Ok((header, reader))
}

/// Reads the correlation id of a response frame that comes without its length prefix, and skips the rest of its header.
/// The API and version are those of the request that it answers. The reader is left at the body, set to that version.
///
/// # Errors
/// Whatever is wrong with the bytes.
pub fn decode_response_header(
    frame: Bytes,
    api: ApiKey,
    version: i16,
) -> Result<(i32, Reader), DecodeError> {
    let mut reader = Reader::new(frame, version, false);
    let correlation_id = i32::read(&mut reader, false)?;
    if api.response_header_version(version) >= 1 {
        reader.set_version(version, true);
        reader.read_unknown_tags()?;
    }
    reader.set_version(version, api.is_flexible(version));
    Ok((correlation_id, reader))
}

/// Decodes the body that a reader is at; bytes after it are an error.
///
/// # Errors
/// Whatever is wrong with the bytes, and `TrailingBytes`.
#[inline]
pub fn decode_body<M: Message>(mut reader: Reader) -> Result<M, DecodeError> {
    let version = reader.version();
    let body = M::decode(&mut reader)?;
    match reader.remaining() {
        0 => Ok(body),
        left => {
            let error = reader.error(DecodeErrorKind::TrailingBytes(left));
            Err(error.in_message(M::NAME, version))
        }
    }
}

/// Decodes the body that a reader is at and ignores bytes after it, as the Java client does.
///
/// # Errors
/// Whatever is wrong with the bytes.
#[inline]
pub fn decode_body_lenient<M: Message>(mut reader: Reader) -> Result<M, DecodeError> {
    M::decode(&mut reader)
}
