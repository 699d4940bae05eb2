//! Consuming records, with methods that block.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::{Error, OwnedRecord, Records, StartAt, block_on};

/// Consumes records of assigned partitions, on this thread. See [`crate::Consumer`], and for what else it can do
/// [`ConsumerHandle`], which it is one of.
#[derive(Debug)]
pub struct Consumer {
    inner: crate::Consumer,
    handle: ConsumerHandle,
}

impl Consumer {
    pub(crate) fn new(inner: crate::Consumer) -> Self {
        Self { handle: ConsumerHandle(inner.handle()), inner }
    }

    /// Consumes exactly these partitions from here on. See [`crate::Consumer::assign`].
    pub fn assign(&mut self, partitions: &[(&str, i32, StartAt)]) -> Result<(), Error> {
        block_on(self.inner.assign(partitions))
    }

    /// Consumes exactly the partitions that these topics have now. See [`crate::Consumer::assign_topics`].
    pub fn assign_topics(&mut self, topics: &[&str], start: StartAt) -> Result<(), Error> {
        block_on(self.inner.assign_topics(topics, start))
    }

    /// Hands out up to `max.poll.records` records, after at most `timeout` none. See [`crate::Consumer::poll`].
    pub fn poll(&mut self, timeout: Duration) -> Result<Records, Error> {
        block_on(self.inner.poll(timeout))
    }

    /// Records one at a time, for ever, or until the consumer is closed. A position moves with every record.
    pub fn iter(&mut self) -> Iter<'_> {
        Iter(self.inner.stream())
    }

    /// A handle that steers this consumer from another thread.
    pub fn handle(&self) -> ConsumerHandle {
        self.handle.clone()
    }
}

impl Deref for Consumer {
    type Target = ConsumerHandle;

    fn deref(&self) -> &ConsumerHandle {
        &self.handle
    }
}

/// Records of a [`Consumer`] one at a time. See [`crate::RecordStream`].
#[derive(Debug)]
pub struct Iter<'a>(crate::RecordStream<'a>);

impl Iterator for Iter<'_> {
    type Item = Result<OwnedRecord, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

/// Steers a [`Consumer`] from another thread. See [`crate::ConsumerHandle`].
#[derive(Clone, Debug)]
pub struct ConsumerHandle(crate::ConsumerHandle);

blocking! { ConsumerHandle:
    /// Moves the position of an assigned partition. See [`crate::ConsumerHandle::seek`].
    fn seek(topic: &str, partition: i32, to: StartAt) -> Result<(), Error>;
    /// Hands out nothing of these partitions until they are resumed.
    fn pause(partitions: &[(&str, i32)]) -> Result<(), Error>;
    /// Undoes [`pause`](Self::pause).
    fn resume(partitions: &[(&str, i32)]) -> Result<(), Error>;
    /// Ends the consumer. The poll that waits, and every later one, fails.
    fn close() -> ();
}

impl ConsumerHandle {
    /// The offset of the next record to be handed out, if it is known.
    pub fn position(&self, topic: &str, partition: i32) -> Option<i64> {
        self.0.position(topic, partition)
    }

    /// How many offsets the position is behind the end of the partition, as last heard of.
    pub fn lag(&self, topic: &str, partition: i32) -> Option<i64> {
        self.0.lag(topic, partition)
    }

    /// The assigned partitions.
    pub fn assignment(&self) -> Vec<(Arc<str>, i32)> {
        self.0.assignment()
    }

    /// Has the poll that waits, or else the next one, return at once.
    pub fn wake(&self) {
        self.0.wake();
    }
}
