//! Sending records, with methods that block.

use std::time::Duration;

use kafka_handle::{Deliveries, Delivery, Error, Record, TrySendError, block_on};

/// Sends records. Each method does as the one of [`kafka_handle::Producer`] with its name, and waits on this thread.
///
/// A clone sends into the same batches and memory; give each thread one.
#[derive(Clone, Debug)]
pub struct Producer(pub(crate) kafka_handle::Producer);

impl Producer {
    /// Takes a record if that is possible at once. See [`kafka_handle::Producer::try_send`].
    #[inline]
    pub fn try_send(&self, record: Record<'_>) -> Result<Delivery, TrySendError> {
        self.0.try_send(record)
    }

    /// As [`try_send`](Self::try_send), without a handle: a failure shows at [`flush`](Self::flush).
    #[inline]
    pub fn try_post(&self, record: Record<'_>) -> Result<(), TrySendError> {
        self.0.try_post(record)
    }

    /// Takes a record, as soon as its topic is known and there is memory. The broker's answer comes by
    /// [`Delivery::wait`]. See [`kafka_handle::Producer::send`].
    pub fn send(&self, record: Record<'_>) -> Result<Delivery, Error> {
        block_on(self.0.send(record))
    }

    /// As [`send`](Self::send), without a handle: a failure shows at [`flush`](Self::flush).
    pub fn post(&self, record: Record<'_>) -> Result<(), Error> {
        block_on(self.0.post(record))
    }

    /// Sends records in order. See [`kafka_handle::Producer::send_all`].
    pub fn send_all(&self, records: &[Record<'_>]) -> Deliveries {
        block_on(self.0.send_all(records))
    }

    /// A handle for one topic, once it is known. See [`kafka_handle::Producer::topic`].
    pub fn topic(&self, name: &str) -> Result<TopicProducer, Error> {
        block_on(self.0.topic(name)).map(TopicProducer)
    }

    /// Sends what was accepted before, and waits for its outcome. See [`kafka_handle::Producer::flush`].
    pub fn flush(&self) -> Result<(), Error> {
        block_on(self.0.flush())
    }

    /// Takes no more records and waits for the outcome of those that were accepted. See
    /// [`kafka_handle::Producer::close`].
    pub fn close(&self, timeout: Duration) -> Result<(), Error> {
        block_on(self.0.close(timeout))
    }

    /// The async handle of the same producer.
    pub fn handle(&self) -> &kafka_handle::Producer {
        &self.0
    }
}

/// Sends records to one topic, without looking its name up for each. See [`kafka_handle::TopicProducer`].
#[derive(Clone, Debug)]
pub struct TopicProducer(kafka_handle::TopicProducer);

impl TopicProducer {
    /// The topic's name.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// How many partitions it has.
    pub fn partitions(&self) -> i32 {
        self.0.partitions()
    }

    /// As [`Producer::try_send`].
    #[inline]
    pub fn try_send(&self, record: Record<'_>) -> Result<Delivery, TrySendError> {
        self.0.try_send(record)
    }

    /// As [`Producer::try_post`].
    #[inline]
    pub fn try_post(&self, record: Record<'_>) -> Result<(), TrySendError> {
        self.0.try_post(record)
    }

    /// As [`Producer::send`].
    pub fn send(&self, record: Record<'_>) -> Result<Delivery, Error> {
        block_on(self.0.send(record))
    }

    /// As [`Producer::post`].
    pub fn post(&self, record: Record<'_>) -> Result<(), Error> {
        block_on(self.0.post(record))
    }

    /// As [`Producer::send_all`].
    pub fn send_all(&self, records: &[Record<'_>]) -> Deliveries {
        block_on(self.0.send_all(records))
    }
}
