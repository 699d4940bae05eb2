//! The inputs that fuzzing begins with, made from what the project itself knows to be sound.
//!
//! They are committed as `corpus/TARGET/seed-*`. `FUZZ_SEEDS=write cargo test -p kafka-fuzz` writes them anew; every
//! other file of a corpus was found by a fuzzer, and stays.

use std::fs;
use std::path::Path;

use kafka_engine::config::keys::KEYS;
use kafka_fuzz::TARGETS;
use kafka_proto::ApiKey;
use kafka_proto::compress::compress;
use kafka_proto::messages::api_schema;
use kafka_proto::records::{BatchBuilder, Codec, ControlType, MessageSetBuilder};
use kafka_proto::schema::MessageKind;

use crate::bodies::{Size, batch, body};
use crate::mutate::Random;

/// A file of a corpus: its name and its bytes.
pub(crate) type Seed = (String, Vec<u8>);

/// The seeds of a target.
pub(crate) fn seeds(target: &str) -> Vec<Seed> {
    match target {
        "varint" => varints(),
        "frame" => frames(),
        "header" => headers(),
        "request" | "response" | "static_dynamic" | "json_encode" => Vec::new(),
        "round_trip_records" => record_batches(),
        "message_sets" => sets(),
        "convert" => conversions(),
        "decompress" => compressed(),
        "config" => settings(),
        "engine_bytes" | "engine_ops" => random(24, 200),
        _ => random(8, 300),
    }
}

fn named(seeds: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Vec<Seed> {
    seeds.into_iter().map(|(name, bytes)| (name.to_string(), bytes)).collect()
}

fn varints() -> Vec<Seed> {
    named([
        ("zero", vec![0; 8]),
        ("short", vec![0x7f]),
        ("two-bytes", vec![0x80, 0x01]),
        ("longer-than-necessary", vec![0x81, 0x80, 0x00]),
        ("largest-u32", vec![0xff, 0xff, 0xff, 0xff, 0x0f]),
        ("overflow-u32", vec![0xff, 0xff, 0xff, 0xff, 0x10]),
        ("largest-u64", [vec![0xff; 9], vec![0x01]].concat()),
        ("too-long", vec![0x80; 11]),
    ])
}

/// Headers of all versions, both ways, and one with tags that nobody knows.
fn headers() -> Vec<Seed> {
    let request = |key: u8, version: u8, rest: &[u8]| {
        [&[0, 0, key, 0, version, 0, 0, 0, 5][..], rest].concat()
    };
    let response =
        |key: u8, version: u8, rest: &[u8]| [&[1, key, version, 0, 0, 0, 5][..], rest].concat();
    named([
        ("request-v0", request(7, 0, &[])),
        ("request-v1", request(3, 0, &[0, 4, b'f', b'u', b'z', b'z', 0, 0, 0, 0])),
        ("request-v1-null", request(3, 0, &[0xff, 0xff])),
        ("request-v2", request(3, 12, &[0, 4, b'f', b'u', b'z', b'z', 0, 1])),
        ("request-v2-tags", request(18, 3, &[0, 0, 2, 7, 0, 9, 2, 1, 2])),
        ("response-v0", response(3, 0, &[0, 0])),
        ("response-v1", response(3, 12, &[0, 1])),
        ("response-v1-tags", response(3, 12, &[2, 7, 0, 9, 2, 1, 2])),
        ("response-api-versions", response(18, 3, &[0, 0, 1])),
    ])
}

/// Streams of answers to one request each, and what is no such stream.
fn frames() -> Vec<Seed> {
    let apis = ["ApiVersions", "Metadata", "Produce", "Fetch", "ListOffsets", "InitProducerId"];
    let mut seeds = Vec::new();
    for (api, name) in apis.into_iter().enumerate() {
        let key = ApiKey::ALL.iter().copied().find(|key| key.name() == name);
        let key = key.expect("an API");
        let (schema, version) = (api_schema(key, MessageKind::Response), key.versions().max);
        let header = usize::from(key.response_header_version(version) >= 1);
        let body = body(schema.expect("every API has one"), version, Size::Typical);
        let length = (4 + header + body.len()) as u32;
        let frame = [&length.to_be_bytes()[..], &[0; 4], &vec![0; header], &body].concat();
        // The longest frame, one request: its API, version, and hint; then slices.
        let mut input = vec![0, 1, api as u8, version as u8, 0];
        for slice in frame.chunks(100) {
            input.push(slice.len() as u8);
            input.extend(slice);
        }
        seeds.push((name.to_string(), input));
    }
    seeds.extend(named([
        ("tls-alert", vec![0, 1, 0, 3, 0, 7, 0x15, 3, 3, 0, 2, 2, 40]),
        ("http", [&[0, 1, 0, 3, 0, 12][..], b"HTTP/1.1 400"].concat()),
        ("too-long", vec![0, 1, 0, 3, 0, 8, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
        ("unsolicited", vec![0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 9]),
    ]));
    seeds
}

fn record_batches() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for codec in Codec::ALL {
        let mut builder = BatchBuilder::new(codec);
        for n in 0..20 {
            let value = format!("value {n} ").repeat(5);
            builder
                .push(1_700_000_000_000 + n, Some(b"key"), Some(value.as_bytes()), &[])
                .expect("a record");
        }
        seeds.push((codec.to_string(), builder.build(1000).expect("a batch").to_vec()));
    }
    let marker = BatchBuilder::end_transaction(ControlType::Abort, 3, 1_700_000_000_000, 9, 1);
    let marker = marker.and_then(|builder| builder.build(5)).expect("a marker").to_vec();
    let stamped = BatchBuilder::new(Codec::None).with_log_append_time(1_700_000_000_000);
    let empty = stamped.build(3).expect("a batch").to_vec();
    let two = [batch(0), batch(2)].concat();
    let mut gaps = BatchBuilder::new(Codec::None);
    for delta in [0, 3, 1000, i32::MAX - 1] {
        gaps.push_at(delta, i64::from(delta), None, None, &[(b"h", None)]).expect("a record");
    }
    seeds.extend(named([
        ("marker", marker),
        ("empty", empty),
        ("partial-tail", two[..two.len() - 5].to_vec()),
        ("two", two),
        ("gaps", gaps.build(0).expect("a batch").to_vec()),
    ]));
    seeds
}

/// Sets of every format and codec: stamped by a producer and by a broker, with gaps, and all formats in a row.
fn sets() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (magic, codec) in
        [0, 1, 2].into_iter().flat_map(|magic| Codec::ALL.map(|codec| (magic, codec)))
    {
        let Some(bytes) = set(magic, codec, None) else { continue };
        seeds.push((format!("magic-{magic}-{codec}"), bytes));
        let stamped = set(magic, codec, Some(1_700_000_000_000)).expect("it could be built");
        seeds.push((format!("magic-{magic}-{codec}-stamped"), stamped));
    }
    let plain = |magic| set(magic, Codec::None, None).expect("a set");
    let all = [plain(0), plain(1), plain(2), set(1, Codec::Gzip, None).expect("a set")].concat();
    seeds.push(("partial-tail".to_string(), all[..all.len() - 5].to_vec()));
    seeds.push(("all-magics".to_string(), all));
    seeds
}

fn set(magic: i8, codec: Codec, stamp: Option<i64>) -> Option<Vec<u8>> {
    let records = [
        (0, Some(&b"key"[..]), Some(&b"value"[..])),
        (1, None, None),
        (7, Some(b""), Some(b"another value")),
    ];
    if magic == 2 {
        let mut builder = BatchBuilder::new(codec);
        if let Some(stamp) = stamp {
            builder = builder.with_log_append_time(stamp);
        }
        for (delta, key, value) in records {
            let time = 1_700_000_000_000 - i64::from(delta);
            builder.push_at(delta, time, key, value, &[(b"h", key)]).expect("a record");
        }
        return Some(builder.build(3).expect("a batch").to_vec());
    }
    let mut builder = MessageSetBuilder::new(magic, codec).ok()?;
    if let Some(stamp) = stamp {
        builder = builder.with_log_append_time(stamp);
    }
    for (delta, key, value) in records {
        builder.push_at(delta, 1_700_000_000_000 - i64::from(delta), key, value).expect("a record");
    }
    Some(builder.build(3).expect("a set").to_vec())
}

/// Each of these to another format.
fn conversions() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (at, (name, bytes)) in sets().into_iter().enumerate() {
        for to in [0, 1, 2] {
            let down = if at % 3 == 0 { 4 } else { 0 };
            seeds.push((format!("{name}-to-{to}"), [&[to | down, 4][..], &bytes].concat()));
        }
    }
    seeds
}

fn compressed() -> Vec<Seed> {
    let texts: [(&str, Vec<u8>); 3] = [
        ("empty", Vec::new()),
        ("text", b"a text of no great length, a text all the same".to_vec()),
        ("zeros", vec![0; 100_000]),
    ];
    let mut seeds = Vec::new();
    for codec in Codec::ALL {
        for (name, text) in &texts {
            if codec == Codec::None && text.len() > 1000 {
                continue;
            }
            let packed = compress(codec, None, [text.as_slice()]).expect("a default level");
            seeds.push((format!("{codec}-{name}"), [&[codec as u8][..], &packed].concat()));
        }
    }
    for (name, codec, hex) in vectors() {
        seeds.push((name, [vec![codec as u8], hex].concat()));
    }
    seeds
}

/// What other implementations have compressed: the vectors of kafka-proto's tests.
fn vectors() -> Vec<(String, Codec, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kafka-proto/tests/vectors");
    let codecs = [
        ("gzip_all_fields", Codec::Gzip),
        ("gzip_members", Codec::Gzip),
        ("lz4_linked", Codec::Lz4),
        ("lz4_independent_256k", Codec::Lz4),
        ("snappy_raw", Codec::Snappy),
        ("zstd_frames", Codec::Zstd),
        ("zstd_stream_no_size", Codec::Zstd),
    ];
    let read = |(name, codec): (&str, Codec)| {
        let text = fs::read_to_string(folder.join(format!("{name}.hex"))).expect("a vector");
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).expect("digits");
            u8::from_str_radix(pair, 16).expect("digits")
        };
        (name.replace('_', "-"), codec, digits.chunks(2).map(byte).collect())
    };
    codecs.map(read).into()
}

fn settings() -> Vec<Seed> {
    let typical = "bootstrap.servers=a:9092,[::1]:9093\nclient.id=fuzz\nacks=all\nlinger.ms=5\n\
        compression.type=zstd\ncompression.zstd.level=-7\nenable.idempotence=true\nretries=0\n\
        auto.offset.reset=earliest\nisolation.level=read_committed\nbatchsize=1\nsasl.password=x\n";
    let mut seeds = named([("typical", typical.as_bytes().to_vec())]);
    for (at, keys) in KEYS.chunks(16).enumerate() {
        for (name, value) in [("empty", ""), ("one", "1"), ("minus-one", "-1"), ("true", "true")] {
            let lines = keys.iter().map(|key| format!("{}={value}\n", key.name()));
            seeds.push((format!("{at:02}-{name}"), lines.collect::<String>().into_bytes()));
        }
    }
    seeds
}

fn random(count: u64, len: usize) -> Vec<Seed> {
    let bytes = |seed| {
        let mut random = Random(seed);
        (0..len).map(|_| random.next() as u8).collect()
    };
    (0..count).map(|seed| (format!("random-{seed:02}"), bytes(seed))).collect()
}

/// The corpora hold every seed.
#[test]
fn seeds_are_committed() {
    let write = wanted();
    for (target, _) in TARGETS {
        let folder = crate::corpus::folder(target);
        let seeds = seeds(target);
        if write {
            rewrite(&folder, &seeds);
        }
        for (name, _) in seeds {
            let path = folder.join(format!("seed-{name}"));
            assert!(path.exists(), "{path:?}: FUZZ_SEEDS=write cargo test -p kafka-fuzz makes it");
        }
    }
}

/// Whether the seeds are to be written.
pub(crate) fn wanted() -> bool {
    std::env::var("FUZZ_SEEDS").is_ok_and(|value| value == "write")
}

fn rewrite(folder: &Path, seeds: &[Seed]) {
    fs::create_dir_all(folder).expect("a folder");
    for file in fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("seed-")) {
            fs::remove_file(path).expect("an old seed goes");
        }
    }
    for (name, bytes) in seeds {
        fs::write(folder.join(format!("seed-{name}")), bytes).expect("a new seed comes");
    }
}
