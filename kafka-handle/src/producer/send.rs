//! Sending: what [`Producer`](crate::Producer) and [`TopicProducer`](crate::TopicProducer) have in common.
//!
//! The fast path is synchronous: partition, lock, append, unlock. It fails for now if the topic is not known or there is
//! no memory, and `send` then waits for either under `max.block.ms`.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::MutexGuard;
use std::task::{Context, Poll};
use std::time::Duration;

use kafka_engine::{Error, ErrorKind, Instant, Wanted};

use crate::op::Operation;
use crate::producer::breath::Breath;
use crate::producer::core::{ProducerCore, Refused};
use crate::producer::deliveries::Deliveries;
use crate::producer::delivery::{BatchSlot, Delivery};
use crate::producer::handle::try_append_slowly;
use crate::producer::partitioner::{Sticky, draw, partition_for_key};
use crate::producer::queues::{Queue, TopicQueues};
use crate::producer::record::Record;
use crate::sync::lock;
use crate::timer::Sleep;

/// For so long, at least, a partition that brokers don't have is not asked for again.
const LACKING_MIN: Duration = Duration::from_secs(1);

/// Why a record was not accepted by `try_send`. The record is still the caller's, for it is only borrowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrySendError {
    /// Not now: `buffer.memory` is used up, or the topic, or the partition that the record names, is being looked up. Try
    /// later, or use `send`, which waits.
    #[error("the record can't be taken now")]
    Full,
    /// Not as it is. A topic or a partition that is unknown may be there later.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Where a handle's records go, and what it keeps between them.
#[derive(Clone, Copy)]
pub(crate) struct Path<'a> {
    pub(crate) core: &'a Arc<ProducerCore>,
    pub(crate) topic: &'a Arc<TopicQueues>,
    pub(crate) sticky: &'a Sticky,
    pub(crate) breath: &'a Breath,
}

/// What hinders a record from being accepted.
pub(crate) enum Hindrance {
    /// The topic's partitions are not known.
    Metadata,
    /// This one is not among them.
    Partition(i32),
    /// There is no memory.
    Memory,
    Failed(Error),
}

impl Path<'_> {
    #[inline]
    pub(crate) fn try_send(&self, record: &Record<'_>) -> Result<Delivery, TrySendError> {
        match self.send_now(record) {
            Some((batch, index)) => Ok(Delivery::new(batch, index)),
            None => try_append_slowly(self, record, false),
        }
    }

    #[inline]
    pub(crate) fn try_post(&self, record: &Record<'_>) -> Result<(), TrySendError> {
        match self.post_now(record) {
            Some(()) => Ok(()),
            None => try_append_slowly(self, record, true).map(drop),
        }
    }

    /// Appends a record if that is nothing but copying it into an open batch: one lock, one reference count.
    ///
    /// `None`: nothing was done, and [`append`](Self::append) knows what to do. The two are apart so that this one gives
    /// its result in registers: what travels through memory costs more than the rest.
    #[inline(never)]
    pub(crate) fn send_now(&self, record: &Record<'_>) -> Option<(Arc<BatchSlot>, u32)> {
        self.append_open(record, |batch, index| (Arc::clone(batch), index))
    }

    /// As [`send_now`](Self::send_now), for a record that nobody will ask for, without the reference count.
    #[inline(never)]
    pub(crate) fn post_now(&self, record: &Record<'_>) -> Option<()> {
        self.append_open(record, |batch, index| batch.post(index))
    }

    #[inline(always)]
    fn append_open<T>(
        &self,
        record: &Record<'_>,
        accept: impl FnOnce(&Arc<BatchSlot>, u32) -> T,
    ) -> Option<T> {
        let partitions = self.topic.partitions();
        let (partition, sticks) = match (record.partition, record.key) {
            _ if partitions == 0 => return None,
            (Some(partition), _) if partition < partitions => (partition, false),
            (Some(_), _) => return None,
            (None, Some(key)) => (partition_for_key(key, partitions), false),
            (None, None) => (self.sticky.get(partitions)?, true),
        };
        let mut queue = lock(self.topic.queue(partition)?);
        if queue.closed.is_some() || (sticks && self.should_move_on(&queue, record)) {
            return None;
        }
        let index = queue.queue.append_open(&record.as_ref())?;
        let accepted = accept(queue.newest.as_ref()?, index);
        drop(queue);
        if sticks {
            self.sticky.count(record.about_bytes());
        }
        Some(accepted)
    }

    /// Appends a record to the open batch, or opens one, or not.
    #[cold]
    pub(crate) fn append(
        &self,
        record: &Record<'_>,
        ticket: Option<u64>,
        posted: bool,
    ) -> Result<Delivery, Hindrance> {
        let partitions = self.topic.partitions();
        if partitions == 0 {
            return Err(Hindrance::Metadata);
        }
        let (partition, sticks) = self.choose(record, partitions)?;
        let mut queue = self.lock_queue(partition)?;
        if sticks && self.should_move_on(&queue, record) {
            queue = self.move_on(queue, partitions)?;
        }
        let key = queue.queue.partition();
        let (appended, notice) = self.core.append(&mut queue, record, ticket);
        if posted && let Ok(accepted) = &appended {
            accepted.batch.post(accepted.index);
        }
        drop(queue);
        self.core.notify(key, notice);
        if matches!(appended, Err(Refused::Memory)) {
            self.core.press(key);
        }
        let accepted = appended?;
        if accepted.opened {
            self.breath.take(self.core.config.batch_bytes);
        }
        if sticks {
            self.sticky.count(record.about_bytes());
        }
        Ok(Delivery::new(accepted.batch, accepted.index))
    }

    /// Appends as many of the records as go into one partition's queue without a pause, under one lock. Returns how many
    /// have been dealt with, and what hinders the next one, if anything does.
    pub(crate) fn append_run(
        &self,
        records: &[Record<'_>],
        deliveries: &mut Deliveries,
    ) -> (usize, Option<Hindrance>) {
        let partitions = self.topic.partitions();
        let Some(first) = records.first() else { return (0, None) };
        if partitions == 0 {
            return (0, Some(Hindrance::Metadata));
        }
        let chosen = self.choose(first, partitions).and_then(|(partition, sticks)| {
            let queue = self.lock_queue(partition)?;
            Ok((partition, sticks, queue))
        });
        let (partition, sticks, mut queue) = match chosen {
            Ok(chosen) => chosen,
            Err(hindrance) => return (0, Some(hindrance)),
        };
        if sticks && self.should_move_on(&queue, first) {
            queue = match self.move_on(queue, partitions) {
                Ok(queue) => queue,
                Err(hindrance) => return (0, Some(hindrance)),
            };
        }
        let key = queue.queue.partition();
        let partition = if sticks { key.partition } else { partition };
        let mut done = 0;
        for record in records {
            let same = done == 0
                || (record.topic == first.topic && self.goes_to(record, partition, partitions));
            // A batch that is about to end gives the handle the chance to move on, and the task to breathe.
            if !same || (sticks && done > 0 && self.should_move_on(&queue, record)) {
                break;
            }
            let (appended, notice) = self.core.append(&mut queue, record, None);
            match appended {
                Ok(accepted) => {
                    if accepted.opened {
                        self.breath.take(self.core.config.batch_bytes);
                    }
                    deliveries.push_record(&accepted.batch, accepted.index);
                    if sticks {
                        self.sticky.count(record.about_bytes());
                    }
                }
                Err(Refused::Failed(error)) => deliveries.push_error(error),
                Err(Refused::Memory) => {
                    drop(queue);
                    self.core.notify(key, notice);
                    return (done, Some(Hindrance::Memory));
                }
            }
            done += 1;
            if notice.is_some() {
                drop(queue);
                self.core.notify(key, notice);
                return (done, None);
            }
        }
        (done, None)
    }

    /// Lets others run if it is time, and appends as soon as nothing is in the way.
    pub(crate) async fn append_in_time(
        self,
        record: Record<'_>,
        posted: bool,
    ) -> Result<Delivery, Error> {
        self.breath.hold().await;
        match self.append(&record, None, posted) {
            Ok(delivery) => Ok(delivery),
            Err(hindrance) => self.append_slowly(&record, hindrance, posted).await,
        }
    }

    /// Waits until what hinders is out of the way, and appends.
    pub(crate) async fn append_slowly(
        &self,
        record: &Record<'_>,
        mut hindrance: Hindrance,
        posted: bool,
    ) -> Result<Delivery, Error> {
        let deadline = self.core.shared.clock.now() + self.core.config.max_block;
        let mut topic = Arc::clone(self.topic);
        loop {
            let path = Path { topic: &topic, ..*self };
            let appended = match hindrance {
                Hindrance::Failed(error) => return Err(error),
                Hindrance::Metadata => {
                    topic = path.wait_for_topic(deadline).await?;
                    Path { topic: &topic, ..*self }.append(record, None, posted)
                }
                Hindrance::Partition(partition) => {
                    path.look_for(partition, deadline).await?;
                    path.append(record, None, posted)
                }
                Hindrance::Memory => path.wait_for_memory(record, deadline, posted).await?,
            };
            hindrance = match appended {
                Ok(delivery) => return Ok(delivery),
                Err(hindrance) => hindrance,
            };
        }
    }

    /// Waits until the topic's partitions are known.
    pub(crate) async fn wait_for_topic(
        &self,
        deadline: Instant,
    ) -> Result<Arc<TopicQueues>, Error> {
        let mut topic = Arc::clone(self.topic);
        loop {
            if topic.is_superseded() {
                topic = Arc::clone(self.core.topic(&topic.name));
            }
            if topic.partitions() > 0 {
                return Ok(topic);
            }
            if let Some(error) = self.core.closed() {
                return Err(error);
            }
            let command = self.core.find_topic(&topic, Wanted::Known, deadline);
            Operation::start(&self.core.shared, command).await?;
            self.core.learn(&topic);
            if topic.partitions() == 0 && !topic.is_superseded() {
                return Err(Error::new(ErrorKind::UnknownTopic { topic: Arc::clone(&topic.name) }));
            }
        }
    }

    /// Asks for a partition that is not known: it may have been added since.
    async fn look_for(&self, partition: i32, deadline: Instant) -> Result<(), Error> {
        self.find_lack(partition)?;
        if let Some(error) = self.core.closed() {
            return Err(error);
        }
        Operation::search(self.core, self.topic, partition, deadline).await?;
        if self.topic.partitions() > partition { Ok(()) } else { self.find_lack(partition) }
    }

    /// Asks for a partition that is not known, in the background.
    ///
    /// # Errors
    /// It is not there, or could not be asked for.
    pub(crate) fn ask_for(&self, partition: i32) -> Result<(), Error> {
        let now = self.core.shared.clock.now();
        let told = self.topic.tell_lack(partition, now, self.core.config.max_block);
        self.find_lack(partition)?;
        // What was said long ago is told, and asked anew.
        let asked = self.core.look_up(self.topic, Wanted::Partition(partition));
        if told { Err(self.unknown(partition)) } else { asked }
    }

    /// # Errors
    /// Brokers said lately that there are no more partitions than are known.
    fn find_lack(&self, partition: i32) -> Result<(), Error> {
        let shared = &self.core.shared;
        // Without any time nobody would ever be told what a search came to.
        let age = shared.config.retry_backoff_max.max(LACKING_MIN);
        match self.topic.lacks_more(shared.clock.now(), age) {
            true => Err(self.unknown(partition)),
            false => Ok(()),
        }
    }

    /// Stands in line for memory, and appends at its turn.
    async fn wait_for_memory(
        &self,
        record: &Record<'_>,
        deadline: Instant,
        posted: bool,
    ) -> Result<Result<Delivery, Hindrance>, Error> {
        let mut turn = self.core.memory.enqueue();
        let mut timer = pin!(Sleep::until(&self.core.shared, deadline));
        loop {
            match self.append(record, Some(turn.ticket), posted) {
                Err(Hindrance::Memory) => {}
                settled => return Ok(settled),
            }
            let mut more = pin!(turn.more());
            let timed_out = poll_fn(|cx| either(more.as_mut(), timer.as_mut(), cx)).await;
            if timed_out && timer.is_orphaned() {
                return Err(Error::new(ErrorKind::Closed));
            }
            if timed_out {
                let waiting_for = "memory (max.block.ms; buffer.memory is used up by records that wait for a broker)";
                return Err(Error::new(ErrorKind::TimedOut { waiting_for, causes: Vec::new() }));
            }
        }
    }

    /// The partition of a record, and whether it is the one that the handle sticks to.
    #[inline]
    fn choose(&self, record: &Record<'_>, partitions: i32) -> Result<(i32, bool), Hindrance> {
        match (record.partition, record.key) {
            (Some(partition), _) if (0..partitions).contains(&partition) => Ok((partition, false)),
            (Some(partition), _) => Err(self.no_such(partition)),
            (None, Some(key)) => Ok((partition_for_key(key, partitions), false)),
            (None, None) => match self.sticky.get(partitions) {
                Some(partition) => Ok((partition, true)),
                None => Ok((self.draw(partitions, None), true)),
            },
        }
    }

    /// Whether a record belongs to this partition, as [`choose`](Self::choose) finds.
    fn goes_to(&self, record: &Record<'_>, partition: i32, partitions: i32) -> bool {
        match (record.partition, record.key) {
            (Some(explicit), _) => explicit == partition,
            (None, Some(key)) => partition_for_key(key, partitions) == partition,
            (None, None) => self.sticky.get(partitions) == Some(partition),
        }
    }

    /// Whether the handle has filled about a batch where it is, and the record would begin another there.
    #[inline]
    fn should_move_on(&self, queue: &Queue, record: &Record<'_>) -> bool {
        let batch_bytes = self.core.config.batch_bytes;
        let bytes = self.sticky.bytes();
        bytes >= batch_bytes / 2
            && (queue.queue.room() < record.bytes_max() || bytes >= batch_bytes.saturating_mul(2))
    }

    /// Leaves the partition, whose open batch is complete with that, for another.
    #[cold]
    fn move_on<'q>(
        &'q self,
        mut queue: MutexGuard<'q, Queue>,
        partitions: i32,
    ) -> Result<MutexGuard<'q, Queue>, Hindrance> {
        let left = queue.queue.partition();
        let notice = if partitions > 1 { queue.queue.close_open() } else { None };
        drop(queue);
        self.core.notify(left, notice);
        let partition = self.draw(partitions, Some(left.partition));
        self.lock_queue(partition)
    }

    #[cold]
    fn draw(&self, partitions: i32, not: Option<i32>) -> i32 {
        let shared = &self.core.shared;
        let random = shared.random();
        let partition = draw(&shared.cluster(), &self.topic.name, partitions, not, random);
        self.sticky.set(partition);
        partition
    }

    #[inline]
    fn lock_queue(&self, partition: i32) -> Result<MutexGuard<'_, Queue>, Hindrance> {
        match self.topic.queue(partition) {
            Some(queue) => Ok(lock(queue)),
            None => Err(self.no_such(partition)),
        }
    }

    /// A partition is not known. Below 0 there will never be one.
    #[cold]
    fn no_such(&self, partition: i32) -> Hindrance {
        match partition {
            ..0 => Hindrance::Failed(self.unknown(partition)),
            _ => Hindrance::Partition(partition),
        }
    }

    fn unknown(&self, partition: i32) -> Error {
        let partitions = usize::try_from(self.topic.partitions()).unwrap_or(0);
        let topic = Arc::clone(&self.topic.name);
        Error::new(ErrorKind::UnknownPartition { topic, partition, partitions })
    }
}

impl From<Refused> for Hindrance {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Memory => Self::Memory,
            Refused::Failed(error) => Self::Failed(error),
        }
    }
}

/// Ready when either is: `true` if it is the second.
fn either(
    first: Pin<&mut impl Future<Output = ()>>,
    second: Pin<&mut impl Future<Output = ()>>,
    cx: &mut Context<'_>,
) -> Poll<bool> {
    if first.poll(cx).is_ready() {
        return Poll::Ready(false);
    }
    second.poll(cx).map(|()| true)
}
