//! What all nodes of a cluster share: its topics, partitions, producer ids, and the effects of
//! changing them.
//!
//! A partition has one log, its leader's; `replica.rs` says what the followers have of it.

mod alarm;
pub(crate) mod catalogue;
pub(crate) mod config;
mod create;
mod election;
mod grow;
mod partition;
mod replica;
mod replication;
mod retention;
mod site;
mod view;
mod witness;

use core::time::Duration;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_proto::{ApiKey, ErrorCode, Str, Uuid};

use crate::api::{self, VersionRange};
use crate::options::Endpoint;
use crate::releases::Ways;
use crate::rng::Rng;
use crate::truth::{Record, Truth};
use crate::{ClusterOptions, ConnId, StoreOp, Time};
use alarm::Alarms;
use config::TopicConfig;
use view::Past;

pub(crate) use create::{NewTopic, Rejection, Replicas, check_name};
pub(crate) use partition::{Elected, Partition, Replica};
pub(crate) use replica::Around;
pub(crate) use view::{Seat, View};

/// Producer ids that are reserved in storage at once, as in KRaft.
const PRODUCER_ID_BLOCK: i64 = 1000;

/// One node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) endpoint: Endpoint,
    pub(crate) up: bool,
    /// Whether the controller takes it for dead.
    pub(crate) fenced: bool,
    /// When the controller will notice that it is.
    pub(crate) fence_due: Option<Time>,
    /// How late it hears of changes.
    pub(crate) metadata_delay: Duration,
    /// The number of an image of the cluster that it knows, or of a newer one.
    pub(crate) metadata_known: u64,
    /// How long a fetch of its followers takes.
    pub(crate) replication_delay: Duration,
    /// Whether its followers don't fetch at all.
    pub(crate) replication_paused: bool,
}

/// One topic.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) id: Uuid,
    pub(crate) config: TopicConfig,
    pub(crate) partitions: Vec<Partition>,
}

/// A parked request has something to look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touched {
    pub(crate) conn: ConnId,
    /// Bytes appended; `None` when the partition itself changed.
    pub(crate) bytes: Option<u64>,
}

/// The state behind all APIs.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) options: ClusterOptions,
    pub(crate) cluster_id: String,
    pub(crate) nodes: BTreeMap<i32, Node>,
    pub(crate) topics: BTreeMap<Str, Topic>,
    pub(crate) names: BTreeMap<Uuid, Str>,
    pub(crate) versions: BTreeMap<i16, VersionRange>,
    pub(crate) touched: Vec<Touched>,
    pub(crate) stores: Vec<StoreOp>,
    /// The latest time that was handed in.
    pub(crate) now: Time,
    pub(crate) truth: Record,
    pub(crate) alarms: Alarms,
    /// When retention is looked after again.
    retention_due: Time,
    pub(crate) past: Past,
    /// Milliseconds by which the wall clock was set off.
    pub(crate) wall_skew_ms: i64,
    rng: Rng,
    /// Topics ever created: where the next one's replicas begin.
    created: usize,
    next_producer_id: i64,
    producer_ids_end: i64,
}

impl State {
    pub(crate) fn new(options: ClusterOptions) -> Self {
        let mut rng = Rng::new(options.seed);
        let node = |endpoint: &Endpoint| Node {
            endpoint: endpoint.clone(),
            up: true,
            fenced: false,
            fence_due: None,
            metadata_delay: Duration::ZERO,
            metadata_known: 0,
            replication_delay: Duration::ZERO,
            replication_paused: false,
        };
        Self {
            cluster_id: rng.uuid().to_string(),
            nodes: (1..).zip(options.nodes.iter().map(node)).collect(),
            topics: BTreeMap::new(),
            names: BTreeMap::new(),
            versions: api::served_versions(Ways(options.release)).collect(),
            touched: Vec::new(),
            stores: Vec::new(),
            now: Time::ZERO,
            truth: Record::default(),
            alarms: Alarms::default(),
            retention_due: Time::ZERO + retention::CHECK_INTERVAL,
            past: Past::default(),
            wall_skew_ms: 0,
            created: 0,
            next_producer_id: 0,
            producer_ids_end: 0,
            rng,
            options,
        }
    }

    /// What its release does otherwise than others.
    pub(crate) fn ways(&self) -> Ways {
        Ways(self.options.release)
    }

    /// The controller's node, as clients are told.
    pub(crate) fn controller(&self) -> Option<i32> {
        self.nodes_known().next().map(|(node, _)| node)
    }

    /// Whether a node does itself, or has done, what is the controller's to do.
    pub(crate) fn takes_controllers_work(&self, node: i32) -> bool {
        self.ways().forwards() || self.controller() == Some(node)
    }

    /// The wall clock in milliseconds since 1970.
    pub(crate) fn wall_ms(&self, now: Time) -> i64 {
        let since = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        self.options.wall_epoch_ms.saturating_add(self.wall_skew_ms).saturating_add(since)
    }

    pub(crate) fn is_up(&self, node: i32) -> bool {
        self.nodes.get(&node).is_some_and(|node| node.up)
    }

    /// Whether the controller takes a node for dead, or there is no such node.
    pub(crate) fn is_fenced(&self, node: i32) -> bool {
        self.nodes.get(&node).is_none_or(|node| node.fenced)
    }

    /// Nodes that are alive as far as the controller knows, with what Metadata says about them.
    pub(crate) fn nodes_known(&self) -> impl Iterator<Item = (i32, &Endpoint)> {
        self.nodes.iter().filter(|(_, node)| !node.fenced).map(|(id, node)| (*id, &node.endpoint))
    }

    pub(crate) fn partition(&self, topic: &str, partition: i32) -> Option<&Partition> {
        self.topics.get(topic)?.partitions.get(usize::try_from(partition).ok()?)
    }

    pub(crate) fn partition_mut(&mut self, topic: &str, partition: i32) -> Option<&mut Partition> {
        self.topics.get_mut(topic)?.partitions.get_mut(usize::try_from(partition).ok()?)
    }

    /// The partition as `node` has it, if it leads it and the client's leader epoch (-1 for none) is
    /// the current one; else the error that a broker in its place gives.
    pub(crate) fn led_by(
        &self,
        node: i32,
        topic: &str,
        partition: i32,
        epoch: i32,
    ) -> Result<Replica<'_>, ErrorCode> {
        let found = self.followed_by(node, topic, partition, epoch)?;
        if found.leads { Ok(found) } else { Err(ErrorCode::NOT_LEADER_OR_FOLLOWER) }
    }

    /// The same for a node that leads the partition or follows its leader (KIP-392). Only replicas
    /// know epochs.
    pub(crate) fn followed_by(
        &self,
        node: i32,
        topic: &str,
        partition: i32,
        epoch: i32,
    ) -> Result<Replica<'_>, ErrorCode> {
        let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        let found = self.partition(topic, partition).ok_or(unknown)?;
        let view = self.view(node);
        let (replica, current) = if view.is_live() {
            (found.replica(node), found.leader_epoch)
        } else {
            let same = view.topic_id(topic) == self.topics.get(topic).map(|topic| topic.id);
            let seat = view.seat(topic, partition).filter(|_| same).ok_or(unknown)?;
            (found.replica_known_as(node, seat), seat.leader_epoch)
        };
        let replica = replica.ok_or(ErrorCode::NOT_LEADER_OR_FOLLOWER)?;
        match epoch.cmp(&current) {
            _ if epoch < 0 => Ok(replica),
            Ordering::Less => Err(ErrorCode::FENCED_LEADER_EPOCH),
            Ordering::Greater => Err(ErrorCode::UNKNOWN_LEADER_EPOCH),
            Ordering::Equal => Ok(replica),
        }
    }

    /// Name of a topic that a request names by name or, from the version that does, by id.
    pub(crate) fn topic_name(
        &self,
        node: i32,
        by_id: bool,
        name: &Str,
        id: Uuid,
    ) -> Result<Str, ErrorCode> {
        if !by_id {
            return Ok(name.clone());
        }
        self.view(node).name(id).cloned().ok_or(ErrorCode::UNKNOWN_TOPIC_ID)
    }

    /// A producer id that was never given out before, not even by an earlier life of the cluster.
    pub(crate) fn allocate_producer_id(&mut self) -> i64 {
        if self.next_producer_id >= self.producer_ids_end {
            self.producer_ids_end = self.next_producer_id.saturating_add(PRODUCER_ID_BLOCK);
            self.catalogue_changed();
        }
        let id = self.next_producer_id;
        self.next_producer_id = id.saturating_add(1);
        id
    }

    /// An id that no topic has, nor will.
    pub(crate) fn unused_id(&mut self) -> Uuid {
        self.rng.uuid()
    }

    /// The versions at which an API is served.
    pub(crate) fn version_range(&self, key: i16) -> Option<VersionRange> {
        self.versions.get(&key).copied()
    }

    pub(crate) fn set_versions(&mut self, api: ApiKey, range: Option<VersionRange>) {
        match range {
            Some(range) => self.versions.insert(api as i16, range),
            None => self.versions.remove(&(api as i16)),
        };
    }

    /// Deletes a topic. Whoever waits on it is told.
    pub(crate) fn delete_topic(&mut self, name: &str) -> Result<Uuid, ErrorCode> {
        let topic = self.topics.remove(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        self.names.remove(&topic.id);
        self.truth.add(self.now, Truth::TopicDeleted { topic: topic.id });
        self.past.outdated = true;
        for conn in topic.partitions.iter().flat_map(|partition| &partition.waiting) {
            self.touched.push(Touched { conn: *conn, bytes: None });
        }
        if self.options.persist {
            self.stores.push(StoreOp::Delete { topic: topic.id });
        }
        self.catalogue_changed();
        Ok(topic.id)
    }

    /// Has the catalogue written again.
    pub(crate) fn catalogue_changed(&mut self) {
        if self.options.persist {
            let text = self.catalogue();
            self.stores.push(StoreOp::Catalogue(text));
        }
    }

    /// Takes a partition's batches back from storage, in order.
    pub(crate) fn restore_log(
        &mut self,
        topic: Uuid,
        index: i32,
        batches: impl Iterator<Item = Bytes>,
    ) {
        let Some(name) = self.names.get(&topic).cloned() else {
            return;
        };
        let limit = self.options.retention_bytes;
        let Some(partition) = self.partition_mut(&name, index) else {
            return;
        };
        for batch in batches {
            partition.log.restore(&batch);
        }
        partition.log.retain(limit, i64::MAX);
    }
}
