//! Where records are written to.

use alloc::vec::Vec;
use bytes::BytesMut;

/// Something that record bytes can be appended to: a buffer, or a chain of segments that splits what crosses an end.
///
/// A chain implements [`put`](Self::put) alone; a contiguous buffer overrides [`put_word`](Self::put_word), so that
/// the varints in front of a record are one store.
pub trait Sink {
    /// Announces that `additional` bytes follow, of which a contiguous buffer wants to know at once.
    #[inline]
    fn reserve(&mut self, additional: usize) {
        let _ = additional;
    }

    /// Appends `bytes`.
    fn put(&mut self, bytes: &[u8]);

    /// Appends the first `len` bytes of `word` in little-endian order; `len` is at most 16.
    #[inline]
    fn put_word(&mut self, word: u128, len: usize) {
        self.put(word.to_le_bytes().get(..len).unwrap_or_default());
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn reserve(&mut self, additional: usize) {
        self.reserve(additional);
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn put_word(&mut self, word: u128, len: usize) {
        let bytes = word.to_le_bytes();
        let end = self.len().wrapping_add(len);
        if self.capacity().wrapping_sub(self.len()) >= bytes.len() {
            // Sixteen bytes are a store or two, for their count is known; a copy of `len` bytes would be a call.
            self.extend_from_slice(&bytes);
            self.truncate(end);
        } else {
            // At the very end of a buffer that was reserved to the byte, and must not move.
            self.extend_from_slice(bytes.get(..len).unwrap_or_default());
        }
    }
}

impl Sink for BytesMut {
    #[inline]
    fn reserve(&mut self, additional: usize) {
        self.reserve(additional);
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn put_word(&mut self, word: u128, len: usize) {
        let bytes = word.to_le_bytes();
        let end = self.len().wrapping_add(len);
        if self.capacity().wrapping_sub(self.len()) >= bytes.len() {
            // Sixteen bytes are a store or two, for their count is known; a copy of `len` bytes would be a call.
            self.extend_from_slice(&bytes);
            self.truncate(end);
        } else {
            // At the very end of a buffer that was reserved to the byte, and must not move.
            self.extend_from_slice(bytes.get(..len).unwrap_or_default());
        }
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    #[inline]
    fn reserve(&mut self, additional: usize) {
        (**self).reserve(additional);
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        (**self).put(bytes);
    }

    #[inline]
    fn put_word(&mut self, word: u128, len: usize) {
        (**self).put_word(word, len);
    }
}
