//! C42: what gzip streams can do to a reader.

use super::*;

const LIMIT: usize = 1 << 20;

#[track_caller]
fn check(input: &[u8], kind: DecodeErrorKind) {
    // The last bytes may be taken for a size, so there may be room for what so many bytes could hold.
    check_refused(Codec::Gzip, input, LIMIT, kind, input.len() * 1032 + 4096);
}

fn hello() -> Vec<u8> {
    compress(Codec::Gzip, None, [b"hello, hello, hello".as_slice()]).unwrap()
}

fn invalid() -> DecodeErrorKind {
    refusal("not a valid gzip stream")
}

fn changed(at: usize, byte: u8) -> Vec<u8> {
    let mut bytes = hello();
    bytes[at] = byte;
    bytes
}

#[test]
fn c42_bad_header() {
    check(&changed(0, 0), invalid());
    check(&changed(1, 0), invalid());
    // Method and reserved flags.
    check(&changed(2, 7), invalid());
    for bit in 5..8 {
        check(&changed(3, 1 << bit), invalid());
    }
    // A checksum over the header that does not fit it: flag set, two bytes wrong.
    let mut bytes = changed(3, 2);
    bytes.splice(10..10, [0, 0]);
    check(&bytes, invalid());
}

#[test]
fn c42_bad_checksum_and_size() {
    let len = hello().len();
    for at in len - 8..len {
        let byte = hello()[at];
        check(&changed(at, !byte), invalid());
    }
}

#[test]
fn c42_header_fields_without_end() {
    let cut = |len| DecodeErrorKind::Truncated { needed: len, left: 0 };
    // An extra field that claims 65,535 bytes, and a name without its zero.
    let mut extra = vec![0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 0xff, 0xff];
    extra.resize(30_000, 1);
    check(&extra, cut(1));
    let mut name = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
    name.resize(30_000, b'a');
    check(&name, cut(1));
}

#[test]
fn c42_members_one_after_the_other() {
    let mut twice = hello();
    twice.extend(hello());
    let text = b"hello, hello, hellohello, hello, hello".to_vec();
    assert_eq!(decompress(Codec::Gzip, &twice, text.len()), Ok(text.clone()));
    let limit = text.len() - 1;
    check_refused(Codec::Gzip, &twice, limit, DecodeErrorKind::BudgetExceeded { limit }, limit + 1);
    let mut garbage = hello();
    garbage.extend_from_slice(b"garbage");
    check(&garbage, refusal("bytes after the gzip stream"));
}

#[test]
fn c42_claimed_size_is_not_believed() {
    // Four gigabytes claimed in the trailer, by a stream that isn't even one.
    let input = [0xff; 20];
    check_refused(Codec::Gzip, &input, usize::MAX, invalid(), 20 * 1032 + 1);
}
