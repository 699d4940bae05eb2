//! kill -9 of a broker with batches on their way to it. Every acknowledged record is in the log exactly once, in order, at
//! the offset that was told; every other record has its error, and is not in the log if the error says so.

mod follower;
mod ledger;
mod round;
mod writer;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use kafka_interop::cluster::Port;
use kafka_interop::process::Guarded;
use kafka_interop::{Cluster, ClusterOptions, Java};
use kafka_sim::{ServeOptions, serve};

use crate::binary::{Profile, kafka};
use crate::ours;
use crate::three_nodes::eventually;
use ledger::Logged;
use round::Round;

/// How long a broker stays away.
const AWAY: Duration = Duration::from_secs(5);

/// How often each test kills.
const ROUNDS: usize = 3;

#[test]
#[ignore = "needs Java"]
fn a_killed_node_comes_back() {
    let cluster = Cluster::start(ClusterOptions::single()).unwrap();
    let java = Java::start(cluster.jars(), &cluster.bootstrap()).unwrap();
    let mut unknown = 0;
    for round in 1..=ROUNDS {
        let topic = format!("round-{round}");
        let round = Round::start(&cluster.bootstrap(), &topic, 1);
        let round = round.kill(|| cluster.kill9(1).unwrap());
        thread::sleep(AWAY);
        cluster.restart(1).unwrap();
        round.go_on();
        unknown += round.end(|| java_reads(&java, &topic)).unknown;
    }
    assert!(unknown > 0, "no batch was on the wire at any kill");
}

#[test]
#[ignore = "needs Java"]
fn others_take_over_from_a_killed_leader() {
    let cluster = Cluster::start(ClusterOptions::three()).unwrap();
    let java = Java::start(cluster.jars(), &cluster.bootstrap()).unwrap();
    let mut unknown = 0;
    for round in 1..=ROUNDS {
        let topic = format!("round-{round}");
        let round = Round::start(&cluster.bootstrap(), &topic, 3);
        let leaders = java.leaders(&topic).unwrap();
        let killed = leaders[0].leader.unwrap();
        let round = round.kill(|| cluster.kill9(killed).unwrap());
        eventually("another leader", || {
            java.leaders(&topic).ok()?[0].leader.filter(|id| *id != killed)
        });
        round.go_on();
        cluster.restart(killed).unwrap();
        eventually("all in sync again", || {
            java.leaders(&topic).ok()?.iter().all(|it| it.isr.len() == 3).then_some(())
        });
        round.go_on();
        unknown += round.end(|| java_reads(&java, &topic)).unknown;
        let epochs = java.consume(&topic, &[]).unwrap();
        assert!(epochs.iter().any(|it| it.leader_epoch > Some(0)), "nobody else led");
    }
    assert!(unknown > 0, "no batch was on the wire at any kill");
}

fn java_reads(java: &Java, topic: &str) -> Vec<Logged> {
    let logged = |it: kafka_interop::Consumed| Logged {
        partition: it.partition,
        offset: it.offset,
        value: String::from_utf8(it.value.unwrap()).unwrap(),
    };
    java.consume(topic, &[]).unwrap().into_iter().map(logged).collect()
}

#[test]
fn a_killed_embedded_broker_comes_back() {
    let broker = Embedded::new();
    let mut process = broker.spawn();
    let mut read = Vec::new();
    for round in 1..=ROUNDS {
        let topic = format!("round-{round}");
        let round = Round::start(&broker.address(), &topic, 1);
        let round = round.kill(|| process.kill9().unwrap());
        thread::sleep(AWAY);
        process = broker.spawn();
        round.go_on();
        let log = round.end(|| we_read(&broker.address(), &topic)).log;
        read.push((topic, log));
    }
    process.kill9().unwrap();
    // What the broker stored is what it served.
    let options = ServeOptions { data_dir: Some(broker.data()), ..ServeOptions::default() };
    let served = serve(options).unwrap();
    for (topic, log) in read {
        let stored: Vec<Logged> =
            (0..round::PARTITIONS).flat_map(|it| stored(&served, &topic, it)).collect();
        assert_eq!(stored.len(), log.len(), "{topic}");
        assert!(stored == log, "{topic} was served otherwise than it was stored");
    }
}

fn we_read(bootstrap: &str, topic: &str) -> Vec<Logged> {
    let logged = |(offset, record): ours::Seen| Logged {
        partition: record.partition.unwrap(),
        offset,
        value: String::from_utf8(record.value.unwrap()).unwrap(),
    };
    ours::read(bootstrap, topic, &[]).into_iter().map(logged).collect()
}

fn stored(served: &kafka_sim::Served, topic: &str, partition: i32) -> Vec<Logged> {
    let logged = |it: kafka_sim::LoggedRecord| Logged {
        partition,
        offset: it.offset,
        value: String::from_utf8(it.value.unwrap().to_vec()).unwrap(),
    };
    served.with(|cluster| cluster.log(topic, partition).map(logged).collect())
}

/// `kafka broker` with a data directory and a port of its own.
struct Embedded {
    port: Port,
    dir: PathBuf,
}

impl Embedded {
    fn new() -> Self {
        let port = Port::claim().unwrap();
        let dir = std::env::temp_dir().join(format!("kafka-interop-embedded-{}", port.number()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("data")).unwrap();
        Self { port, dir }
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port.number())
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn spawn(&self) -> Guarded {
        let mut command = Command::new(kafka(Profile::Tests));
        command.args(["broker", "--listen", &self.address(), "--data-dir"]).arg(self.data());
        Guarded::spawn(&command, &self.dir.join("log"), &self.data()).unwrap()
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("log and data of the broker: {}", self.dir.display());
        } else {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// Waits until something is so that has to become so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + ours::LONG * 2;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
