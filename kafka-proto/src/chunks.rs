//! A byte sequence in pieces, so that record batches reach the socket without being copied into a frame.

use alloc::collections::vec_deque::{self, VecDeque};

use bytes::{Buf, BufMut, Bytes, BytesMut};

use self::vectored::IoSlice;

/// A byte sequence made of [`Bytes`] pieces, in order.
///
/// As a [`Buf`] it is consumed from the front; `chunks_vectored` fills slices for a vectored write.
#[derive(Clone, Debug, Default)]
pub struct Chunks {
    pieces: VecDeque<Bytes>,
}

impl Chunks {
    /// No bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self { pieces: VecDeque::new() }
    }

    /// No bytes, with room for `pieces` pieces.
    #[must_use]
    pub fn with_capacity(pieces: usize) -> Self {
        Self { pieces: VecDeque::with_capacity(pieces) }
    }

    /// Appends a piece. An empty one is dropped, so indices count the pieces that hold bytes.
    pub fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.pieces.push_back(piece);
        }
    }

    /// Appends all pieces of `other`.
    pub fn extend(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
    }

    /// Piece `index`, to be replaced by one of the same length: a batch header is stamped this way.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Bytes> {
        self.pieces.get_mut(index)
    }

    /// Bytes in all pieces; takes time linear in the number of pieces.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.iter().fold(0, |sum: usize, piece| sum.saturating_add(piece.len()))
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(Bytes::is_empty)
    }

    /// The pieces in order.
    pub fn iter(&self) -> vec_deque::Iter<'_, Bytes> {
        self.pieces.iter()
    }

    /// All bytes in one piece: a copy, unless there is only one piece.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match (self.pieces.front(), self.pieces.len()) {
            (None, _) => Bytes::new(),
            (Some(only), 1) => only.clone(),
            _ => {
                let mut joined = BytesMut::with_capacity(self.len());
                for piece in &self.pieces {
                    joined.put_slice(piece);
                }
                joined.freeze()
            }
        }
    }
}

impl From<Bytes> for Chunks {
    fn from(piece: Bytes) -> Self {
        let mut chunks = Self::new();
        chunks.push(piece);
        chunks
    }
}

impl FromIterator<Bytes> for Chunks {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        Self { pieces: pieces.into_iter().filter(|piece| !piece.is_empty()).collect() }
    }
}

impl IntoIterator for Chunks {
    type Item = Bytes;
    type IntoIter = vec_deque::IntoIter<Bytes>;

    fn into_iter(self) -> Self::IntoIter {
        self.pieces.into_iter()
    }
}

impl<'a> IntoIterator for &'a Chunks {
    type Item = &'a Bytes;
    type IntoIter = vec_deque::Iter<'a, Bytes>;

    fn into_iter(self) -> Self::IntoIter {
        self.pieces.iter()
    }
}

/// Equal bytes, however they are cut.
impl PartialEq for Chunks {
    fn eq(&self, other: &Self) -> bool {
        same_bytes(self.iter().map(Bytes::as_ref), other.iter().map(Bytes::as_ref))
    }
}

impl Eq for Chunks {}

impl Buf for Chunks {
    fn remaining(&self) -> usize {
        self.len()
    }

    fn has_remaining(&self) -> bool {
        !self.is_empty()
    }

    fn chunk(&self) -> &[u8] {
        self.pieces.iter().find(|piece| !piece.is_empty()).map_or(&[], Bytes::as_ref)
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let pieces = self.pieces.iter().filter(|piece| !piece.is_empty());
        let mut filled = 0_usize;
        for (slice, piece) in slices.iter_mut().zip(pieces) {
            *slice = IoSlice::new(piece);
            filled = filled.saturating_add(1);
        }
        filled
    }

    /// Drops `count` bytes from the front; what is beyond the end is ignored.
    fn advance(&mut self, mut count: usize) {
        while let Some(front) = self.pieces.front_mut() {
            if count < front.len() {
                front.advance(count);
                return;
            }
            count = count.saturating_sub(front.len());
            self.pieces.pop_front();
        }
    }

    fn copy_to_bytes(&mut self, len: usize) -> Bytes {
        if let Some(front) = self.pieces.front_mut() {
            if len < front.len() {
                return front.split_to(len);
            }
            if len == front.len() {
                return self.pieces.pop_front().unwrap_or_default();
            }
        }
        let mut joined = BytesMut::with_capacity(len.min(self.len()));
        joined.put(self.take(len));
        joined.freeze()
    }
}

/// Whether two cut-up byte sequences hold the same bytes.
pub(crate) fn same_bytes<'a>(
    mut a: impl Iterator<Item = &'a [u8]>,
    mut b: impl Iterator<Item = &'a [u8]>,
) -> bool {
    let (mut left, mut right): (&[u8], &[u8]) = (&[], &[]);
    loop {
        while left.is_empty() {
            match a.next() {
                Some(piece) => left = piece,
                None => return right.is_empty() && b.all(<[u8]>::is_empty),
            }
        }
        while right.is_empty() {
            match b.next() {
                Some(piece) => right = piece,
                None => return false,
            }
        }
        let common = left.len().min(right.len());
        let ((l, left_rest), (r, right_rest)) = (left.split_at(common), right.split_at(common));
        if l != r {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
}

/// The one name that this crate takes from `std`: `Buf` wants a pointer and a length in this type.
mod vectored {
    extern crate std;
    pub(super) use std::io::IoSlice;
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn chunks(pieces: &[&'static str]) -> Chunks {
        pieces.iter().map(|piece| Bytes::from_static(piece.as_bytes())).collect()
    }

    #[test]
    fn advance_at_every_length_leaves_the_rest() {
        let all = b"abcdefgh";
        for count in 0..=all.len() {
            let mut cut = chunks(&["ab", "", "c", "defgh"]);
            cut.advance(count);
            assert_eq!(cut.to_bytes(), &all[count..]);
            assert_eq!(
                (cut.remaining(), cut.has_remaining()),
                (all.len() - count, count < all.len())
            );
            assert!(cut.chunk().is_empty() == (count == all.len()));
        }
        let mut past = chunks(&["ab"]);
        past.advance(9);
        assert!(past.is_empty());
    }

    #[test]
    fn copy_to_bytes_at_every_length() {
        for count in 0..=8 {
            let mut cut = chunks(&["ab", "c", "defgh"]);
            assert_eq!(cut.copy_to_bytes(count), &b"abcdefgh"[..count]);
            assert_eq!(cut.to_bytes(), &b"abcdefgh"[count..]);
        }
    }

    #[test]
    fn vectored_slices_cover_the_pieces() {
        let cut = chunks(&["ab", "c", "defgh"]);
        for room in 0..5 {
            let mut slices = alloc::vec![IoSlice::new(&[]); room];
            let filled = cut.chunks_vectored(&mut slices);
            assert_eq!(filled, room.min(3));
            let seen: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            assert!(b"abcdefgh".starts_with(&seen));
        }
    }

    #[test]
    fn equality_ignores_the_cuts() {
        let cases = [
            (&["abc"][..], &["a", "bc"][..], true),
            (&[], &[], true),
            (&["ab"], &["abc"], false),
            (&["abc"], &["ab"], false),
            (&["abd"], &["ab", "c"], false),
        ];
        for (a, b, same) in cases {
            assert_eq!(chunks(a) == chunks(b), same, "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_single_piece_is_not_copied() {
        let piece = Bytes::from(alloc::vec![1, 2, 3]);
        assert_eq!(Chunks::from(piece.clone()).to_bytes().as_ptr(), piece.as_ptr());
    }
}
