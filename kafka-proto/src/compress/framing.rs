//! Parsing what stands in front of payloads, with nom: its errors as ours, with the place.
//!
//! The parsers are nom's streaming ones, for those tell how many bytes they lack: an error says how long the whole
//! header is, as far as it could be read.

use nom::error::{ErrorKind, ParseError};
use nom::{Err, IResult, Needed, Parser};

use crate::error::{DecodeError, DecodeErrorKind};

/// What a parser makes of a front of its input.
pub(crate) type Parsed<'a, O> = IResult<&'a [u8], O, Fault<'a>>;

/// What is wrong, and the input from there on.
#[derive(Debug)]
pub(crate) struct Fault<'a> {
    kind: DecodeErrorKind,
    rest: &'a [u8],
}

impl<'a> ParseError<&'a [u8]> for Fault<'a> {
    fn from_error_kind(rest: &'a [u8], _: ErrorKind) -> Self {
        Self { kind: DecodeErrorKind::Corrupt("unexpected bytes"), rest }
    }

    fn append(_: &'a [u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// Splits what `parser` takes off the front of `input`, which starts at byte `at` of whatever errors count from.
pub(crate) fn parse<'a, O>(
    mut parser: impl Parser<&'a [u8], Output = O, Error = Fault<'a>>,
    input: &'a [u8],
    at: usize,
) -> Result<(O, &'a [u8]), DecodeError> {
    match parser.parse(input) {
        Ok((rest, output)) => Ok((output, rest)),
        Err(error) => Err(located(error, input, at)),
    }
}

#[cold]
fn located(error: Err<Fault<'_>>, input: &[u8], at: usize) -> DecodeError {
    let left = input.len();
    match error {
        Err::Incomplete(needed) => {
            let missing = if let Needed::Size(bytes) = needed { bytes.get() } else { 1 };
            let needed = left.saturating_add(missing);
            DecodeError::new(DecodeErrorKind::Truncated { needed, left }, at)
        }
        Err::Error(fault) | Err::Failure(fault) => {
            let within = left.wrapping_sub(fault.rest.len());
            DecodeError::new(fault.kind, at.wrapping_add(within))
        }
    }
}

/// Ends the parsing: `kind` is wrong with what stands at the front of `rest`.
#[cold]
pub(crate) fn fault<O>(kind: DecodeErrorKind, rest: &[u8]) -> Parsed<'_, O> {
    Err(Err::Failure(Fault { kind, rest }))
}

/// A parser whose refusal is told as `kind`.
#[cfg(feature = "lz4")]
pub(crate) fn or<'a, O>(
    mut parser: impl Parser<&'a [u8], Output = O, Error = Fault<'a>>,
    kind: DecodeErrorKind,
) -> impl Parser<&'a [u8], Output = O, Error = Fault<'a>> {
    move |input| match parser.parse(input) {
        Err(Err::Error(Fault { rest, .. })) => fault(kind.clone(), rest),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use nom::bytes::streaming::tag;
    use nom::number::streaming::be_u32;

    use super::*;

    /// "ab", a number, and no seven behind it.
    fn sample(input: &[u8]) -> Parsed<'_, u32> {
        let (rest, (_, number)) = (tag(b"ab".as_slice()), be_u32).parse(input)?;
        if rest.first() == Some(&7) {
            return fault(DecodeErrorKind::InvalidUtf8, rest);
        }
        Ok((rest, number))
    }

    #[track_caller]
    fn check(input: &[u8], kind: DecodeErrorKind, offset: usize) {
        let error = parse(sample, input, 100).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (&kind, offset));
    }

    #[test]
    fn places_and_lengths() {
        assert_eq!(parse(sample, b"ab\0\0\0\x09rest", 100), Ok((9, b"rest".as_slice())));
        check(b"ab\0\0\0\0\x07", DecodeErrorKind::InvalidUtf8, 106);
        check(b"ax", DecodeErrorKind::Corrupt("unexpected bytes"), 100);
        check(b"", DecodeErrorKind::Truncated { needed: 2, left: 0 }, 100);
        check(b"ab\0\0\0", DecodeErrorKind::Truncated { needed: 6, left: 5 }, 100);
    }
}
