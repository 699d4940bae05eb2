//! Every target on its corpus, and on mutations of it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use kafka_fuzz::{TARGETS, pack};

use crate::mutate::{Random, mutated};
use crate::{ALLOCATOR, alone};

/// Mutations of corpus entries for each target, unless `FUZZ_MUTATIONS` says how many; `FUZZ_SEED` makes them others.
const MUTATIONS: u64 = 2_000;

fn number(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {text}")),
        Err(_) => default,
    }
}

/// Where the corpus of a target is.
pub(crate) fn folder(target: &str) -> PathBuf {
    pack::folder().join(target)
}

/// The inputs of a target: files of its own, and what it has from the pack of messages.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder(target)).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let files = files.iter().map(|path| fs::read(path).expect("a file"));
    files.chain(pack::inputs(target).into_iter().map(|(_, bytes)| bytes)).collect()
}

/// Replays the corpus and then its mutations. `memory` is how many bytes an input of `len` may hold on to at once.
fn check(name: &str, memory: fn(len: usize) -> usize) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    let corpus = corpus(name);
    assert!(!corpus.is_empty(), "{name} has no corpus");
    let mut random = Random(number("FUZZ_SEED", 0x6b61_666b_615f_6675));
    let _alone = alone();
    for data in &corpus {
        run(name, *target, data, memory(data.len()));
    }
    for _ in 0..number("FUZZ_MUTATIONS", MUTATIONS) {
        let data = mutated(&corpus, &mut random);
        run(name, *target, &data, memory(data.len()));
    }
}

/// Runs one input; what fails is left behind as a file to replay.
fn run(name: &str, target: kafka_fuzz::Target, data: &[u8], memory: usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let outcome = catch_unwind(AssertUnwindSafe(|| target(data)));
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    if outcome.is_ok() && peak <= memory {
        return;
    }
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.failed"));
    fs::write(&path, data).expect("a place for what failed");
    eprintln!("cargo run -p kafka-fuzz --example replay -- {name} {}", path.display());
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
    panic!("{name} held {peak} bytes, {} bytes in", data.len());
}

/// What the test harness may hold meanwhile.
const SLACK: usize = MIB;
const MIB: usize = 1 << 20;

#[test]
fn varint() {
    check("varint", |_| SLACK);
}

#[test]
fn frame() {
    // Two links read at a time, and each makes room of up to 8 MiB for what may honestly come.
    check("frame", |len| 32 * MIB + 32 * len);
}

#[test]
fn response() {
    check("response", |len| SLACK + 64 * len);
}

#[test]
fn request() {
    check("request", |len| SLACK + 64 * len);
}

#[test]
fn header() {
    check("header", |len| SLACK + 16 * len);
}

#[test]
fn static_dynamic() {
    check("static_dynamic", |len| SLACK + 1024 * len);
}

#[test]
fn json_encode() {
    // What a change may add to the value is in the input, its encoding, and the value decoded from that.
    check("json_encode", |len| 8 * MIB + 1024 * len);
}

#[test]
fn round_trip_records() {
    check("round_trip_records", |len| 32 * MIB + 32 * len);
}

#[test]
fn message_sets() {
    check("message_sets", |len| 64 * MIB + 32 * len);
}

#[test]
fn convert() {
    check("convert", |len| 64 * MIB + 32 * len);
}

#[test]
fn build_records() {
    check("build_records", |len| 32 * MIB + 64 * len);
}

#[test]
fn decompress() {
    check("decompress", |len| 16 * MIB + 32 * len);
}

#[test]
fn engine_bytes() {
    check("engine_bytes", |len| 16 * MIB + 32 * len);
}

#[test]
fn engine_ops() {
    check("engine_ops", |len| 16 * MIB + 32 * len);
}

#[test]
fn config() {
    check("config", |len| SLACK + 16 * len);
}
