//! Consuming records, with methods that block.

use std::sync::Arc;
use std::time::Duration;

use kafka_handle::{Error, OwnedRecord, Records, StartAt, block_on};

/// Consumes records of assigned partitions. Each method does as the one of [`kafka_handle::Consumer`] with its name, and
/// waits on this thread.
#[derive(Debug)]
pub struct Consumer(pub(crate) kafka_handle::Consumer);

impl Consumer {
    /// Consumes exactly these partitions from here on. See [`kafka_handle::Consumer::assign`].
    pub fn assign(&mut self, partitions: &[(&str, i32, StartAt)]) -> Result<(), Error> {
        block_on(self.0.assign(partitions))
    }

    /// Consumes exactly the partitions that these topics have now. See [`kafka_handle::Consumer::assign_topics`].
    pub fn assign_topics(&mut self, topics: &[&str], start: StartAt) -> Result<(), Error> {
        block_on(self.0.assign_topics(topics, start))
    }

    /// Hands out up to `max.poll.records` records, after at most `timeout` none. See [`kafka_handle::Consumer::poll`].
    pub fn poll(&mut self, timeout: Duration) -> Result<Records, Error> {
        block_on(self.0.poll(timeout))
    }

    /// Records one at a time, for ever, or until the consumer is closed. A position moves with every record.
    pub fn iter(&mut self) -> Iter<'_> {
        Iter(self.0.stream())
    }

    /// The assigned partitions.
    pub fn assignment(&self) -> Vec<(Arc<str>, i32)> {
        self.0.assignment()
    }

    /// A handle that steers this consumer from another thread.
    pub fn handle(&self) -> ConsumerHandle {
        ConsumerHandle(self.0.handle())
    }

    /// Moves the position of an assigned partition. See [`kafka_handle::ConsumerHandle::seek`].
    pub fn seek(&self, topic: &str, partition: i32, to: StartAt) -> Result<(), Error> {
        block_on(self.0.seek(topic, partition, to))
    }

    /// Hands out nothing of these partitions until they are resumed.
    pub fn pause(&self, partitions: &[(&str, i32)]) -> Result<(), Error> {
        block_on(self.0.pause(partitions))
    }

    /// Undoes [`pause`](Self::pause).
    pub fn resume(&self, partitions: &[(&str, i32)]) -> Result<(), Error> {
        block_on(self.0.resume(partitions))
    }

    /// The offset of the next record to be handed out, if it is known.
    pub fn position(&self, topic: &str, partition: i32) -> Option<i64> {
        self.0.position(topic, partition)
    }

    /// How many offsets the position is behind the end of the partition, as last heard of.
    pub fn lag(&self, topic: &str, partition: i32) -> Option<i64> {
        self.0.lag(topic, partition)
    }

    /// Has the next poll return at once.
    pub fn wake(&self) {
        self.0.wake();
    }

    /// Ends the consumer.
    pub fn close(&self) {
        block_on(self.0.close());
    }
}

/// Records of a [`Consumer`] one at a time. See [`kafka_handle::RecordStream`].
#[derive(Debug)]
pub struct Iter<'a>(kafka_handle::RecordStream<'a>);

impl Iterator for Iter<'_> {
    type Item = Result<OwnedRecord, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

/// Steers a [`Consumer`] from another thread. See [`kafka_handle::ConsumerHandle`].
#[derive(Clone, Debug)]
pub struct ConsumerHandle(kafka_handle::ConsumerHandle);

impl ConsumerHandle {
    /// As [`Consumer::seek`].
    pub fn seek(&self, topic: &str, partition: i32, to: StartAt) -> Result<(), Error> {
        block_on(self.0.seek(topic, partition, to))
    }

    /// As [`Consumer::pause`].
    pub fn pause(&self, partitions: &[(&str, i32)]) -> Result<(), Error> {
        block_on(self.0.pause(partitions))
    }

    /// As [`Consumer::resume`].
    pub fn resume(&self, partitions: &[(&str, i32)]) -> Result<(), Error> {
        block_on(self.0.resume(partitions))
    }

    /// As [`Consumer::position`].
    pub fn position(&self, topic: &str, partition: i32) -> Option<i64> {
        self.0.position(topic, partition)
    }

    /// As [`Consumer::lag`].
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

    /// Ends the consumer. The poll that waits, and every later one, fails.
    pub fn close(&self) {
        block_on(self.0.close());
    }
}
