//! What a cluster is made of: options, and the properties that they come to.

use crate::maven;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What [`Cluster::start`](super::Cluster::start) starts.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// The Kafka release, 4.0.0 or later.
    pub version: String,
    /// How many nodes, each broker and controller at once: 1 or 3.
    pub nodes: usize,
    /// Lines of `server.properties` that are added to the kit's own, or replace them.
    pub properties: Vec<(String, String)>,
    /// Flags of every node's JVM, in place of the kit's, which are for a fast start and little memory.
    pub jvm_flags: Option<Vec<String>>,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            version: maven::LATEST.to_owned(),
            nodes: 1,
            properties: Vec::new(),
            jvm_flags: None,
        }
    }
}

impl ClusterOptions {
    /// One node: up in a few seconds, everything replicated once.
    pub fn single() -> Self {
        Self::default()
    }

    /// Three nodes with a quorum of three voters, everything replicated three times, `min.insync.replicas` 2.
    pub fn three() -> Self {
        Self { nodes: 3, ..Self::default() }
    }

    /// The same with one more property.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.properties.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The flags of a node's JVM: a heap for its size, and a start that is fast, by a class archive where there is one.
    pub(super) fn flags(&self, archive: Option<&Path>) -> Vec<String> {
        if let Some(flags) = &self.jvm_flags {
            return flags.clone();
        }
        let heap = if self.nodes == 1 { "-Xmx512m" } else { "-Xmx384m" };
        let mut flags: Vec<String> =
            [&[heap], FAST_JVM, LOGGING].concat().into_iter().map(str::to_owned).collect();
        flags.extend(archive.map(|path| format!("-XX:SharedArchiveFile={}", path.display())));
        flags
    }
}

/// Flags for a JVM that starts quickly and is content with little.
pub(super) const FAST_JVM: &[&str] =
    &["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"];

/// The form of a node's log.
const LOGGING: &[&str] = &[
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
];

/// Where one node listens and keeps its data.
pub(super) struct NodeConfig<'a> {
    pub(super) id: i32,
    pub(super) port: u16,
    /// Every node's id and controller port.
    pub(super) voters: &'a [(i32, u16)],
    pub(super) data: &'a Path,
}

/// The text of a node's `server.properties`.
pub(super) fn server_properties(options: &ClusterOptions, node: &NodeConfig<'_>) -> String {
    let mut all: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in SMALL_AND_FAST {
        all.insert(name, (*value).to_owned());
    }
    let voters: Vec<String> =
        node.voters.iter().map(|(id, port)| format!("{id}@127.0.0.1:{port}")).collect();
    let controller = node.voters.iter().find(|(id, _)| *id == node.id).map_or(0, |(_, port)| *port);
    all.insert("process.roles", "broker,controller".to_owned());
    all.insert("node.id", node.id.to_string());
    all.insert("controller.quorum.voters", voters.join(","));
    all.insert(
        "listeners",
        format!("PLAINTEXT://127.0.0.1:{},CONTROLLER://127.0.0.1:{controller}", node.port),
    );
    all.insert("advertised.listeners", format!("PLAINTEXT://127.0.0.1:{}", node.port));
    all.insert("controller.listener.names", "CONTROLLER".to_owned());
    all.insert(
        "listener.security.protocol.map",
        "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT".to_owned(),
    );
    all.insert("log.dirs", node.data.display().to_string());
    let (copies, in_sync) = if options.nodes == 1 { ("1", "1") } else { ("3", "2") };
    for name in [
        "default.replication.factor",
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
        "share.coordinator.state.topic.replication.factor",
    ] {
        all.insert(name, copies.to_owned());
    }
    for name in [
        "min.insync.replicas",
        "transaction.state.log.min.isr",
        "share.coordinator.state.topic.min.isr",
    ] {
        all.insert(name, in_sync.to_owned());
    }
    for (name, value) in &options.properties {
        all.insert(name, value.clone());
    }
    all.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{name}={value}");
        text
    })
}

/// What makes a node small, quick to start and quick to notice that another one died; Kafka's defaults are for large machines.
const SMALL_AND_FAST: &[(&str, &str)] = &[
    ("auto.create.topics.enable", "true"),
    ("num.partitions", "3"),
    ("offsets.topic.num.partitions", "3"),
    ("transaction.state.log.num.partitions", "3"),
    ("share.coordinator.state.topic.num.partitions", "3"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("num.network.threads", "2"),
    ("num.io.threads", "4"),
    ("background.threads", "2"),
    // The cleaner takes this from the heap at once: 128 MiB by default.
    ("log.cleaner.dedupe.buffer.size", "4194304"),
    ("log.index.size.max.bytes", "1048576"),
    // A broker that was killed is fenced after this. Tests pause brokers for less (2 s) and for more (8 s).
    ("broker.heartbeat.interval.ms", "500"),
    ("broker.session.timeout.ms", "4000"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_properties_replace_the_kits_own() {
        let options =
            ClusterOptions::three().with("num.partitions", "7").with("message.max.bytes", "1000");
        let node = NodeConfig {
            id: 2,
            port: 20_001,
            voters: &[(1, 20_010), (2, 20_011), (3, 20_012)],
            data: Path::new("/data"),
        };
        let text = server_properties(&options, &node);
        let lines: Vec<&str> = text.lines().collect();
        for line in [
            "num.partitions=7",
            "message.max.bytes=1000",
            "node.id=2",
            "log.dirs=/data",
            "listeners=PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20011",
            "controller.quorum.voters=1@127.0.0.1:20010,2@127.0.0.1:20011,3@127.0.0.1:20012",
            "offsets.topic.replication.factor=3",
            "min.insync.replicas=2",
        ] {
            assert!(lines.contains(&line), "no {line} in\n{text}");
        }
        assert_eq!(lines.iter().filter(|line| line.starts_with("num.partitions=")).count(), 1);
    }
}
