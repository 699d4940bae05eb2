//! The client, and topics and offsets asked of the cluster.

use std::sync::Arc;
use std::time::Duration;

use crate::{
    ByPartition, ByTopic, Cluster, ConfigError, ConsumerConfig, CreatedTopic, DeleteBefore, Error,
    ListedOffset, NewTopic, OffsetSpec, ProducerConfig, Topic,
};

use super::consumer::Consumer;
use super::producer::Producer;

/// One cluster, and all connections to it. A clone is the same client.
#[derive(Clone, Debug)]
pub struct Client(crate::Client);

impl From<crate::Client> for Client {
    fn from(client: crate::Client) -> Self {
        Self(client)
    }
}

impl Client {
    /// A producer. Nothing is sent before its first record.
    ///
    /// # Errors
    /// A setting can't be used.
    pub fn producer(&self, config: ProducerConfig) -> Result<Producer, ConfigError> {
        self.0.producer(config).map(Producer)
    }

    /// A consumer, of nothing yet.
    ///
    /// # Errors
    /// A setting can't be used.
    pub fn consumer(&self, config: ConsumerConfig) -> Result<Consumer, ConfigError> {
        self.0.consumer(config).map(Consumer::new)
    }

    /// Topics and offsets, asked of the cluster.
    pub fn admin(&self) -> Admin {
        Admin(self.0.admin())
    }

    /// What is known of the cluster: its nodes, and the topics in use. Empty until something has been asked of it.
    pub fn cluster(&self) -> Arc<Cluster> {
        self.0.cluster()
    }

    /// The async handle of the same client.
    pub fn handle(&self) -> &crate::Client {
        &self.0
    }
}

blocking! { Client:
    /// Ends everything. Records that were accepted and not delivered fail: close producers first.
    fn close() -> ();
}

/// Administers a cluster. Every call is over within `default.api.timeout.ms`, or what [`timeout`](Self::timeout) says.
#[derive(Clone, Debug)]
pub struct Admin(crate::Admin);

impl Admin {
    /// The same with another timeout for its calls.
    #[must_use]
    pub fn timeout(&self, timeout: Duration) -> Self {
        Self(self.0.timeout(timeout))
    }
}

blocking! { Admin:
    /// Creates topics. See [`crate::Admin::create_topics`].
    fn create_topics(topics: &[NewTopic]) -> Result<ByTopic<CreatedTopic>, Error>;
    /// Finds out whether topics could be created. See [`crate::Admin::validate_topics`].
    fn validate_topics(topics: &[NewTopic]) -> Result<ByTopic<CreatedTopic>, Error>;
    /// Deletes topics, with all that is in them. See [`crate::Admin::delete_topics`].
    fn delete_topics(names: &[&str]) -> Result<ByTopic<()>, Error>;
    /// Grows topics. See [`crate::Admin::create_partitions`].
    fn create_partitions(topics: &[(&str, i32)]) -> Result<ByTopic<()>, Error>;
    /// Deletes the records at the front of partitions. See [`crate::Admin::delete_records`].
    fn delete_records(partitions: &[(&str, i32, DeleteBefore)]) -> Result<ByPartition<i64>, Error>;
    /// All topics, by name. See [`crate::Admin::list_topics`].
    fn list_topics() -> Result<Vec<Arc<Topic>>, Error>;
    /// Partitions of topics, their leaders and replicas. See [`crate::Admin::describe_topics`].
    fn describe_topics(names: &[&str]) -> Result<ByTopic<Arc<Topic>>, Error>;
    /// Looks up offsets. See [`crate::Admin::list_offsets`].
    fn list_offsets(partitions: &[(&str, i32, OffsetSpec)]) -> Result<ByPartition<ListedOffset>, Error>;
}
