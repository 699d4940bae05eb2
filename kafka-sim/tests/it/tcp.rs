//! The same broker over real sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kafka_proto::header::{decode_body, decode_response_header, encode_request};
use kafka_proto::messages::api_versions::ApiVersionsRequest;
use kafka_proto::messages::fetch::FetchRequest;
use kafka_proto::messages::metadata::MetadataRequest;
use kafka_proto::{ApiKey, ErrorCode, Request};
use kafka_sim::{Fault, ServeOptions, Served, serve};

use crate::world::{
    batch, builder, fetch_request, only_data, only_partition, produce_request, sequenced, spans,
};

/// Long enough that only a broker that hangs takes it.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Client {
    stream: TcpStream,
}

impl Client {
    pub(crate) fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    pub(crate) fn send<R: Request>(&mut self, version: i16, correlation: i32, request: &R) {
        let frame =
            encode_request(request, version, correlation, Some("tcp")).unwrap().chunks.to_bytes();
        self.stream.write_all(&frame).unwrap();
    }

    /// The next frame without its length prefix; `None` when the broker closed the connection.
    fn receive_bytes(&mut self) -> Option<Bytes> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).ok()?;
        let mut frame = BytesMut::zeroed(u32::from_be_bytes(length) as usize);
        self.stream.read_exact(&mut frame).ok()?;
        Some(frame.freeze())
    }

    pub(crate) fn receive<R: Request>(&mut self, version: i16) -> (i32, R::Response) {
        let frame = self.receive_bytes().expect("an answer");
        let (correlation, body) = decode_response_header(frame, R::API, version).unwrap();
        (correlation, decode_body(body).unwrap())
    }

    fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        self.send(version, 1, request);
        self.receive::<R>(version).1
    }
}

fn served(options: ServeOptions) -> Served {
    let served = serve(options).unwrap();
    let exists = served.with(|cluster| cluster.topic_id("t").is_some());
    if !exists {
        served.with(|cluster| cluster.create_topic("t", 1, -1)).unwrap();
    }
    served
}

fn values(served: &Served) -> Vec<Bytes> {
    served.with(|cluster| cluster.log("t", 0).filter_map(|record| record.value).collect())
}

/// A directory of its own, removed at the end.
pub(crate) struct TempDir(pub(crate) PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("kafka-sim-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn requests_are_served_in_order_however_they_arrive() {
    let served = served(ServeOptions::default());
    let mut client = Client::connect(served.addrs()[0]);
    let mut sent = Vec::new();
    for correlation in 0..50 {
        let records = builder(&["v"; 40]).build(0).unwrap();
        let request = served.with(|cluster| produce_request(cluster, 12, "t", 0, records));
        sent.extend_from_slice(
            &encode_request(&request, 12, correlation, None).unwrap().chunks.to_bytes(),
        );
    }
    for piece in sent.chunks(777) {
        client.stream.write_all(piece).unwrap();
    }
    for expected in 0..50 {
        let frame = client.receive_bytes().unwrap();
        let (correlation, body) = decode_response_header(frame, ApiKey::Produce, 12).unwrap();
        let result = only_partition(decode_body(body).unwrap());
        assert_eq!(
            (correlation, result.error_code, result.base_offset),
            (expected, 0, i64::from(expected) * 40)
        );
    }
    let request = served.with(|cluster| fetch_request(cluster, 12, "t", &[(0, 0)]));
    let data = only_data(client.call(12, &request));
    assert_eq!(spans(&data).len(), 50);
}

#[test]
fn a_parked_fetch_is_answered_when_somebody_produces() {
    let served = served(ServeOptions::default());
    let mut consumer = Client::connect(served.addrs()[0]);
    let mut request = served.with(|cluster| fetch_request(cluster, 12, "t", &[(0, 0)]));
    request.max_wait_ms = 60_000;
    consumer.send(12, 5, &request);
    consumer.send(0, 6, &ApiVersionsRequest::default());
    while served.with(|cluster| cluster.parked()) == 0 {
        std::thread::yield_now();
    }
    let mut producer = Client::connect(served.addrs()[0]);
    let produce = served.with(|cluster| produce_request(cluster, 12, "t", 0, batch(&["a"])));
    assert_eq!(only_partition(producer.call(12, &produce)).error_code, 0);
    let (correlation, response) = consumer.receive::<FetchRequest>(12);
    assert_eq!((correlation, spans(&only_data(response))), (5, vec![(0, 0)]));
    assert_eq!(consumer.receive::<ApiVersionsRequest>(0).0, 6);
}

#[test]
fn time_passes_by_itself() {
    let served = served(ServeOptions::default());
    let mut client = Client::connect(served.addrs()[0]);
    let mut request = served.with(|cluster| fetch_request(cluster, 12, "t", &[(0, 0)]));
    request.max_wait_ms = 20;
    assert_eq!(only_data(client.call(12, &request)).records.unwrap().len(), 0);
    served.with(|cluster| {
        cluster.fail_next(ApiKey::Metadata, Fault::Delay(Duration::from_millis(10)));
    });
    assert_eq!(client.call(12, &MetadataRequest::default()).error_code, 0);
}

#[test]
fn impossible_lengths_close_the_connection() {
    let served = served(ServeOptions::default());
    for length in [0, -1, 200 << 20] {
        let mut client = Client::connect(served.addrs()[0]);
        client.stream.write_all(&i32::to_be_bytes(length)).unwrap();
        assert_eq!(client.receive_bytes(), None, "length {length}");
    }
    let mut client = Client::connect(served.addrs()[0]);
    assert_eq!(client.call(0, &ApiVersionsRequest::default()).error_code, 0);
}

#[test]
fn a_client_that_does_not_read_holds_up_nobody() {
    let served = served(ServeOptions::default());
    let addr = served.addrs()[0];
    let mut deaf = Client::connect(addr);
    // More than all socket buffers between the two can hold.
    let mut fetch = served.with(|cluster| fetch_request(cluster, 12, "t", &[(0, 0)]));
    (fetch.min_bytes, fetch.max_wait_ms) = (30 << 20, 60_000);
    fetch.topics[0].partitions[0].partition_max_bytes = 50 << 20;
    deaf.send(12, 1, &fetch);
    while served.with(|cluster| cluster.parked()) == 0 {
        std::thread::yield_now();
    }
    let mut producer = Client::connect(addr);
    let large = "x".repeat(900_000);
    let produce = served.with(|cluster| produce_request(cluster, 12, "t", 0, batch(&[&large])));
    for _ in 0..40 {
        assert_eq!(only_partition(producer.call(12, &produce)).error_code, 0);
    }
    assert_eq!(served.with(|cluster| cluster.parked()), 0, "the answer is on its way");
    // What comes next is served meanwhile, and its answer keeps its place.
    deaf.send(0, 2, &ApiVersionsRequest::default());
    while served.with(|cluster| cluster.requests(ApiKey::ApiVersions)) == 0 {
        std::thread::yield_now();
    }
    let (correlation, response) = deaf.receive::<FetchRequest>(12);
    assert_eq!((correlation, spans(&only_data(response)).len() > 30), (1, true));
    assert_eq!(deaf.receive::<ApiVersionsRequest>(0).0, 2);
}

#[test]
fn nodes_die_and_return_on_their_ports() {
    let served = served(ServeOptions { nodes: 3, ..ServeOptions::default() });
    assert_eq!(served.bootstrap().split(',').count(), 3);
    let (leader, _) = served.with(|cluster| cluster.leader("t", 0)).unwrap();
    let addr = served.addrs()[leader as usize - 1];
    let mut client = Client::connect(addr);
    assert_eq!(
        client.call(12, &MetadataRequest { topics: None, ..Default::default() }).brokers.len(),
        3
    );
    served.kill_node(leader);
    assert_eq!(client.receive_bytes(), None);
    assert!(TcpStream::connect(addr).is_err(), "the port refuses");
    let (next, epoch) = served.with(|cluster| cluster.leader("t", 0)).unwrap();
    assert!(next != leader && epoch == 1);
    served.start_node(leader).unwrap();
    let mut client = Client::connect(addr);
    let request = served.with(|cluster| produce_request(cluster, 12, "t", 0, batch(&["a"])));
    let refused = only_partition(client.call(12, &request));
    assert_eq!(ErrorCode(refused.error_code), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    assert_eq!(refused.current_leader.leader_id, next);
}

#[test]
fn stopping_ends_everything() {
    let served = served(ServeOptions { nodes: 2, ..ServeOptions::default() });
    let addrs = served.addrs().to_vec();
    let mut clients: Vec<_> = addrs.iter().map(|addr| Client::connect(*addr)).collect();
    let mut request = served.with(|cluster| fetch_request(cluster, 12, "t", &[(0, 0)]));
    request.max_wait_ms = 60_000;
    for client in &mut clients {
        client.send(12, 1, &request);
    }
    served.stop();
    served.stop();
    for client in &mut clients {
        while client.receive_bytes().is_some() {}
    }
    drop(served);
    assert!(addrs.iter().all(|addr| TcpStream::connect(addr).is_err()));
}

#[test]
fn what_was_acknowledged_is_there_after_a_restart() {
    let dir = TempDir::new();
    let options = || ServeOptions { data_dir: Some(dir.0.clone()), ..ServeOptions::default() };
    let mut expected = Vec::new();
    for life in 0..3 {
        let served = served(options());
        assert_eq!(values(&served), expected, "life {life}");
        let mut client = Client::connect(served.addrs()[0]);
        for turn in 0..3 {
            let sequence = life * 3 + turn;
            let value = format!("{life}-{turn}");
            let records = sequenced(7, 0, sequence, &[&value]);
            let request = served.with(|cluster| produce_request(cluster, 12, "t", 0, records));
            for _ in 0..2 {
                let result = only_partition(client.call(12, &request));
                assert_eq!((result.error_code, result.base_offset), (0, i64::from(sequence)));
            }
            expected.push(Bytes::from(value));
        }
        assert_eq!(served.storage_failure(), None);
    }
}

#[test]
fn a_torn_tail_is_cut_off() {
    let dir = TempDir::new();
    let options = || ServeOptions { data_dir: Some(dir.0.clone()), ..ServeOptions::default() };
    let produce = |served: &Served, value: &str| {
        let mut client = Client::connect(served.addrs()[0]);
        let request = served.with(|cluster| produce_request(cluster, 12, "t", 0, batch(&[value])));
        only_partition(client.call(12, &request)).base_offset
    };
    let first = served(options());
    let id = first.with(|cluster| cluster.topic_id("t")).unwrap();
    assert_eq!((produce(&first, "a"), produce(&first, "b")), (0, 1));
    drop(first);
    let path = dir.0.join("topics").join(id.to_string()).join("0").join(format!("{:020}.log", 0));
    let whole = std::fs::read(&path).unwrap();
    for cut in [whole.len() - 1, whole.len() / 2 + 30, whole.len() / 2 + 3] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let again = served(options());
        assert_eq!(values(&again), ["a"], "cut at {cut}");
        assert_eq!(produce(&again, "c"), 1);
        drop(again);
        assert_eq!(values(&served(options())), ["a", "c"]);
    }
    let mut flipped = whole;
    *flipped.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &flipped).unwrap();
    assert_eq!(values(&served(options())), ["a"]);
}

#[test]
fn trimmed_segments_are_removed() {
    let dir = TempDir::new();
    let options = || ServeOptions {
        data_dir: Some(dir.0.clone()),
        retention_bytes: 10 << 20,
        ..ServeOptions::default()
    };
    let running = served(options());
    let id = running.with(|cluster| cluster.topic_id("t")).unwrap();
    let mut client = Client::connect(running.addrs()[0]);
    let large = "x".repeat(1_000_000);
    let request = running.with(|cluster| produce_request(cluster, 12, "t", 0, batch(&[&large])));
    for _ in 0..150 {
        assert_eq!(only_partition(client.call(12, &request)).error_code, 0);
    }
    let files: Vec<_> =
        std::fs::read_dir(dir.0.join("topics").join(id.to_string()).join("0")).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let before = running.with(|cluster| cluster.offsets("t", 0));
    drop(running);
    assert_eq!(served(options()).with(|cluster| cluster.offsets("t", 0)), before);
}
