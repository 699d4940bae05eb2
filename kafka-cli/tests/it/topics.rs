//! `kafka topics`.

use kafka_sim::ServeOptions;

use crate::kafka::Cluster;

#[test]
fn a_topic_comes_and_goes() {
    let cluster = Cluster::with(ServeOptions { nodes: 3, ..ServeOptions::default() });
    assert_eq!(cluster.ok("topics list", b""), "");
    let created = cluster.ok("topics create -t orders --partitions 2 --replication-factor 3", b"");
    assert_eq!(created, "created orders: partitions 2, replication factor 3\n");
    cluster.ok("topics create -t bills --config cleanup.policy=compact", b"");
    assert_eq!(cluster.ok("topics list", b""), "bills\norders\n");

    let described = cluster.ok("topics describe -t orders", b"");
    let lines: Vec<&str> = described.lines().collect();
    assert_eq!(lines.len(), 3, "{described}");
    assert!(
        lines[0].starts_with("orders id ") && lines[0].ends_with(" partitions 2"),
        "{described}"
    );
    for (number, line) in lines[1..].iter().enumerate() {
        assert!(line.starts_with(&format!("  partition {number} leader ")), "{described}");
        assert!(line.contains(" replicas ") && line.contains(" in sync "), "{described}");
    }
    assert!(cluster.ok("topics describe", b"").starts_with("bills id "));

    assert_eq!(
        cluster.ok("topics delete -t orders -t bills", b""),
        "deleted orders\ndeleted bills\n"
    );
    assert_eq!(cluster.ok("topics list", b""), "");
}

#[test]
fn what_fails_is_told_and_the_rest_is_done() {
    let cluster = Cluster::new().topic("old", 1);
    let check = |args: &str, stdout: &str, stderr: &str| {
        let ended = cluster.kafka(&format!("topics {args}"), b"");
        assert_eq!((ended.code, ended.text()), (Some(1), stdout), "{ended:?}");
        assert!(ended.stderr.contains(stderr) && ended.stderr.starts_with("kafka: "), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    };
    let one = "--partitions 1 --replication-factor 1";
    let created = "created new: partitions 1, replication factor 1\n";
    check(&format!("create -t old -t new {one}"), created, "TOPIC_ALREADY_EXISTS");
    check("create -t other --replication-factor 9", "", "INVALID_REPLICATION_FACTOR");
    check("create -t b@d", "", "INVALID_TOPIC_EXCEPTION");
    check("delete -t new -t missing", "deleted new\n", "missing: ");
    check("describe -t missing", "", "topic missing does not exist; ");
}
