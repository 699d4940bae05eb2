//! The handle that records are sent through.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use kafka_engine::config::ProducerConfig;
use kafka_engine::{Command, Error, ErrorKind, Wanted};

use crate::mailbox::{Letter, Urgency};
use crate::op::{Answer, Operation};
use crate::producer::breath::Breath;
use crate::producer::core::ProducerCore;
use crate::producer::deliveries::Deliveries;
use crate::producer::delivery::{Completion, Delivery};
use crate::producer::partitioner::Stickies;
use crate::producer::queues::TopicQueues;
use crate::producer::record::Record;
use crate::producer::send::{Hindrance, Path, TrySendError};
use crate::producer::sending::{Posting, Sending};
use crate::producer::topic::TopicProducer;
use crate::shared::ClientOwner;

/// Sends records.
///
/// Order is kept per partition: records are written in the order in which they were accepted. A clone sends into the
/// same batches and memory, but sticks to partitions of its own when it chooses them for records without a key, so a
/// clone for each task or thread is better than one for all.
///
/// Dropping the last clone delivers in the background what was accepted, until `delivery.timeout.ms`.
pub struct Producer {
    core: Arc<ProducerCore>,
    owner: Arc<ProducerOwner>,
    stickies: Stickies,
    breath: Breath,
}

impl Producer {
    pub(crate) fn open(client: Arc<ClientOwner>, config: ProducerConfig) -> Self {
        let shared = &client.shared;
        let key = shared.next_producer();
        let core = Arc::new(ProducerCore::new(key, Arc::new(config), Arc::clone(shared)));
        let config = Arc::clone(&core.config);
        if shared.mailbox.send(Letter::Producer(Arc::clone(&core)), Urgency::Now).is_err() {
            core.close(&Error::new(ErrorKind::Closed));
        }
        shared.command(Command::OpenProducer { producer: key, config }, Answer::Nobody);
        let owner = Arc::new(ProducerOwner { core: Arc::clone(&core), _client: client });
        Self { core, owner, stickies: Stickies::new(), breath: Breath::default() }
    }

    /// Takes a record if that is possible at once.
    ///
    /// # Errors
    /// [`TrySendError::Full`] if there is no memory, or the topic, or the partition that the record names, is not known and
    /// being looked up now;
    /// [`TrySendError::Failed`] if the record can't be sent at all.
    #[inline]
    pub fn try_send(&self, record: Record<'_>) -> Result<Delivery, TrySendError> {
        let topic = self.core.topic(record.topic);
        self.path(topic).try_send(&record)
    }

    /// As [`try_send`](Self::try_send), without a handle: a failure shows at [`flush`](Self::flush).
    ///
    /// # Errors
    /// As for [`try_send`](Self::try_send).
    #[inline]
    pub fn try_post(&self, record: Record<'_>) -> Result<(), TrySendError> {
        let topic = self.core.topic(record.topic);
        self.path(topic).try_post(&record)
    }

    /// Takes a record, as soon as its topic is known and there is memory: ready when it is *accepted*. Await the
    /// [`Delivery`] for the broker's answer, now or later.
    ///
    /// Cancel-safe: a future that is dropped before it was ready has sent nothing.
    ///
    /// # Errors
    /// The topic or memory did not come within `max.block.ms`, or the record can't be sent at all. A partition that the
    /// topic is not known to have is asked for before it is [unknown](kafka_engine::ErrorKind::UnknownPartition): for up to
    /// the client's `retry.backoff.max.ms` from the first answer on, and half of what is left of `max.block.ms` at most.
    #[inline]
    pub fn send<'a>(
        &'a self,
        record: Record<'a>,
    ) -> impl Future<Output = Result<Delivery, Error>> + Send + use<'a> {
        self.sending(record)
    }

    /// As [`send`](Self::send), without a handle: a failure shows at [`flush`](Self::flush).
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    #[inline]
    pub fn post<'a>(
        &'a self,
        record: Record<'a>,
    ) -> impl Future<Output = Result<(), Error>> + Send + use<'a> {
        self.posting(record)
    }

    /// Sends records in order, locking each partition once for as many in a row as go there. A record that can't be
    /// sent is an entry with its error, and the next ones are sent all the same, once that is certain: a topic or a partition
    /// that is not there is looked for as by [`send`](Self::send).
    ///
    /// Dropped before it was ready, it has sent some of them, from the first on.
    pub async fn send_all(&self, records: &[Record<'_>]) -> Deliveries {
        let mut deliveries = Deliveries::new();
        let mut rest = records;
        while let Some(first) = rest.first() {
            let topic = self.core.topic(first.topic);
            rest = append_some(&self.path(topic), rest, &mut deliveries).await;
        }
        deliveries
    }

    /// A handle for one topic, which need not look its name up with every record. Waits until the topic is known.
    ///
    /// # Errors
    /// The topic does not exist, or was not found within `max.block.ms`.
    pub async fn topic(&self, name: &str) -> Result<TopicProducer, Error> {
        let topic = self.core.topic(name);
        let deadline = self.core.shared.clock.now() + self.core.config.max_block;
        let topic = self.path(topic).wait_for_topic(deadline).await?;
        Ok(TopicProducer::new(Arc::clone(&self.core), Arc::clone(&self.owner), topic))
    }

    /// Sends what was accepted before, without further linger, and waits for its outcome. Records accepted meanwhile
    /// are not waited for. Each clone of a producer flushes for all.
    ///
    /// # Errors
    /// The first failure since the last flush in a batch with a posted record. Records with a [`Delivery`] tell
    /// their fate there.
    pub async fn flush(&self) -> Result<(), Error> {
        for batch in self.core.cut() {
            Completion::of(batch).await;
        }
        self.core.take_posted_failure()
    }

    /// Takes no more records, of no clone, and waits until those that were accepted have their outcome. Those that have
    /// none after `timeout` fail.
    ///
    /// # Errors
    /// As for [`flush`](Self::flush).
    pub async fn close(&self, timeout: Duration) -> Result<(), Error> {
        let deadline = self.core.shared.clock.now() + timeout;
        match Operation::close_producer(&self.core, deadline).await {
            Ok(_) => {}
            // It is closed already; what it had is being delivered or has failed.
            Err(error) if *error.kind() == ErrorKind::Closed => {}
            Err(error) => return Err(error),
        }
        self.core.take_posted_failure()
    }

    #[inline]
    pub(crate) fn sending<'a>(&'a self, record: Record<'a>) -> Sending<'a> {
        Sending::new(self.path(self.core.topic(record.topic)), record, Ok(()))
    }

    #[inline]
    pub(crate) fn posting<'a>(&'a self, record: Record<'a>) -> Posting<'a> {
        Posting::new(self.path(self.core.topic(record.topic)), record, Ok(()))
    }

    #[inline]
    fn path<'a>(&'a self, topic: &'a Arc<TopicQueues>) -> Path<'a> {
        Path {
            core: &self.core,
            topic,
            sticky: self.stickies.of(topic.number),
            breath: &self.breath,
        }
    }
}

impl Clone for Producer {
    fn clone(&self) -> Self {
        Self {
            core: Arc::clone(&self.core),
            owner: Arc::clone(&self.owner),
            stickies: Stickies::new(),
            breath: Breath::default(),
        }
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("key", &self.core.key).finish_non_exhaustive()
    }
}

/// Tries to append a record that was not appended in passing.
#[cold]
pub(super) fn try_append_slowly(
    path: &Path<'_>,
    record: &Record<'_>,
    posted: bool,
) -> Result<Delivery, TrySendError> {
    match path.append(record, None, posted) {
        Ok(delivery) => Ok(delivery),
        Err(Hindrance::Memory) => Err(TrySendError::Full),
        Err(Hindrance::Failed(error)) => Err(TrySendError::Failed(error)),
        Err(Hindrance::Metadata) => {
            if let Some(error) = path.core.closed() {
                return Err(TrySendError::Failed(error));
            }
            // The engine may know the topic under another number by now, which has an entry of its own.
            let topic = path.core.topic(&path.topic.name);
            if topic.partitions() > 0 && !Arc::ptr_eq(topic, path.topic) {
                return try_append_slowly(&Path { topic, ..*path }, record, posted);
            }
            path.core.look_up(topic, Wanted::Known)?;
            Err(TrySendError::Full)
        }
        Err(Hindrance::Partition(partition)) => {
            if let Some(error) = path.core.closed() {
                return Err(TrySendError::Failed(error));
            }
            path.ask_for(partition)?;
            Err(TrySendError::Full)
        }
    }
}

/// Deals with some of the records, at least one, and gives the rest.
pub(super) async fn append_some<'r, 'p>(
    path: &Path<'_>,
    records: &'r [Record<'p>],
    deliveries: &mut Deliveries,
) -> &'r [Record<'p>] {
    path.breath.hold().await;
    let (done, hindrance) = path.append_run(records, deliveries);
    let rest = records.get(done..).unwrap_or_default();
    match (hindrance, rest) {
        (Some(hindrance), [next, others @ ..]) => {
            match path.append_slowly(next, hindrance, false).await {
                Ok(delivery) => deliveries.push(delivery),
                Err(error) => deliveries.push_error(error),
            }
            others
        }
        _ => rest,
    }
}

/// Held by every handle of a producer: when the last one goes, the producer is closed in the background.
pub(crate) struct ProducerOwner {
    core: Arc<ProducerCore>,
    _client: Arc<ClientOwner>,
}

impl Drop for ProducerOwner {
    fn drop(&mut self) {
        let shared = &self.core.shared;
        let deadline = shared.clock.now() + self.core.config.delivery_timeout;
        let letter = Letter::CloseProducer {
            producer: self.core.key,
            deadline,
            op: shared.next_op(),
            answer: Answer::Nobody,
        };
        // A driver that has ended has failed everything.
        let _ = shared.mailbox.send(letter, Urgency::Now);
    }
}
