//! Data messages with their version in front: group metadata, and keys and values of control records.
//!
//! Kafka writes 16 bits of version and then the message's body in that version, without a length. The reader takes a
//! version that is newer than it knows for the newest one it knows and skips what it doesn't: fields are only ever
//! appended to these messages, so that members of a group, or replicas, may be of different releases.

use bytes::Bytes;

use crate::{
    error::{DecodeError, DecodeErrorKind, EncodeError},
    schema::Message,
    wire::{Reader, Writer},
};

/// Encodes `version` and a message in it.
///
/// ```
/// use kafka_proto::messages::{ConsumerProtocolSubscription, data::{decode_versioned, encode_versioned}};
///
/// let topics = vec!["orders".into()];
/// let subscription = ConsumerProtocolSubscription { topics, ..Default::default() };
/// let metadata = encode_versioned(&subscription, 1)?;
/// assert_eq!(&metadata[..], b"\0\x01\0\0\0\x01\0\x06orders\xff\xff\xff\xff\0\0\0\0");
/// assert_eq!(decode_versioned(metadata)?, (1, subscription));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A version that the message does not have, or values that it can't carry.
pub fn encode_versioned<M: Message>(value: &M, version: i16) -> Result<Bytes, EncodeError> {
    let mut writer = Writer::new(version, false);
    writer.write_array(version.to_be_bytes());
    value.encode(&mut writer)?;
    Ok(writer.finish()?.chunks.to_bytes())
}

/// Decodes a version and the message in it, and gives the version as it was written.
///
/// Bytes may be left after the message where the version is newer than [`Message::VERSIONS`], and only then.
///
/// # Errors
/// Whatever is wrong with the bytes; a negative version; `TrailingBytes` after a version that is known.
pub fn decode_versioned<M: Message>(bytes: Bytes) -> Result<(i16, M), DecodeError> {
    let (version, message, reader) = decode_front(bytes)?;
    match reader.remaining() {
        left @ 1.. if M::VERSIONS.contains(&version) => {
            let error = reader.error(DecodeErrorKind::TrailingBytes(left));
            Err(error.in_message(M::NAME, version))
        }
        _ => Ok((version, message)),
    }
}

/// Decodes a version and the message in it, and ignores bytes after it in any version, as the Java client does: one
/// member of a group that pads its metadata keeps the others from no assignment.
///
/// # Errors
/// Whatever is wrong with the bytes; a negative version.
pub fn decode_versioned_lenient<M: Message>(bytes: Bytes) -> Result<(i16, M), DecodeError> {
    decode_front(bytes).map(|(version, message, _)| (version, message))
}

/// The version, the message, and what is left.
fn decode_front<M: Message>(bytes: Bytes) -> Result<(i16, M, Reader), DecodeError> {
    let mut reader = Reader::new(bytes, 0, false);
    let version = i16::from_be_bytes(reader.read_array()?);
    let known = version.min(*M::VERSIONS.end());
    reader.set_version(known, M::is_flexible(known));
    let message = M::decode(&mut reader)?;
    Ok((version, message, reader))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{ConsumerProtocolAssignment, EndTxnMarker, LeaderChangeMessage};

    fn refused<M: Message>(bytes: &'static [u8], want: DecodeErrorKind, offset: usize) {
        let error = decode_versioned::<M>(Bytes::from_static(bytes)).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (&want, offset), "{error}");
    }

    #[test]
    fn each_version_round_trips() {
        let marker = EndTxnMarker { coordinator_epoch: 7, ..Default::default() };
        let bytes = encode_versioned(&marker, 0).unwrap();
        assert_eq!(&bytes[..], [0, 0, 0, 0, 0, 7]);
        assert_eq!(decode_versioned(bytes), Ok((0, marker)));
        // A flexible one: two compact arrays and the tagged fields.
        let change = LeaderChangeMessage::default();
        for version in LeaderChangeMessage::VERSIONS {
            let bytes = encode_versioned(&change, version).unwrap();
            assert_eq!(&bytes[..], [0, version as u8, 0, 0, 0, 0, 0, 0, 1, 1, 0]);
            assert_eq!(decode_versioned(bytes), Ok((version, change.clone())));
        }
    }

    #[test]
    fn a_newer_version_is_read_as_the_newest() {
        let bytes = Bytes::from_static(&[0, 9, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
        let assignment = ConsumerProtocolAssignment::default();
        assert_eq!(decode_versioned(bytes), Ok((9, assignment)));
        refused::<EndTxnMarker>(
            &[0, 9, 0, 0],
            DecodeErrorKind::Truncated { needed: 4, left: 2 },
            2,
        );
    }

    #[test]
    fn what_is_not_a_version_or_not_the_message_is_refused() {
        refused::<EndTxnMarker>(&[0], DecodeErrorKind::Truncated { needed: 2, left: 1 }, 0);
        refused::<EndTxnMarker>(&[0xff; 6], DecodeErrorKind::UnsupportedVersion, 2);
        refused::<EndTxnMarker>(&[0, 0, 0, 0, 0, 7, 8], DecodeErrorKind::TrailingBytes(1), 6);
    }

    #[test]
    fn lenient_takes_bytes_after_a_known_version() {
        let lenient = |bytes| decode_versioned_lenient::<EndTxnMarker>(Bytes::from_static(bytes));
        let marker = EndTxnMarker { coordinator_epoch: 7, ..Default::default() };
        for bytes in [&[0, 0, 0, 0, 0, 7][..], &[0, 0, 0, 0, 0, 7, 8], &[0, 0, 0, 0, 0, 7, 8, 9]] {
            assert_eq!(lenient(bytes), Ok((0, marker.clone())));
        }
        assert!(lenient(&[0, 0, 0, 0, 0]).is_err() && lenient(&[0xff; 6]).is_err());
    }

    #[test]
    fn a_version_that_does_not_exist_is_not_written() {
        let unknown = EncodeError::UnsupportedVersion { message: "EndTxnMarker", version: 1 };
        assert_eq!(encode_versioned(&EndTxnMarker::default(), 1), Err(unknown));
    }
}
