//! A producer for one topic.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use kafka_engine::{Error, ErrorKind};

use crate::producer::breath::Breath;
use crate::producer::core::ProducerCore;
use crate::producer::deliveries::Deliveries;
use crate::producer::delivery::Delivery;
use crate::producer::handle::{ProducerOwner, append_some};
use crate::producer::partitioner::Sticky;
use crate::producer::queues::TopicQueues;
use crate::producer::record::Record;
use crate::producer::send::{Path, TrySendError};
use crate::producer::sending::{Posting, Sending};

/// Sends records to one topic, without looking its name up for each.
///
/// Its records are made by [`Record::new`]; one that names another topic is refused.
pub struct TopicProducer {
    core: Arc<ProducerCore>,
    owner: Arc<ProducerOwner>,
    topic: Arc<TopicQueues>,
    sticky: Sticky,
    breath: Breath,
}

impl TopicProducer {
    pub(super) fn new(
        core: Arc<ProducerCore>,
        owner: Arc<ProducerOwner>,
        topic: Arc<TopicQueues>,
    ) -> Self {
        Self { core, owner, topic, sticky: Sticky::new(), breath: Breath::default() }
    }

    /// The topic's name.
    pub fn name(&self) -> &str {
        &self.topic.name
    }

    /// How many partitions it has; 0 if the topic was forgotten, because it was deleted or not used for long.
    pub fn partitions(&self) -> i32 {
        self.topic.partitions()
    }

    /// As [`Producer::try_send`](crate::Producer::try_send).
    ///
    /// # Errors
    /// The same.
    #[inline]
    pub fn try_send(&self, record: Record<'_>) -> Result<Delivery, TrySendError> {
        self.check(&record)?;
        self.path().try_send(&record)
    }

    /// As [`Producer::try_post`](crate::Producer::try_post).
    ///
    /// # Errors
    /// The same.
    #[inline]
    pub fn try_post(&self, record: Record<'_>) -> Result<(), TrySendError> {
        self.check(&record)?;
        self.path().try_post(&record)
    }

    /// As [`Producer::send`](crate::Producer::send).
    ///
    /// # Errors
    /// The same.
    #[inline]
    pub fn send<'a>(
        &'a self,
        record: Record<'a>,
    ) -> impl Future<Output = Result<Delivery, Error>> + Send + use<'a> {
        self.sending(record)
    }

    /// As [`Producer::post`](crate::Producer::post).
    ///
    /// # Errors
    /// The same.
    #[inline]
    pub fn post<'a>(
        &'a self,
        record: Record<'a>,
    ) -> impl Future<Output = Result<(), Error>> + Send + use<'a> {
        self.posting(record)
    }

    /// As [`Producer::send_all`](crate::Producer::send_all).
    pub async fn send_all(&self, records: &[Record<'_>]) -> Deliveries {
        let mut deliveries = Deliveries::new();
        let mut rest = records;
        while let Some(first) = rest.first() {
            match self.check(first) {
                Ok(()) => rest = append_some(&self.path(), rest, &mut deliveries).await,
                Err(error) => {
                    deliveries.push_error(error);
                    rest = rest.get(1..).unwrap_or_default();
                }
            }
        }
        deliveries
    }

    #[inline]
    pub(crate) fn sending<'a>(&'a self, record: Record<'a>) -> Sending<'a> {
        Sending::new(self.path(), record, self.check(&record))
    }

    #[inline]
    pub(crate) fn posting<'a>(&'a self, record: Record<'a>) -> Posting<'a> {
        Posting::new(self.path(), record, self.check(&record))
    }

    #[inline]
    fn path(&self) -> Path<'_> {
        Path { core: &self.core, topic: &self.topic, sticky: &self.sticky, breath: &self.breath }
    }

    #[inline]
    fn check(&self, record: &Record<'_>) -> Result<(), Error> {
        if record.topic.is_empty() { Ok(()) } else { self.check_topic(record.topic) }
    }

    #[inline(never)]
    fn check_topic(&self, topic: &str) -> Result<(), Error> {
        if *topic == *self.topic.name {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidArgument {
            reason: format!(
                "a record for topic {topic} was given to the producer for {}",
                self.topic.name
            ),
        }))
    }
}

impl Clone for TopicProducer {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.core), Arc::clone(&self.owner), Arc::clone(&self.topic))
    }
}

impl fmt::Debug for TopicProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicProducer").field("topic", &self.topic.name).finish_non_exhaustive()
    }
}
