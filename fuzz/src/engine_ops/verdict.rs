//! Everything is put right again, and then the books have to balance.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_engine::{Command, StartAt, Written};

use super::setup::METADATA_MAX_AGE;
use super::{AUDITOR, CONSUMER, Story, TOPIC};
use crate::world::{Reading, World, value_of};

/// Long enough for every timeout and backoff there is.
const LONG: Duration = Duration::from_secs(600);

impl Story {
    /// All nodes are up and can be reached, every partition has a leader, and no fault is left to come.
    pub(super) fn heal(&mut self) {
        let world = &mut self.world;
        world.cluster.clear_faults();
        world.refusing.clear();
        world.silent.clear();
        world.resolver_down = false;
        for node in 1..=self.nodes {
            world.cluster.start_node(node);
        }
        for key in &self.partitions {
            if world.cluster.leader(TOPIC, key.partition).is_some_and(|(leader, _)| leader < 0) {
                world.cluster.move_leader(TOPIC, key.partition, 1).expect("node 1 is up");
            }
        }
        for conn in world.conns() {
            world.set_room(conn, usize::MAX);
        }
        world.pass(2 * METADATA_MAX_AGE);
        let told = world.until(LONG, |world| world.all_told() && world.open_ops().is_empty());
        assert!(told, "something never ends: {:#?}", world.client);
        self.goes_on();
    }

    /// A producer that has not failed for good delivers again.
    fn goes_on(&mut self) {
        let before = self.world.sent().len();
        for key in &self.partitions {
            let accepted = self.world.send(self.producer, *key, 0, &[]);
            assert!(accepted, "there is memory again: {:#?}", self.world.client);
            let told = self.world.until(LONG, World::all_told);
            assert!(told, "a record is never sent: {:#?}", self.world.client);
        }
        let sent = &self.world.sent()[before..];
        if self.world.producer_failed().is_none() {
            let delivered = sent.iter().all(|sent| sent.result.is_ok());
            assert!(delivered, "{sent:?}: {:#?}", self.world.client);
        }
    }

    /// Checks what was told against what is there.
    pub(super) fn judge(mut self) {
        assert_eq!(self.world.sent().len() as u64, self.world.accepted());
        let logs: BTreeMap<i32, Vec<(i64, u64)>> =
            self.partitions.iter().map(|key| (key.partition, self.log(key.partition))).collect();
        self.outcomes_are_true(&logs);
        if self.settings.idempotent() {
            for log in logs.values() {
                let ascending = log.windows(2).all(|pair| pair[0].1 < pair[1].1);
                assert!(ascending, "records twice or out of order: {log:?}");
            }
        }
        self.world.take(CONSUMER, &mut self.reading);
        for (partition, offset, number) in &self.reading.records {
            let number = number.expect("every record has one");
            if *offset < self.log_start(*partition) {
                continue;
            }
            assert!(logs[partition].contains(&(*offset, number)), "read what is not there");
        }
        self.audit(&logs);
        self.close();
    }

    /// Offset and number of every record of a partition.
    fn log(&self, partition: i32) -> Vec<(i64, u64)> {
        let log = self.world.cluster.log(TOPIC, partition);
        let number = |value: Option<_>| value_of(value.as_deref()).expect("every record has one");
        log.map(|record| (record.offset, number(record.value))).collect()
    }

    fn log_start(&self, partition: i32) -> i64 {
        self.world.cluster.offsets(TOPIC, partition).expect("a partition").0
    }

    fn outcomes_are_true(&self, logs: &BTreeMap<i32, Vec<(i64, u64)>>) {
        let told: BTreeSet<u64> = self.world.sent().iter().map(|sent| sent.number).collect();
        assert_eq!(told.len(), self.world.sent().len(), "no record has two outcomes");
        let unanswered = self.settings.acks == kafka_engine::config::Acks::None;
        for sent in self.world.sent() {
            let log = &logs[&sent.partition];
            let is_there = log.iter().any(|(_, number)| *number == sent.number);
            let trimmed = self.log_start(sent.partition);
            match &sent.result {
                Ok(Some(offset)) if *offset < trimmed => {}
                Ok(Some(offset)) => {
                    assert!(log.contains(&(*offset, sent.number)), "{sent:?} is not at its offset");
                }
                Ok(None) => {
                    assert!(is_there || unanswered || trimmed > 0, "{sent:?} is not in the log");
                }
                Err(error) if error.written() == Written::NotAppended => {
                    assert!(!is_there, "{sent:?} is in the log");
                }
                Err(_) => {}
            }
        }
    }

    /// A new consumer reads each log from its beginning to its end, once and in order.
    fn audit(&mut self, logs: &BTreeMap<i32, Vec<(i64, u64)>>) {
        self.world.command(Command::CloseConsumer { consumer: CONSUMER });
        self.open_consumer(AUDITOR);
        let Command::Assign { partitions, deadline, .. } = self.assignment(StartAt::Beginning)
        else {
            unreachable!("an assignment");
        };
        let op = self.world.command(Command::Assign { consumer: AUDITOR, partitions, deadline });
        self.world.until(LONG, |world| world.open_ops().is_empty());
        let assigned = self.world.result(op);
        assert!(matches!(assigned, Some(Ok(_))), "{assigned:?}: {:#?}", self.world.client);
        let wanted: usize = logs.values().map(Vec::len).sum();
        let mut reading = Reading::default();
        let limit = self.world.now() + LONG;
        while reading.records.len() < wanted && self.world.now() < limit {
            self.world.pass(Duration::from_millis(100));
            self.world.take(AUDITOR, &mut reading);
        }
        assert_eq!(reading.rejected, 0);
        for (partition, log) in logs {
            let read = reading.records.iter().filter(|(at, ..)| at == partition);
            let read: Vec<_> =
                read.map(|(_, offset, number)| (*offset, number.expect("a number"))).collect();
            assert_eq!(&read, log, "partition {partition}: {:#?}", self.world.client);
        }
    }

    /// Nothing is left of a client that was closed.
    fn close(mut self) {
        let deadline = self.world.in_ms(10_000);
        let producer = self.producer;
        let op = self.world.command(Command::CloseProducer { producer, deadline });
        self.world.settle();
        assert!(matches!(self.world.result(op), Some(Ok(_))), "there was nothing left to do");
        self.world.command(Command::Shutdown);
        self.world.settle();
        assert!(self.world.conns().is_empty() && self.world.is_quiet(), "{:#?}", self.world.client);
    }
}
