//! The consumer itself: what is polled.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use kafka_engine::config::ConsumerConfig;
use kafka_engine::{Command, Error, ErrorKind, Reply, StartAt, Wanted};

use crate::consumer::core::{Awake, ConsumerCore, ConsumerOwner, closed};
use crate::consumer::fill::{Filler, Found};
use crate::consumer::handle::ConsumerHandle;
use crate::consumer::records::Records;
use crate::consumer::stream::RecordStream;
use crate::mailbox::{Letter, Urgency};
use crate::op::{Answer, Operation};
use crate::shared::ClientOwner;
use crate::timer::Sleep;

/// Consumes records of assigned partitions.
///
/// It fetches ahead in the background. **A position moves when a record is handed out**, which is when [`poll`](Self::poll)
/// or the [`stream`](Self::stream) returns it, and otherwise only by a seek or an assignment, by `auto.offset.reset` when it
/// does not exist any more, and back to where a log lost records in an unclean election
/// ([`Records::truncations`](crate::Records::truncations)).
///
/// Dropping it closes it.
pub struct Consumer {
    pub(super) filler: Filler,
    handle: ConsumerHandle,
    _owner: ConsumerOwner,
}

impl Consumer {
    pub(crate) fn open(client: Arc<ClientOwner>, config: ConsumerConfig) -> Self {
        let shared = Arc::clone(&client.shared);
        let key = shared.next_consumer();
        let config = Arc::new(config);
        let core = Arc::new(ConsumerCore::new(key, Arc::clone(&config), Arc::clone(&shared)));
        if shared.mailbox.send(Letter::Consumer(Arc::clone(&core)), Urgency::Now).is_err() {
            core.close();
        }
        shared.command(Command::OpenConsumer { consumer: key, config }, Answer::Nobody);
        Self {
            filler: Filler::new(Arc::clone(&core)),
            handle: ConsumerHandle { core: Arc::clone(&core) },
            _owner: ConsumerOwner { core, _client: client },
        }
    }

    /// Consumes exactly these partitions from here on. One that was assigned before keeps its position with
    /// [`StartAt::Default`].
    ///
    /// # Errors
    /// A topic or partition does not exist, or was not found within `default.api.timeout.ms`.
    pub async fn assign(&mut self, partitions: &[(&str, i32, StartAt)]) -> Result<(), Error> {
        let partitions = partitions
            .iter()
            .map(|(topic, partition, start)| ((*topic).into(), *partition, *start));
        self.assign_owned(partitions.collect()).await
    }

    /// Consumes exactly the partitions that these topics have now, of which a broker is asked also if they are known.
    ///
    /// # Errors
    /// A topic does not exist, is not for this client, or no broker told of it within `default.api.timeout.ms`.
    pub async fn assign_topics(&mut self, topics: &[&str], start: StartAt) -> Result<(), Error> {
        let core = Arc::clone(&self.filler.core);
        let deadline = core.shared.clock.now() + core.shared.config.default_api_timeout;
        let create = core.config.allow_auto_create_topics;
        let find = |topic: &&str| {
            let (topic, wanted) = ((*topic).into(), Wanted::Fresh);
            let command = Command::FindTopic { topic, wanted, create, deadline };
            Operation::start(&core.shared, command)
        };
        // All of them before the first answer is waited for: one request can ask for many.
        let finds: Vec<Operation> = topics.iter().map(find).collect();
        let mut partitions = Vec::new();
        for find in finds {
            if let Reply::Topic(found) = find.await? {
                let count = i32::try_from(found.partitions.len()).unwrap_or(i32::MAX);
                partitions.extend(
                    (0..count).map(|partition| (Arc::clone(&found.name), partition, start)),
                );
            }
        }
        self.assign_owned(partitions).await
    }

    /// Hands out up to `max.poll.records` records, at once if any have been fetched. Else it waits for up to `timeout`,
    /// and comes back with none then, or when it is [woken](ConsumerHandle::wake).
    ///
    /// Cancel-safe: a future that is dropped before it was ready has handed out nothing.
    ///
    /// # Errors
    /// A partition can't go on: a later poll says so again, unless it has passed, or the position is moved by a seek.
    /// The consumer is closed.
    pub async fn poll(&mut self, timeout: Duration) -> Result<Records, Error> {
        let core = Arc::clone(&self.filler.core);
        let mut found = Found::default();
        let mut sleep = None;
        let mut awake = core.take_signal();
        loop {
            match awake {
                Some(Awake::Closed) => return Err(closed()),
                Some(Awake::Woken) => return Ok(Records::default()),
                Some(Awake::Readable) | None => {}
            }
            self.filler.fill(core.config.max_poll_records, &mut found)?;
            if found.is_worth_telling() || timeout.is_zero() {
                return Ok(Records {
                    sections: found.sections,
                    len: found.records,
                    ends: found.ends,
                    truncations: found.truncations,
                });
            }
            let sleep = sleep.get_or_insert_with(|| {
                Sleep::until(&core.shared, core.shared.clock.now() + timeout)
            });
            awake = poll_fn(|cx| match core.poll_signal(cx) {
                Poll::Ready(awake) => Poll::Ready(Some(awake)),
                Poll::Pending => Pin::new(&mut *sleep).poll(cx).map(|()| None),
            })
            .await;
            if awake.is_none() {
                if sleep.is_orphaned() {
                    return Err(closed());
                }
                return Ok(Records::default());
            }
        }
    }

    /// Records one at a time, each on its own: a position moves with every record that is yielded.
    pub fn stream(&mut self) -> RecordStream<'_> {
        RecordStream::new(self)
    }

    /// A handle that steers this consumer from elsewhere.
    pub fn handle(&self) -> ConsumerHandle {
        self.handle.clone()
    }

    /// As [`ConsumerHandle::seek`].
    ///
    /// # Errors
    /// The partition is not assigned.
    pub async fn seek(&self, topic: &str, partition: i32, to: StartAt) -> Result<(), Error> {
        self.handle.seek(topic, partition, to).await
    }

    /// As [`ConsumerHandle::pause`].
    ///
    /// # Errors
    /// One of them is not assigned.
    pub async fn pause(&self, partitions: &[(&str, i32)]) -> Result<(), Error> {
        self.handle.pause(partitions).await
    }

    /// As [`ConsumerHandle::resume`].
    ///
    /// # Errors
    /// One of them is not assigned.
    pub async fn resume(&self, partitions: &[(&str, i32)]) -> Result<(), Error> {
        self.handle.resume(partitions).await
    }

    /// As [`ConsumerHandle::position`].
    pub fn position(&self, topic: &str, partition: i32) -> Option<i64> {
        self.handle.position(topic, partition)
    }

    /// As [`ConsumerHandle::lag`].
    pub fn lag(&self, topic: &str, partition: i32) -> Option<i64> {
        self.handle.lag(topic, partition)
    }

    /// The assigned partitions.
    pub fn assignment(&self) -> Vec<(Arc<str>, i32)> {
        self.handle.assignment()
    }

    /// As [`ConsumerHandle::wake`].
    pub fn wake(&self) {
        self.handle.wake();
    }

    /// As [`ConsumerHandle::close`].
    pub async fn close(&self) {
        self.handle.close().await;
    }

    async fn assign_owned(
        &mut self,
        partitions: Vec<(Arc<str>, i32, StartAt)>,
    ) -> Result<(), Error> {
        let core = &self.filler.core;
        if let Some((topic, partition, _)) =
            partitions.iter().find(|(_, partition, _)| *partition < 0)
        {
            let reason = format!("{topic} can't have a partition {partition}");
            return Err(Error::new(ErrorKind::InvalidArgument { reason }));
        }
        let deadline = core.shared.clock.now() + core.shared.config.default_api_timeout;
        self.handle.run(Command::Assign { consumer: core.key, partitions, deadline }).await
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("key", &self.filler.core.key).finish_non_exhaustive()
    }
}
