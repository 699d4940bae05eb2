//! Sending records, with methods that block.

use std::time::Duration;

use crate::{Deliveries, Delivery, Error, Record, TrySendError};

/// Sends records. Each method does as the one of [`crate::Producer`] with its name, and waits on this thread.
///
/// A clone sends into the same batches and memory; give each thread one.
#[derive(Clone, Debug)]
pub struct Producer(pub(crate) crate::Producer);

impl Producer {
    /// Takes a record if that is possible at once. See [`crate::Producer::try_send`].
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
    /// [`Delivery::wait`]. See [`crate::Producer::send`].
    #[inline]
    pub fn send(&self, record: Record<'_>) -> Result<Delivery, Error> {
        self.0.sending(record).wait()
    }

    /// As [`send`](Self::send), without a handle: a failure shows at [`flush`](Self::flush).
    #[inline]
    pub fn post(&self, record: Record<'_>) -> Result<(), Error> {
        self.0.posting(record).wait()
    }

    /// A handle for one topic, once it is known. See [`crate::Producer::topic`].
    pub fn topic(&self, name: &str) -> Result<TopicProducer, Error> {
        crate::block_on(self.0.topic(name)).map(TopicProducer)
    }

    /// The async handle of the same producer.
    pub fn handle(&self) -> &crate::Producer {
        &self.0
    }
}

blocking! { Producer:
    /// Sends records in order. See [`crate::Producer::send_all`].
    fn send_all(records: &[Record<'_>]) -> Deliveries;
    /// Sends what was accepted before, and waits for its outcome. See [`crate::Producer::flush`].
    fn flush() -> Result<(), Error>;
    /// Takes no more records and waits for the outcome of those that were accepted. See
    /// [`crate::Producer::close`].
    fn close(timeout: Duration) -> Result<(), Error>;
}

/// Sends records to one topic, without looking its name up for each. See [`crate::TopicProducer`].
#[derive(Clone, Debug)]
pub struct TopicProducer(crate::TopicProducer);

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
    #[inline]
    pub fn send(&self, record: Record<'_>) -> Result<Delivery, Error> {
        self.0.sending(record).wait()
    }

    /// As [`Producer::post`].
    #[inline]
    pub fn post(&self, record: Record<'_>) -> Result<(), Error> {
        self.0.posting(record).wait()
    }
}

blocking! { TopicProducer:
    /// As [`Producer::send_all`].
    fn send_all(records: &[Record<'_>]) -> Deliveries;
}
