//! C43 and C44: what snappy streams can do to a reader.

use super::*;

const LIMIT: usize = 1 << 20;
const HEADER: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";

#[track_caller]
fn check(input: &[u8], kind: DecodeErrorKind) {
    check_refused(Codec::Snappy, input, LIMIT, kind, 0);
}

fn framed(chunks: &[(i32, &[u8])]) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    for (len, chunk) in chunks {
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(chunk);
    }
    bytes
}

/// Raw snappy of "hello": length 5, literal of 5.
const HELLO: &[u8] = b"\x05\x10hello";

#[test]
fn c43_raw_length_is_not_believed() {
    check(b"\xff\xff\xff\xff\x0f", refusal("snappy block claims more than it can hold"));
    // 8 bytes hold 176 at most; 177 is refused, 176 is believed and found wrong.
    check(b"\xb1\x01\x10hello", refusal("snappy block claims more than it can hold"));
    check_refused(Codec::Snappy, b"\xb0\x01\x10hello", LIMIT, refusal("not a snappy block"), 176);
    // A length that overflows 32 bits, one without end, none.
    check(b"\xff\xff\xff\xff\x1f", refusal("not a snappy block"));
    check(b"\x80\x80\x80\x80\x80\x80\x00", refusal("not a snappy block"));
    check(b"", refusal("empty snappy block"));
}

#[test]
fn raw_and_framed_are_both_read() {
    assert_eq!(decompress(Codec::Snappy, HELLO, 5), Ok(b"hello".to_vec()));
    let twice = framed(&[(7, HELLO), (7, HELLO)]);
    assert_eq!(decompress(Codec::Snappy, &twice, 10), Ok(b"hellohello".to_vec()));
    check_refused(Codec::Snappy, &twice, 9, DecodeErrorKind::BudgetExceeded { limit: 9 }, 0);
    check_refused(Codec::Snappy, HELLO, 4, DecodeErrorKind::BudgetExceeded { limit: 4 }, 0);
}

#[test]
fn c44_odd_versions_are_accepted() {
    for versions in [[1, 0, 0, 0, 1, 0, 0, 0], [0xff; 8], [0; 8]] {
        let mut bytes = framed(&[(7, HELLO)]);
        bytes[8..16].copy_from_slice(&versions);
        assert_eq!(decompress(Codec::Snappy, &bytes, 5), Ok(b"hello".to_vec()));
    }
}

#[test]
fn c44_chunk_lengths_that_lie() {
    check(&framed(&[(-1, HELLO)]), refusal("negative snappy block length"));
    check(&framed(&[(i32::MIN, HELLO)]), refusal("negative snappy block length"));
    // The length counts as part of what is cut off.
    check(&framed(&[(8, HELLO)]), DecodeErrorKind::Truncated { needed: 12, left: 11 });
    check(
        &framed(&[(i32::MAX, HELLO)]),
        DecodeErrorKind::Truncated { needed: i32::MAX as usize + 4, left: 11 },
    );
    check(&framed(&[(0, b"")]), refusal("empty snappy block"));
    let spam = framed(&vec![(0, b"".as_slice()); 1_000_000]);
    check(&spam, refusal("empty snappy block"));
    // A block may say of itself that it holds nothing, as often as it likes.
    let idle = framed(&vec![(1, b"\0".as_slice()); 1_000_000]);
    assert_eq!(inflate(Codec::Snappy, &idle, 0), (Ok(()), vec![]));
    let mut cut = framed(&[(7, HELLO)]);
    cut.extend_from_slice(&[0, 0, 0]);
    check(&cut, DecodeErrorKind::Truncated { needed: 4, left: 3 });
    // The chunk is one byte shorter than its contents: the next length is read from the wrong place.
    check(&framed(&[(6, HELLO)]), DecodeErrorKind::Truncated { needed: 4, left: 1 });
    check(
        &framed(&[(7, HELLO), (5, b"\xff\xff\xff\xff\x0f")]),
        refusal("snappy block claims more than it can hold"),
    );
}

#[test]
fn c44_places_of_faults() {
    let offset = |bytes: &[u8]| decompress(Codec::Snappy, bytes, LIMIT).unwrap_err().offset();
    assert_eq!(offset(&framed(&[(-1, HELLO)])), 16);
    assert_eq!(offset(&framed(&[(7, HELLO), (-1, HELLO)])), 27);
    assert_eq!(offset(&framed(&[(7, HELLO), (7, b"\x05\x10hell")])), 27);
    // Behind the second length.
    assert_eq!(offset(&framed(&[(7, HELLO), (2, b"\x05\x10")])), 31);
}

#[test]
fn c44_joined_streams() {
    let mut twice = framed(&[(7, HELLO)]);
    twice.extend(framed(&[(7, HELLO)]));
    assert_eq!(decompress(Codec::Snappy, &twice, 10), Ok(b"hellohello".to_vec()));
    check_refused(Codec::Snappy, &twice, 9, DecodeErrorKind::BudgetExceeded { limit: 9 }, 0);
    twice.truncate(30);
    check(&twice, DecodeErrorKind::Truncated { needed: 8, left: 3 });
}

#[test]
fn written_as_java_writes_it() {
    let text = sample_text(70_000);
    let bytes = compress(Codec::Snappy, None, [text.as_slice()]).unwrap();
    assert_eq!(bytes[..16], HEADER);
    let mut rest = &bytes[16..];
    let mut blocks = vec![];
    while let Some((len, tail)) = rest.split_first_chunk() {
        let (block, tail) = tail.split_at(u32::from_be_bytes(*len) as usize);
        blocks.push(snap::raw::decompress_len(block).unwrap());
        rest = tail;
    }
    assert_eq!(blocks, [32 * 1024, 32 * 1024, 70_000 - 64 * 1024]);
}
