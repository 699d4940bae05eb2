//! What is known of the cluster, as an immutable snapshot.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use kafka_proto::{ErrorCode, Uuid};

use crate::id::TopicKey;

/// A snapshot of the cluster: its nodes, and the topics that this client uses.
///
/// Partitioners and handles read it without a lock; [`Engine::cluster`](crate::Engine::cluster) gives the newest.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    /// The cluster's id, once a broker told it.
    pub id: Option<String>,
    /// The controller's node id, or for KRaft brokers a node that forwards to it.
    pub controller: Option<i32>,
    /// Nodes by id.
    pub nodes: BTreeMap<i32, Node>,
    /// Topics in use by name.
    pub topics: BTreeMap<Arc<str>, Arc<Topic>>,
}

/// A broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: i32,
    /// The host that it advertises.
    pub host: Arc<str>,
    /// The port that it advertises.
    pub port: u16,
    /// Its rack, if it has one.
    pub rack: Option<String>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The engine's number for it.
    pub key: TopicKey,
    /// Its name.
    pub name: Arc<str>,
    /// Its id; zero from brokers older than 2.8.
    pub id: Uuid,
    /// Whether Kafka uses it for itself.
    pub internal: bool,
    /// Its partitions; the index is the partition's number.
    pub partitions: Vec<Partition>,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The leader's node id, `None` while there is no leader.
    pub leader: Option<i32>,
    /// The leader's epoch, -1 if the broker is too old to say (before 2.1).
    pub leader_epoch: i32,
    /// Node ids of the replicas.
    pub replicas: Vec<i32>,
    /// Node ids of the replicas that are in sync.
    pub in_sync: Vec<i32>,
    /// What the broker had to say about it.
    pub error: ErrorCode,
}
