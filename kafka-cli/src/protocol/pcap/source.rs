//! The bytes of a capture: its header in one piece, however a pipe cuts it, and then the rest as it comes.

use std::io::{self, Read};

/// What the first block of a pcapng file begins with, and how it tells its byte order.
const NG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const BIG_ENDIAN: [u8; 4] = [0x1a, 0x2b, 0x3c, 0x4d];

/// Length of the header of a pcap file, and the largest of a pcapng file that is taken.
const LEGACY_HEADER: usize = 24;
const LARGEST_HEADER: usize = 128 * 1024;

/// A file with its header read.
pub(super) struct Source<F> {
    file: F,
    /// What has been read and not been handed out.
    header: Vec<u8>,
    /// Whether it is pcapng, not pcap.
    pub(super) is_ng: bool,
    /// The error that ended it, for which a parser has no place.
    pub(super) error: Option<io::Error>,
}

impl<F: Read> Source<F> {
    /// Reads the header; the rest is left for later.
    pub(super) fn open(mut file: F) -> io::Result<Self> {
        let mut header = Vec::new();
        file.by_ref().take(12).read_to_end(&mut header)?;
        let more = length_of_header(&header).min(LARGEST_HEADER).saturating_sub(header.len());
        file.by_ref().take(more as u64).read_to_end(&mut header)?;
        Ok(Self { is_ng: header.starts_with(&NG), file, header, error: None })
    }
}

impl<F: Read> Read for Source<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.header.is_empty() {
            let count = self.header.as_slice().read(into)?;
            self.header.drain(..count);
            return Ok(count);
        }
        loop {
            match self.file.read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = error.kind();
                    self.error = Some(error);
                    return Err(kind.into());
                }
                Ok(count) => return Ok(count),
            }
        }
    }
}

/// The length of the whole header that begins so.
fn length_of_header(start: &[u8]) -> usize {
    let Some((&NG, rest)) = start.split_first_chunk() else { return LEGACY_HEADER };
    let Some((length, rest)) = rest.split_first_chunk() else { return LEGACY_HEADER };
    let is_big_endian = rest.starts_with(&BIG_ENDIAN);
    let length =
        if is_big_endian { u32::from_be_bytes(*length) } else { u32::from_le_bytes(*length) };
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out a byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min(1);
            self.0.read(into.get_mut(..count).unwrap_or_default())
        }
    }

    #[test]
    fn headers_are_in_one_piece() {
        let check = |file: &[u8], header: usize| {
            let mut source = Source::open(Slow(file)).expect("no error");
            let mut buffer = vec![0; 2 * LARGEST_HEADER];
            assert_eq!(source.read(&mut buffer).expect("no error"), header, "{}", file.len());
            assert_eq!(source.is_ng, file.starts_with(&NG));
            let mut rest = Vec::new();
            source.read_to_end(&mut rest).expect("no error");
            assert_eq!([buffer.get(..header).expect("its own"), &rest].concat(), file);
        };
        check(&[1; 100], 24);
        check(&[1; 20], 20);
        let ng = |length: [u8; 4], order: [u8; 4]| [&NG[..], &length, &order, &[7; 90]].concat();
        check(&ng([0, 0, 0, 28], BIG_ENDIAN), 28);
        check(&ng([60, 0, 0, 0], [0x4d, 0x3c, 0x2b, 0x1a]), 60);
        check(&ng([0xff; 4], BIG_ENDIAN), 102);
        check(&ng([0; 4], BIG_ENDIAN), 12);
        check(&[&ng([0xff; 4], BIG_ENDIAN)[..], &[7; LARGEST_HEADER]].concat(), LARGEST_HEADER);
    }
}
