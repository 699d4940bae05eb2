//! A hostile broker against a live client: honest answers until the bytes spoil, replace or cut them.

use std::time::Duration;

use kafka_engine::config::{Config, ConsumerConfig, ProducerConfig};
use kafka_engine::{Command, ConnId, ConsumerKey, Input, PartitionKey, ProducerKey, StartAt};
use kafka_sim::{Cluster, ClusterOptions, Endpoint};

use crate::input::Input as Bytes;
use crate::world::{PORTS, Reading, Tamper, World};

const CONSUMER: ConsumerKey = ConsumerKey(1);
const TOPIC: &str = "t";
const PARTITIONS: i32 = 2;
/// The most steps that are taken.
const STEPS: usize = 500;
/// The most simulated time.
const TIME: Duration = Duration::from_secs(120);

/// Steps of one byte each, with their arguments behind them.
///
/// Nothing that brokers do makes the client panic, go round in a hot loop, forget a record or an operation, or tell of
/// one twice; and when it is shut down nothing is left open.
pub fn engine_bytes(data: &[u8]) {
    let mut input = Bytes::new(data);
    let mut story = Story::begin(&mut input);
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        story.step(&mut input);
        story.world.settle();
    }
    story.end();
}

struct Story {
    world: World,
    producer: ProducerKey,
    /// Known once the client has found the topic.
    partitions: Vec<PartitionKey>,
    reading: Reading,
}

impl Story {
    fn begin(input: &mut Bytes<'_>) -> Self {
        let shape = input.byte();
        let host = if shape & 1 == 0 { "10.0.0.1" } else { "broker" };
        let endpoint = |node| Endpoint { host: host.into(), port: PORTS + node };
        let mut cluster = Cluster::new(ClusterOptions {
            nodes: (1..=2).map(endpoint).collect(),
            ..ClusterOptions::default()
        });
        cluster.create_topic(TOPIC, PARTITIONS, 1).expect("a topic of a new cluster");
        let bootstrap = format!("{host}:{}", PORTS + 1);
        let config = Config::new(&bootstrap).expect("a host and a port");
        let mut world = World::new(config, cluster);
        world.slice = if shape & 2 == 0 { usize::MAX } else { 7 };
        let mut producer = ProducerConfig {
            batch_bytes: 200,
            delivery_timeout: Duration::from_secs(30),
            ..ProducerConfig::default()
        };
        if shape & 4 != 0 {
            producer.set("acks", "1").expect("a value of acks");
        }
        let producer = world.open_producer(producer);
        let consumer =
            ConsumerConfig { enable_partition_eof: shape & 8 != 0, ..ConsumerConfig::default() };
        world.command(Command::OpenConsumer { consumer: CONSUMER, config: consumer.into() });
        let mut story =
            Self { world, producer, partitions: Vec::new(), reading: Reading::default() };
        // Bit 4: even the first answers are for the bytes to spoil.
        if shape & 16 == 0 {
            story.find();
        }
        story.assign(StartAt::Beginning);
        story
    }

    /// Finds the topic, if the brokers let it.
    fn find(&mut self) {
        if let Some(topic) = self.world.find(TOPIC) {
            let key = |partition| PartitionKey { topic: topic.key, partition };
            self.partitions = (0..PARTITIONS).map(key).collect();
        }
    }

    fn assign(&mut self, start: StartAt) {
        let partitions = (0..PARTITIONS).map(|partition| (TOPIC.into(), partition, start));
        let deadline = self.world.in_ms(20_000);
        let partitions = partitions.collect();
        self.world.command(Command::Assign { consumer: CONSUMER, partitions, deadline });
    }

    fn step(&mut self, input: &mut Bytes<'_>) {
        match input.below(16) {
            0 => self.send(input),
            1 => {
                let tamper = tamper(input);
                self.world.tampers.push_back(tamper);
            }
            2 => self.world.tampers.push_back(Tamper::Pass),
            3 => self.world.tamper_always = input.flag().then(|| tamper(input)),
            4 => self.inject(input),
            5 => {
                if let Some(conn) = self.conn(input) {
                    self.world.end_stream(conn);
                }
            }
            6 => self.world.take(CONSUMER, &mut self.reading),
            7 => self.seek(input),
            8 => self.assign(if input.flag() { StartAt::Default } else { StartAt::Beginning }),
            9 => self.command(input),
            10 if self.partitions.is_empty() && self.world.elapsed() < TIME => self.find(),
            10 => self.world.cancel_oldest(),
            11 => self.world.resolver_down = input.flag(),
            12 => {
                if let Some(conn) = self.conn(input) {
                    self.world.set_room(conn, input.below(64));
                }
            }
            _ => self.pass(input),
        }
    }

    fn send(&mut self, input: &mut Bytes<'_>) {
        let shape = input.byte();
        for _ in 0..=shape >> 6 {
            if let Some(partition) = self.partitions.get(usize::from(shape & 1)) {
                self.world.send(self.producer, *partition, usize::from(shape & 62), &[]);
            }
        }
    }

    /// Bytes come that answer nothing, or not as a broker does.
    fn inject(&mut self, input: &mut Bytes<'_>) {
        if let Some(conn) = self.conn(input) {
            let len = usize::from(input.u16() % 512);
            let bytes = input.take(len).to_vec();
            self.world.reach_client(conn, &bytes);
        }
    }

    fn seek(&mut self, input: &mut Bytes<'_>) {
        let shape = input.byte();
        let to = match shape >> 1 & 3 {
            0 => StartAt::Beginning,
            1 => StartAt::End,
            2 => StartAt::Offset(i64::from(shape >> 3)),
            _ => StartAt::Offset(input.i64()),
        };
        let partition = (TOPIC.into(), i32::from(shape & 1));
        self.world.command(Command::Seek { consumer: CONSUMER, partition, to });
    }

    fn command(&mut self, input: &mut Bytes<'_>) {
        let deadline = self.world.in_ms(10_000);
        let command = match input.below(4) {
            0 => Command::DescribeTopics { topics: None, deadline },
            1 => Command::DescribeTopics { topics: Some(vec![TOPIC.into(), "u".into()]), deadline },
            2 => Command::DeleteTopics { topics: vec!["u".into()], deadline },
            _ => {
                let spec = kafka_engine::OffsetSpec::Timestamp(input.i64());
                let partitions = (0..=PARTITIONS).map(|partition| (TOPIC.into(), partition, spec));
                Command::ListOffsets { partitions: partitions.collect(), deadline }
            }
        };
        self.world.command(command);
    }

    fn pass(&mut self, input: &mut Bytes<'_>) {
        let millis = input.pick(&[0, 1, 5, 50, 200, 1_000, 10_000, 31_000]);
        if self.world.elapsed() < TIME {
            self.world.pass(Duration::from_millis(millis));
        }
    }

    fn conn(&self, input: &mut Bytes<'_>) -> Option<ConnId> {
        let conns = self.world.conns();
        let at = input.below(conns.len().max(1));
        conns.get(at).copied()
    }

    /// Shuts the client down: every record and every operation has its outcome, and nothing is open any more.
    fn end(mut self) {
        self.world.command(Command::Shutdown);
        self.world.settle();
        assert!(self.world.all_told(), "a record was forgotten: {:#?}", self.world.client);
        assert_eq!(self.world.sent().len() as u64, self.world.accepted());
        assert!(self.world.open_ops().is_empty(), "{:#?}", self.world.client);
        assert!(self.world.conns().is_empty(), "a connection is open: {:#?}", self.world.client);
        // After so long a time timers are held back once.
        for millis in [1_000_000, 1_001_000] {
            self.world.client.handle(self.world.in_ms(millis), Input::Tick);
        }
        assert!(self.world.is_quiet(), "{:#?}", self.world.client);
    }
}

fn tamper(input: &mut Bytes<'_>) -> Tamper {
    match input.below(6) {
        0 => Tamper::Twice,
        1 => Tamper::Cut(input.below(64)),
        2 => {
            let len = usize::from(input.u16() % 512);
            Tamper::Bytes(input.take(len).to_vec())
        }
        3 => {
            let len = usize::from(input.u16() % 512);
            Tamper::Body(input.take(len).to_vec())
        }
        _ => {
            let count = input.below(8) + 1;
            Tamper::Flip((0..count).map(|_| (input.u16(), input.byte())).collect())
        }
    }
}
