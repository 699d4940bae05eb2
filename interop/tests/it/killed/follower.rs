//! A consumer that reads along while brokers die.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kafka_blocking::StartAt;

use super::ledger::Logged;
use super::round::PARTITIONS;
use super::until;
use crate::ours;

/// How often it looks whether it has come to the end.
const POLL: Duration = Duration::from_millis(100);

pub(super) struct Follower {
    /// The offset to stop at, by partition.
    ends: Arc<Vec<AtomicI64>>,
    thread: JoinHandle<Vec<Logged>>,
}

impl Follower {
    pub(super) fn start(bootstrap: &str, topic: &str) -> Self {
        let ends: Arc<Vec<AtomicI64>> =
            Arc::new((0..PARTITIONS).map(|_| AtomicI64::new(i64::MAX)).collect());
        let (bootstrap, topic, its_ends) =
            (bootstrap.to_owned(), topic.to_owned(), Arc::clone(&ends));
        let thread = thread::spawn(move || follow(&bootstrap, &topic, &its_ends));
        Self { ends, thread }
    }

    /// What it read up to the end of this log, by partition, in the order in which it came.
    pub(super) fn end(self, log: &[Logged]) -> Vec<Logged> {
        for (partition, end) in (0..).zip(self.ends.iter()) {
            let last = log.iter().rfind(|logged| logged.partition == partition);
            end.store(last.map_or(0, |logged| logged.offset + 1), Ordering::Relaxed);
        }
        until("the reader is at the end", || self.thread.is_finished());
        let mut read = self.thread.join().unwrap();
        // Stable: that offsets ascend within a partition is for the comparison to find.
        read.sort_by_key(|logged| logged.partition);
        read
    }
}

fn follow(bootstrap: &str, topic: &str, ends: &[AtomicI64]) -> Vec<Logged> {
    let client = kafka_blocking::connect(ours::config(bootstrap, &[])).unwrap();
    let mut consumer =
        client.consumer(ours::consumer_config(&[("auto.offset.reset", "none")])).unwrap();
    consumer.assign_topics(&[topic], StartAt::Beginning).unwrap();
    let mut read = Vec::new();
    loop {
        for record in &consumer.poll(POLL).unwrap() {
            let value = String::from_utf8(record.value.unwrap_or_default().to_vec()).unwrap();
            read.push(Logged { partition: record.partition, offset: record.offset, value });
        }
        let at_end = |(partition, end): (i32, &AtomicI64)| {
            consumer.position(topic, partition).unwrap_or(0) >= end.load(Ordering::Relaxed)
        };
        if (0..).zip(ends).all(at_end) {
            return read;
        }
    }
}
