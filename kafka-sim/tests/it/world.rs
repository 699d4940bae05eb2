//! A cluster with connections and a clock that a story turns by hand.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use kafka_proto::header::{decode_body, decode_response_header, encode_request};
use kafka_proto::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData,
};
use kafka_proto::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, ProduceResponse,
    TopicProduceData,
};
use kafka_proto::records::{BatchBuilder, Batches, Codec};
use kafka_proto::{Records, Request};
use kafka_sim::{
    CloseReason, Cluster, ClusterOptions, ConnId, Endpoint, Input, Output, StoreOp, Time,
};

/// What the wall clock shows when a story begins.
pub(crate) const WALL: i64 = 1_700_000_000_000;

pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) now: Time,
    pub(crate) stored: Vec<StoreOp>,
    pub(crate) closed: BTreeMap<ConnId, CloseReason>,
    pub(crate) until: Option<Time>,
    frames: BTreeMap<ConnId, VecDeque<Bytes>>,
    next_conn: u64,
    next_correlation: i32,
}

impl World {
    /// A cluster of so many nodes.
    pub(crate) fn new(nodes: u16) -> Self {
        Self::with_options(options(nodes))
    }

    pub(crate) fn with_options(options: ClusterOptions) -> Self {
        Self::of(Cluster::new(options))
    }

    pub(crate) fn of(cluster: Cluster) -> Self {
        Self {
            cluster,
            now: Time::ZERO,
            stored: Vec::new(),
            closed: BTreeMap::new(),
            until: None,
            frames: BTreeMap::new(),
            next_conn: 1,
            next_correlation: 1,
        }
    }

    /// A cluster of one node with one topic `t` of one partition, and a connection.
    pub(crate) fn with_topic() -> (Self, ConnId) {
        let mut world = Self::new(1);
        world.cluster.create_topic("t", 1, 1).unwrap();
        let conn = world.connect(1);
        (world, conn)
    }

    pub(crate) fn connect(&mut self, node: i32) -> ConnId {
        let conn = ConnId(self.next_conn);
        self.next_conn += 1;
        self.input(Input::Accepted { conn, node });
        conn
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.cluster.handle(self.now, input);
        self.drain();
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.cluster.poll() {
            match output {
                Output::Send { conn, frame } => {
                    self.frames.entry(conn).or_default().push_back(frame.to_bytes());
                }
                Output::Close { conn, why } => {
                    assert_eq!(self.closed.insert(conn, why), None, "closed twice");
                }
                Output::Store(op) => self.stored.push(op),
                Output::Wait { until } => self.until = until,
                other => panic!("unknown output {other:?}"),
            }
        }
    }

    /// Lets time pass, stopping at every deadline.
    pub(crate) fn advance(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some(until) = self.until.filter(|until| *until <= end) {
            self.now = until;
            self.input(Input::Tick);
        }
        self.now = end;
        self.input(Input::Tick);
    }

    /// Sends a request and returns its correlation id.
    pub(crate) fn send<R: Request>(&mut self, conn: ConnId, version: i16, request: &R) -> i32 {
        let correlation = self.next_correlation;
        self.next_correlation += 1;
        let frame =
            encode_request(request, version, correlation, Some("test")).unwrap().chunks.to_bytes();
        self.input(Input::Frame { conn, frame: frame.slice(4..) });
        correlation
    }

    /// The next response on a connection, with its correlation id, if it is there.
    pub(crate) fn receive<R: Request>(
        &mut self,
        conn: ConnId,
        version: i16,
    ) -> Option<(i32, R::Response)> {
        let frame = self.receive_bytes(conn)?;
        assert_eq!(
            frame.len() - 4,
            i32::from_be_bytes(frame[..4].try_into().unwrap()) as usize,
            "length prefix"
        );
        let (correlation, body) =
            decode_response_header(frame.slice(4..), R::API, version).unwrap();
        Some((correlation, decode_body(body).unwrap()))
    }

    pub(crate) fn receive_bytes(&mut self, conn: ConnId) -> Option<Bytes> {
        self.frames.get_mut(&conn)?.pop_front()
    }

    /// Sends a request and takes its response, which must be there at once.
    pub(crate) fn call<R: Request>(
        &mut self,
        conn: ConnId,
        version: i16,
        request: &R,
    ) -> R::Response {
        let sent = self.send(conn, version, request);
        let Some((correlation, response)) = self.receive::<R>(conn, version) else {
            panic!("no answer; closed: {:?}", self.closed.get(&conn));
        };
        assert_eq!(correlation, sent);
        response
    }

    /// Produces bytes to partition 0 of `t` and returns the partition's result. Version 13 names
    /// the topic by id.
    pub(crate) fn produce(
        &mut self,
        conn: ConnId,
        version: i16,
        records: Bytes,
    ) -> PartitionProduceResponse {
        let request = produce_request(&self.cluster, version, "t", 0, records);
        let response = self.call(conn, version, &request);
        only_partition(response)
    }

    /// Fetches partition 0 of `t` and returns the partition's data, which must be there at once.
    pub(crate) fn fetch(&mut self, conn: ConnId, version: i16, offset: i64) -> PartitionData {
        let request = fetch_request(&self.cluster, version, "t", &[(0, offset)]);
        let response = self.call(conn, version, &request);
        only_data(response)
    }

    /// Values of a partition, as text.
    pub(crate) fn values(&self, topic: &str, partition: i32) -> Vec<String> {
        let text =
            |value: Option<Bytes>| String::from_utf8(value.unwrap_or_default().to_vec()).unwrap();
        self.cluster.log(topic, partition).map(|record| text(record.value)).collect()
    }
}

pub(crate) fn options(nodes: u16) -> ClusterOptions {
    let endpoint = |node: u16| Endpoint { host: format!("node{node}"), port: 9090 + node };
    ClusterOptions {
        nodes: (1..=nodes).map(endpoint).collect(),
        wall_epoch_ms: WALL,
        ..ClusterOptions::default()
    }
}

/// A batch of records with these values, one millisecond apart.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    builder(values).build(0).unwrap()
}

/// A batch of an idempotent producer.
pub(crate) fn sequenced(id: i64, epoch: i16, sequence: i32, values: &[&str]) -> Bytes {
    builder(values).with_producer(id, epoch, sequence).build(0).unwrap()
}

pub(crate) fn builder(values: &[&str]) -> BatchBuilder {
    compressed(Codec::None, values)
}

pub(crate) fn compressed(codec: Codec, values: &[&str]) -> BatchBuilder {
    let mut builder = BatchBuilder::new(codec);
    for (at, value) in values.iter().enumerate() {
        builder.push(WALL + at as i64, Some(b"key"), Some(value.as_bytes()), &[]).unwrap();
    }
    builder
}

pub(crate) fn produce_request(
    cluster: &Cluster,
    version: i16,
    topic: &str,
    index: i32,
    records: Bytes,
) -> ProduceRequest {
    let partition =
        PartitionProduceData { index, records: Some(Records::from(records)), ..Default::default() };
    ProduceRequest {
        acks: -1,
        timeout_ms: 1000,
        topic_data: vec![TopicProduceData {
            name: if version < 13 { topic.into() } else { Default::default() },
            topic_id: if version < 13 {
                Default::default()
            } else {
                cluster.topic_id(topic).unwrap_or_default()
            },
            partition_data: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// Asks for partitions at offsets; waits up to a second for one byte.
pub(crate) fn fetch_request(
    cluster: &Cluster,
    version: i16,
    topic: &str,
    partitions: &[(i32, i64)],
) -> FetchRequest {
    let wanted = |(partition, fetch_offset): &(i32, i64)| FetchPartition {
        partition: *partition,
        fetch_offset: *fetch_offset,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    FetchRequest {
        max_wait_ms: 1000,
        min_bytes: 1,
        max_bytes: 50 << 20,
        topics: vec![FetchTopic {
            topic: if version < 13 { topic.into() } else { Default::default() },
            topic_id: if version < 13 {
                Default::default()
            } else {
                cluster.topic_id(topic).unwrap_or_default()
            },
            partitions: partitions.iter().map(wanted).collect(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

pub(crate) fn only_partition(response: ProduceResponse) -> PartitionProduceResponse {
    let [topic] = <[_; 1]>::try_from(response.responses).unwrap();
    let [partition] = <[_; 1]>::try_from(topic.partition_responses).unwrap();
    partition
}

pub(crate) fn only_data(response: FetchResponse) -> PartitionData {
    assert_eq!(response.error_code, 0);
    let [topic] = <[_; 1]>::try_from(response.responses).unwrap();
    let [partition] = <[_; 1]>::try_from(topic.partitions).unwrap();
    partition
}

/// Base offsets and last offsets of the whole batches of a partition's data.
pub(crate) fn spans(data: &PartitionData) -> Vec<(i64, i64)> {
    let bytes = data.records.clone().unwrap().into_bytes();
    let batches = Batches::new(bytes).map(Result::unwrap);
    let span = |batch: kafka_proto::records::RecordBatch| {
        batch.verify_crc().unwrap();
        (batch.header().base_offset, batch.header().last_offset().unwrap())
    };
    batches.map(span).collect()
}

/// A small generator for stories only; the cluster has its own.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}
