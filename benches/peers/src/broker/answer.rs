//! Writing a response: its own bytes in one buffer, the canned batch spliced in by reference.

use std::io::{self, IoSlice, Write};

/// A response in the making. The buffers are used again for the next one.
#[derive(Default)]
pub(super) struct Answer {
    /// The frame's own bytes, the four of its length first.
    head: Vec<u8>,
    /// Where in `head` the body of the canned batch goes, in rising order.
    splices: Vec<usize>,
}

impl Answer {
    /// Begins a response with its header, version 1 if `tagged`, else 0.
    pub(super) fn begin(&mut self, correlation_id: i32, tagged: bool) {
        self.head.clear();
        self.splices.clear();
        self.i32(0);
        self.i32(correlation_id);
        if tagged {
            self.tags();
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.head.extend_from_slice(bytes);
    }

    pub(super) fn i16(&mut self, value: i16) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.bytes(&value.to_be_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.bytes(&value.to_be_bytes());
    }

    fn uvarint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.head.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.head.push(value as u8);
    }

    /// The length of a compact array, string or byte string.
    pub(super) fn count(&mut self, count: u32) {
        self.uvarint(count + 1);
    }

    /// The length of a compact array, string or byte string that is null.
    pub(super) fn null(&mut self) {
        self.uvarint(0);
    }

    pub(super) fn compact(&mut self, bytes: &[u8]) {
        self.count(bytes.len() as u32);
        self.bytes(bytes);
    }

    /// No tagged fields.
    pub(super) fn tags(&mut self) {
        self.uvarint(0);
    }

    /// The body of the canned batch comes here.
    pub(super) fn splice(&mut self) {
        self.splices.push(self.head.len());
    }

    /// Sends the response with `body` at every splice.
    pub(super) fn send(&mut self, body: &[u8], stream: &mut impl Write) -> io::Result<()> {
        let len = self.head.len() - 4 + self.splices.len() * body.len();
        let len = i32::try_from(len).map_err(|_| io::Error::other("a response is too long"))?;
        if let Some(size) = self.head.first_chunk_mut() {
            *size = len.to_be_bytes();
        }
        let mut slices = Vec::with_capacity(2 * self.splices.len() + 1);
        let mut rest = self.head.as_slice();
        let mut at = 0;
        for splice in &self.splices {
            let (before, after) = rest.split_at(splice - at);
            slices.extend([IoSlice::new(before), IoSlice::new(body)]);
            (rest, at) = (after, *splice);
        }
        slices.push(IoSlice::new(rest));
        let mut unsent = slices.as_mut_slice();
        while !unsent.is_empty() {
            match stream.write_vectored(unsent) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => IoSlice::advance_slices(&mut unsent, sent),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes three bytes at a time, as a full socket might.
    struct Narrow(Vec<u8>);

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(3);
            self.0.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn bodies_land_where_they_were_spliced() {
        let mut answer = Answer::default();
        for _ in 0..2 {
            answer.begin(7, true);
            answer.splice();
            answer.compact(b"between");
            answer.splice();
            answer.splice();
            let mut sent = Narrow(Vec::new());
            answer.send(b"BODY", &mut sent).expect("a vector takes all");
            assert_eq!(sent.0, b"\0\0\0\x19\0\0\0\x07\0BODY\x08betweenBODYBODY");
        }
    }
}
