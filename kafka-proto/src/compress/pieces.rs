//! Blocks of a fixed size out of pieces of any size.

use alloc::vec::Vec;
use core::mem;

/// Cuts a sequence of pieces into blocks of `size` bytes, the last one smaller; copies only what crosses a piece's end.
pub(super) struct Blocks<'a> {
    pieces: &'a [&'a [u8]],
    /// What is left of the piece in front of `pieces`.
    rest: &'a [u8],
    size: usize,
    joined: Vec<u8>,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(pieces: &'a [&'a [u8]], size: usize) -> Self {
        Self { pieces, rest: &[], size, joined: Vec::new() }
    }

    /// The next block, never empty.
    pub(super) fn next(&mut self) -> Option<&[u8]> {
        while self.rest.is_empty() {
            let (first, others) = self.pieces.split_first()?;
            (self.rest, self.pieces) = (first, others);
        }
        if self.rest.len() >= self.size || self.pieces.is_empty() {
            return Some(self.take(self.size));
        }
        let mut joined = mem::take(&mut self.joined);
        joined.clear();
        joined.reserve(self.size);
        loop {
            let part = self.take(self.size.saturating_sub(joined.len()));
            joined.extend_from_slice(part);
            match self.pieces.split_first() {
                Some((first, others)) if joined.len() < self.size => {
                    (self.rest, self.pieces) = (first, others)
                }
                _ => break,
            }
        }
        self.joined = joined;
        Some(&self.joined)
    }

    fn take(&mut self, most: usize) -> &'a [u8] {
        let (part, rest) = self.rest.split_at(most.min(self.rest.len()));
        self.rest = rest;
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn check(pieces: &[&[u8]], size: usize, expected: &[&[u8]]) {
        let mut blocks = Blocks::new(pieces, size);
        for block in expected {
            assert_eq!(blocks.next(), Some(*block), "{pieces:?} by {size}");
        }
        assert_eq!(blocks.next(), None, "{pieces:?} by {size}");
        assert_eq!(
            super::super::total(pieces),
            expected.iter().map(|block| block.len()).sum::<usize>()
        );
    }

    #[test]
    fn blocks_cross_pieces() {
        check(&[], 4, &[]);
        check(&[b"", b"", b""], 4, &[]);
        check(&[b"abcd"], 4, &[b"abcd"]);
        check(&[b"abcdefghi"], 4, &[b"abcd", b"efgh", b"i"]);
        check(&[b"ab", b"", b"cdefg", b"h", b"ijk"], 4, &[b"abcd", b"efgh", b"ijk"]);
        check(&[b"abcdef", b"", b""], 4, &[b"abcd", b"ef"]);
        check(&[b"a", b"b", b"c"], 2, &[b"ab", b"c"]);
    }

    #[test]
    fn a_block_inside_a_piece_is_not_copied() {
        let piece = vec![7; 100];
        let pieces = [piece.as_slice()];
        let mut blocks = Blocks::new(&pieces, 40);
        assert_eq!(blocks.next().map(<[u8]>::as_ptr), Some(piece.as_ptr()));
    }
}
