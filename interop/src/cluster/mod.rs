//! A cluster of real brokers on loopback: started, hurt and healed by a test.
//!
//! Every node is broker and controller at once (KRaft). Ports and data stay a node's own over its restarts. All methods take
//! `&self`, so that tests may share a cluster through a static; what ends its processes then is [`Guarded`], not `Drop`.

mod archive;
mod node;
mod options;
mod ports;
mod probe;

pub use node::Node;
pub use options::ClusterOptions;
pub use ports::Port;

use crate::error::{Error, Result};
use crate::maven::{self, Jars};
use crate::places;
use crate::process::Guarded;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use options::NodeConfig;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

/// How long nodes may take to serve, on a machine that is busy with other things.
const READY: Duration = Duration::from_secs(120);

/// How long a node may take to end on SIGTERM.
const STOP: Duration = Duration::from_secs(60);

/// How often a node that does not serve yet is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Real Kafka, of one node or three. Dropped, it is killed and leaves nothing behind; on a panic its logs stay.
#[derive(Debug)]
pub struct Cluster {
    jars: Jars,
    id: String,
    dir: PathBuf,
    nodes: Vec<Node>,
}

impl Cluster {
    /// Fetches the release where needed, formats the storage, starts all nodes and waits until each knows all brokers.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "options are written at the call and used up by it"
    )]
    pub fn start(options: ClusterOptions) -> Result<Self> {
        let jars = Jars::fetch(&options.version)?;
        // Given flags stand alone; and the run that writes the archive can't wait for it.
        let archive = match options.jvm_flags {
            None => archive::of(&jars).ok(),
            Some(_) => None,
        };
        let flags = options.flags(archive.as_deref());
        let dir = places::new_run()?;
        let nodes = Self::lay_out(&options, &dir)?;
        let cluster = Self { jars, id: new_id(), dir, nodes };
        cluster.format()?;
        for node in &cluster.nodes {
            node.launch(&cluster.jars, &flags)?;
        }
        cluster.wait_ready()?;
        Ok(cluster)
    }

    /// Finds ports for every node, and writes its properties.
    fn lay_out(options: &ClusterOptions, dir: &Path) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        for id in (1..).take(options.nodes) {
            nodes.push(Node::new(
                id,
                Port::claim()?,
                Port::claim()?,
                dir.join(format!("node-{id}")),
            ));
        }
        let voters: Vec<(i32, u16)> =
            nodes.iter().map(|node| (node.id(), node.controller_port())).collect();
        for node in &nodes {
            let (data, properties) = (node.data(), node.properties());
            let config =
                NodeConfig { id: node.id(), port: node.port(), voters: &voters, data: &data };
            fs::create_dir_all(&data).map_err(Error::at(&data))?;
            fs::write(&properties, options::server_properties(options, &config))
                .map_err(Error::at(&properties))?;
        }
        Ok(nodes)
    }

    /// Every node's `host:port`, joined by commas, as clients take it.
    pub fn bootstrap(&self) -> String {
        let all: Vec<String> = self.nodes.iter().map(Node::address).collect();
        all.join(",")
    }

    /// The cluster id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The release's jars, for a Java peer of the same release.
    pub fn jars(&self) -> &Jars {
        &self.jars
    }

    /// The directory of the cluster's properties, logs and data.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// All nodes, by id from 1.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node of an id; ids count from 1, and are the broker ids that clients see.
    pub fn node(&self, id: i32) -> Result<&Node> {
        self.nodes.iter().find(|node| node.id() == id).ok_or(Error::NoSuchNode(id))
    }

    /// SIGKILL: the node is gone at once, without a word to anybody.
    pub fn kill9(&self, id: i32) -> Result<()> {
        self.node(id)?.on_process(Guarded::kill9)
    }

    /// SIGTERM: a controlled shutdown, to its end.
    pub fn stop(&self, id: i32) -> Result<()> {
        self.node(id)?.on_process(|process| process.stop(STOP))
    }

    /// SIGSTOP: the node's sockets stay open, and nothing answers.
    pub fn pause(&self, id: i32) -> Result<()> {
        self.node(id)?.pause(true)
    }

    /// SIGCONT.
    pub fn resume(&self, id: i32) -> Result<()> {
        self.node(id)?.pause(false)
    }

    /// Starts the node again on its ports and data, after stopping it where it runs, and waits until the cluster has it back.
    pub fn restart(&self, id: i32) -> Result<()> {
        self.stop(id)?;
        self.relaunch(id)?;
        self.wait_ready()
    }

    /// Starts a node that is down and does not wait: for several at once, followed by one [`wait_ready`](Self::wait_ready).
    pub fn relaunch(&self, id: i32) -> Result<()> {
        self.node(id)?.relaunch(&self.jars)
    }

    /// Waits until every node that runs and isn't paused serves, and knows at least all of these as alive.
    pub fn wait_ready(&self) -> Result<()> {
        let deadline = Instant::now() + READY;
        let awake: Vec<&Node> = self.nodes.iter().filter(|node| node.is_awake()).collect();
        for node in &awake {
            loop {
                let seen = probe::live_brokers(node.port());
                if seen.as_ref().is_ok_and(|seen| awake.iter().all(|it| seen.contains(&it.id()))) {
                    break;
                }
                if !node.is_running() || Instant::now() > deadline {
                    let state = if node.is_running() { "doesn't serve" } else { "ended" };
                    return Err(Error::NotReady {
                        what: format!("node {} {state}; brokers it names: {seen:?}", node.id()),
                        log: node.log_end(),
                    });
                }
                thread::sleep(ASK_EVERY);
            }
        }
        Ok(())
    }

    /// Formats every node's storage, all at once: most of it is a JVM's start.
    fn format(&self) -> Result<()> {
        let mut tools = Vec::new();
        for node in &self.nodes {
            let mut tool = self.jars.java(options::FAST_JVM);
            tool.args(["kafka.tools.StorageTool", "format", "--cluster-id", &self.id, "--config"])
                .arg(node.properties());
            tool.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            tools.push(tool.spawn().map_err(Error::io("java"))?);
        }
        for tool in tools {
            let output = tool.wait_with_output().map_err(Error::io("java"))?;
            maven::check("kafka.tools.StorageTool".to_owned(), output)?;
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &self.nodes {
            node.destroy();
        }
        if thread::panicking() {
            eprintln!("logs of the cluster: {}", self.dir.display());
        } else {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// A random id in Kafka's form: 16 bytes in URL-safe base64, here with a first letter that no tool takes for an option.
fn new_id() -> String {
    let mut bytes = [0; 16];
    let (high, low) = (RandomState::new().hash_one(0), RandomState::new().hash_one(1));
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&low.to_be_bytes());
    bytes[0] = b'K';
    URL_SAFE_NO_PAD.encode(bytes)
}
