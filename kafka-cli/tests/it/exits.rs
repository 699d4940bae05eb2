//! Exit codes, help, and errors on one line.

use std::net::TcpListener;

use crate::kafka::run;

fn check(line: &str, code: i32, stderr: &str) {
    let args: Vec<&str> = line.split_whitespace().collect();
    let ended = run(&args, b"line\n");
    assert_eq!((ended.code, ended.text()), (Some(code), ""), "{line}: {ended:?}");
    assert!(
        ended.stderr.starts_with("kafka: ") && ended.stderr.contains(stderr),
        "{line}: {ended:?}"
    );
    assert_eq!(ended.stderr.lines().count(), 1, "{line}: {ended:?}");
}

#[test]
fn wrong_usage_is_2() {
    check("", 2, "see --help");
    check("frobnicate", 2, "frobnicate");
    check("produce -t t", 2, "--brokers");
    check("produce -b b:1", 2, "--topic");
    check("produce -b localhost -t t", 2, "the port is missing");
    check("produce -b b:1 -t t -z lzma", 2, "compression.type");
    check("produce -b b:1 -t t -X acks=7", 2, "acks");
    check("produce -b b:1 -t t -X linger.m=1", 2, "did you mean linger.ms?");
    check(
        "produce -b b:1 -t t -X fetch.min.bytes=1",
        2,
        "fetch.min.bytes belongs to ConsumerConfig",
    );
    check(
        "produce -b b:1 -t t -X acks=1 -X enable.idempotence=true",
        2,
        "idempotence needs acks=all",
    );
    check("consume -b b:1 -t t -X max.poll.records=0", 2, "max.poll.records");
    check("consume -b b:1 -t t -X isolation.level=read_committed", 2, "not supported yet");
    check("perf produce -b b:1 -t t --acks 0 --idempotent", 2, "idempotence needs acks=all");
    check("consume -b b:1 -t t -f %q", 2, "%q");
    check("consume -b b:1 -t t -o never", 2, "beginning, end");
    check("consume -b b:1 -t t --json -f %s", 2, "cannot be used with");
    check("consume -b b:1 -t t --jsn", 2, "--json");
    check("topics create -b b:1 -t t --partitions 0", 2, "--partitions");
    check("broker --nodes 0", 2, "--nodes");
    check("broker --listen nowhere", 2, "--listen");
}

#[test]
fn no_broker_is_3() {
    // The port of a service that nobody has run for decades, and that only root could take.
    let address = "127.0.0.1:1";
    let soon = "-X default.api.timeout.ms=500";
    for command in
        ["produce -t t", "consume -t t", "consume -t t -e", "topics list", "topics create -t t"]
    {
        let line = format!("{command} -b {address} {soon}");
        check(&line, 3, &format!("{address}: connection refused; check --brokers"));
    }
    check(&format!("perf produce --topic t --brokers {address} {soon}"), 3, "connection refused");
    check(&format!("perf consume --topic t --brokers {address} {soon}"), 3, "connection refused");
}

#[test]
fn something_else_behind_the_port_is_no_broker() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    check(&format!("topics list -b {address} -X default.api.timeout.ms=500"), 3, "");
}

#[test]
fn help_is_0() {
    let commands = [
        "",
        "demo",
        "broker",
        "topics",
        "topics list",
        "topics create",
        "topics describe",
        "topics delete",
        "produce",
        "consume",
        "perf",
        "perf produce",
        "perf consume",
        "protocol",
        "protocol list",
        "protocol describe",
        "protocol decode",
        "protocol encode",
        "protocol records",
        "protocol pcap",
    ];
    for command in commands {
        let mut args: Vec<&str> = command.split_whitespace().collect();
        args.push("--help");
        let ended = run(&args, b"");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command}");
        assert!(ended.text().contains("Usage: kafka"), "{command}: {ended:?}");
    }
    assert!(run(&["--version"], b"").text().starts_with("kafka "));
}
