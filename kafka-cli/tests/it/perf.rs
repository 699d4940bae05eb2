//! `kafka perf`.

use serde_json::Value;

use crate::kafka::Cluster;

const FIELDS: [&str; 11] = [
    "records",
    "records_per_s",
    "mb_per_s",
    "wall_s",
    "user_s",
    "sys_s",
    "cpu_ns_per_record",
    "max_rss_kb",
    "p50_ms",
    "p99_ms",
    "p999_ms",
];

/// Runs a measurement and gives how many records it says it moved.
fn measure(cluster: &Cluster, line: &str) -> u64 {
    let stdout = cluster.ok(&format!("perf {line}"), b"");
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    for field in FIELDS {
        assert!(report[field].is_number(), "{line}: {field} in {report}");
    }
    report["records"].as_u64().expect("a count")
}

#[test]
fn both_directions_are_measured() {
    let cluster = Cluster::new();
    assert_eq!(
        measure(&cluster, "produce -t t --partitions 4 --records 20000 --warmup 1000 --size 50"),
        20_000
    );
    let records: usize = (0..4).map(|partition| cluster.log("t", partition).len()).sum();
    assert_eq!(records, 21_000);
    assert!(
        cluster
            .log("t", 0)
            .iter()
            .all(|record| record.value.as_ref().is_some_and(|value| value.len() == 50))
    );
    assert!(measure(&cluster, "consume -t t --records 20000 --warmup 500") >= 20_000);
}

#[test]
fn settings_are_taken() {
    let cluster = Cluster::new().topic("t", 1);
    let settings =
        "--acks 1 --linger-ms 1 --batch 1000 --compression lz4 --rate 20000 -X client.id=perf";
    assert_eq!(measure(&cluster, &format!("produce -t t --records 2000 {settings}")), 2000);
    assert_eq!(measure(&cluster, "produce -t t --records 100 --idempotent false"), 100);
    assert_eq!(measure(&cluster, "produce -t t --records 100 --idempotent --acks all"), 100);
    assert!(cluster.log("t", 0).iter().take(2100).all(|record| record.producer_id == -1));
    assert!(cluster.log("t", 0).iter().skip(2100).all(|record| record.producer_id >= 0));
}
