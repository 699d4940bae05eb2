//! From pieces of any size to lines.

use std::io::BufRead;

/// Cuts pieces into lines. A line that lies within a piece is not copied; of a line that is too long no more is kept
/// than a record may have.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The beginning of a line that goes on in the next piece.
    begun: Vec<u8>,
    /// How much of that line was dropped because it is too long already.
    dropped: usize,
    /// Whether the line in `begun` was handed out.
    over: bool,
    limit: usize,
}

/// A line, without its newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// It is longer than any record may be.
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

impl Lines {
    /// No line longer than `limit` bytes is handed out.
    pub(crate) fn new(limit: usize) -> Self {
        Self { begun: Vec::new(), dropped: 0, over: false, limit }
    }

    /// Takes the next line off a piece; `None`: the piece is used up, and its rest has been kept for the next one.
    #[inline]
    pub(crate) fn next<'a, 'p: 'a>(&'a mut self, piece: &mut &'p [u8]) -> Option<Line<'a>> {
        self.forget();
        let mut after = *piece;
        // The search of the standard library is several times faster than one byte by byte, and can't fail here.
        let taken = after.skip_until(b'\n').unwrap_or(0);
        let line = piece.get(..taken).unwrap_or_default();
        *piece = after;
        match line.strip_suffix(b"\n") {
            None => {
                self.keep(line);
                None
            }
            Some(line)
                if self.begun.is_empty() && self.dropped == 0 && line.len() <= self.limit =>
            {
                Some(Line::Whole(line))
            }
            Some(line) => {
                self.keep(line);
                Some(self.hand_out())
            }
        }
    }

    /// The line that no newline ended, when there are no more pieces.
    pub(crate) fn rest(&mut self) -> Option<Line<'_>> {
        self.forget();
        if self.begun.is_empty() && self.dropped == 0 { None } else { Some(self.hand_out()) }
    }

    fn keep(&mut self, part: &[u8]) {
        let room = self.limit.saturating_sub(self.begun.len());
        let (kept, dropped) = part.split_at_checked(room).unwrap_or((part, &[]));
        self.begun.extend_from_slice(kept);
        self.dropped = self.dropped.saturating_add(dropped.len());
    }

    fn hand_out(&mut self) -> Line<'_> {
        self.over = true;
        match self.dropped {
            0 => Line::Whole(&self.begun),
            dropped => {
                Line::TooLong { bytes: self.begun.len().saturating_add(dropped), limit: self.limit }
            }
        }
    }

    fn forget(&mut self) {
        if self.over {
            self.begun.clear();
            self.dropped = 0;
            self.over = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 5;

    /// Lines of at most five bytes as text; a longer one as its length.
    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let show = |line: Line<'_>| match line {
            Line::Whole(line) => line.escape_ascii().to_string(),
            Line::TooLong { bytes, limit } => format!("{bytes} > {limit}"),
        };
        let mut cut = Lines::new(LIMIT);
        let mut shown = Vec::new();
        for mut piece in pieces.iter().copied() {
            while let Some(line) = cut.next(&mut piece) {
                shown.push(show(line));
            }
        }
        shown.extend(cut.rest().map(show));
        assert!(cut.begun.capacity() <= 2 * LIMIT + 8, "{}", cut.begun.capacity());
        shown
    }

    #[test]
    fn a_text_is_cut_the_same_however_it_comes() {
        let check = |text: &[u8], expected: &[&str]| {
            assert_eq!(lines(&[text]), expected);
            let bytes: Vec<&[u8]> = text.chunks(1).collect();
            assert_eq!(lines(&bytes), expected);
            for at in 0..=text.len() {
                let (a, b) = text.split_at(at);
                assert_eq!(lines(&[a, b]), expected, "{at}");
            }
        };
        check(b"", &[]);
        check(b"\n", &[""]);
        check(b"\n\n\n", &["", "", ""]);
        check(b"a\nb\n", &["a", "b"]);
        check(b"a\nb", &["a", "b"]);
        check(b"a\n\nb\n\n", &["a", "", "b", ""]);
        check(b"a\r\nb\r\n", &["a\\r", "b\\r"]);
        check(b"\xff\xfe\n\x00\n", &["\\xff\\xfe", "\\x00"]);
        check(b"12345\n123456\n1234\n", &["12345", "6 > 5", "1234"]);
        check(b"123456789", &["9 > 5"]);
        check(b"123456789\na", &["9 > 5", "a"]);
    }

    #[test]
    fn a_line_of_many_pieces_is_whole() {
        assert_eq!(lines(&[b"1", b"", b"2", b"3\n4", b"", b"5", b"\n"]), ["123", "45"]);
    }
}
