//! One engine, its links and accumulators, and a cluster, joined by pipes without latency.
//!
//! The rig keeps the only clock: it steps whatever can be done at an instant, and then goes to the next deadline of
//! either side.

mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use kafka_engine::accumulator::{BatchLimits, PartitionQueue, RecordRef, Segments};
use kafka_engine::config::{Config, ConsumerConfig, ProducerConfig};
use kafka_engine::{
    CloseCause, Command, ConnId, ConsumerKey, Engine, Error, Input, Instant, Link, OpId,
    PartitionKey, ProducerKey, Reply, Response, StartAt, Taken, Topic, Wanted,
};
use kafka_proto::ApiKey;
use kafka_proto::messages::FetchRequest;
use kafka_proto::records::Batches;
use kafka_sim::{Cluster, ClusterOptions, Endpoint, Input as Asked, Time};

pub(crate) const PRODUCER: ProducerKey = ProducerKey(1);
pub(crate) const CONSUMER: ConsumerKey = ConsumerKey(1);

/// As much decompressed data is taken from a batch.
const PAYLOAD_BYTES_MAX: usize = 16 << 20;

pub(crate) struct Rig {
    pub(crate) engine: Engine,
    pub(crate) cluster: Cluster,
    pub(crate) now: u64,
    pub(crate) reports: Vec<Sent>,
    pub(crate) failed_producer: Option<Error>,
    pub(crate) wakeups: u64,
    /// What the engine gave out, in words and with the time: two runs of one seed have the same.
    pub(crate) trace: Vec<String>,
    /// Addresses by name; other names can't be resolved.
    pub(crate) names: BTreeMap<String, Vec<IpAddr>>,
    /// Ports that refuse connections.
    pub(crate) refused: BTreeSet<u16>,
    /// Ports that never answer an attempt to connect.
    pub(crate) holes: BTreeSet<u16>,
    /// Addresses that accept connections and hang up.
    pub(crate) hang_ups: BTreeSet<IpAddr>,
    /// Whether connections are cut as soon as the engine calls them ready.
    pub(crate) cut_when_ready: bool,
    /// Attempts to connect so far.
    pub(crate) attempts: u64,
    /// What becomes of a response before the engine gets it.
    pub(crate) twist: Option<Twist>,
    /// The Fetch requests so far, each with the node that was asked.
    pub(crate) fetches: Vec<(i32, FetchRequest)>,
    /// Requests so far: when, to which node, which API.
    pub(crate) asked: Vec<(u64, i32, ApiKey)>,
    /// Requests that were sent while their broker had asked for silence.
    pub(crate) impatient: Vec<(u64, ApiKey)>,
    /// While there is a list, Collects wait in it.
    pub(crate) held: Option<Vec<(ProducerKey, PartitionKey)>>,
    /// Whether batches may come with a wrong checksum.
    pub(crate) corrupting: bool,

    pipes: BTreeMap<ConnId, Pipe>,
    next_conn: u64,
    next_op: u64,
    done: BTreeMap<OpId, Result<Reply, Error>>,
    queues: BTreeMap<PartitionKey, PartitionQueue>,
    producer_config: Arc<ProducerConfig>,
    wait: Option<Instant>,
    cluster_wait: Option<Time>,
    outbox: BTreeMap<(PartitionKey, u64), Vec<String>>,
}

/// A record that was sent, and what was told of it.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) value: String,
    pub(crate) result: Result<Option<i64>, Error>,
}

struct Pipe {
    link: Link,
    node: i32,
    /// The broker asked for silence until then.
    silent_until: u64,
    broker: kafka_sim::ConnId,
    to_broker: BytesMut,
}

/// Changes a response on its way.
pub(crate) type Twist = Box<dyn FnMut(&mut Response)>;

struct Heap;

impl Segments for Heap {
    fn segment(&mut self, at_least: usize) -> Option<BytesMut> {
        Some(BytesMut::with_capacity(at_least))
    }

    fn release(&mut self, _: BytesMut) {}
}

impl Rig {
    pub(crate) fn new(nodes: u16) -> Self {
        Self::with(nodes, |_| {})
    }

    pub(crate) fn with(nodes: u16, change: impl FnOnce(&mut Config)) -> Self {
        Self::with_brokers(nodes, |_| {}, change)
    }

    pub(crate) fn with_brokers(
        nodes: u16,
        change_brokers: impl FnOnce(&mut ClusterOptions),
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let endpoints =
            (1..=nodes).map(|node| Endpoint { host: "10.0.0.1".into(), port: 9000 + node });
        let mut options = ClusterOptions { nodes: endpoints.collect(), ..Default::default() };
        change_brokers(&mut options);
        let cluster = Cluster::new(options);
        let mut config = Config::new("10.0.0.1:9001").unwrap();
        change(&mut config);
        Self {
            engine: Engine::new(Arc::new(config), [7; 32], Instant::ZERO),
            cluster,
            now: 0,
            reports: Vec::new(),
            failed_producer: None,
            wakeups: 0,
            trace: Vec::new(),
            names: BTreeMap::new(),
            refused: BTreeSet::new(),
            holes: BTreeSet::new(),
            hang_ups: BTreeSet::new(),
            cut_when_ready: false,
            attempts: 0,
            twist: None,
            fetches: Vec::new(),
            asked: Vec::new(),
            impatient: Vec::new(),
            held: None,
            corrupting: false,

            pipes: BTreeMap::new(),
            next_conn: 1,
            next_op: 1,
            done: BTreeMap::new(),
            queues: BTreeMap::new(),
            producer_config: Arc::new(ProducerConfig::default()),
            wait: None,
            cluster_wait: None,
            outbox: BTreeMap::new(),
        }
    }

    /// Opens the producer with default settings but for what `change` does.
    pub(crate) fn producer(&mut self, change: impl FnOnce(&mut ProducerConfig)) {
        let mut config = ProducerConfig::default();
        change(&mut config);
        config.validate().unwrap();
        self.producer_config = Arc::new(config);
        let config = Arc::clone(&self.producer_config);
        self.run(Command::OpenProducer { producer: PRODUCER, config }).unwrap();
    }

    /// Opens the consumer with default settings but for what `change` does.
    pub(crate) fn consumer(&mut self, change: impl FnOnce(&mut ConsumerConfig)) {
        let mut config = ConsumerConfig::default();
        change(&mut config);
        config.validate().unwrap();
        self.run(Command::OpenConsumer { consumer: CONSUMER, config: Arc::new(config) }).unwrap();
    }

    pub(crate) fn assign(
        &mut self,
        topic: &str,
        partition: i32,
        start: StartAt,
    ) -> Result<Reply, Error> {
        let deadline = self.in_ms(60_000);
        self.run(Command::Assign {
            consumer: CONSUMER,
            partitions: vec![(topic.into(), partition, start)],
            deadline,
        })
    }

    pub(crate) fn find(&mut self, topic: &str) -> Result<Arc<Topic>, Error> {
        let deadline = self.in_ms(60_000);
        match self.run(Command::FindTopic {
            topic: topic.into(),
            wanted: Wanted::Known,
            create: true,
            deadline,
        })? {
            Reply::Topic(topic) => Ok(topic),
            other => panic!("{other:?}"),
        }
    }

    /// Accepts a record for a partition of a topic that is known.
    pub(crate) fn send(&mut self, topic: &Topic, partition: i32, value: &str) {
        let key = PartitionKey { topic: topic.key, partition };
        let config = &self.producer_config;
        let limits = Arc::new(BatchLimits {
            batch_bytes: config.batch_bytes,
            max_request_bytes: config.max_request_bytes,
            buffer_memory: config.buffer_memory,
            codec: config.compression,
            refresh_timestamps: false,
        });
        let queue = self.queues.entry(key).or_insert_with(|| PartitionQueue::new(key, limits));
        let now = Instant::from_nanos(self.now);
        let record =
            RecordRef { key: None, value: Some(value.as_bytes()), headers: &[], timestamp: None };
        let appended = queue.append(&mut || (now, 1_700_000_000_000), &record, &mut Heap).unwrap();
        self.outbox.entry((key, appended.batch)).or_default().push(value.into());
        if let Some(pending) = appended.notice {
            self.engine.handle(now, Input::Pending { producer: PRODUCER, partition: key, pending });
        }
    }

    /// Closes every open batch.
    pub(crate) fn flush(&mut self) {
        let now = Instant::from_nanos(self.now);
        for (key, queue) in &mut self.queues {
            if let Some(pending) = queue.close_open() {
                self.engine
                    .handle(now, Input::Pending { producer: PRODUCER, partition: *key, pending });
            }
        }
    }

    /// Gives a command and runs until it is done.
    pub(crate) fn run(&mut self, command: Command) -> Result<Reply, Error> {
        let op = self.start(command);
        self.finish(op)
    }

    /// Runs until a command is done.
    pub(crate) fn finish(&mut self, op: OpId) -> Result<Reply, Error> {
        self.until(|rig| rig.done.contains_key(&op));
        self.done.remove(&op).unwrap()
    }

    pub(crate) fn is_done(&self, op: OpId) -> bool {
        self.done.contains_key(&op)
    }

    pub(crate) fn start(&mut self, command: Command) -> OpId {
        let op = OpId(self.next_op);
        self.next_op += 1;
        self.engine.handle(Instant::from_nanos(self.now), Input::Command { op, command });
        op
    }

    /// Runs until `reached`, at most ten simulated minutes.
    pub(crate) fn until(&mut self, reached: impl Fn(&Self) -> bool) {
        let limit = self.now + 600_000_000_000;
        loop {
            self.settle();
            if reached(self) {
                return;
            }
            assert!(
                self.advance(limit),
                "nothing more happens at {} ms: {:#?}",
                self.now / 1_000_000,
                self.engine
            );
        }
    }

    /// Runs for a while.
    pub(crate) fn pass(&mut self, time: Duration) {
        let limit = self.now + u64::try_from(time.as_nanos()).unwrap();
        loop {
            self.settle();
            if !self.advance(limit) {
                self.now = limit;
                self.settle();
                return;
            }
        }
    }

    /// All that a poll could take now, as (offset, value), then errors and ends as texts.
    pub(crate) fn take(&mut self) -> (Vec<(i64, String)>, Vec<String>) {
        let now = Instant::from_nanos(self.now);
        let (mut records, mut notes) = (Vec::new(), Vec::new());
        while let Some(taken) = self.engine.take(now, CONSUMER) {
            match taken {
                Taken::Run(run) => {
                    let bytes = run.records.len();
                    let mut broken = None;
                    for batch in Batches::new(run.records.clone()) {
                        let batch = batch.unwrap();
                        if let Err(error) = batch.verify_crc() {
                            assert!(self.corrupting, "{error}");
                            let offset = batch.header().base_offset.max(run.from);
                            broken = Some((offset, error.to_string()));
                            break;
                        }
                        let payload = batch.payload(PAYLOAD_BYTES_MAX).unwrap();
                        for record in
                            kafka_proto::records::RecordIter::new(&payload, batch.header())
                        {
                            let record = record.unwrap();
                            if record.offset >= run.from && !batch.header().attributes.is_control()
                            {
                                let value =
                                    String::from_utf8_lossy(record.value.unwrap_or_default())
                                        .into_owned();
                                records.push((record.offset, value));
                            }
                        }
                    }
                    let (partition, generation) = (run.partition, run.generation);
                    self.engine.handed_out(
                        now,
                        CONSUMER,
                        partition,
                        generation,
                        broken.as_ref().map_or(run.next_offset, |(offset, _)| *offset),
                        broken.is_none().then_some(bytes),
                    );
                    if let Some((offset, reason)) = broken {
                        self.engine.reject(now, CONSUMER, partition, generation, offset, reason);
                    }
                }
                Taken::Failed { error, .. } => {
                    notes.push(error.to_string());
                    break;
                }
                Taken::End { offset, .. } => notes.push(format!("end at {offset}")),
                Taken::Truncated { from, to, .. } => {
                    notes.push(format!("back from {from} to {to}"))
                }
                _ => {}
            }
        }
        (records, notes)
    }

    /// Runs until `count` records have been taken.
    pub(crate) fn consume(&mut self, count: usize) -> Vec<(i64, String)> {
        let mut records = Vec::new();
        let limit = self.now + 600_000_000_000;
        loop {
            self.settle();
            let (more, notes) = self.take();
            assert!(notes.iter().all(|note| note.starts_with("end")), "{notes:?}");
            records.extend(more);
            self.settle();
            if records.len() >= count {
                return records;
            }
            assert!(self.advance(limit), "only {} of {count}: {:#?}", records.len(), self.engine);
        }
    }

    /// Cuts every connection to a node; `refuse`: and lets none in again.
    pub(crate) fn kill(&mut self, node: i32, refuse: bool) {
        let cut: Vec<ConnId> = self
            .pipes
            .iter()
            .filter(|(_, pipe)| pipe.node == node)
            .map(|(conn, _)| *conn)
            .collect();
        for conn in cut {
            self.cut(conn, CloseCause::Reset);
        }
        if refuse {
            self.refused.insert(9000 + u16::try_from(node).unwrap());
        }
    }

    /// Answers the Collects that were held, and holds no more.
    pub(crate) fn release(&mut self) {
        for (producer, partition) in self.held.take().unwrap_or_default() {
            self.collect(producer, partition);
        }
    }

    pub(crate) fn in_ms(&self, millis: u64) -> Instant {
        Instant::from_nanos(self.now + millis * 1_000_000)
    }

    pub(crate) fn connections(&self) -> usize {
        self.pipes.len()
    }

    /// Values of a partition as the cluster has them.
    pub(crate) fn log(&self, topic: &str, partition: i32) -> Vec<String> {
        let value = |record: kafka_sim::LoggedRecord| {
            String::from_utf8_lossy(&record.value.unwrap()).into_owned()
        };
        self.cluster.log(topic, partition).map(value).collect()
    }

    fn settle(&mut self) {
        for _ in 0..100_000 {
            let engine = self.drain_engine();
            let cluster = self.drain_cluster();
            if !engine && !cluster {
                return;
            }
        }
        panic!("a hot loop at {} ms: {:#?}", self.now / 1_000_000, self.engine);
    }

    /// Goes to the next deadline up to `limit`, and ticks whoever it is for.
    fn advance(&mut self, limit: u64) -> bool {
        let engine = self.wait.map(Instant::as_nanos);
        let cluster = self.cluster_wait.map(Time::as_nanos);
        let Some(next) = engine.into_iter().chain(cluster).min().filter(|next| *next <= limit)
        else {
            return false;
        };
        self.now = self.now.max(next);
        if engine.is_some_and(|at| at <= self.now) {
            self.wakeups += 1;
            self.engine.handle(Instant::from_nanos(self.now), Input::Tick);
        }
        if cluster.is_some_and(|at| at <= self.now) {
            self.cluster_wait = None;
            self.cluster.handle(Time::from_nanos(self.now), Asked::Tick);
        }
        true
    }
}
