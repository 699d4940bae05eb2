//! The checksum of a batch.

/// CRC-32C (Castagnoli) of a byte sequence in pieces, by the processor's instruction where there is one.
///
/// For a batch, the pieces begin behind the checksum, at byte [`BatchHeader::CRC_COVERS_FROM`].
///
/// [`BatchHeader::CRC_COVERS_FROM`]: super::BatchHeader::CRC_COVERS_FROM
#[must_use]
pub fn crc32c_of<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    chunks.into_iter().fold(0, crc32c::crc32c_append)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_value_however_it_is_cut() {
        let text = b"123456789";
        for cut in 0..=text.len() {
            let (head, tail) = text.split_at(cut);
            assert_eq!(crc32c_of([head, b"", tail]), 0xe306_9283);
        }
        assert_eq!(crc32c_of([]), 0);
    }
}
