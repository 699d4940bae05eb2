//! What can be asked of a consumer while it is polled elsewhere.

use std::fmt;
use std::sync::Arc;

use kafka_engine::{Command, Error, StartAt};

use crate::consumer::core::ConsumerCore;
use crate::op::Operation;

/// Steers a [`Consumer`](crate::Consumer) from another task or thread.
#[derive(Clone)]
pub struct ConsumerHandle {
    pub(super) core: Arc<ConsumerCore>,
}

impl ConsumerHandle {
    /// Moves the position of an assigned partition. What was fetched before is not handed out any more once this is
    /// ready.
    ///
    /// # Errors
    /// The partition is not assigned.
    pub async fn seek(&self, topic: &str, partition: i32, to: StartAt) -> Result<(), Error> {
        let consumer = self.core.key;
        self.run(Command::Seek { consumer, partition: (topic.into(), partition), to }).await
    }

    /// Hands out nothing of these partitions until they are resumed.
    ///
    /// # Errors
    /// One of them is not assigned.
    pub async fn pause(&self, partitions: &[(&str, i32)]) -> Result<(), Error> {
        let consumer = self.core.key;
        self.run(Command::Pause { consumer, partitions: owned(partitions) }).await
    }

    /// Undoes [`pause`](Self::pause).
    ///
    /// # Errors
    /// One of them is not assigned.
    pub async fn resume(&self, partitions: &[(&str, i32)]) -> Result<(), Error> {
        let consumer = self.core.key;
        self.run(Command::Resume { consumer, partitions: owned(partitions) }).await
    }

    /// The offset of the next record to be handed out; `None` while it is not known, or if the partition is not
    /// assigned.
    pub fn position(&self, topic: &str, partition: i32) -> Option<i64> {
        self.core.shared.look(|engine| engine.position(self.core.key, topic, partition))?
    }

    /// How many offsets the position is behind the end of the partition, as last heard of; `None` while that is not
    /// known.
    pub fn lag(&self, topic: &str, partition: i32) -> Option<i64> {
        self.core.shared.look(|engine| engine.lag(self.core.key, topic, partition))?
    }

    /// The assigned partitions.
    pub fn assignment(&self) -> Vec<(Arc<str>, i32)> {
        self.core.shared.look(|engine| engine.assignment(self.core.key)).unwrap_or_default()
    }

    /// Has the poll that waits, or else the next one, return at once, with or without records.
    pub fn wake(&self) {
        self.core.wake();
    }

    /// Ends the consumer. The poll that waits, and every later one, fails with
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed).
    pub async fn close(&self) {
        self.core.close();
        // That the client is closed is as good.
        let _ =
            Operation::start(&self.core.shared, Command::CloseConsumer { consumer: self.core.key })
                .await;
    }

    pub(super) async fn run(&self, command: Command) -> Result<(), Error> {
        Operation::start(&self.core.shared, command).await.map(drop)
    }
}

impl fmt::Debug for ConsumerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsumerHandle").field("key", &self.core.key).finish_non_exhaustive()
    }
}

fn owned(partitions: &[(&str, i32)]) -> Vec<(Arc<str>, i32)> {
    partitions.iter().map(|(topic, partition)| ((*topic).into(), *partition)).collect()
}
