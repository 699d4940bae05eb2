//! C46: what Zstandard frames can do to a reader, with the decoder of the build and with the one in Rust.

use super::super::zstd::rust;
use super::*;

const LIMIT: usize = 1 << 20;
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const RAW: u32 = 0;
const RLE: u32 = 1;
const RESERVED: u32 = 3;

fn both(input: &[u8], limit: usize) -> [(Result<(), DecodeErrorKind>, Vec<u8>); 2] {
    let mut output = Vec::new();
    let result =
        rust::Decoder.decompress(input, limit, &mut output).map_err(|error| error.kind().clone());
    [inflate(Codec::Zstd, input, limit), (result, output)]
}

#[track_caller]
fn check(input: &[u8], limit: usize, kind: DecodeErrorKind) {
    for (result, output) in both(input, limit) {
        assert_eq!(result, Err(kind.clone()));
        assert!(output.capacity() <= limit, "{} bytes reserved", output.capacity());
    }
}

#[track_caller]
fn check_read(input: &[u8], expected: &[u8]) {
    for (result, output) in both(input, expected.len()) {
        assert_eq!(result, Ok(()));
        assert!(output == expected, "{} bytes", output.len());
    }
}

fn block(last: bool, kind: u32, size: u32, bytes: &[u8]) -> Vec<u8> {
    let header = u32::from(last) | kind << 1 | size << 3;
    [&header.to_le_bytes()[..3], bytes].concat()
}

/// A frame with a window of `1 << log` bytes and nothing claimed.
fn frame(window_log: u8, blocks: &[Vec<u8>]) -> Vec<u8> {
    [&MAGIC[..], &[0, (window_log - 10) << 3], &blocks.concat()].concat()
}

/// A frame that claims a content size of up to 255 bytes, which is its window too.
fn sized(claimed: u8, blocks: &[Vec<u8>]) -> Vec<u8> {
    [&MAGIC[..], &[0x20, claimed], &blocks.concat()].concat()
}

fn hello() -> Vec<u8> {
    block(true, RAW, 5, b"hello")
}

#[test]
fn frames_put_together_by_hand() {
    check_read(&frame(20, &[hello()]), b"hello");
    check_read(&sized(5, &[hello()]), b"hello");
    check_read(&frame(10, &[block(false, RLE, 3, b"a"), block(true, RAW, 1, b"b")]), b"aaab");
    check_read(&frame(27, &[block(true, RLE, 0, b"a")]), b"");
}

#[test]
fn streams_of_others_by_the_decoder_in_rust() {
    for (name, _, bytes, len) in readable_streams().filter(|(_, codec, ..)| *codec == Codec::Zstd) {
        let [_, (result, output)] = both(&bytes, len);
        assert!(result == Ok(()) && output == sample_text(len), "{name}: {result:?}");
        let [_, (result, _)] = both(&bytes, len - 1);
        assert_eq!(result, Err(DecodeErrorKind::BudgetExceeded { limit: len - 1 }), "{name}");
    }
}

#[test]
fn c46_window_above_128_mib() {
    check_read(&frame(27, &[hello()]), b"hello");
    for log in [28, 30, 41] {
        check(&frame(log, &[hello()]), LIMIT, refusal("zstd window above 128 MiB"));
    }
    // An eighth more than 128 MiB.
    let mut bytes = frame(27, &[hello()]);
    bytes[5] |= 1;
    check(&bytes, LIMIT, refusal("zstd window above 128 MiB"));
}

#[test]
fn c46_run_length_bomb() {
    let run = block(false, RLE, 128 << 10, b"a");
    let mut blocks = vec![run; 10_000];
    blocks.push(block(true, RLE, 1, b"a"));
    // 40 KB that would be 1.3 GB, under a window that would be accepted and under one that would not.
    check(&frame(20, &blocks), LIMIT, DecodeErrorKind::BudgetExceeded { limit: LIMIT });
    check(&frame(30, &blocks), LIMIT, refusal("zstd window above 128 MiB"));
    blocks.drain(..9_992);
    check(&frame(20, &blocks), LIMIT, DecodeErrorKind::BudgetExceeded { limit: LIMIT });
    check_read(&frame(20, &blocks), &vec![b'a'; LIMIT + 1]);
}

#[test]
fn c46_dictionary() {
    let with_dictionary = [&MAGIC[..], &[1, 0x50, 7], &hello()].concat();
    check(&with_dictionary, LIMIT, refusal("zstd frame needs a dictionary"));
    let of_none = [&MAGIC[..], &[1, 0x50, 0], &hello()].concat();
    check_read(&of_none, b"hello");
}

#[test]
fn c46_skippable_frames() {
    let mut bytes = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0].repeat(100_000);
    check_read(&bytes, b"");
    bytes.extend(sized(5, &[hello()]));
    check_read(&bytes, b"hello");
    let lie = [0x5f, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff];
    check(&lie, LIMIT, DecodeErrorKind::Truncated { needed: u32::MAX as usize, left: 0 });
}

#[test]
fn c46_content_size_lies() {
    let claims_more = refusal("zstd frame claims more than it can hold");
    check(&sized(6, &[hello()]), LIMIT, claims_more.clone());
    let eight_bytes = |size: u64| [&MAGIC[..], &[0xe0], &size.to_le_bytes(), &hello()].concat();
    check(&eight_bytes(1000), LIMIT, claims_more);
    check(&eight_bytes(u64::MAX), LIMIT, DecodeErrorKind::BudgetExceeded { limit: LIMIT });
    // What claims less than it holds is refused with the words of either decoder.
    for (result, output) in both(&sized(4, &[hello()]), LIMIT) {
        assert!(matches!(result, Err(DecodeErrorKind::Decompress(_))), "{result:?}");
        assert!(output.capacity() <= LIMIT);
    }
}

#[test]
fn c46_blocks_that_lie() {
    check(
        &frame(20, &[block(true, RAW, 131_073, &[0; 131_073])]),
        LIMIT,
        refusal("zstd block above 128 KiB"),
    );
    check(
        &frame(20, &[block(true, RLE, 131_073, b"a")]),
        LIMIT,
        refusal("zstd block above 128 KiB"),
    );
    check(
        &frame(20, &[block(true, RESERVED, 1, b"a")]),
        LIMIT,
        refusal("reserved zstd block type"),
    );
    check(
        &frame(20, &[block(true, RAW, 6, b"hello")]),
        LIMIT,
        DecodeErrorKind::Truncated { needed: 6, left: 5 },
    );
    check(
        &frame(20, &[block(false, RAW, 5, b"hello")]),
        LIMIT,
        DecodeErrorKind::Truncated { needed: 3, left: 0 },
    );
    check(
        &[&MAGIC[..], &[0x28, 5], &hello()].concat(),
        LIMIT,
        refusal("reserved bit in a zstd frame"),
    );
    check(b"hello", LIMIT, refusal("not a zstd frame"));
    check(&[sized(5, &[hello()]), b"junk".to_vec()].concat(), LIMIT, refusal("not a zstd frame"));
    check(b"", LIMIT, DecodeErrorKind::Truncated { needed: 4, left: 0 });
}

#[test]
fn c46_checksum() {
    let checked = |sum: [u8; 4]| [&MAGIC[..], &[0x24, 5], &hello(), &sum].concat();
    // The low half of the 64-bit xxHash of "hello".
    let sum = 0x26c7_827d_889f_6da3_u64.to_le_bytes();
    check_read(&checked([sum[0], sum[1], sum[2], sum[3]]), b"hello");
    let [(library, _), (rust, output)] = both(&checked([0; 4]), LIMIT);
    if cfg!(feature = "zstd") {
        assert!(matches!(library, Err(DecodeErrorKind::Decompress(_))), "{library:?}");
    }
    // The decoder in Rust leaves it to the checksum of the batch.
    assert_eq!((rust, output), (Ok(()), b"hello".to_vec()));
    check(&checked([0; 4])[..14], LIMIT, DecodeErrorKind::Truncated { needed: 4, left: 0 });
}
