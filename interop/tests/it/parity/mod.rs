//! The embedded broker against a real one: the same scenario, and the transcripts have to be equal.

mod consume;
mod offsets;
mod produce;
mod topics;
mod unknown;

use std::fmt::Debug;
use std::thread;
use std::time::{Duration, Instant};

use kafka_blocking::{
    Admin, Client, ConsumerConfig, Error, ErrorKind, NewTopic, Producer, ProducerConfig, Record,
};
use kafka_interop::{Cluster, ClusterOptions};
use kafka_sim::{ServeOptions, Served, serve};

use crate::ours;
use crate::shared::{cluster, java};

#[test]
#[ignore = "needs Java"]
fn the_embedded_broker_says_what_a_real_one_says() {
    let served = embedded(true);
    let trim_served = |topic: &str, partition, offset| {
        served.with(|cluster| cluster.trim(topic, partition, offset)).unwrap();
    };
    let trim_real = |topic: &str, partition, offset| java().trim(topic, partition, offset).unwrap();
    let real = Brokers { bootstrap: cluster().bootstrap(), trim: &trim_real };
    let ours = Brokers { bootstrap: served.bootstrap(), trim: &trim_served };
    compare(|| scenario(&ours), || scenario(&real));
}

#[test]
#[ignore = "needs Java"]
fn without_auto_creation_it_does_too() {
    let options = ClusterOptions::single().with("auto.create.topics.enable", "false");
    let real = Cluster::start(options).unwrap();
    let served = embedded(false);
    compare(
        || unknown::nothing_is_created(&served.bootstrap()),
        || unknown::nothing_is_created(&real.bootstrap()),
    );
}

/// The embedded broker with the settings of the kit's nodes.
fn embedded(auto_create: bool) -> Served {
    serve(ServeOptions { auto_create, default_partitions: 3, ..ServeOptions::default() }).unwrap()
}

/// Brokers that no one else has topics on whose names begin with `p-`.
struct Brokers<'a> {
    bootstrap: String,
    /// Deletes a partition's records before an offset.
    trim: &'a (dyn Fn(&str, i32, i64) + Sync),
}

/// All that a client can see of brokers.
fn scenario(brokers: &Brokers<'_>) -> Transcript {
    let mut transcript = Transcript::default();
    let kafka = Kafka::connect(&brokers.bootstrap);
    topics::scenario(&kafka, &mut transcript);
    produce::scenario(&kafka, &mut transcript);
    consume::scenario(&kafka, brokers.trim, &mut transcript);
    offsets::scenario(&kafka, brokers.trim, &mut transcript);
    unknown::scenario(&kafka, &mut transcript);
    kafka.client.close();
    transcript
}

/// What was done, and what came of it, one line each.
#[derive(Debug, Default)]
struct Transcript(Vec<String>);

impl Transcript {
    fn note(&mut self, what: &str, came: impl Debug) {
        self.0.push(format!("{what}: {came:?}"));
    }

    /// The same with errors put as [`told`] puts them.
    fn result<T: Debug>(&mut self, what: &str, came: Result<T, Error>) {
        self.0.push(match came {
            Ok(came) => format!("{what}: {came:?}"),
            Err(error) => format!("{what}: {}", told(&error)),
        });
    }
}

/// An error without what differs from one run to the next. Of the broker's words only that there are any: the embedded one
/// has its own.
fn told(error: &Error) -> String {
    let written = error.written();
    match error.kind() {
        ErrorKind::Broker { code, context, message } => {
            let message = if message.is_some() { "words" } else { "no words" };
            format!("{written:?}, {} {code} ({context:.40}), {message}", code.0)
        }
        ErrorKind::TimedOut { waiting_for, .. } => format!("{written:?}, timed out: {waiting_for}"),
        kind => format!("{written:?}, {kind:?}"),
    }
}

fn compare(ours: impl FnOnce() -> Transcript + Send, real: impl FnOnce() -> Transcript + Send) {
    let (ours, real) = thread::scope(|scope| {
        let (ours, real) = (scope.spawn(ours), scope.spawn(real));
        (ours.join().unwrap(), real.join().unwrap())
    });
    let differences: Vec<String> = (ours.0.iter().zip(&real.0))
        .filter(|(ours, real)| ours != real)
        .map(|(ours, real)| format!("ours {ours}\nreal {real}\n"))
        .collect();
    println!("{}", real.0.join("\n"));
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
    assert_eq!(ours.0.len(), real.0.len());
    assert!(!ours.0.is_empty());
}

/// A client of brokers.
struct Kafka {
    client: Client,
    admin: Admin,
}

impl Kafka {
    fn connect(bootstrap: &str) -> Self {
        let client = kafka_blocking::connect(ours::config(bootstrap, &[])).unwrap();
        let admin = client.admin();
        Self { client, admin }
    }

    /// Creates a topic, and waits until the brokers know it.
    fn create(&self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let new = NewTopic { configs: owned(configs), ..new(name, partitions, 1) };
        let created = self.admin.create_topics(&[new]).unwrap();
        created[0].1.as_ref().unwrap();
        self.until_known(name, true);
    }

    /// A broker learns of topics a moment after the controller has answered.
    fn until_known(&self, name: &str, known: bool) {
        let deadline = Instant::now() + ours::LONG;
        loop {
            let described = self.admin.describe_topics(&[name]).unwrap();
            let has_leaders = described[0].1.as_ref().is_ok_and(|topic| {
                topic.partitions.iter().all(|partition| partition.leader.is_some())
            });
            if has_leaders == known {
                return;
            }
            assert!(Instant::now() < deadline, "{name}: {described:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn producer(&self, settings: &[(&str, &str)]) -> Producer {
        let config: ProducerConfig = ours::producer_config(settings);
        self.client.producer(config).unwrap()
    }

    /// A consumer that tells of ends.
    fn consumer(&self, settings: &[(&str, &str)]) -> kafka_blocking::Consumer {
        let mut config: ConsumerConfig = ours::consumer_config(settings);
        config.enable_partition_eof = true;
        // Or the news of each end would take half a second.
        config.fetch_max_wait = Duration::from_millis(20);
        self.client.consumer(config).unwrap()
    }

    /// Values into partition 0, in one batch, with timestamps from 1000 on, ten apart.
    fn fill(&self, topic: &str, values: &[&str]) {
        let producer = self.producer(&[("linger.ms", "100")]);
        for (time, value) in (0..).zip(values) {
            let record = Record::to(topic).value(value).partition(0).timestamp(1000 + 10 * time);
            producer.post(record).unwrap();
        }
        producer.flush().unwrap();
    }
}

fn new(name: &str, partitions: i32, replicas: i16) -> NewTopic {
    NewTopic {
        name: name.into(),
        partitions: Some(partitions),
        replication_factor: Some(replicas),
        configs: Vec::new(),
    }
}

fn owned(configs: &[(&str, &str)]) -> Vec<(String, String)> {
    configs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
