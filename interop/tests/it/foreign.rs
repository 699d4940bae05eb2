//! `kafka broker`, as it is now and as 2.8, under clients that are not ours: the Java client and librdkafka. What they see
//! has to be what they see of a real node.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use kafka_interop::java::Java;
use kafka_interop::librdkafka::Librdkafka;
use kafka_interop::process::Guarded;
use kafka_interop::{Consumed, Error, Record};

use crate::binary::{Profile, kafka};
use crate::ours::LONG;
use crate::records::{self, CODECS};
use crate::shared::{self, cluster};

/// `kafka broker` on a free port.
struct Broker {
    bootstrap: String,
    dir: PathBuf,
    _process: Guarded,
}

impl Broker {
    fn start(args: &[&str]) -> Self {
        let dir = std::env::temp_dir().join(format!("kafka-interop-{}", shared::topic("foreign")));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("data")).unwrap();
        let mut command = Command::new(kafka(Profile::Tests));
        command.args(["broker", "--listen", "127.0.0.1:0"]).args(args);
        let log = dir.join("log");
        let process = Guarded::spawn(&command, &log, &dir.join("data")).unwrap();
        let deadline = Instant::now() + LONG;
        let bootstrap = loop {
            let said = fs::read_to_string(&log).unwrap_or_default();
            let whole_lines = said.rsplit_once('\n').map_or("", |(lines, _)| lines);
            if let Some(line) = whole_lines.lines().find(|line| line.starts_with("127.0.0.1:")) {
                break line.to_owned();
            }
            assert!(Instant::now() < deadline, "{said}");
            thread::sleep(Duration::from_millis(20));
        };
        Self { bootstrap, dir, _process: process }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

#[test]
#[ignore = "needs Java"]
fn java_uses_the_embedded_broker() {
    for args in [&[][..], &["--as-version", "2.8"]] {
        let broker = Broker::start(args);
        let java = Java::start(cluster().jars(), &broker.bootstrap).unwrap();
        administer(&java);
        for codec in CODECS {
            write_and_read(&java, codec);
        }
    }
}

fn administer(java: &Java) {
    let check = |came: Result<(), Error>, expected: &str| {
        let refused = came.unwrap_err();
        let as_expected = matches!(&refused, Error::Java(text) if text.starts_with(expected));
        assert!(as_expected, "{refused} instead of {expected}");
    };
    java.create("t", 1, 1, &[("retention.ms", "1000000")]).unwrap();
    check(java.create("t", 1, 1, &[]), "TopicExistsException");
    check(java.create("u", 1, 2, &[]), "InvalidReplicationFactorException");
    check(java.create("u", 1, 1, &[("no.such.key", "1")]), "InvalidConfigurationException");
    check(java.delete("u"), "UnknownTopicOrPartitionException");
    java.grow("t", 2).unwrap();
    check(java.grow("t", 2), "InvalidPartitionsException");
    java.alter("t", &[("cleanup.policy", "compact")]).unwrap();
    check(java.alter("t", &[("cleanup.policy", "shred")]), "InvalidConfigurationException");
    let keyless = [Record::value("without a key").to(0)];
    check(java.produce("t", "none", &keyless, &[]).map(drop), "InvalidRecordException");
    java.alter("t", &[("cleanup.policy", "delete")]).unwrap();

    let values = ["a", "b", "c"].map(|value| Record::value(value).to(1));
    java.produce("t", "none", &values, &[]).unwrap();
    java.trim("t", 1, 2).unwrap();
    check(java.trim("t", 1, 4), "OffsetOutOfRangeException");
    let ends = java.end_offsets("t", &[]).unwrap();
    let ends: Vec<_> = ends.iter().map(|it| (it.partition, it.start, it.end)).collect();
    assert_eq!(ends, [(0, 0, 0), (1, 2, 3)]);
    assert_eq!(java.consume("t", &[]).unwrap().len(), 1);
    let leaders = java.leaders("t").unwrap();
    let is_alone = |it: &kafka_interop::java::Leader| {
        it.leader == Some(1) && it.replicas == [1] && it.isr == [1]
    };
    assert!(leaders.len() == 2 && leaders.iter().all(is_alone));
    assert!(java.topics().unwrap().iter().any(|it| it.name == "t" && !it.internal));
    java.delete("t").unwrap();
    assert!(java.topics().unwrap().iter().all(|it| it.name != "t"));
}

fn write_and_read(java: &Java, codec: &str) {
    java.create(codec, 2, 1, &[]).unwrap();
    let mut records = records::odd();
    records.extend(records::many());
    let placed = java.produce(codec, codec, &records, &[("linger.ms", "20")]).unwrap();
    let mut expected: Vec<_> =
        placed.iter().zip(&records).map(|(at, it)| ((at.partition, at.offset), it)).collect();
    expected.sort_by_key(|(at, _)| *at);
    let mut consumed = java.consume(codec, &[]).unwrap();
    consumed.sort_by_key(|it| (it.partition, it.offset));
    assert_eq!(consumed.len(), expected.len(), "{codec}");
    for (seen, ((partition, offset), record)) in consumed.iter().zip(expected) {
        assert_eq!((seen.partition, seen.offset), (partition, offset), "{codec}");
        let sent = Record { partition: Some(partition), ..record.clone() };
        assert!(Consumed::record(seen) == sent, "{codec}, {partition} at {offset}");
    }
}

#[test]
#[ignore = "needs Java"]
fn librdkafka_sees_of_the_embedded_broker_what_it_sees_of_a_real_one() {
    let librdkafka = Librdkafka::fetch().unwrap();
    let real = librdkafka.run(&cluster().bootstrap(), &shared::topic("librdkafka")).unwrap();
    println!("{}", real.join("\n"));
    assert!(real.iter().any(|line| line == "records 50 good True"));
    for args in [&[][..], &["--as-version", "2.8"]] {
        let broker = Broker::start(args);
        let ours = librdkafka.run(&broker.bootstrap, "t").unwrap();
        assert_eq!(ours, real, "{args:?}");
    }
}
