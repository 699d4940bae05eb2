//! A byte sequence in pieces, so that record batches reach the socket without being copied into a frame.

use alloc::{
    boxed::Box,
    collections::vec_deque::{self, VecDeque},
};
use core::{
    iter::{Chain, Flatten},
    option,
};

use bytes::{Buf, BufMut, Bytes, BytesMut};

use self::vectored::IoSlice;

/// A byte sequence made of [`Bytes`] pieces, in order.
///
/// As a [`Buf`] it is consumed from the front; `chunks_vectored` fills slices for a vectored write.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::box_collection,
    reason = "most frames are one piece, and pay for no more than a pointer"
)]
pub struct Chunks {
    /// Empty only if there are no others.
    first: Bytes,
    others: Option<Box<VecDeque<Bytes>>>,
}

/// Iterator over the pieces of [`Chunks`].
pub type Iter<'a> =
    Chain<option::IntoIter<&'a Bytes>, Flatten<option::IntoIter<&'a VecDeque<Bytes>>>>;

/// Iterator over the pieces of [`Chunks`], taken out.
pub type IntoIter = Chain<option::IntoIter<Bytes>, vec_deque::IntoIter<Bytes>>;

impl Chunks {
    /// No bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self { first: Bytes::new(), others: None }
    }

    /// No bytes, with room for `pieces` pieces.
    #[must_use]
    pub fn with_capacity(pieces: usize) -> Self {
        let others = pieces.checked_sub(1).filter(|others| *others > 0);
        Self {
            first: Bytes::new(),
            others: others.map(|others| Box::new(VecDeque::with_capacity(others))),
        }
    }

    /// Appends a piece. An empty one is dropped, so indices count the pieces that hold bytes.
    #[inline]
    pub fn push(&mut self, piece: Bytes) {
        if self.first.is_empty() {
            self.first = piece;
        } else if !piece.is_empty() {
            self.others.get_or_insert_default().push_back(piece);
        }
    }

    /// Appends all pieces of `other`.
    pub fn extend(&mut self, other: Self) {
        for piece in other {
            self.push(piece);
        }
    }

    /// Piece `index`, to be replaced by one of the same length: a batch header is stamped this way.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Bytes> {
        match index.checked_sub(1) {
            None => Some(&mut self.first).filter(|first| !first.is_empty()),
            Some(index) => self.others.as_mut()?.get_mut(index),
        }
    }

    /// Bytes in all pieces; takes time linear in the number of pieces.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().fold(0, |sum: usize, piece| sum.saturating_add(piece.len()))
    }

    /// Whether there are no bytes.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// The pieces in order.
    pub fn iter(&self) -> Iter<'_> {
        let first = Some(&self.first).filter(|first| !first.is_empty());
        let others = self.others.as_deref();
        first.into_iter().chain(others.into_iter().flatten())
    }

    /// All bytes in one piece: a copy, unless there is only one piece.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if self.is_single() { self.first.clone() } else { self.joined() }
    }

    /// All bytes in one piece: a copy, unless there is only one piece.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        if self.is_single() { self.first } else { self.joined() }
    }

    #[inline]
    fn is_single(&self) -> bool {
        self.others.as_ref().is_none_or(|others| others.is_empty())
    }

    fn joined(&self) -> Bytes {
        let mut joined = BytesMut::with_capacity(self.len());
        for piece in self {
            joined.put_slice(piece);
        }
        joined.freeze()
    }

    /// Takes the first piece off.
    fn pop_front(&mut self) -> Bytes {
        let next = self.others.as_mut().and_then(|others| others.pop_front());
        core::mem::replace(&mut self.first, next.unwrap_or_default())
    }
}

impl From<Bytes> for Chunks {
    #[inline]
    fn from(piece: Bytes) -> Self {
        Self { first: piece, others: None }
    }
}

impl FromIterator<Bytes> for Chunks {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        let mut chunks = Self::new();
        for piece in pieces {
            chunks.push(piece);
        }
        chunks
    }
}

impl IntoIterator for Chunks {
    type Item = Bytes;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        let first = Some(self.first).filter(|first| !first.is_empty());
        first.into_iter().chain(self.others.map(|others| *others).unwrap_or_default())
    }
}

impl<'a> IntoIterator for &'a Chunks {
    type Item = &'a Bytes;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
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
        &self.first
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0_usize;
        for (slice, piece) in slices.iter_mut().zip(self) {
            *slice = IoSlice::new(piece);
            filled = filled.saturating_add(1);
        }
        filled
    }

    /// Drops `count` bytes from the front; what is beyond the end is ignored.
    fn advance(&mut self, mut count: usize) {
        while !self.first.is_empty() {
            if count < self.first.len() {
                self.first.advance(count);
                return;
            }
            count = count.saturating_sub(self.first.len());
            self.pop_front();
        }
    }

    fn copy_to_bytes(&mut self, len: usize) -> Bytes {
        if len < self.first.len() {
            return self.first.split_to(len);
        }
        if len == self.first.len() {
            return self.pop_front();
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
