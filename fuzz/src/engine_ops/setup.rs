//! The cluster, the settings and the versions that a story is about.

use std::time::Duration;

use kafka_engine::config::{AutoOffsetReset, Config, ConsumerConfig, ProducerConfig};
use kafka_engine::{Command, ConsumerKey, PartitionKey, StartAt};
use kafka_proto::records::Codec;
use kafka_proto::{ApiKey, VersionRange};
use kafka_sim::{Cluster, ClusterOptions, Endpoint};

use super::{CONSUMER, Story, TOPIC};
use crate::input::Input;
use crate::world::{PORTS, Reading, World};

/// The oldest version of each API that the client speaks, and the newest that a broker may be without.
const OLDEST: [(ApiKey, i16, i16); 5] = [
    (ApiKey::Produce, 3, 13),
    (ApiKey::Fetch, 4, 18),
    (ApiKey::Metadata, 1, 13),
    (ApiKey::ListOffsets, 1, 11),
    (ApiKey::InitProducerId, 0, 5),
];

/// After this, what brokers have said of topics while things went wrong is forgotten.
pub(super) const METADATA_MAX_AGE: Duration = Duration::from_secs(30);

impl Story {
    pub(super) fn begin(input: &mut Input<'_>) -> Self {
        let shape = input.byte();
        let nodes = i32::from(shape & 3) % 3 + 1;
        let partitions = i32::from(shape >> 2 & 3) + 1;
        let host = if shape & 16 == 0 { "10.0.0.1" } else { "broker" };
        let cluster = cluster(host, nodes, partitions, input);
        let mut config = Config::new(&format!("{host}:{}", PORTS + 1)).expect("a host and a port");
        config.metadata_max_age = METADATA_MAX_AGE;
        let mut world = World::new(config, cluster);
        world.slice = if shape & 32 == 0 { usize::MAX } else { 50 };
        let topic = world.find(TOPIC).expect("nothing has gone wrong yet");
        let key = |partition| PartitionKey { topic: topic.key, partition };
        let settings = producer(input);
        let producer = world.open_producer(settings.clone());
        let mut story = Self {
            world,
            producer,
            settings,
            nodes,
            partitions: (0..partitions).map(key).collect(),
            reading: Reading::default(),
        };
        story.open_consumer(CONSUMER);
        let assign = story.assignment(StartAt::Beginning);
        story.world.command(assign);
        story
    }

    pub(super) fn open_consumer(&mut self, consumer: ConsumerKey) {
        let config = ConsumerConfig {
            auto_offset_reset: AutoOffsetReset::Earliest,
            enable_partition_eof: true,
            max_partition_fetch_bytes: 1_000,
            // Seldom enough that most of the time is not spent on waiting.
            fetch_max_wait: Duration::from_secs(5),
            ..ConsumerConfig::default()
        };
        self.world.command(Command::OpenConsumer { consumer, config: config.into() });
    }

    /// Assigns all partitions to the first consumer.
    pub(super) fn assignment(&self, start: StartAt) -> Command {
        let partitions = self.partitions.iter().map(|key| (TOPIC.into(), key.partition, start));
        let deadline = self.world.in_ms(20_000);
        Command::Assign { consumer: CONSUMER, partitions: partitions.collect(), deadline }
    }
}

fn cluster(host: &str, nodes: i32, partitions: i32, input: &mut Input<'_>) -> Cluster {
    let endpoint = |node: i32| Endpoint { host: host.into(), port: PORTS + node as u16 };
    let mut cluster = Cluster::new(ClusterOptions {
        nodes: (1..=nodes).map(endpoint).collect(),
        ..ClusterOptions::default()
    });
    let replicas = if input.flag() { nodes as i16 } else { 1 };
    cluster.create_topic(TOPIC, partitions, replicas).expect("a topic of a new cluster");
    let limit = input.pick(&["1048588", "400", "1000000"]);
    cluster.set_config(TOPIC, "max.message.bytes", limit).expect("a setting of a topic");
    for (api, oldest, newest) in OLDEST {
        let older = input.byte();
        if older != 0 {
            let max = oldest + i16::from(older) % (newest - oldest + 1);
            cluster.set_versions(api, Some(VersionRange::new(oldest, max)));
        }
    }
    cluster
}

fn producer(input: &mut Input<'_>) -> ProducerConfig {
    let shape = input.byte();
    let mut settings = ProducerConfig::default();
    settings
        .set("acks", ["all", "all", "1", "0"][usize::from(shape & 3)])
        .expect("a value of acks");
    settings.max_in_flight = [5, 1, 2, 8][usize::from(shape >> 2 & 3)];
    settings.compression = Codec::ALL[usize::from(shape >> 4) % Codec::ALL.len()];
    settings.batch_bytes = input.pick(&[16_384, 100, 250, 1_000]);
    settings.buffer_memory = input.pick(&[33_554_432, 20_000, 8_192]);
    settings.linger = Duration::from_millis(input.pick(&[0, 5, 100]));
    settings.delivery_timeout = Duration::from_secs(input.pick(&[120, 5, 30]));
    settings.retries = input.pick(&[i32::MAX as u32, 3]);
    settings.validate().expect("settings that go together");
    settings
}
