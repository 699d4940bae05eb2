//! `kafka consume`.

use std::io::{BufRead, BufReader};

use rustix::process::Signal;

use crate::kafka::{Cluster, Ended, end, signal};

/// A topic with five records in partition 0.
fn five() -> Cluster {
    let cluster = Cluster::new().topic("t", 2);
    cluster.ok("produce -t t -p 0", b"zero\none\ntwo\nthree\nfour\n");
    cluster
}

#[test]
fn where_to_start_and_to_end() {
    let cluster = five();
    let check = |args: &str, values: &str| {
        let stdout = cluster.ok(&format!("consume -t t -e {args}"), b"");
        assert_eq!(stdout.split_whitespace().collect::<Vec<_>>().join(" "), values, "{args}");
    };
    check("-p 0", "zero one two three four");
    check("-o beginning", "zero one two three four");
    check("-o end", "");
    check("-o 3 -p 0", "three four");
    check("-o 5 -p 0", "");
    check("-o -2", "three four");
    check("-o -99", "zero one two three four");
    check("-o -0", "");
    check("-o @0", "zero one two three four");
    check("-o @9999999999999", "");
    check("-c 2", "zero one");
    check("-c 2 -o -1", "four");
    check("-p 1", "");
    check("-p 0 -p 1", "zero one two three four");
}

#[test]
fn a_count_ends_it_without_an_end() {
    assert_eq!(five().ok("consume -t t -c 5", b""), "zero\none\ntwo\nthree\nfour\n");
}

#[test]
fn an_empty_topic_has_an_end() {
    assert_eq!(Cluster::new().topic("t", 12).ok("consume -t t -e", b""), "");
}

#[test]
fn partitions_come_together() {
    let cluster = Cluster::new().topic("t", 3);
    for partition in 0..3 {
        let lines: String = (0..1000).map(|number| format!("{number}\n")).collect();
        cluster.ok(&format!("produce -t t -p {partition}"), lines.as_bytes());
    }
    let stdout = cluster.ok(r"consume -t t -e -f %p:%s\n", b"");
    for partition in 0..3 {
        let values: Vec<&str> =
            stdout.lines().filter_map(|line| line.strip_prefix(&format!("{partition}:"))).collect();
        assert!(values.iter().enumerate().all(|(number, value)| *value == number.to_string()));
        assert_eq!(values.len(), 1000);
    }
}

#[test]
fn formats_print_what_they_say() {
    let cluster = Cluster::new().topic("t", 1);
    cluster.ok("produce -t t -K : -Z -H a=1 -H b", b"key:value\nplain\nnull:\n");
    let check = |format: &str, text: &str| {
        assert_eq!(cluster.ok(&format!("consume -t t -e -f {format}"), b""), text, "{format}");
    };
    check(r"%t/%p/%o:%k=%s\n", "t/0/0:key=value\nt/0/1:=plain\nt/0/2:null=\n");
    check(r"%K,%S\t", "3,5\t-1,5\t4,-1\t");
    check(r"%h;", "a=1,b=NULL;a=1,b=NULL;a=1,b=NULL;");
    check(r"%%\x2e", "%.%.%.");
    let times = cluster.ok(r"consume -t t -e -f %T\n", b"");
    let logged: String =
        cluster.log("t", 0).iter().map(|record| format!("{}\n", record.timestamp)).collect();
    assert_eq!(times, logged);
}

#[test]
fn bytes_come_out_as_they_went_in() {
    let cluster = Cluster::new().topic("t", 1);
    let bytes = b"\xff\xfe\x00\xc3\n";
    cluster.ok("produce -t t", bytes);
    assert_eq!(cluster.kafka("consume -t t -e", b"").stdout, bytes);
}

#[test]
fn json_is_an_object_a_line() {
    let cluster = Cluster::new().topic("t", 1);
    cluster.ok("produce -t t -K : -Z -H a=1 -H b", b"key:va\"lue\n\xff:\xfe\xff\n:\n");
    let stdout = cluster.ok("consume -t t -e --json", b"");
    let timestamp = cluster.log("t", 0)[0].timestamp;
    let headers = r#""headers":[{"name":"a","value":"1"},{"name":"b","value":null}]"#;
    let expected = [
        format!(r#""offset":0,"timestamp":{timestamp},"key":"key","value":"va\"lue",{headers}}}"#),
        format!(
            r#""offset":1,"timestamp":{timestamp},"key_base64":"/w==","value_base64":"/v8=",{headers}}}"#
        ),
        format!(r#""offset":2,"timestamp":{timestamp},"key":null,"value":null,{headers}}}"#),
    ];
    let expected: Vec<String> =
        expected.iter().map(|rest| format!(r#"{{"topic":"t","partition":0,{rest}"#)).collect();
    assert_eq!(stdout.lines().collect::<Vec<_>>(), expected);
    for line in stdout.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("JSON");
    }
}

#[test]
fn a_topic_or_partition_or_offset_that_is_not_there_is_an_error() {
    let cluster = Cluster::with(kafka_sim::ServeOptions::default()).topic("t", 2);
    let check = |args: &str, text: &str| {
        let ended = cluster.kafka(&format!("consume {args}"), b"");
        assert_eq!((ended.code, ended.text()), (Some(1), ""), "{args}: {ended:?}");
        assert!(ended.stderr.starts_with(&format!("kafka: {text}; ")), "{args}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{args}: {ended:?}");
    };
    check("-t missing", "topic missing does not exist");
    check("-t missing -e", "topic missing does not exist");
    check("-t t -p 2", "topic t has no partition 2: it has 2");
    check("-t t -o 7 -p 0", "offset 7 of t-0 does not exist and auto.offset.reset is none");
    assert_eq!(cluster.ok("topics list", b""), "t\n", "nothing was created");
}

#[test]
fn what_is_there_is_printed_while_it_waits_for_more() {
    let cluster = five();
    let mut child = cluster.spawn("consume -t t");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    for expected in ["zero", "one", "two", "three", "four"] {
        line.clear();
        stdout.read_line(&mut line).expect("text");
        assert_eq!(line.trim_end(), expected);
    }
    cluster.ok("produce -t t -p 1", b"five\n");
    line.clear();
    stdout.read_line(&mut line).expect("text");
    assert_eq!(line, "five\n");
    signal(&child, Signal::INT);
    let ended = end(child);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_closed_pipe_ends_it_though_nothing_comes() {
    let cluster = five();
    let mut child = cluster.spawn("consume -t t");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut String::new()).expect("text");
    drop(stdout);
    let ended = end(child);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_broker_that_dies_and_comes_back_is_waited_for() {
    let cluster = five();
    let mut child = cluster.spawn("consume -t t -p 0");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    while line != "four\n" {
        line.clear();
        assert!(stdout.read_line(&mut line).expect("text") > 0, "it ended early");
    }
    cluster.served.kill_node(1);
    cluster.served.start_node(1).expect("its port");
    cluster.ok("produce -t t -p 0", b"five\n");
    line.clear();
    stdout.read_line(&mut line).expect("text");
    assert_eq!(line, "five\n");
    signal(&child, Signal::INT);
    assert_eq!(end(child).code, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let cluster = five();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kafka"));
    let output = command.args(cluster.args("consume -t t -e")).stdout(full).output();
    let ended = Ended::from(output.expect("the binary"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.starts_with("kafka: stdout can't be written: "), "{ended:?}");
}

#[test]
fn a_closed_pipe_ends_it_in_the_middle() {
    let cluster = Cluster::new().topic("t", 1);
    let lines = "a line that is long enough to fill a pipe soon\n".repeat(50_000);
    cluster.ok("produce -t t", lines.as_bytes());
    let mut child = cluster.spawn("consume -t t");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut String::new()).expect("text");
    drop(stdout);
    let ended = end(child);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}
