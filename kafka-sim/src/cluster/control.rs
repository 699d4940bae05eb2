//! What a test does to a cluster, and what it looks at.

use core::time::Duration;

use kafka_proto::{ApiKey, ErrorCode, Uuid, VersionRange};

use super::{Cluster, Work};
use crate::fault::Met;
use crate::log::LoggedRecord;
use crate::state::config::TopicConfig;
use crate::state::{Around, Elected, NewTopic, Partition, Replicas};
use crate::{CloseReason, ConnId, Fault, Time, Truth};

/// Making and changing topics.
impl Cluster {
    /// Creates a topic; -1 for the default number of partitions or replicas.
    ///
    /// # Errors
    /// The code that CreateTopics answers.
    pub fn create_topic(
        &mut self,
        name: &str,
        partitions: i32,
        replication: i16,
    ) -> Result<Uuid, ErrorCode> {
        let replicas = Replicas::Counted { partitions, factor: replication };
        let new = NewTopic { name: name.into(), replicas, config: TopicConfig::default() };
        let created = self.state.create_topic(new).map_err(|(code, _)| code);
        self.settled(created)
    }

    /// Deletes a topic with all its records.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION.
    pub fn delete_topic(&mut self, name: &str) -> Result<(), ErrorCode> {
        let deleted = self.state.delete_topic(name).map(|_| ());
        self.settled(deleted)
    }

    /// Grows a topic to `count` partitions in all.
    ///
    /// # Errors
    /// The code that CreatePartitions answers.
    pub fn add_partitions(&mut self, name: &str, count: i32) -> Result<(), ErrorCode> {
        let added = self.state.add_partitions(name, count).map_err(|(code, _)| code);
        self.settled(added)
    }

    /// Sets one key of a topic's configuration.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION, or INVALID_CONFIG for an unknown key or a bad value.
    pub fn set_config(&mut self, topic: &str, name: &str, value: &str) -> Result<(), ErrorCode> {
        let found =
            self.state.topics.get_mut(topic).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        found.config.set(name, value).map_err(|_| ErrorCode::INVALID_CONFIG)?;
        self.state.catalogue_changed();
        self.settled(Ok(()))
    }
}

/// Breaking things.
impl Cluster {
    /// Changes which versions of an API are advertised and served; `None` takes the API away.
    pub fn set_versions(&mut self, api: ApiKey, range: Option<VersionRange>) {
        self.state.set_versions(api, range);
    }

    /// Moves a partition's log start up, at most to its high watermark, as DeleteRecords and
    /// retention do.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION.
    pub fn trim(&mut self, topic: &str, partition: i32, log_start: i64) -> Result<(), ErrorCode> {
        self.change(topic, partition, |partition, _| {
            partition.log.trim(log_start.min(partition.high_watermark()));
            Elected::No
        })
    }

    /// Compacts a topic's partitions now, as Kafka's log cleaner would: of the records with the same key the last one
    /// stays, offsets stay, tombstones stay for `delete.retention.ms` from the first time on. The last batch of a partition
    /// is left as it is. The record of what really happened says nothing of it.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION, or POLICY_VIOLATION for a topic whose `cleanup.policy` doesn't say `compact`.
    pub fn compact(&mut self, topic: &str) -> Result<(), ErrorCode> {
        let compacted = self.state.compact(topic);
        self.settled(compacted)
    }

    /// Cuts a partition's log back to `end`, or to the start of the batch that holds it, as an
    /// unclean election does; the same node leads on in a new epoch.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION.
    pub fn truncate(&mut self, topic: &str, partition: i32, end: i64) -> Result<(), ErrorCode> {
        self.change(topic, partition, |partition, around| {
            partition.truncate(end, around.now);
            Elected::Cut
        })
    }

    /// Makes a partition forget a producer id, as time does.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION.
    pub fn expire_producer(
        &mut self,
        topic: &str,
        partition: i32,
        producer_id: i64,
    ) -> Result<(), ErrorCode> {
        self.change(topic, partition, |partition, _| {
            partition.log.forget_producer(producer_id);
            Elected::No
        })
    }

    /// Makes a partition forget the producers whose last batch is older than that by its timestamp, as
    /// `producer.id.expiration.ms` does. Kafka looks every ten minutes; here is who says when. Gives whether there were any.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION.
    pub fn expire_idle_producers(
        &mut self,
        topic: &str,
        partition: i32,
        idle: Duration,
    ) -> Result<bool, ErrorCode> {
        let idle = i64::try_from(idle.as_millis()).unwrap_or(i64::MAX);
        let oldest = self.state.wall_ms(self.state.now).saturating_sub(idle);
        let mut forgotten = false;
        self.change(topic, partition, |partition, _| {
            forgotten = partition.log.forget_producers_older(oldest);
            Elected::No
        })
        .map(|()| forgotten)
    }

    /// Sets the wall clock off by so many milliseconds, forwards or backwards.
    pub fn skew_wall_clock(&mut self, milliseconds: i64) {
        self.state.wall_skew_ms = milliseconds;
    }

    /// Has the next request of an API go wrong.
    pub fn fail_next(&mut self, api: ApiKey, fault: Fault) {
        self.fail_times(api, fault, 1);
    }

    /// Has the next `times` requests of an API go wrong, with `u32::MAX` all until it is told to
    /// [stop](Self::stop_failing).
    pub fn fail_times(&mut self, api: ApiKey, fault: Fault, times: u32) {
        self.fail_watched(api, fault, times);
    }

    /// Does so, and gives what tells whether any request has met it.
    pub(crate) fn fail_watched(&mut self, api: ApiKey, fault: Fault, times: u32) -> Met {
        self.script.add(api, fault, times)
    }

    /// Forgets a fault of an API's requests, however many were to meet it.
    pub fn stop_failing(&mut self, api: ApiKey, fault: &Fault) {
        self.script.remove(api, fault);
    }

    /// Forgets all faults that are still to come.
    pub fn clear_faults(&mut self) {
        self.script.clear();
    }

    pub(super) fn change(
        &mut self,
        topic: &str,
        index: i32,
        change: impl FnOnce(&mut Partition, &Around<'_>) -> Elected,
    ) -> Result<(), ErrorCode> {
        let changed = self.state.change(topic, index, change);
        self.settled(changed)
    }

    pub(super) fn settled<T>(&mut self, result: Result<T, ErrorCode>) -> Result<T, ErrorCode> {
        self.settle();
        result
    }
}

/// Looking inside.
impl Cluster {
    /// The cluster's id.
    pub fn cluster_id(&self) -> &str {
        &self.state.cluster_id
    }

    /// Names of the topics, with their numbers of partitions.
    pub fn topics(&self) -> impl Iterator<Item = (&str, i32)> {
        let count = |partitions: &[Partition]| i32::try_from(partitions.len()).unwrap_or(i32::MAX);
        self.state.topics.iter().map(move |(name, topic)| (name.as_str(), count(&topic.partitions)))
    }

    /// A topic's id.
    pub fn topic_id(&self, topic: &str) -> Option<Uuid> {
        self.state.topics.get(topic).map(|topic| topic.id)
    }

    /// A partition's leader (-1 for none) and its epoch.
    pub fn leader(&self, topic: &str, partition: i32) -> Option<(i32, i32)> {
        self.state
            .partition(topic, partition)
            .map(|partition| (partition.leader, partition.leader_epoch))
    }

    /// A partition's log start and high watermark.
    pub fn offsets(&self, topic: &str, partition: i32) -> Option<(i64, i64)> {
        self.state
            .partition(topic, partition)
            .map(|partition| (partition.log.start(), partition.high_watermark()))
    }

    /// Where a replica's log ends and whether it is in sync; `None` for a node that is no replica.
    pub fn replica(&self, topic: &str, partition: i32, node: i32) -> Option<(i64, bool)> {
        let partition = self.state.partition(topic, partition)?;
        let replica = partition.replica(node)?;
        Some((replica.end, partition.isr.contains(&node)))
    }

    /// Every record of a partition's leader, from the log start on, also those above the high
    /// watermark: the ground truth. Nothing for a partition that isn't there.
    pub fn log(&self, topic: &str, partition: i32) -> impl Iterator<Item = LoggedRecord> {
        self.state
            .partition(topic, partition)
            .into_iter()
            .flat_map(|partition| partition.log.records())
    }

    /// Whether to record what really happens from now on. What was recorded stays until it is
    /// [taken](Self::take_truth).
    pub fn record_truth(&mut self, on: bool) {
        self.state.truth.on = on;
    }

    /// What really happened since the last call, in order, each with the time of the input that
    /// brought it about (control methods: of the input before them).
    pub fn take_truth(&mut self) -> Vec<(Time, Truth)> {
        self.state.truth.take()
    }

    /// Requests of an API so far, whatever became of them.
    pub fn requests(&self, api: ApiKey) -> u64 {
        self.requests.get(&api.to_i16()).copied().unwrap_or(0)
    }

    /// Connections that are open.
    pub fn connections(&self) -> usize {
        self.conns.len()
    }

    /// The last connections that the cluster closed, at most 64, oldest first, and why.
    pub fn closes(&self) -> impl Iterator<Item = (ConnId, &CloseReason)> {
        self.closes.iter().map(|(conn, why)| (*conn, why))
    }

    /// Requests that are parked.
    pub fn parked(&self) -> usize {
        self.conns.values().filter(|conn| matches!(conn.work, Work::Parked(_))).count()
    }

    /// Requests that will still meet a scripted fault.
    pub fn pending_faults(&self) -> usize {
        self.script.pending()
    }

    /// The scripted faults that are still to come, by API, and how many requests are to meet each; `u32::MAX`: all.
    pub fn unmet_faults(&self) -> impl Iterator<Item = (ApiKey, &Fault, u32)> {
        self.script.unmet()
    }
}
