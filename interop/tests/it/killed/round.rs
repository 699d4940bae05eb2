//! One kill: writers and a reader before it, through it, and behind it.

use kafka_blocking::{Delivery, NewTopic};

use super::follower::Follower;
use super::ledger::{Ledger, Logged};
use super::until;
use super::writer::{Adapter, Writer};
use crate::ours;

pub(crate) const PARTITIONS: i32 = 3;

/// How many records each writer has acknowledged before the kill, and again behind it.
const SOME: usize = 2_000;

/// The clients of a topic, with all brokers up.
pub(super) struct Round {
    topic: String,
    writers: Vec<Writer>,
    follower: Follower,
}

/// The same with a broker killed.
pub(super) struct Killed(Round);

/// What is left when all is over.
pub(super) struct Ended {
    /// By partition and offset.
    pub(super) log: Vec<Logged>,
    /// How many records were on their way to the broker, for all their writer knew, until it gave up.
    pub(super) unknown: usize,
}

impl Round {
    /// Creates the topic and starts writers on both adapters, one of them with a delivery timeout that the kill outlasts, and a
    /// reader.
    pub(super) fn start(bootstrap: &str, topic: &str, replicas: i16) -> Self {
        let new = NewTopic {
            name: topic.into(),
            partitions: Some(PARTITIONS),
            replication_factor: Some(replicas),
            configs: Vec::new(),
        };
        let client = kafka_blocking::connect(ours::config(bootstrap, &[])).unwrap();
        client.admin().create_topics(&[new]).unwrap()[0].1.as_ref().unwrap();
        let patient = ("delivery.timeout.ms", "100000");
        let hasty = ("delivery.timeout.ms", "3000");
        let writer = |name, adapter, patience, codec| {
            let settings = [patience, ("compression.type", codec), ("batch.size", "2000")];
            Writer::start(name, adapter, bootstrap, topic, &settings)
        };
        let writers = vec![
            writer("tokio", Adapter::Tokio, patient, "none"),
            writer("blocking", Adapter::Blocking, patient, "lz4"),
            writer("hasty", Adapter::Tokio, hasty, "none"),
        ];
        Self { topic: topic.to_owned(), writers, follower: Follower::start(bootstrap, topic) }
    }

    /// Kills while batches are on their way.
    pub(super) fn kill(self, kill: impl FnOnce()) -> Killed {
        self.acknowledges_some();
        let pending: Vec<Vec<Delivery>> = self.writers.iter().map(Writer::pending).collect();
        kill();
        self.writers.iter().for_each(Writer::calm_down);
        let mut all = 0;
        for (writer, deliveries) in self.writers.iter().zip(pending) {
            let left = deliveries.iter().filter(|it| it.try_result().is_none()).count();
            println!("{}: {} has {left} deliveries pending at the kill", self.topic, writer.name);
            all += left;
        }
        // One of them may just have had its answers; with a quick broker, and a busy machine, that happens.
        assert!(all > 0, "nothing was on its way when the broker was killed");
        Killed(self)
    }

    fn acknowledges_some(&self) {
        let before: Vec<usize> = self.writers.iter().map(Writer::acknowledged).collect();
        for (writer, before) in self.writers.iter().zip(before) {
            until(writer.name, || writer.acknowledged() >= before + SOME);
        }
    }
}

impl Killed {
    /// Waits until every writer gets on again.
    pub(super) fn go_on(&self) {
        self.0.acknowledges_some();
    }

    /// Ends the writers, and compares what they were told, and what the reader read, with the log.
    pub(super) fn end(self, read: impl FnOnce() -> Vec<Logged>) -> Ended {
        let Round { topic, writers, follower } = self.0;
        let hasty = writers.len() - 1;
        let ledgers: Vec<Ledger> = writers.into_iter().map(Writer::end).collect();
        let mut log = read();
        log.sort_by_key(|logged| (logged.partition, logged.offset));
        let mut in_ledgers = 0;
        for (at, ledger) in ledgers.iter().enumerate() {
            println!("{topic}: {}", ledger.summary());
            ledger.check(&log).unwrap();
            assert_eq!(ledger.failed() > 0, at == hasty, "{topic}: {}", ledger.summary());
            in_ledgers += ledger.logged(&log).count();
        }
        assert_eq!(in_ledgers, log.len(), "{topic} has records that nobody wrote");
        let followed = follower.end(&log);
        assert!(followed == log, "{topic}: a reader saw {} of {}", followed.len(), log.len());
        Ended { log, unknown: ledgers.iter().map(Ledger::unknown).sum() }
    }
}
