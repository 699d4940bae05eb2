//! `kafka produce`.

use std::io::Write;

use kafka_sim::ServeOptions;
use rustix::process::Signal;

use crate::kafka::{Cluster, end, signal};

/// Key and value of a record.
type Parts<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

/// Produces to a topic of one partition and looks into its log.
fn check(stdin: &[u8], values: &[&str]) {
    let cluster = Cluster::new().topic("t", 1);
    let stdout = cluster.ok("produce -t t", stdin);
    assert_eq!(stdout, "");
    assert_eq!(cluster.values("t", 0), values);
}

#[test]
fn a_line_is_a_record() {
    check(b"", &[]);
    check(b"one\n", &["one"]);
    check(b"one\ntwo\n", &["one", "two"]);
    check(b"no newline at the end", &["no newline at the end"]);
    check(b"\n\na\n\n", &["", "", "a", ""]);
    check(b"\xff\xfe\x00\n\xc3\n", &["\\xff\\xfe\\x00", "\\xc3"]);
    check(b"carriage\r\n", &["carriage\\r"]);
}

#[test]
fn many_lines_keep_their_order() {
    let cluster = Cluster::new().topic("t", 1);
    let lines: String = (0..200_000).map(|number| format!("{number}\n")).collect();
    cluster.ok("produce -t t", lines.as_bytes());
    let values = cluster.values("t", 0);
    assert_eq!(values.len(), 200_000);
    assert!(values.iter().enumerate().all(|(number, value)| *value == number.to_string()));
}

#[test]
fn a_line_over_the_limit_is_named_and_the_rest_goes_on() {
    let cluster = Cluster::new().topic("t", 1);
    let long = "x".repeat(5_000);
    let stdin = format!("one\n{long}\nthree\n{long}");
    let ended = cluster.kafka("produce -t t -X max.request.size=2000", stdin.as_bytes());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for (told, line) in told.iter().zip(["kafka: line 2: ", "kafka: line 4: "]) {
        assert!(told.starts_with(line) && told.contains("max.request.size"), "{told}");
    }
    assert_eq!(told[2], "kafka: 2 of 4 records failed");
    assert_eq!(cluster.values("t", 0), ["one", "three"]);
}

#[test]
fn a_line_just_over_the_limit_fails_by_its_framing() {
    let cluster = Cluster::new().topic("t", 1);
    let stdin = format!("{}\ntwo\n", "x".repeat(2_000));
    let ended = cluster.kafka("produce -t t -X max.request.size=2000", stdin.as_bytes());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.starts_with("kafka: line 1: a record of "), "{ended:?}");
    assert_eq!(cluster.values("t", 0), ["two"]);
}

#[test]
fn a_line_over_the_limit_of_the_broker_is_named_too() {
    let cluster = Cluster::new().topic("t", 1);
    cluster
        .served
        .with(|sim| sim.set_config("t", "max.message.bytes", "2000"))
        .expect("a known setting");
    let stdin = format!("one\n{}\nthree\n", "x".repeat(5_000));
    let ended = cluster.kafka("produce -t t", stdin.as_bytes());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.starts_with("kafka: line 2: "), "{ended:?}");
    assert!(ended.stderr.ends_with("kafka: 1 of 3 records failed\n"), "{ended:?}");
    assert_eq!(cluster.values("t", 0), ["one", "three"]);
}

#[test]
fn keys_headers_and_partitions_are_set() {
    let cluster = Cluster::new().topic("t", 3);
    cluster.ok("produce -t t -p 2 -K : -H trace=1 -H empty= -H null", b"k:v:w\nplain\n:\n");
    let log = cluster.log("t", 2);
    let parts: Vec<_> =
        log.iter().map(|record| (record.key.as_deref(), record.value.as_deref())).collect();
    let expected: [Parts<'_>; 3] =
        [(Some(b"k"), Some(b"v:w")), (None, Some(b"plain")), (Some(b""), Some(b""))];
    assert_eq!(parts, expected);
    for record in &log {
        let headers: Vec<_> =
            record.headers.iter().map(|(name, value)| (&**name, value.as_deref())).collect();
        let expected: [(&[u8], Option<&[u8]>); 3] =
            [(b"trace", Some(b"1")), (b"empty", Some(b"")), (b"null", None)];
        assert_eq!(headers, expected);
    }
}

#[test]
fn separators_have_escapes_and_empty_may_be_null() {
    let cluster = Cluster::new().topic("t", 1);
    cluster.ok(r"produce -t t -K \t -Z", b"k\t\n\n");
    let log = cluster.log("t", 0);
    let parts: Vec<_> =
        log.iter().map(|record| (record.key.as_deref(), record.value.as_deref())).collect();
    assert_eq!(parts, [(Some(&b"k"[..]), None), (None, None)]);
}

#[test]
fn every_codec_arrives() {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let cluster = Cluster::new().topic("t", 1);
        cluster.ok(&format!("produce -t t -z {codec}"), b"one\ntwo\n");
        assert_eq!(cluster.ok("consume -t t -e", b""), "one\ntwo\n", "{codec}");
    }
}

#[test]
fn a_topic_is_created_if_both_sides_agree() {
    let cluster = Cluster::with(ServeOptions::default());
    let refused = cluster.kafka("produce -t t --no-auto-create", b"one\n");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.starts_with("kafka: topic t does not exist; "), "{refused:?}");
    assert_eq!(cluster.ok("topics list", b""), "");
    cluster.ok("produce -t t", b"");
    assert_eq!(cluster.ok("topics list", b""), "", "nothing was sent");
    cluster.ok("produce -t t", b"one\n");
    assert_eq!(cluster.values("t", 0), ["one"]);

    let cluster = Cluster::new();
    let refused = cluster.kafka("produce -t t", b"one\ntwo\n");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.starts_with("kafka: line 1: topic t does not exist; "), "{refused:?}");
}

#[test]
fn a_partition_that_is_not_there_ends_it() {
    let cluster = Cluster::new().topic("t", 3);
    let ended = cluster.kafka("produce -t t -p 3", b"one\ntwo\n");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let text = "kafka: line 1: topic t has no partition 3: it has 3; choose another with -p\n";
    assert_eq!(ended.stderr, text);
}

#[test]
fn ctrl_c_flushes_and_ends() {
    let cluster = Cluster::new().topic("t", 1);
    let mut child = cluster.spawn("produce -t t -X linger.ms=0");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"one\ntwo\nbegun").expect("it reads");
    // Once the first lines are there, it is known to be waiting for more.
    while cluster.values("t", 0).len() < 2 {
        std::thread::yield_now();
    }
    signal(&child, Signal::INT);
    let ended = end(child);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    drop(stdin);
}

#[test]
fn what_waits_in_a_batch_is_flushed_at_the_end_of_stdin() {
    let cluster = Cluster::new().topic("t", 1);
    cluster.ok("produce -t t -X linger.ms=3600000 -X delivery.timeout.ms=7200000", b"one\n");
    assert_eq!(cluster.values("t", 0), ["one"]);
}
