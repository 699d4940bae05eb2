//! C45: what LZ4 frames can do to a reader.

use lz4_flex::block;
use twox_hash::XxHash32;

use super::*;

const LIMIT: usize = 1 << 20;
const END: [u8; 4] = [0; 4];

#[track_caller]
fn check(input: &[u8], kind: DecodeErrorKind) {
    check_refused(Codec::Lz4, input, LIMIT, kind, input.len() * 255);
}

/// A frame of these flags and size byte, its header checksum right.
fn frame(flags: u8, size: u8, content_size: Option<u64>, parts: &[&[u8]]) -> Vec<u8> {
    let mut descriptor = vec![flags, size];
    descriptor.extend(content_size.into_iter().flat_map(u64::to_le_bytes));
    let checksum = XxHash32::oneshot(0, &descriptor).to_le_bytes()[1];
    [&[4, 0x22, 0x4d, 0x18][..], &descriptor, &[checksum], &parts.concat()].concat()
}

fn stored(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32 | 1 << 31).to_le_bytes(), bytes].concat()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let block = block::compress(bytes);
    [&(block.len() as u32).to_le_bytes()[..], &block].concat()
}

#[test]
fn frames_put_together_by_hand() {
    let read = |bytes: Vec<u8>| decompress(Codec::Lz4, &bytes, LIMIT);
    assert_eq!(read(frame(0x60, 0x40, None, &[&stored(b"hello"), &END])), Ok(b"hello".to_vec()));
    assert_eq!(
        read(frame(0x60, 0x70, None, &[&packed(b"hello"), &stored(b"!"), &END])),
        Ok(b"hello!".to_vec())
    );
    assert_eq!(read(frame(0x68, 0x40, Some(5), &[&stored(b"hello"), &END])), Ok(b"hello".to_vec()));
    let sum = XxHash32::oneshot(0, b"hello").to_le_bytes();
    assert_eq!(
        read(frame(0x64, 0x40, None, &[&stored(b"hello"), &END, &sum])),
        Ok(b"hello".to_vec())
    );
    assert_eq!(
        read(frame(0x70, 0x40, None, &[&stored(b"hello"), &sum, &END])),
        Ok(b"hello".to_vec())
    );
}

#[test]
fn written_as_java_writes_it() {
    let noise = compress(Codec::Lz4, None, [&[1, 2, 3][..]]).unwrap();
    assert_eq!(noise, [4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 3, 0, 0, 0x80, 1, 2, 3, 0, 0, 0, 0]);
}

#[test]
fn c45_bad_header() {
    let good = frame(0x60, 0x40, None, &[&stored(b"hello"), &END]);
    let mut magic = good.clone();
    magic[0] = 5;
    check(&magic, refusal("not an lz4 frame"));
    let mut checksum = good;
    checksum[6] ^= 1;
    check(&checksum, refusal("lz4 header checksum mismatch"));
    let unknown = refusal("unknown lz4 version or reserved bits");
    for (flags, size) in [(0xa0, 0x40), (0x20, 0x40), (0x62, 0x40), (0x60, 0x41), (0x60, 0xc0)] {
        check(&frame(flags, size, None, &[&END]), unknown.clone());
    }
    for size in [0x00, 0x10, 0x20, 0x30] {
        check(&frame(0x60, size, None, &[&END]), refusal("unknown lz4 block size"));
    }
    check(&frame(0x61, 0x40, None, &[&[0; 4], &END]), refusal("lz4 frame needs a dictionary"));
}

#[test]
fn c45_header_checksum_of_old_producers_is_for_magic_0() {
    // The first clients included the magic number in the checksum.
    let right = frame(0x60, 0x40, None, &[&stored(b"hello"), &END]);
    let mut wrong = right.clone();
    wrong[6] = XxHash32::oneshot(0, &wrong[..6]).to_le_bytes()[1];
    assert_ne!(right, wrong);
    check(&wrong, refusal("lz4 header checksum mismatch"));
    let read = |magic, bytes: &[u8]| decompress_for_magic(magic, Codec::Lz4, bytes, LIMIT);
    for magic in 0..=2 {
        assert_eq!(read(magic, &right), Ok(b"hello".to_vec()));
    }
    assert_eq!(read(0, &wrong), Ok(b"hello".to_vec()));
    for magic in 1..=2 {
        let error = read(magic, &wrong).unwrap_err();
        assert_eq!(*error.kind(), refusal("lz4 header checksum mismatch"));
        assert_eq!(error.offset(), 6);
    }
    // Everything else is looked at in magic 0 too.
    let mut cut = wrong.clone();
    cut.pop();
    assert!(read(0, &cut).is_err());
    assert_eq!(
        decompress_for_magic(0, Codec::Lz4, &wrong, 4).unwrap_err().kind(),
        &DecodeErrorKind::BudgetExceeded { limit: 4 }
    );
}

#[test]
fn c45_header_checksum_is_written_wrongly_for_magic_0() {
    let write = |magic| {
        Compressor::for_magic(magic, Codec::Lz4, None)
            .unwrap()
            .compress([b"hello".as_slice()])
            .unwrap()
    };
    let right = frame(0x60, 0x40, None, &[&stored(b"hello"), &END]);
    assert_eq!((write(1), write(2)), (right.clone(), right.clone()));
    let mut wrong = right;
    wrong[6] = XxHash32::oneshot(0, &wrong[..6]).to_le_bytes()[1];
    assert_eq!(write(0), wrong);
}

#[test]
fn c45_header_cut_anywhere() {
    let good = frame(0x68, 0x40, Some(5), &[]);
    for cut in 0..good.len() {
        let error = decompress(Codec::Lz4, &good[..cut], LIMIT).unwrap_err();
        let DecodeErrorKind::Truncated { needed, left } = *error.kind() else {
            panic!("{error}");
        };
        assert!(left == cut && needed > cut && needed <= good.len() && error.offset() == 0);
    }
}

#[test]
fn c45_blocks_that_lie() {
    let huge = [&(65_537_u32 | 1 << 31).to_le_bytes()[..], &vec![0; 65_537]].concat();
    check(
        &frame(0x60, 0x40, None, &[&huge, &END]),
        refusal("lz4 block above the maximum of its frame"),
    );
    // 100,000 bytes in a block of a frame that allows 65,536.
    let wide = packed(&vec![7; 100_000]);
    check(&frame(0x60, 0x40, None, &[&wide, &END]), refusal("not an lz4 block"));
    assert_eq!(
        decompress(Codec::Lz4, &frame(0x60, 0x50, None, &[&wide, &END]), LIMIT),
        Ok(vec![7; 100_000])
    );
    check(
        &frame(0x60, 0x40, None, &[&[9, 0, 0, 0, 1], &END]),
        DecodeErrorKind::Truncated { needed: 9, left: 5 },
    );
    // A match that reaches in front of the output: one literal, then four bytes from two bytes back.
    let reaching = [5, 0, 0, 0, 0x10, b'a', 2, 0, 0];
    check(&frame(0x60, 0x40, None, &[&reaching, &END]), refusal("not an lz4 block"));
    let zero_offset = [5, 0, 0, 0, 0x10, b'a', 0, 0, 0];
    check(&frame(0x60, 0x40, None, &[&zero_offset, &END]), refusal("not an lz4 block"));
    check(
        &frame(0x70, 0x40, None, &[&stored(b"hello"), &[0; 4], &END]),
        refusal("lz4 block checksum mismatch"),
    );
}

#[test]
fn c45_no_end_mark_and_no_end() {
    check(
        &frame(0x60, 0x40, None, &[&stored(b"hello")]),
        DecodeErrorKind::Truncated { needed: 4, left: 0 },
    );
    check(
        &frame(0x64, 0x40, None, &[&stored(b"hello"), &END]),
        DecodeErrorKind::Truncated { needed: 4, left: 0 },
    );
    check(
        &frame(0x64, 0x40, None, &[&stored(b"hello"), &END, &END]),
        refusal("lz4 content checksum mismatch"),
    );
    check(
        &frame(0x60, 0x40, None, &[&stored(b"hello"), &END, b"x"]),
        refusal("bytes after the lz4 frame"),
    );
}

#[test]
fn c45_content_size_lies() {
    let hello = stored(b"hello");
    check(&frame(0x68, 0x40, Some(4), &[&hello, &END]), refusal("lz4 content size mismatch"));
    check(
        &frame(0x68, 0x40, Some(6), &[&hello, &END]),
        refusal("lz4 frame claims more than it can hold"),
    );
    check(
        &frame(0x68, 0x40, Some(6), &[&packed(b"hello"), &END]),
        refusal("lz4 content size mismatch"),
    );
    let over = DecodeErrorKind::BudgetExceeded { limit: LIMIT };
    check_refused(Codec::Lz4, &frame(0x68, 0x40, Some(u64::MAX), &[&hello, &END]), LIMIT, over, 0);
}

#[test]
fn a_dirty_buffer_shows_nowhere() {
    // A linked block that refers to what a reused buffer held before, in front of and behind the frame's own output.
    let reaching = [5, 0, 0, 0, 0x10, b'a', 2, 0, 0];
    let input = frame(0x40, 0x40, None, &[&reaching, &END]);
    let mut output = vec![0xaa; 70_000];
    assert!(Decompressor::new().decompress_into(Codec::Lz4, &input, LIMIT, &mut output).is_err());
    let linked = unhex(include_str!("../../../tests/vectors/lz4_linked.hex"));
    let mut output = vec![0xaa; 300_000];
    Decompressor::new().decompress_into(Codec::Lz4, &linked, LIMIT, &mut output).unwrap();
    assert!(output == sample_text(200_000));
}
