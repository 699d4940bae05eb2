//! Three nodes, one of which is killed: another leads, nothing acknowledged is lost, and the node comes back.

use kafka_interop::{Cluster, ClusterOptions, Java, Record};
use std::thread;
use std::time::{Duration, Instant};

/// Asks until the answer is there; a cluster needs some seconds to notice a dead broker.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
#[ignore = "needs Java"]
fn another_leads_when_the_leader_is_killed_and_the_killed_comes_back() {
    let cluster = Cluster::start(ClusterOptions::three()).unwrap();
    let java = Java::start(cluster.jars(), &cluster.bootstrap()).unwrap();
    java.create("t", 1, 3, &[]).unwrap();
    java.produce("t", "lz4", &[Record::value("before")], &[]).unwrap();
    let first = java.leaders("t").unwrap()[0].leader.unwrap();

    cluster.kill9(first).unwrap();
    assert!(!cluster.node(first).unwrap().is_running());
    let second = eventually("another leader", || {
        java.leaders("t").ok()?[0].leader.filter(|id| *id != first)
    });
    // Two of three are enough for min.insync.replicas=2.
    java.produce("t", "lz4", &[Record::value("between")], &[]).unwrap();

    cluster.restart(first).unwrap();
    eventually("all in sync again", || (java.leaders("t").ok()?[0].isr.len() == 3).then_some(()));
    // A controlled shutdown hands the lead over before it ends.
    cluster.stop(second).unwrap();
    eventually("a third leader", || java.leaders("t").ok()?[0].leader.filter(|id| *id != second));
    java.produce("t", "lz4", &[Record::value("after")], &[]).unwrap();

    let seen = java.consume("t", &[]).unwrap();
    let values: Vec<_> = seen.iter().map(|it| (it.offset, it.value.as_deref().unwrap())).collect();
    assert_eq!(values, [(0, &b"before"[..]), (1, b"between"), (2, b"after")]);
    assert!(
        seen.is_sorted_by_key(|it| it.leader_epoch) && seen[0].leader_epoch < seen[2].leader_epoch
    );
}

#[test]
#[ignore = "needs Java"]
fn a_paused_leader_is_replaced_and_goes_on_as_a_follower() {
    let cluster = Cluster::start(ClusterOptions::three()).unwrap();
    let java = Java::start(cluster.jars(), &cluster.bootstrap()).unwrap();
    java.create("t", 1, 3, &[]).unwrap();
    java.produce("t", "none", &[Record::value("v")], &[]).unwrap();
    let first = java.leaders("t").unwrap()[0].leader.unwrap();
    cluster.pause(first).unwrap();
    eventually("another leader", || java.leaders("t").ok()?[0].leader.filter(|id| *id != first));
    cluster.resume(first).unwrap();
    eventually("all in sync again", || (java.leaders("t").ok()?[0].isr.len() == 3).then_some(()));
    assert_eq!(java.consume("t", &[]).unwrap().len(), 1);
}
