//! The checksum of a batch on its way out.

use bytes::{Bytes, BytesMut};
use kafka_proto::Chunks;
use kafka_proto::records::{BatchHeader, crc32c_of};

/// Fills in the checksum of the batch whose header is the chunk at this index, and whose records are the chunks behind.
///
/// What is not such a header is left as it is.
pub(super) fn fill_in(chunks: &mut Chunks, at: usize) {
    let Some(header) = chunks.iter().nth(at).and_then(|chunk| BatchHeader::parse(chunk).ok())
    else {
        debug_assert!(false, "chunk {at} is no batch header");
        return;
    };
    let crc = checksum(chunks, at, header.payload_len());
    let Some(chunk) = chunks.get_mut(at) else {
        return;
    };
    // Nobody else holds a header that was made for this request, so this copies nothing.
    let mut bytes = core::mem::take(chunk)
        .try_into_mut()
        .unwrap_or_else(|shared| BytesMut::from(shared.as_ref()));
    if let Some(place) = bytes.get_mut(BatchHeader::CRC_AT..BatchHeader::CRC_COVERS_FROM) {
        place.copy_from_slice(&crc.to_be_bytes());
    }
    *chunk = bytes.freeze();
}

/// Over what follows the checksum in the header, and the records.
fn checksum(chunks: &Chunks, at: usize, mut records: usize) -> u32 {
    let mut pieces = chunks.iter().skip(at);
    let header = pieces
        .next()
        .and_then(|header| header.get(BatchHeader::CRC_COVERS_FROM..))
        .unwrap_or_default();
    let (rest, behind) =
        header.split_at(header.len().min(BatchHeader::LEN - BatchHeader::CRC_COVERS_FROM));
    let records = core::iter::once(behind).chain(pieces.map(Bytes::as_ref)).map_while(|piece| {
        let piece = piece.get(..records.min(piece.len())).unwrap_or_default();
        let more = records > 0;
        records = records.saturating_sub(piece.len());
        more.then_some(piece)
    });
    crc32c_of(core::iter::once(rest).chain(records))
}
