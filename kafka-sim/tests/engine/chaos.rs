//! Random troubles from a seed, and what must hold whatever they are: the log has every acknowledged record once, none
//! that was said not to be appended, all in the order in which they were sent; and a consumer gets just that.
//!
//! `CHAOS_FIRST` and `CHAOS_SEEDS` choose other seeds, and how many.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_engine::{Command, StartAt, Topic, Written};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault, Rng};

use crate::rig::{CONSUMER, Rig};

const PARTITIONS: i32 = 4;
const NODES: i32 = 3;

/// Numbers that follow from a seed.
struct Dice(Rng);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }
}

/// One run: a producer, a consumer, three brokers, and troubles.
struct Run {
    rig: Rig,
    dice: Dice,
    topic: std::sync::Arc<Topic>,
    sent: usize,
    down: BTreeSet<i32>,
    read: Vec<(i64, String)>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(Rng::new(seed));
        let mut rig = Rig::new(NODES as u16);
        rig.cluster.create_topic("t", PARTITIONS, NODES as i16).unwrap();
        let (batch, linger) = (dice.pick(&[100, 250, 16_384]), dice.pick(&[0, 5, 100]));
        rig.producer(|config| {
            config.batch_bytes = batch;
            config.linger = Duration::from_millis(linger);
            config.delivery_timeout = Duration::from_secs(20);
        });
        let fetch = dice.pick(&[500, 5_000, 1_000_000]);
        rig.consumer(|config| config.max_partition_fetch_bytes = fetch);
        let topic = rig.find("t").unwrap();
        let partitions = (0..PARTITIONS).map(|at| ("t".into(), at, StartAt::Beginning)).collect();
        let deadline = rig.in_ms(60_000);
        rig.run(Command::Assign { consumer: CONSUMER, partitions, deadline }).unwrap();
        Self { rig, dice, topic, sent: 0, down: BTreeSet::new(), read: Vec::new() }
    }

    fn step(&mut self) {
        match self.dice.below(16) {
            0..=4 => self.send(),
            5 => self.rig.flush(),
            6 | 7 => self.fault(),
            8 => self.node(),
            9 => self.lead(),
            10 => self.hold(),
            11 => self.pause(),
            12 | 13 => self.take(),
            _ => {}
        }
        let millis = self.dice.pick(&[0, 1, 20, 100, 1_000]);
        self.rig.pass(Duration::from_millis(millis));
    }

    fn send(&mut self) {
        for _ in 0..self.dice.below(20) {
            let partition = self.dice.below(PARTITIONS as u64) as i32;
            self.rig.send(&self.topic, partition, &format!("{partition}-{:06}", self.sent));
            self.sent += 1;
        }
    }

    fn fault(&mut self) {
        let api = self.dice.pick(&[
            ApiKey::Produce,
            ApiKey::Produce,
            ApiKey::Fetch,
            ApiKey::Metadata,
            ApiKey::ListOffsets,
            ApiKey::InitProducerId,
        ]);
        let at = At::any();
        let refuse = |code| Fault::Refuse { at: At::any(), code };
        let mut faults = vec![
            Fault::CloseBefore,
            Fault::CloseAfter,
            Fault::Swallow,
            Fault::Delay(Duration::from_millis(700)),
            Fault::Delay(Duration::from_secs(12)),
            Fault::Garbage,
            Fault::WrongCorrelationId,
            Fault::RepeatResponse,
            refuse(ErrorCode::NOT_LEADER_OR_FOLLOWER),
            refuse(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ];
        if api == ApiKey::Produce {
            let after = |code| Fault::FailAfter { at: At::any(), code };
            faults.extend([
                refuse(ErrorCode::MESSAGE_TOO_LARGE),
                refuse(ErrorCode::INVALID_RECORD),
                refuse(ErrorCode::NOT_ENOUGH_REPLICAS),
                after(ErrorCode::NOT_LEADER_OR_FOLLOWER),
                after(ErrorCode::REQUEST_TIMED_OUT),
                Fault::Omit { at: at.clone() },
                Fault::Duplicate { at },
            ]);
        }
        let times = self.dice.pick(&[1, 1, 2, 5, 20]);
        let fault = self.dice.pick(&faults);
        self.rig.cluster.fail_times(api, fault, times);
    }

    /// Stops a node, starts one, or cuts its connections.
    fn node(&mut self) {
        let node = 1 + self.dice.below(NODES as u64) as i32;
        if self.down.remove(&node) {
            self.rig.refused.clear();
            self.rig.cluster.start_node(node);
        } else if self.dice.below(2) == 0 {
            self.rig.kill(node, false);
        } else if self.down.is_empty() {
            self.down.insert(node);
            self.rig.kill(node, true);
            self.rig.cluster.stop_node(node);
        }
    }

    fn lead(&mut self) {
        let partition = self.dice.below(PARTITIONS as u64) as i32;
        let node = 1 + self.dice.below(NODES as u64) as i32;
        // A node that is down can't lead.
        let _ = self.rig.cluster.move_leader("t", partition, node);
    }

    fn hold(&mut self) {
        match self.rig.held {
            Some(_) => self.rig.release(),
            None => self.rig.held = Some(Vec::new()),
        }
    }

    fn pause(&mut self) {
        let partitions = vec![("t".into(), self.dice.below(PARTITIONS as u64) as i32)];
        let consumer = CONSUMER;
        self.rig.start(match self.dice.below(2) {
            0 => Command::Pause { consumer, partitions },
            _ => Command::Resume { consumer, partitions },
        });
    }

    fn take(&mut self) {
        let (records, _) = self.rig.take();
        self.read.extend(records);
    }

    /// Ends all trouble, waits, and judges.
    fn judge(mut self, seed: u64) {
        self.rig.cluster.clear_faults();
        self.rig.refused.clear();
        for node in self.down.clone() {
            self.rig.cluster.start_node(node);
        }
        self.rig.release();
        self.rig.flush();
        let partitions = (0..PARTITIONS).map(|at| ("t".into(), at)).collect();
        self.rig.start(Command::Resume { consumer: CONSUMER, partitions });
        self.rig.pass(Duration::from_secs(60));
        for _ in 0..200 {
            self.take();
            self.rig.pass(Duration::from_millis(700));
        }
        let results: BTreeMap<&str, _> =
            self.rig.reports.iter().map(|sent| (sent.value.as_str(), &sent.result)).collect();
        assert_eq!(self.rig.reports.len(), self.sent, "seed {seed}: each record has one result");
        for partition in 0..PARTITIONS {
            let log = self.rig.log("t", partition);
            assert!(log.is_sorted_by(|a, b| a < b), "seed {seed}: order of {log:?}");
            let prefix = format!("{partition}-");
            let read = self.read.iter().filter(|(_, value)| value.starts_with(&prefix));
            let read: Vec<&String> = read.map(|(_, value)| value).collect();
            assert_eq!(read, log.iter().collect::<Vec<_>>(), "seed {seed}: read of {partition}");
            let there: BTreeSet<&str> = log.iter().map(String::as_str).collect();
            for (value, result) in results.iter().filter(|(value, _)| value.starts_with(&prefix)) {
                match result {
                    Ok(_) => assert!(there.contains(value), "seed {seed}: {value} is lost"),
                    Err(error) if error.written() == Written::NotAppended => {
                        assert!(!there.contains(value), "seed {seed}: {value} is there: {error}");
                    }
                    Err(_) => {}
                }
            }
        }
    }
}

#[test]
fn whatever_goes_wrong_nothing_is_lost_repeated_or_swapped() {
    let set = |name| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let first = set("CHAOS_FIRST").unwrap_or(0);
    for seed in first..first + set("CHAOS_SEEDS").unwrap_or(10) {
        let mut run = Run::new(seed);
        for _ in 0..300 {
            run.step();
        }
        run.judge(seed);
    }
}
