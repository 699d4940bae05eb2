//! A broker process that is killed while it works, and started again on its directory.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use kafka_proto::messages::produce::ProduceRequest;
use kafka_sim::{ServeOptions, serve};

use crate::tcp::{Client, TempDir};
use crate::world::{only_partition, options, produce_request, sequenced};

const DIR: &str = "KAFKA_SIM_TEST_DIR";
const LISTEN: &str = "KAFKA_SIM_TEST_LISTEN";
const READY: &str = "ready at ";

/// Not a test: the process that the test below kills.
#[test]
#[ignore = "a broker process for another test"]
fn broker_process() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let listen = std::env::var(LISTEN).unwrap().parse().unwrap();
    let options = ServeOptions { listen, data_dir: Some(dir.into()), ..ServeOptions::default() };
    let served = serve(options).unwrap();
    if served.with(|cluster| cluster.topic_id("t").is_none()) {
        served.with(|cluster| cluster.create_topic("t", 1, 1)).unwrap();
    }
    println!("{READY}{}", served.addrs()[0]);
    // Ends with the test that started it, should that fail.
    let _ = std::io::stdin().read(&mut [0]);
}

struct Broker {
    process: Child,
    addr: SocketAddr,
}

impl Broker {
    fn start(dir: &Path, listen: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::broker_process", "--ignored", "--nocapture"])
            .env(DIR, dir)
            .env(LISTEN, listen)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let addr = lines.find_map(|line| Some(line.split_once(READY)?.1.trim().parse().unwrap()));
        Self { process, addr: addr.expect("the broker is ready") }
    }

    fn kill(mut self) -> SocketAddr {
        // SIGKILL: the process gets no chance to write anything more.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.addr
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_is_there_once() {
    let dir = TempDir::new();
    let mut listen = "127.0.0.1:0".to_owned();
    let nobody = kafka_sim::Cluster::new(options(1));
    let records = |number: i32| sequenced(7, 0, number, &[&number.to_string()]);
    let request = |number| produce_request(&nobody, 12, "t", 0, records(number));
    let mut acknowledged = 0;
    for life in 1..=4 {
        let broker = Broker::start(&dir.0, &listen);
        let mut client = Client::connect(broker.addr);
        // Five in flight, some of which the broker takes to its grave: the next life sees them
        // again.
        let mut sent = acknowledged;
        let enough = life * 100;
        while acknowledged < enough {
            while sent < acknowledged + 5 {
                client.send(12, sent, &request(sent));
                sent += 1;
            }
            let (correlation, response) = client.receive::<ProduceRequest>(12);
            let result = only_partition(response);
            assert_eq!((result.error_code, result.base_offset), (0, i64::from(correlation)));
            acknowledged = correlation + 1;
        }
        listen = broker.kill().to_string();
    }
    let served = serve(ServeOptions { data_dir: Some(dir.0.clone()), ..ServeOptions::default() });
    let values: Vec<Bytes> = served
        .unwrap()
        .with(|cluster| cluster.log("t", 0).filter_map(|record| record.value).collect());
    assert!(values.len() >= acknowledged as usize);
    let expected: Vec<Bytes> = (0..values.len()).map(|number| number.to_string().into()).collect();
    assert_eq!(values, expected);
}
