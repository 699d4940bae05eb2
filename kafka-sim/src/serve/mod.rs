//! A cluster over TCP: the state machine behind one lock, and plain threads around it.
//!
//! Each node has a thread that accepts; each connection has one that reads and serves its requests,
//! and writes the answers that come of them itself. Answers that come of somebody else's doing (a
//! parked Fetch) are written by the connection's second thread, started when first needed, so that
//! nobody waits for a slow reader but itself. One more thread waits for the next deadline. Sockets
//! are never touched under the lock; files are, because what was stored must be in order.

mod conn;
mod frames;
mod listen;
mod segments;
mod shared;
mod store;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::{Cluster, ClusterOptions, Endpoint};
use kafka_proto::releases::Release;
use listen::Listeners;
use shared::Shared;
use store::Store;

/// Options of [`serve()`]; build it with `..ServeOptions::default()`.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// How many nodes; their ids count from 1.
    pub nodes: usize,
    /// Where the first node listens, the others on the ports after it; port 0 gives each node a
    /// free port.
    pub listen: SocketAddr,
    /// Whether Metadata creates the topics that it is asked for.
    pub auto_create: bool,
    /// Partitions of a topic that is created without saying how many.
    pub default_partitions: i32,
    /// Replicas of such a topic; 0 stands for the smaller of 3 and the number of nodes.
    pub default_replication: i16,
    /// Bytes kept per partition; whole batches are dropped from the front above it.
    pub retention_bytes: u64,
    /// Where to keep everything, so that it survives the process, whatever ends it. `None` keeps it
    /// in memory.
    pub data_dir: Option<PathBuf>,
    /// The release that the brokers look like, as in [`ClusterOptions::release`].
    pub release: &'static Release,
    /// Seed of the cluster's and the topics' ids.
    pub seed: u64,
    /// Whether to say on standard error which connections were closed, and why.
    pub log: bool,
}

impl Default for ServeOptions {
    fn default() -> Self {
        let ClusterOptions {
            auto_create,
            default_partitions,
            default_replication,
            retention_bytes,
            release,
            seed,
            ..
        } = ClusterOptions::default();
        Self {
            nodes: 1,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            auto_create,
            default_partitions,
            default_replication,
            retention_bytes,
            data_dir: None,
            release,
            seed,
            log: false,
        }
    }
}

/// Serves a cluster until the result is dropped or stopped.
///
/// With a data directory, what an earlier cluster acknowledged there is back before the first
/// connection is accepted. Data are handed to the operating system before they are acknowledged,
/// not forced to disk: they survive the process, not the machine.
///
/// # Errors
/// A port that can't be listened on, a data directory that can't be read or written, a thread that
/// can't be started.
pub fn serve(options: ServeOptions) -> io::Result<Served> {
    let sockets = listen::bind_all(options.listen, options.nodes)?;
    let addrs = sockets.iter().map(|socket| socket.local_addr()).collect::<io::Result<Vec<_>>>()?;
    let endpoint = |addr: &SocketAddr| Endpoint { host: addr.ip().to_string(), port: addr.port() };
    let cluster_options = ClusterOptions {
        nodes: addrs.iter().map(endpoint).collect(),
        release: options.release,
        seed: options.seed,
        wall_epoch_ms: wall_ms(),
        auto_create: options.auto_create,
        default_partitions: options.default_partitions,
        default_replication: options.default_replication,
        retention_bytes: options.retention_bytes,
        persist: options.data_dir.is_some(),
        validate_records: true,
        ..ClusterOptions::default()
    };
    let (cluster, store) = match &options.data_dir {
        None => (Cluster::new(cluster_options), None),
        Some(dir) => {
            let (store, recovered) = Store::open(dir)?;
            (recovered.into_cluster(cluster_options)?, Some(store))
        }
    };
    let shared = Shared::start(cluster, store, options.log)?;
    let listeners = Listeners::new(&shared, sockets)?;
    Ok(Served { addrs, listeners, shared })
}

/// A cluster that is being served. Dropping it stops it.
#[derive(Debug)]
pub struct Served {
    addrs: Vec<SocketAddr>,
    listeners: Listeners,
    shared: Arc<Shared>,
}

impl Served {
    /// The nodes' addresses as `bootstrap.servers` takes them: `host:port`, separated by commas.
    pub fn bootstrap(&self) -> String {
        let addrs: Vec<String> = self.addrs.iter().map(SocketAddr::to_string).collect();
        addrs.join(",")
    }

    /// The nodes' addresses, in order of their ids.
    pub fn addrs(&self) -> &[SocketAddr] {
        &self.addrs
    }

    /// Does something to the cluster, or looks at it, while nobody else does. What comes of it is
    /// sent before this returns or soon after.
    pub fn with<T>(&self, action: impl FnOnce(&mut Cluster) -> T) -> T {
        self.shared.act(None, |cluster, _| action(cluster))
    }

    /// Stops a node: its connections are dropped, its port refuses new ones, others lead what it
    /// led.
    pub fn kill_node(&self, node: i32) {
        self.with(|cluster| cluster.stop_node(node));
        self.listeners.close(node);
    }

    /// Starts a stopped node, on the port that it had.
    ///
    /// # Errors
    /// The port is taken, or a thread can't be started.
    pub fn start_node(&self, node: i32) -> io::Result<()> {
        self.with(|cluster| cluster.start_node(node));
        let addr = usize::try_from(node).ok().and_then(|node| self.addrs.get(node.checked_sub(1)?));
        let Some(addr) = addr else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such node"));
        };
        self.listeners.open(&self.shared, node, *addr)
    }

    /// Why nothing is acknowledged any more, if writing to the data directory has failed.
    pub fn storage_failure(&self) -> Option<String> {
        self.shared.storage_failure()
    }

    /// Stops all nodes and returns when every thread is gone. Does nothing the second time.
    pub fn stop(&self) {
        self.shared.begin_stop();
        self.listeners.close_all();
        self.shared.finish_stop();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
    }
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
