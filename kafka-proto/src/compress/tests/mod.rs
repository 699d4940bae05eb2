//! Tests of all codecs at once, and of what peers write.

#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(feature = "snappy")]
mod snappy;
mod zstd;

use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

use super::*;

/// Inflates into a fresh buffer, which is given back to look at its capacity even after an error.
fn inflate(codec: Codec, input: &[u8], limit: usize) -> (Result<(), DecodeErrorKind>, Vec<u8>) {
    let mut output = Vec::new();
    let result = Decompressor::new().decompress_into(codec, input, limit, &mut output);
    (result.map_err(|error| error.kind().clone()), output)
}

/// Checks that `input` is refused for this reason, and that no more than `room` bytes were reserved for it.
#[track_caller]
fn check_refused(codec: Codec, input: &[u8], limit: usize, kind: DecodeErrorKind, room: usize) {
    let (result, output) = inflate(codec, input, limit);
    assert_eq!(result, Err(kind));
    assert!(output.capacity() <= room, "{} bytes reserved", output.capacity());
}

fn refusal(why: &'static str) -> DecodeErrorKind {
    DecodeErrorKind::Decompress(why)
}

fn built() -> impl Iterator<Item = Codec> {
    Codec::ALL.into_iter().filter(|codec| codec.is_built())
}

/// Bytes of files in `tests/vectors`, which are hexadecimal.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let digit = |d: u8| (d as char).to_digit(16).unwrap() as u8;
    digits.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

/// What the streams in `tests/vectors` hold: 300 pseudo-random bytes over and over.
fn sample_text(len: usize) -> Vec<u8> {
    let mut x = 12_345_u32;
    let period: Vec<u8> = (0..300)
        .map(|_| {
            x = x.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 0x7fff_ffff;
            (x >> 16) as u8
        })
        .collect();
    period.into_iter().cycle().take(len).collect()
}

/// Streams of the libraries behind Python's modules gzip, lz4, zstandard and python-snappy.
const STREAMS: [(&str, Codec, &str, usize); 7] = [
    ("gzip members", Codec::Gzip, include_str!("../../../tests/vectors/gzip_members.hex"), 200_000),
    (
        "gzip fields",
        Codec::Gzip,
        include_str!("../../../tests/vectors/gzip_all_fields.hex"),
        200_000,
    ),
    ("snappy raw", Codec::Snappy, include_str!("../../../tests/vectors/snappy_raw.hex"), 20_000),
    ("lz4 linked", Codec::Lz4, include_str!("../../../tests/vectors/lz4_linked.hex"), 200_000),
    (
        "lz4 256 KiB",
        Codec::Lz4,
        include_str!("../../../tests/vectors/lz4_independent_256k.hex"),
        200_000,
    ),
    (
        "zstd stream",
        Codec::Zstd,
        include_str!("../../../tests/vectors/zstd_stream_no_size.hex"),
        200_000,
    ),
    ("zstd frames", Codec::Zstd, include_str!("../../../tests/vectors/zstd_frames.hex"), 200_000),
];

fn readable_streams() -> impl Iterator<Item = (&'static str, Codec, Vec<u8>, usize)> {
    let readable = |codec: Codec| codec.is_built() || codec == Codec::Zstd;
    STREAMS.into_iter().filter(move |&(_, codec, ..)| readable(codec)).map(
        |(name, codec, hex, len)| {
            let bytes = unhex(hex);
            (name, codec, bytes, len)
        },
    )
}

#[test]
fn streams_of_others() {
    for (name, codec, bytes, len) in readable_streams() {
        let text = sample_text(len);
        assert!(decompress(codec, &bytes, len) == Ok(text), "{name}");
        let (result, _) = inflate(codec, &bytes, len - 1);
        assert_eq!(result, Err(DecodeErrorKind::BudgetExceeded { limit: len - 1 }), "{name}");
    }
}

#[test]
fn c07_streams_cut_anywhere() {
    for (name, codec, bytes, len) in readable_streams() {
        let text = sample_text(len);
        for cut in 0..bytes.len() {
            if let Ok(inflated) = decompress(codec, &bytes[..cut], len) {
                // Between two members or frames there is a sound end.
                assert!(inflated.len() < len && text.starts_with(&inflated), "{name} at {cut}");
                assert!(name == "gzip members" || name == "zstd frames", "{name} at {cut}");
            }
        }
    }
}

#[test]
fn streams_with_a_byte_changed() {
    for (name, codec, bytes, len) in readable_streams() {
        for at in (0..bytes.len()).step_by(5) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x55;
            let (_, output) = inflate(codec, &changed, len);
            assert!(output.capacity() <= len + 1, "{name} at {at}: {}", output.capacity());
        }
    }
}

#[test]
fn a_bomb_stops_at_its_limit() {
    let zeros = vec![0; 1 << 20];
    for codec in built() {
        let bomb = compress(codec, None, [zeros.as_slice(); 16]).unwrap();
        for limit in [0, 1, 1000, 1 << 20, (16 << 20) - 1] {
            // Gzip needs a byte more to notice.
            check_refused(
                codec,
                &bomb,
                limit,
                DecodeErrorKind::BudgetExceeded { limit },
                limit + 1,
            );
        }
        assert_eq!(
            decompress(codec, &bomb, 16 << 20).map(|output| output.len()),
            Ok(16 << 20),
            "{codec}"
        );
    }
}

#[test]
fn nothing_round_trips() {
    for codec in built() {
        for pieces in [&[][..], &[b"".as_slice()], &[b"", b""]] {
            let packed = compress(codec, None, pieces.iter().copied()).unwrap();
            assert_eq!(decompress(codec, &packed, 0), Ok(vec![]), "{codec}");
        }
    }
}

#[test]
fn small_output_keeps_no_large_buffer() {
    for codec in built() {
        let packed = compress(codec, None, [b"hello".as_slice()]).unwrap();
        let output = decompress(codec, &packed, 1 << 20).unwrap();
        assert_eq!(output, b"hello", "{codec}");
        assert!(output.capacity() <= 16, "{codec}: {}", output.capacity());
    }
}

#[test]
fn zstd_needs_magic_2() {
    for magic in 0..=1 {
        let error = Compressor::for_magic(magic, Codec::Zstd, None).unwrap_err();
        assert_eq!(error, EncodeError::CodecNotInMagic { codec: "zstd", magic });
        let error = decompress_for_magic(magic, Codec::Zstd, b"", 0).unwrap_err();
        let rule = "zstd in a message set of magic 0 or 1";
        assert_eq!(*error.kind(), DecodeErrorKind::Corrupt(rule));
    }
    assert_eq!(Compressor::for_magic(2, Codec::Zstd, None).is_ok(), Codec::Zstd.is_built());
}

#[test]
fn levels() {
    let text = sample_text(5000);
    for (codec, good, bad) in
        [(Codec::Gzip, [-1, 0, 1, 9], [-2, 10]), (Codec::Zstd, [-7, 1, 3, 22], [23, i32::MIN])]
    {
        if !codec.is_built() {
            continue;
        }
        for level in good {
            let packed = compress(codec, Some(level), [text.as_slice()]).unwrap();
            assert!(
                decompress(codec, &packed, text.len()).as_ref() == Ok(&text),
                "{codec} {level}"
            );
        }
        for level in bad {
            let error = compress(codec, Some(level), [text.as_slice()]).unwrap_err();
            assert!(matches!(error, EncodeError::Compress(_)), "{codec} {level}: {error}");
        }
    }
}

#[test]
fn codecs_left_out_say_so() {
    for codec in Codec::ALL.into_iter().filter(|codec| !codec.is_built()) {
        let error = compress(codec, None, [b"x".as_slice()]).unwrap_err();
        assert_eq!(error, EncodeError::CodecNotBuilt(codec.name()));
        if codec != Codec::Zstd {
            check_refused(codec, b"x", 10, DecodeErrorKind::CodecNotBuilt(codec.name()), 0);
        }
    }
}

/// Text with runs and repetitions in it, cut into pieces.
fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let noise = prop::collection::vec(any::<u8>(), 0..300);
    let run = (any::<u8>(), 0..40_000_usize).prop_map(|(byte, len)| vec![byte; len]);
    let words = (prop::collection::vec(any::<u8>(), 1..20), 0..3000_usize)
        .prop_map(|(word, n)| word.repeat(n));
    prop::collection::vec(prop_oneof![noise, run, words], 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn round_trip(pieces in pieces(), more in pieces()) {
        for codec in built() {
            let mut compressor = Compressor::new(codec, None).unwrap();
            let mut decompressor = Decompressor::new();
            let mut output = vec![0xaa; 100];
            for pieces in [&pieces, &more, &pieces] {
                let text = pieces.concat();
                let packed = compressor.compress(pieces.iter().map(Vec::as_slice)).unwrap();
                prop_assert!(compress(codec, None, pieces.iter().map(Vec::as_slice)).unwrap() == packed, "{codec}");
                decompressor.decompress_into(codec, &packed, text.len(), &mut output).unwrap();
                prop_assert!(output == text, "{codec}");
                prop_assert!(decompress(codec, &packed, text.len()).unwrap() == text, "{codec}");
            }
        }
    }

    #[test]
    fn noise_is_no_stream(noise in prop::collection::vec(any::<u8>(), 0..200), limit in 0..10_000_usize) {
        for codec in Codec::ALL {
            let (result, output) = inflate(codec, &noise, limit);
            prop_assert!(output.len() <= limit || result.is_err());
            prop_assert!(output.capacity() <= limit + 1);
        }
    }
}
