//! A broker that costs nearly nothing: one node, one log a partition, nothing kept.
//!
//! It acknowledges what is produced after reading the heads alone, and answers every fetch with one batch made
//! beforehand, over and over, each copy under the base offset that is due. It advertises what a 4.x broker does,
//! the newest versions lowered to those that librdkafka 2.12 speaks, so that both clients send the same messages.
//! Nobody but the two of them is meant to connect: it checks that what it parses is well-formed, not that it is right.

mod answer;
mod api;
mod canned;
mod connection;
mod fetch;
mod parse;
mod produce;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use canned::Canned;

use crate::settings::Settings;

/// The topic that a request for all topics is told of. Any other name is a topic as well.
pub const TOPIC: &str = "peers";

/// What the clients did so far.
#[derive(Debug, Default)]
pub struct Counts {
    /// Records produced, by the counts in the headers of their batches.
    pub records: AtomicU64,
    /// Batches produced.
    pub batches: AtomicU64,
    /// Bytes of those batches.
    pub bytes: AtomicU64,
    /// Produce requests.
    pub produces: AtomicU64,
    /// Fetch requests.
    pub fetches: AtomicU64,
    /// Batches sent to consumers.
    pub served: AtomicU64,
}

impl Counts {
    /// One line of `name=number` words.
    #[must_use]
    pub fn line(&self) -> String {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        format!(
            "records={} batches={} bytes={} produces={} fetches={} served={}",
            of(&self.records),
            of(&self.batches),
            of(&self.bytes),
            of(&self.produces),
            of(&self.fetches),
            of(&self.served)
        )
    }
}

/// What all connections share.
struct Shared {
    address: SocketAddr,
    /// The next offset of each partition. Topics are not told apart.
    log_ends: Vec<AtomicU64>,
    canned: Canned,
    counts: Arc<Counts>,
}

/// Binds a port of 127.0.0.1 and serves it from threads of its own until the process ends.
pub fn start(settings: &Settings) -> io::Result<(SocketAddr, Arc<Counts>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let counts = Arc::new(Counts::default());
    let shared = Arc::new(Shared {
        address,
        log_ends: (0..settings.partitions)
            .map(|_| AtomicU64::new(0))
            .collect(),
        canned: Canned::new(settings.canned_records, settings.value_bytes as usize),
        counts: Arc::clone(&counts),
    });
    thread::spawn(move || {
        for stream in listener.incoming() {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                if let Err(error) = stream.and_then(|stream| connection::serve(stream, &shared)) {
                    eprintln!("nullbroker: a connection ended: {error}");
                }
            });
        }
    });
    Ok((address, counts))
}
