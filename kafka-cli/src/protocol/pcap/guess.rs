//! What bytes at the beginning of a frame are: the guesses by which connections and frames are found.

use kafka_proto::ApiKey;

use super::frames::LONGEST;

/// What a client's bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// A request of an API and version that exist.
    Request,
    /// Something else.
    Other,
    /// It might be a request; more is needed to tell.
    Short,
}

/// A client that knows of a newer version asks for it all the same, and is told so.
const NEWEST_API_VERSIONS: i16 = 30;

/// Whether bytes begin with the length of a frame and a request in it.
pub(super) fn request(bytes: &[u8]) -> Guess {
    let Some((length, rest)) = bytes.split_first_chunk() else { return short_of_length(bytes) };
    match usize::try_from(i32::from_be_bytes(*length)) {
        Ok(length) if length <= LONGEST => request_of(rest, length),
        _ => Guess::Other,
    }
}

/// The first byte of a length is small.
fn short_of_length(bytes: &[u8]) -> Guess {
    match bytes.first() {
        Some(first) if usize::from(*first) > LONGEST >> 24 => Guess::Other,
        _ => Guess::Short,
    }
}

/// Whether the bytes of a frame, or the first of them, are a request's.
pub(super) fn request_of(frame: &[u8], length: usize) -> Guess {
    let Some(api) = i16_at(frame, 0) else { return Guess::Short };
    let Some(api) = ApiKey::from_i16(api) else { return Guess::Other };
    let Some(version) = i16_at(frame, 2) else { return Guess::Short };
    let asks_for_newest =
        api == ApiKey::ApiVersions && (0..=NEWEST_API_VERSIONS).contains(&version);
    if !api.versions().contains(version) && !asks_for_newest {
        return Guess::Other;
    }
    if api.request_header_version(version) == 0 {
        return if length >= 8 { Guess::Request } else { Guess::Other };
    }
    let Some(client_id) = i16_at(frame, 8) else {
        return if length >= 10 { Guess::Short } else { Guess::Other };
    };
    let client_id = match client_id {
        -1 => 0,
        length => match usize::try_from(length) {
            Ok(length) => length,
            Err(_) => return Guess::Other,
        },
    };
    if 10 + client_id > length {
        return Guess::Other;
    }
    let text = frame.get(10..).unwrap_or_default();
    let text = text.get(..client_id).unwrap_or(text);
    match std::str::from_utf8(text) {
        Ok(_) => Guess::Request,
        // Cut off within a letter.
        Err(error) if error.error_len().is_none() && text.len() < client_id => Guess::Request,
        Err(_) => Guess::Other,
    }
}

/// Whether bytes begin like a record of TLS. As a frame of Kafka's it would be one of 300 MiB.
pub(super) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x14..=0x17, 0x03, 0..=4, ..])
}

/// The number that ties a response to its request, in the bytes of a request's frame.
pub(super) fn correlation_of_request(frame: &[u8]) -> Option<i32> {
    i32_at(frame, 4)
}

/// The same in the bytes of a response's frame.
pub(super) fn correlation_of_response(frame: &[u8]) -> Option<i32> {
    i32_at(frame, 0)
}

pub(super) fn i16_at(bytes: &[u8], at: usize) -> Option<i16> {
    Some(i16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_from_other_bytes() {
        let check = |bytes: &[u8], expected: Guess| {
            assert_eq!(request(bytes), expected, "{}", bytes.escape_ascii());
        };
        let metadata = b"\0\0\0\x10\0\x03\0\x04\0\0\0\x01\0\x02me\0\0\0\0";
        check(metadata, Guess::Request);
        for length in 0..14 {
            check(&metadata[..length], Guess::Short);
        }
        check(b"\0\0\0\x0a\0\x03\0\x01\0\0\0\x01\xff\xff", Guess::Request);
        check(b"\0\0\0\x08\0\x07\0\0\0\0\0\x01", Guess::Request);
        // A key, a version, a length that can't be; a client id longer than the frame.
        check(b"\0\0\0\x10\0\x7f\0\x04", Guess::Other);
        check(b"\0\0\0\x10\0\x03\0\x44", Guess::Other);
        check(b"\xff\0\0\x10\0\x03", Guess::Other);
        check(b"\0\0\0\x0a\0\x03\0\x04\0\0\0\x01\0\x02me", Guess::Other);
        check(b"\0\0\0\x10\0\x03\0\x04\0\0\0\x01\0\x02\xff\xff", Guess::Other);
        check(b"GET / HTTP/1.1\r\n", Guess::Other);
        check(b"\x16\x03\x01\x02\0\x01", Guess::Other);
        // Newer than known, which a client may ask first.
        check(b"\0\0\0\x0a\0\x12\0\x09\0\0\0\x01\xff\xff", Guess::Request);
    }
}
