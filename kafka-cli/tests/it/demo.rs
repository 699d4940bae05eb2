//! `kafka demo`.

use std::io::{BufRead, BufReader};

use kafka_sim::ServeOptions;
use rustix::process::Signal;

use crate::kafka::{Cluster, end, run, signal};

#[test]
fn it_verifies_what_it_sent() {
    let ended = run(&["demo", "--records", "20000"], b"");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let firsts: Vec<&str> =
        ended.text().lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(firsts, ["cluster", "topic", "produced", "consumed", "verified"], "{ended:?}");
    assert!(ended.text().contains("20,000 records of 100 B in "), "{ended:?}");
}

#[test]
fn on_another_cluster_it_cleans_up() {
    let cluster = Cluster::with(ServeOptions { nodes: 2, ..ServeOptions::default() });
    let stdout = cluster.ok("demo --records 5000", b"");
    assert!(stdout.contains("verified"), "{stdout}");
    assert_eq!(cluster.ok("topics list", b""), "");
}

#[test]
fn ctrl_c_cleans_up_too() {
    let cluster = Cluster::with(ServeOptions::default());
    let mut child = cluster.spawn("demo --records 4000000000");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    while !line.starts_with("topic") {
        line.clear();
        assert!(stdout.read_line(&mut line).expect("text") > 0, "it ended early");
    }
    signal(&child, Signal::INT);
    let ended = end(child);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), "kafka: interrupted\n"));
    assert_eq!(cluster.ok("topics list", b""), "");
}
