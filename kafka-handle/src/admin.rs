//! Topics and offsets, asked of the cluster.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kafka_engine::{
    Command, CreatedTopic, DeleteBefore, Error, Instant, ListedOffset, NewTopic, OffsetSpec, Reply,
    Topic,
};

use crate::op::Operation;
use crate::shared::ClientOwner;

/// A result for each topic of a call, in the order asked.
pub type ByTopic<T> = Vec<(Arc<str>, Result<T, Error>)>;

/// A result for each partition of a call, in the order asked.
pub type ByPartition<T> = Vec<(Arc<str>, i32, Result<T, Error>)>;

/// Administers a cluster. Every call is over within `default.api.timeout.ms`, or what [`timeout`](Self::timeout) says.
#[derive(Clone)]
pub struct Admin {
    client: Arc<ClientOwner>,
    timeout: Duration,
}

impl Admin {
    pub(crate) fn new(client: Arc<ClientOwner>) -> Self {
        let timeout = client.shared.config.default_api_timeout;
        Self { client, timeout }
    }

    /// The same with another timeout for its calls.
    #[must_use]
    pub fn timeout(&self, timeout: Duration) -> Self {
        Self { client: Arc::clone(&self.client), timeout }
    }

    /// Creates topics.
    ///
    /// # Errors
    /// No broker answered in time, or the brokers are too old to be asked. That a topic could not be created is told
    /// in its place.
    pub async fn create_topics(&self, topics: &[NewTopic]) -> Result<ByTopic<CreatedTopic>, Error> {
        self.create(topics, false).await
    }

    /// Finds out whether topics could be created.
    ///
    /// # Errors
    /// As for [`create_topics`](Self::create_topics).
    pub async fn validate_topics(
        &self,
        topics: &[NewTopic],
    ) -> Result<ByTopic<CreatedTopic>, Error> {
        self.create(topics, true).await
    }

    /// Deletes topics, with all that is in them.
    ///
    /// # Errors
    /// As for [`create_topics`](Self::create_topics).
    pub async fn delete_topics(&self, names: &[&str]) -> Result<ByTopic<()>, Error> {
        let command = Command::DeleteTopics { topics: owned(names), deadline: self.deadline() };
        match self.run(command).await? {
            Reply::Deleted(topics) => Ok(topics),
            _ => Ok(Vec::new()),
        }
    }

    /// Grows topics: each gets as many partitions as it is to have in all (KIP-195). Records with keys go elsewhere from
    /// then on.
    ///
    /// # Errors
    /// As for [`create_topics`](Self::create_topics). A total that is no more than there is is refused with
    /// INVALID_PARTITIONS; so is a repetition, where the answer to the first attempt was lost.
    pub async fn create_partitions(&self, topics: &[(&str, i32)]) -> Result<ByTopic<()>, Error> {
        let topics = topics.iter().map(|(topic, total)| ((*topic).into(), *total)).collect();
        let command = Command::CreatePartitions { topics, deadline: self.deadline() };
        match self.run(command).await? {
            Reply::Grown(topics) => Ok(topics),
            _ => Ok(Vec::new()),
        }
    }

    /// Deletes the records at the front of partitions (KIP-107), and tells each one's first offset then. It never goes
    /// back. Of a partition that is named twice the larger offset counts.
    ///
    /// # Errors
    /// No broker answered in time, or the brokers are too old to be asked. In a partition's place: that it does not exist,
    /// OFFSET_OUT_OF_RANGE for an offset behind what consumers can read, POLICY_VIOLATION for a topic that is compacted and
    /// nothing else.
    pub async fn delete_records(
        &self,
        partitions: &[(&str, i32, DeleteBefore)],
    ) -> Result<ByPartition<i64>, Error> {
        let partitions = partitions
            .iter()
            .map(|(topic, partition, before)| ((*topic).into(), *partition, *before))
            .collect();
        let command = Command::DeleteRecords { partitions, deadline: self.deadline() };
        match self.run(command).await? {
            Reply::RecordsDeleted(partitions) => Ok(partitions),
            _ => Ok(Vec::new()),
        }
    }

    /// All topics, by name. Kafka's own are among them: see [`Topic::internal`].
    ///
    /// # Errors
    /// No broker answered in time.
    pub async fn list_topics(&self) -> Result<Vec<Arc<Topic>>, Error> {
        let topics = self.describe(None).await?;
        Ok(topics.into_iter().filter_map(|(_, topic)| topic.ok()).collect())
    }

    /// Partitions of topics, their leaders and replicas.
    ///
    /// # Errors
    /// No broker answered in time. That a topic does not exist is told in its place.
    pub async fn describe_topics(&self, names: &[&str]) -> Result<ByTopic<Arc<Topic>>, Error> {
        self.describe(Some(owned(names))).await
    }

    /// Looks up offsets: the first, the last, or by timestamp.
    ///
    /// # Errors
    /// No broker answered in time. That a partition does not exist is told in its place.
    pub async fn list_offsets(
        &self,
        partitions: &[(&str, i32, OffsetSpec)],
    ) -> Result<ByPartition<ListedOffset>, Error> {
        let deadline = self.deadline();
        let mut found: Vec<_> = partitions.iter().map(|_| None).collect();
        for round in rounds(partitions) {
            let asked = round.iter().filter_map(|at| partitions.get(*at));
            let asked = asked
                .map(|(topic, partition, spec)| ((*topic).into(), *partition, *spec))
                .collect();
            if let Reply::Offsets(offsets) =
                self.run(Command::ListOffsets { partitions: asked, deadline }).await?
            {
                round.into_iter().zip(offsets).for_each(|(at, offset)| found[at] = Some(offset));
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    async fn create(
        &self,
        topics: &[NewTopic],
        validate_only: bool,
    ) -> Result<ByTopic<CreatedTopic>, Error> {
        let command = Command::CreateTopics {
            topics: topics.to_vec(),
            validate_only,
            deadline: self.deadline(),
        };
        match self.run(command).await? {
            Reply::Created(topics) => Ok(topics),
            _ => Ok(Vec::new()),
        }
    }

    async fn describe(&self, topics: Option<Vec<Arc<str>>>) -> Result<ByTopic<Arc<Topic>>, Error> {
        match self.run(Command::DescribeTopics { topics, deadline: self.deadline() }).await? {
            Reply::Topics(topics) => Ok(topics),
            _ => Ok(Vec::new()),
        }
    }

    async fn run(&self, command: Command) -> Result<Reply, Error> {
        Operation::start(&self.client.shared, command).await
    }

    fn deadline(&self) -> Instant {
        self.client.shared.clock.now() + self.timeout
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Indexes of what is asked, in rounds: a broker refuses to be asked twice of a partition in one request.
fn rounds(partitions: &[(&str, i32, OffsetSpec)]) -> Vec<Vec<usize>> {
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    let mut asked: BTreeMap<(&str, i32), usize> = BTreeMap::new();
    for (at, (topic, partition, _)) in partitions.iter().enumerate() {
        let round = asked.entry((topic, *partition)).or_default();
        match rounds.get_mut(*round) {
            Some(others) => others.push(at),
            None => rounds.push(vec![at]),
        }
        *round += 1;
    }
    rounds
}

fn owned(names: &[&str]) -> Vec<Arc<str>> {
    names.iter().map(|name| (*name).into()).collect()
}
