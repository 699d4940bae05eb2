//! `kafka protocol records`.

use kafka_proto::records::{BatchBuilder, Codec, ControlType, MessageSetBuilder};
use serde_json::json;

use crate::protocol::{json_lines, ok, protocol};

fn batch() -> Vec<u8> {
    let mut batch = BatchBuilder::new(Codec::Gzip).with_producer(9, 2, 40).with_transactional(true);
    batch.push(1_700_000_000_000, Some(b"k"), Some(b"v"), &[(b"h", None)]).expect("it fits");
    batch.push(1_700_000_000_001, None, Some(b"\xff"), &[]).expect("it fits");
    batch.build(100).expect("it fits").to_vec()
}

#[test]
fn each_record_is_a_line() {
    let lines = json_lines(&ok("records", &batch()));
    assert_eq!(
        lines,
        [
            json!({
                "offset": 100, "timestamp": 1_700_000_000_000_i64, "key": "k", "value": "v",
                "headers": [{"name": "h", "value": null}], "magic": 2, "codec": "gzip",
                "timestamp_type": "create_time", "base_offset": 100, "partition_leader_epoch": -1,
                "producer_id": 9, "producer_epoch": 2, "base_sequence": 40, "transactional": true,
            }),
            json!({
                "offset": 101, "timestamp": 1_700_000_000_001_i64, "key": null, "value_base64": "/w==",
                "headers": [], "magic": 2, "codec": "gzip",
                "timestamp_type": "create_time", "base_offset": 100, "partition_leader_epoch": -1,
                "producer_id": 9, "producer_epoch": 2, "base_sequence": 40, "transactional": true,
            }),
        ]
    );
}

#[test]
fn every_format_is_read() {
    let mut log = Vec::new();
    for (magic, codec) in [(0, Codec::None), (0, Codec::Gzip), (1, Codec::None), (1, Codec::Snappy)]
    {
        let mut set = MessageSetBuilder::new(magic, codec).expect("a magic");
        set.push(5, Some(b"a"), Some(b"old")).expect("it fits");
        log.extend_from_slice(
            &set.build(i64::try_from(log.len()).expect("small")).expect("it fits"),
        );
    }
    log.extend_from_slice(&batch());
    let lines = json_lines(&ok("records", &log));
    let seen: Vec<String> = lines
        .iter()
        .map(|line| {
            format!("{} {} {} {}", line["magic"], line["codec"], line["timestamp"], line["value"])
        })
        .collect();
    assert_eq!(
        seen,
        [
            "0 \"none\" null \"old\"",
            "0 \"gzip\" null \"old\"",
            "1 \"none\" 5 \"old\"",
            "1 \"snappy\" 5 \"old\"",
            "2 \"gzip\" 1700000000000 \"v\"",
            "2 \"gzip\" 1700000000001 null",
        ]
    );
    let batches = json_lines(&ok("records --batches", &log));
    let magics: Vec<i64> = batches.iter().filter_map(|line| line["magic"].as_i64()).collect();
    assert_eq!(magics, [0, 0, 1, 1, 2]);
    let last = batches.last().expect("five");
    assert_eq!(
        (&last["base_offset"], &last["last_offset"], &last["records"]),
        (&json!(100), &json!(101), &json!(2))
    );
    assert_eq!(last["position"], log.len() - batch().len());
    assert_eq!(last["bytes"], batch().len());
}

#[test]
fn control_records_are_marked() {
    let marker = BatchBuilder::end_transaction(ControlType::Commit, 7, 5, 9, 2).expect("a marker");
    let lines = json_lines(&ok("records", &marker.build(3).expect("it fits")));
    assert_eq!(lines[0]["control"], json!({"type": "commit", "coordinator_epoch": 7}));
}

#[test]
fn bytes_may_come_as_text_and_in_a_file() {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(batch());
    assert_eq!(ok("records --input base64", text.as_bytes()), ok("records", &batch()));

    let path = std::env::temp_dir().join(format!("kafka-records-{}.log", std::process::id()));
    // A broker makes room for a segment before it fills it.
    std::fs::write(&path, [batch(), vec![0; 4096]].concat()).expect("a file");
    let ended = protocol(&format!("records {}", path.display()), b"");
    std::fs::remove_file(&path).expect("the file");
    assert_eq!((ended.code, ended.stdout), (Some(0), ok("records", &batch())));
    assert!(ended.stderr.contains("nothing but zeros from byte"), "{}", ended.stderr);
}

#[test]
fn what_is_broken_is_said_and_the_rest_is_printed() {
    let good = batch();
    let mut broken = good.clone();
    *broken.last_mut().expect("bytes") ^= 1;
    let check = |line: &str, input: &[&[u8]], code: i32, records: usize, part: &str| {
        let ended = protocol(line, &input.concat());
        let lines = json_lines(&ended.stdout).len();
        assert_eq!((ended.code, lines), (Some(code), records), "{line}: {}", ended.stderr);
        assert!(ended.stderr.contains(part), "{line}: {}", ended.stderr);
    };
    check("records", &[&good, &broken, &good], 1, 4, "checksum mismatch");
    check("records --batches", &[&good, &broken], 1, 2, "checksum mismatch");
    check("records --batches --no-crc", &[&good, &broken], 0, 2, "");
    check("records", &[&good, &good[..70]], 0, 2, "cut off");
    check("records", &[&good, &good[..5]], 0, 2, "cut off");
    check("records", &[&good, b"this is no record batch"], 1, 2, "no batch at byte");
    check("records", &[], 0, 0, "");
    // A hole in a segment, as of a disk that lost a write. The next offset begins with zeros too.
    check("records", &[&good, &[0; 300_000], &good], 1, 2, "300007 zeros with something behind");
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0xff;
        let ended = protocol("records --no-crc", &bytes);
        assert!(matches!(ended.code, Some(0 | 1)), "byte {at}: {ended:?}");
    }
}
