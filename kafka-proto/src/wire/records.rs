//! The record bytes that produce and fetch messages carry.

use alloc::boxed::Box;

use bytes::Bytes;

use crate::chunks::{Chunks, same_bytes};

/// Record bytes inside a message, not looked into: batches of one partition, back to back.
///
/// Decoded, they are one slice of the frame. To be encoded, they may come in several pieces, which
/// [`Writer`](super::Writer) links into the frame without copying. Equality compares the bytes, not the pieces.
#[derive(Clone)]
pub struct Records(Pieces);

/// The common single piece stays inline; `Chunks` would double the size of every partition of a fetch response.
#[derive(Clone)]
enum Pieces {
    One(Bytes),
    Many(Box<Chunks>),
}

impl Records {
    /// Bytes in all pieces.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Pieces::One(bytes) => bytes.len(),
            Pieces::Many(chunks) => chunks.len(),
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bytes in one piece: a copy, unless there is only one.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Pieces::One(bytes) => bytes,
            Pieces::Many(chunks) => chunks.to_bytes(),
        }
    }

    /// The bytes, if they are in one piece.
    #[inline]
    pub(super) fn as_single(&self) -> Option<&Bytes> {
        match &self.0 {
            Pieces::One(bytes) => Some(bytes),
            Pieces::Many(_) => None,
        }
    }

    /// The pieces in order.
    pub fn chunks(&self) -> impl Iterator<Item = &Bytes> {
        let (one, many) = match &self.0 {
            Pieces::One(bytes) => (Some(bytes), None),
            Pieces::Many(chunks) => (None, Some(chunks.iter())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

impl Default for Records {
    fn default() -> Self {
        Self(Pieces::One(Bytes::new()))
    }
}

impl From<Bytes> for Records {
    fn from(bytes: Bytes) -> Self {
        Self(Pieces::One(bytes))
    }
}

impl From<Chunks> for Records {
    fn from(chunks: Chunks) -> Self {
        Self(Pieces::Many(Box::new(chunks)))
    }
}

impl FromIterator<Bytes> for Records {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        Self::from(Chunks::from_iter(pieces))
    }
}

impl PartialEq for Records {
    fn eq(&self, other: &Self) -> bool {
        same_bytes(self.chunks().map(Bytes::as_ref), other.chunks().map(Bytes::as_ref))
    }
}

impl Eq for Records {}

impl core::fmt::Debug for Records {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Records({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_one_piece_are_equal() {
        let one = Records::from(Bytes::from_static(b"abc"));
        let many = Records::from_iter([Bytes::from_static(b"a"), Bytes::from_static(b"bc")]);
        assert_eq!(one, many);
        assert_eq!((one.chunks().count(), many.chunks().count()), (1, 2));
        assert_eq!(many.len(), 3);
        assert_eq!(many.into_bytes(), one.into_bytes());
        assert!(Records::default().is_empty());
    }

    #[test]
    fn no_larger_than_one_slice() {
        assert_eq!(size_of::<Records>(), size_of::<Bytes>());
    }
}
