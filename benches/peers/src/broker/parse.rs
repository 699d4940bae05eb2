//! Reading the heads of requests, by hand and only as far as they matter.

use std::io;

/// What is left of a request.
pub(super) struct Parse<'a>(pub(super) &'a [u8]);

impl<'a> Parse<'a> {
    pub(super) fn take(&mut self, len: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(len)
            .ok_or_else(|| malformed("it ends early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (taken, rest) = self
            .0
            .split_first_chunk()
            .ok_or_else(|| malformed("it ends early"))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn i8(&mut self) -> io::Result<i8> {
        self.array().map(i8::from_be_bytes)
    }

    pub(super) fn i16(&mut self) -> io::Result<i16> {
        self.array().map(i16::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> io::Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> io::Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(super) fn uuid(&mut self) -> io::Result<[u8; 16]> {
        self.array()
    }

    fn uvarint(&mut self) -> io::Result<u32> {
        let mut value = 0_u64;
        for shift in (0..35).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(value).map_err(|_| malformed("a varint is too large"));
            }
        }
        Err(malformed("a varint is too long"))
    }

    /// Compact bytes or a compact string; none if null.
    pub(super) fn compact(&mut self) -> io::Result<Option<&'a [u8]>> {
        match self.uvarint()? {
            0 => Ok(None),
            more => self.take(more as usize - 1).map(Some),
        }
    }

    /// The length of a compact array; none if null.
    pub(super) fn count(&mut self) -> io::Result<Option<u32>> {
        Ok(self.uvarint()?.checked_sub(1))
    }

    /// A string with a 16-bit length; empty if null.
    pub(super) fn string(&mut self) -> io::Result<&'a [u8]> {
        let len = self.i16()?;
        self.take(usize::try_from(len).unwrap_or(0))
    }

    pub(super) fn tags(&mut self) -> io::Result<()> {
        for _ in 0..self.uvarint()? {
            let _tag = self.uvarint()?;
            let len = self.uvarint()?;
            self.take(len as usize)?;
        }
        Ok(())
    }
}

pub(super) fn malformed(why: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("a request can't be read: {why}"),
    )
}
