//! `kafka demo`.

use kafka_sim::ServeOptions;

use crate::kafka::{Cluster, run};

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
