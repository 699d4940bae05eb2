//! What a cluster is made of before its first connection.

use std::time::Duration;

use kafka_proto::releases::{self, Release};

/// Where clients reach a node: what Metadata answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address literal, as advertised.
    pub host: String,
    /// TCP port, as advertised.
    pub port: u16,
}

/// When clusters begin, unless they are told otherwise: in November 2023, in milliseconds since 1970.
pub(crate) const WALL_EPOCH_MS: i64 = 1_700_000_000_000;

/// Options of a [`Cluster`](crate::Cluster); build it with `..ClusterOptions::default()`.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// One endpoint a node; node ids count from 1.
    pub nodes: Vec<Endpoint>,
    /// The release that the brokers look like to their clients: which versions of which APIs they speak, and what changed
    /// under the same version. From 0.11 on, such as [`release("2.8")`](crate::release); the newest by default. Older ones
    /// are served as 0.11 is, without the APIs and versions that came later.
    pub release: &'static Release,
    /// The seed of cluster and topic ids, the only randomness there is.
    pub seed: u64,
    /// Wall-clock milliseconds since 1970 at [`Time::ZERO`](crate::Time::ZERO).
    pub wall_epoch_ms: i64,
    /// `auto.create.topics.enable`: whether Metadata creates the topics that it is asked for.
    pub auto_create: bool,
    /// `num.partitions`: partitions of a topic that is created without saying how many.
    pub default_partitions: i32,
    /// `default.replication.factor`; 0 stands for the smaller of 3 and the number of nodes.
    pub default_replication: i16,
    /// Bytes kept per partition: whole batches are dropped from the front above it. Bounds memory.
    pub retention_bytes: u64,
    /// `replica.lag.time.max.ms`: how long a follower may lack records before it leaves the in-sync
    /// replicas.
    pub replica_lag_time_max: Duration,
    /// How long the controller doesn't notice that a node has stopped (`broker.session.timeout.ms`). Nodes still say
    /// that it is there and leads, and its followers get nothing.
    pub failover_delay: Duration,
    /// Whether [`Output::Store`](crate::Output::Store) tells of everything that must outlive the
    /// process.
    pub persist: bool,
    /// Whether Produce looks into the records of a batch as a real broker does, decompressing them.
    pub validate_records: bool,
    /// `max.incremental.fetch.session.cache.slots`: fetch sessions that a node keeps (KIP-227).
    pub fetch_session_slots: usize,
    /// `min.incremental.fetch.session.eviction.ms`: how long a fetch session is safe from a new one.
    pub fetch_session_eviction: Duration,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            nodes: vec![Endpoint { host: "127.0.0.1".into(), port: 9092 }],
            release: releases::NEWEST,
            seed: 0,
            wall_epoch_ms: WALL_EPOCH_MS,
            auto_create: true,
            default_partitions: 1,
            default_replication: 0,
            retention_bytes: u64::MAX,
            replica_lag_time_max: Duration::from_secs(30),
            failover_delay: Duration::ZERO,
            persist: false,
            validate_records: true,
            fetch_session_slots: 1000,
            fetch_session_eviction: Duration::from_secs(120),
        }
    }
}
