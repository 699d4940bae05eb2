//! A client against an honest cluster on which everything goes wrong that may: the oracle is the cluster's log.

mod faults;
mod setup;
mod verdict;

use std::time::Duration;

use kafka_engine::config::ProducerConfig;
use kafka_engine::{
    Command, ConnId, ConsumerKey, NewTopic, OffsetSpec, PartitionKey, ProducerKey, StartAt, Wanted,
};

use crate::input::Input;
use crate::world::{Reading, World};

const TOPIC: &str = "t";
const CONSUMER: ConsumerKey = ConsumerKey(1);
/// Reads all there is when everything is well again.
const AUDITOR: ConsumerKey = ConsumerKey(2);
/// The most steps that are taken.
const STEPS: usize = 300;
/// The most records.
const RECORDS: u64 = 500;
/// The most simulated time until things are put right again.
const TIME: Duration = Duration::from_secs(90);

/// The settings, and then steps of one byte each, with their arguments behind them.
///
/// At the end everything is well again, and it is checked that every accepted record has exactly one outcome, that the
/// outcomes are what the log says, that every operation is over, and that a consumer reads what is in the log.
pub fn engine_ops(data: &[u8]) {
    let mut input = Input::new(data);
    let mut story = Story::begin(&mut input);
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        story.step(&mut input);
        story.world.settle();
    }
    story.heal();
    story.judge();
}

pub(super) struct Story {
    world: World,
    producer: ProducerKey,
    settings: ProducerConfig,
    nodes: i32,
    partitions: Vec<PartitionKey>,
    reading: Reading,
}

impl Story {
    fn step(&mut self, input: &mut Input<'_>) {
        match input.below(20) {
            0..4 => self.send(input),
            4 => self.flush(),
            5 => self.fault(input),
            6 => self.trim(input),
            7 => {
                let node = self.node(input);
                self.world.cut_node(node);
            }
            8 => self.stop_or_start(input),
            9 => self.reach(input),
            10 => self.lead(input),
            11 => {
                if let Some(conn) = self.conn(input) {
                    self.world.set_room(conn, input.below(200));
                }
            }
            12 => self.world.take(CONSUMER, &mut self.reading),
            13 => self.seek(input),
            14 => self.pause(input),
            15 => self.command(input),
            16 => self.world.cancel_oldest(),
            _ => self.pass(input),
        }
    }

    fn send(&mut self, input: &mut Input<'_>) {
        let shape = input.byte();
        let at = usize::from(shape & 7) % self.partitions.len();
        let fill = [0, 10, 100, 1_500][usize::from(shape >> 3 & 3)];
        let headers: &[(&[u8], Option<&[u8]>)] =
            if shape & 32 == 0 { &[] } else { &[(b"h", None), (b"h", Some(b"1"))] };
        for _ in 0..[1, 2, 5, 20][usize::from(shape >> 6)] {
            if self.world.accepted() < RECORDS {
                self.world.send(self.producer, self.partitions[at], fill, headers);
            }
        }
    }

    fn flush(&mut self) {
        self.pass_time(self.settings.linger);
    }

    fn stop_or_start(&mut self, input: &mut Input<'_>) {
        let node = self.node(input);
        if input.flag() {
            self.world.cluster.stop_node(node);
        } else {
            self.world.cluster.start_node(node);
        }
    }

    /// Records go from the front of a log.
    fn trim(&mut self, input: &mut Input<'_>) {
        let partition = self.partition(input);
        let (start, end) = self.world.cluster.offsets(TOPIC, partition).expect("a partition");
        let to = end.min(start + i64::from(input.byte() % 16));
        self.world.cluster.trim(TOPIC, partition, to).expect("a partition");
    }

    /// Nodes that can't be reached, or again.
    fn reach(&mut self, input: &mut Input<'_>) {
        let node = self.node(input);
        match input.below(4) {
            0 => {
                self.world.refusing.insert(node);
            }
            1 => {
                self.world.silent.insert(node);
            }
            2 => self.world.resolver_down = true,
            _ => {
                self.world.refusing.remove(&node);
                self.world.silent.remove(&node);
                self.world.resolver_down = false;
            }
        }
    }

    fn lead(&mut self, input: &mut Input<'_>) {
        let partition = self.partition(input);
        let node = self.node(input);
        // A node that is down can't lead: then nothing happens.
        let _ = match input.below(3) {
            0 => self.world.cluster.depose_leader(TOPIC, partition),
            _ => self.world.cluster.move_leader(TOPIC, partition, node),
        };
    }

    fn seek(&mut self, input: &mut Input<'_>) {
        let partition = (TOPIC.into(), self.partition(input));
        let to = match input.below(5) {
            0 => StartAt::Beginning,
            1 => StartAt::End,
            2 => StartAt::Timestamp(input.i64()),
            3 => StartAt::Offset(input.i64()),
            _ => StartAt::Offset(i64::from(input.byte())),
        };
        self.world.command(Command::Seek { consumer: CONSUMER, partition, to });
    }

    fn pause(&mut self, input: &mut Input<'_>) {
        let partitions = vec![(TOPIC.into(), self.partition(input))];
        self.world.command(match input.flag() {
            true => Command::Pause { consumer: CONSUMER, partitions },
            false => Command::Resume { consumer: CONSUMER, partitions },
        });
    }

    fn command(&mut self, input: &mut Input<'_>) {
        let deadline = self.world.in_ms(u64::from(input.u16()));
        let topics = vec!["u".into()];
        self.world.command(match input.below(7) {
            0 => Command::DescribeTopics { topics: None, deadline },
            1 => Command::DescribeTopics { topics: Some(topics), deadline },
            2 => Command::DeleteTopics { topics, deadline },
            3 => Command::FindTopic {
                topic: "u".into(),
                create: input.flag(),
                wanted: match input.byte() {
                    0..64 => Wanted::Known,
                    64..128 => Wanted::Fresh,
                    number => Wanted::Partition(i32::from(number) - 128),
                },
                deadline,
            },
            4 => {
                let new = NewTopic {
                    name: "u".into(),
                    partitions: Some(i32::from(input.byte())),
                    replication_factor: input.flag().then_some(1),
                    configs: Vec::new(),
                };
                Command::CreateTopics { topics: vec![new], validate_only: input.flag(), deadline }
            }
            5 => self.assignment(StartAt::Beginning),
            _ => {
                let spec = input.pick(&[
                    OffsetSpec::Earliest,
                    OffsetSpec::Latest,
                    OffsetSpec::Timestamp(0),
                ]);
                let partitions = (0..8).map(|partition| (TOPIC.into(), partition, spec));
                Command::ListOffsets { partitions: partitions.collect(), deadline }
            }
        });
    }

    fn pass(&mut self, input: &mut Input<'_>) {
        let millis = input.pick(&[0, 1, 5, 20, 100, 500, 2_000, 10_000, 31_000]);
        self.pass_time(Duration::from_millis(millis));
    }

    fn pass_time(&mut self, time: Duration) {
        if self.world.elapsed() < TIME {
            self.world.pass(time);
        }
    }

    fn node(&self, input: &mut Input<'_>) -> i32 {
        i32::from(input.byte()) % self.nodes + 1
    }

    fn partition(&self, input: &mut Input<'_>) -> i32 {
        self.partitions[input.below(self.partitions.len())].partition
    }

    fn conn(&self, input: &mut Input<'_>) -> Option<ConnId> {
        let conns = self.world.conns();
        let at = input.below(conns.len().max(1));
        conns.get(at).copied()
    }
}
