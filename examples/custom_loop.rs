//! Appends one record to a topic: one thread, one loop, no runtime.
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::{net::TcpStream, time::Duration};

use bytes::Buf;
use kafka_engine::accumulator::RecordRef;
use kafka_engine::config::{Config, ProducerConfig};
use kafka_engine::{ByteEngine, ByteOutput, Event, Input, Instant, PartitionKey, Reply};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bootstrap = std::env::args().nth(1).ok_or("custom_loop IP:PORT")?;
    let start = std::time::Instant::now();
    let now = || Instant::from_nanos(start.elapsed().as_nanos() as u64);
    let mut client = ByteEngine::new(Config::new(&bootstrap)?, [7; 32], now());
    let producer = client.open_producer(now(), ProducerConfig::default());
    client.find_topic(now(), "loop", Duration::from_secs(10));
    let mut sockets = BTreeMap::new();
    loop {
        match client.poll(now()) {
            ByteOutput::Connect(conn, address) => {
                let socket = TcpStream::connect(address)?;
                socket.set_read_timeout(Some(Duration::from_millis(1)))?;
                sockets.insert(conn, socket);
                client.connected(now(), conn);
            }
            ByteOutput::Write(conn) => {
                while let Some(chunks) = client.to_write(conn) {
                    let written = (&sockets[&conn]).write(chunks.chunk())?;
                    chunks.advance(written);
                    client.wrote(now(), conn);
                }
            }
            ByteOutput::Close(conn) => drop(sockets.remove(&conn)),
            ByteOutput::Event(Event::Done { result, .. }) => {
                if let Reply::Topic(topic) = result? {
                    let to = PartitionKey { topic: topic.key, partition: 0 };
                    let record = RecordRef { value: Some(b"hello"), ..Default::default() };
                    client.produce(now(), 0, (producer, to), &record)?;
                }
            }
            ByteOutput::Event(Event::Delivered { report, .. }) => {
                println!("{:?}", report.outcomes);
                return Ok(());
            }
            ByteOutput::Wait(_) => {
                for (conn, socket) in &mut sockets {
                    let mut bytes = [0; 4096];
                    match socket.read(&mut bytes) {
                        Ok(read) => client.received(now(), *conn, &bytes[..read]),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                client.handle(now(), Input::Tick);
            }
            _ => {}
        }
    }
}
