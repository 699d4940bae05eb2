//! A producer as its handles and the driver share it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use kafka_engine::accumulator::{AppendError, BatchLimits, Unsealed};
use kafka_engine::config::ProducerConfig;
use kafka_engine::{
    BatchId, Cluster, Command, DeliveryReport, Error, ErrorKind, Input, Instant, Outcome,
    PartitionKey, Pending, ProducerKey, Reply, Topic, TopicKey, Wanted, Written,
};

use crate::mailbox::Urgency;
use crate::op::Answer;
use crate::producer::delivery::BatchSlot;
use crate::producer::memory::Memory;
use crate::producer::queues::{Queue, TopicMap, TopicQueues, Undelivered};
use crate::producer::record::Record;
use crate::seal::Compressors;
use crate::shared::Shared;
use crate::sync::lock;

/// With a longer linger than this, a batch's opening time would be too coarse for the records that follow, and memory
/// too long in coming back.
const LINGER_MS_COARSE: u128 = 20;

/// A producer: its queues and its memory.
pub(crate) struct ProducerCore {
    pub(crate) key: ProducerKey,
    pub(crate) config: Arc<ProducerConfig>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) memory: Memory,
    pub(crate) compressors: Compressors,
    topics: TopicMap,
    limits: Arc<BatchLimits>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Why no more records are taken.
    closed: Option<Error>,
    /// The first failure of a posted record since the last flush.
    posted: Option<Error>,
    /// Topics by the engine's number.
    known: BTreeMap<TopicKey, Arc<TopicQueues>>,
}

impl State {
    /// Under its lock, which [`ProducerCore::close`] takes first, so that no queue is made that it does not see.
    fn learn(&mut self, topic: &Arc<TopicQueues>, known: &Topic) {
        if topic.learn(known, self.closed.as_ref()) {
            self.known.entry(known.key).or_insert_with(|| Arc::clone(topic));
        }
    }
}

/// Why a record was not appended now.
pub(crate) enum Refused {
    /// There is no memory.
    Memory,
    /// It will never be.
    Failed(Error),
}

/// Where a record went.
pub(crate) struct Accepted {
    pub(crate) batch: Arc<BatchSlot>,
    pub(crate) index: u32,
    /// It opened a batch.
    pub(crate) opened: bool,
}

impl ProducerCore {
    pub(crate) fn new(key: ProducerKey, config: Arc<ProducerConfig>, shared: Arc<Shared>) -> Self {
        let limits = BatchLimits {
            batch_bytes: config.batch_bytes,
            max_request_bytes: config.max_request_bytes,
            buffer_memory: config.buffer_memory,
            codec: config.compression,
            refresh_timestamps: config.linger.as_millis() > LINGER_MS_COARSE,
        };
        Self {
            key,
            memory: Memory::new(config.buffer_memory),
            compressors: Compressors::default(),
            config,
            shared,
            topics: TopicMap::new(),
            limits: Arc::new(limits),
            state: Mutex::default(),
        }
    }

    /// The topic of this name, known or not.
    #[inline]
    pub(crate) fn topic(&self, name: &str) -> &Arc<TopicQueues> {
        match self.topics.get(name) {
            Some(topic) => topic,
            None => self.topics.get_or_add(name, &self.limits),
        }
    }

    /// Appends a record under the lock of its partition. What the engine must be told is up to the caller, once the
    /// lock is released.
    pub(crate) fn append(
        &self,
        queue: &mut Queue,
        record: &Record<'_>,
        ticket: Option<u64>,
    ) -> (Result<Accepted, Refused>, Option<Pending>) {
        if let Some(error) = &queue.closed {
            return (Err(Refused::Failed(error.clone())), None);
        }
        let mut loan = self.memory.loan(ticket);
        let clock = &self.shared.clock;
        let appended =
            queue.queue.append(&mut || (clock.now(), clock.wall_ms()), &record.as_ref(), &mut loan);
        let taken = loan.taken;
        let appended = match appended {
            Ok(appended) => appended,
            Err(AppendError::Full { notice }) => return (Err(Refused::Memory), notice),
            Err(error) => return (Err(Refused::Failed(refusal(error))), None),
        };
        if appended.opened {
            let slot = Arc::new(BatchSlot::new(queue.queue.partition().partition));
            queue.newest = Some(Arc::clone(&slot));
            queue.batches.push_back(Undelivered { number: appended.batch, slot, charged: 0 });
        }
        let Some(batch) = queue.batches.back_mut() else {
            return (Err(Refused::Memory), appended.notice);
        };
        batch.charged += taken;
        let accepted = Accepted {
            batch: Arc::clone(&batch.slot),
            index: appended.index,
            opened: appended.opened,
        };
        (Ok(accepted), appended.notice)
    }

    /// Tells the engine what waits in a partition. Not to be called under a lock.
    pub(crate) fn notify(&self, partition: PartitionKey, notice: Option<Pending>) {
        let Some(pending) = notice else { return };
        // Until the linger is over the engine has nothing to do for a batch that takes more records.
        let urgency = match pending.since {
            Some(since) if !pending.full => Urgency::By(since + self.config.linger),
            _ => Urgency::Now,
        };
        self.shared.report_by(Input::Pending { producer: self.key, partition, pending }, urgency);
    }

    /// A record of this partition found no memory: what lingers in others, and might hold all of it, is to be sent now. A
    /// short linger is soon over anyway.
    pub(crate) fn press(&self, own: PartitionKey) {
        if self.config.linger.as_millis() <= LINGER_MS_COARSE || !self.memory.press() {
            return;
        }
        for queue in self.topics.iter().flat_map(|topic| topic.queues()) {
            let mut queue = lock(queue);
            let partition = queue.queue.partition();
            let notice = if partition == own { None } else { queue.queue.close_open() };
            drop(queue);
            self.notify(partition, notice);
        }
    }

    /// Starts to look up a topic in the background, unless that is under way.
    ///
    /// # Errors
    /// The lookup before failed, and that is still worth telling.
    pub(crate) fn look_up(
        self: &Arc<Self>,
        topic: &Arc<TopicQueues>,
        wanted: Wanted,
    ) -> Result<(), Error> {
        let (now, max_block) = (self.shared.clock.now(), self.config.max_block);
        let age = self.shared.config.retry_backoff_max;
        if topic.start_lookup(wanted, now, (age, max_block))? {
            let deadline = now + max_block;
            let command = self.find_topic(topic, wanted, deadline);
            let answer = Answer::Lookup(Arc::clone(self), Arc::clone(topic), wanted);
            self.shared.command(command, answer);
        }
        Ok(())
    }

    /// The lookup in the background is over.
    pub(crate) fn looked_up(
        &self,
        topic: &Arc<TopicQueues>,
        wanted: Wanted,
        result: Result<Reply, Error>,
    ) {
        match wanted {
            Wanted::Partition(partition) => self.searched(topic, partition, &result, true),
            _ if result.is_ok() => self.learn(topic),
            _ => {}
        }
        topic.end_lookup(result.err().map(|error| (error, wanted, self.shared.clock.now())));
    }

    /// The search for a partition is over. `untold`: nobody waits for what came of it.
    pub(crate) fn searched(
        &self,
        topic: &Arc<TopicQueues>,
        partition: i32,
        result: &Result<Reply, Error>,
        untold: bool,
    ) {
        if result.is_ok() {
            self.learn(topic);
            if (1..=partition).contains(&topic.partitions()) {
                topic.lack(partition, self.shared.clock.now(), untold);
            }
        }
    }

    /// The command that looks a topic up.
    pub(crate) fn find_topic(
        &self,
        topic: &TopicQueues,
        wanted: Wanted,
        deadline: Instant,
    ) -> Command {
        Command::FindTopic {
            topic: Arc::clone(&topic.name),
            wanted,
            create: self.config.allow_auto_create_topics,
            deadline,
        }
    }

    /// [`find_topic`](Self::find_topic) has been answered: takes in what is known by now, which may be more than the answer
    /// says.
    pub(crate) fn learn(&self, topic: &Arc<TopicQueues>) {
        let mut state = lock(&self.state);
        // Read under that lock, so that who takes in another one behind this has a newer one.
        if let Some(known) = self.shared.cluster().topics.get(&topic.name) {
            state.learn(topic, known);
        }
    }

    /// There is a newer snapshot of the cluster.
    pub(crate) fn cluster_changed(&self, cluster: &Cluster) {
        for topic in self.topics.iter().filter(|topic| !topic.is_superseded()) {
            match cluster.topics.get(&topic.name) {
                Some(known) => lock(&self.state).learn(topic, known),
                None => {
                    let _state = lock(&self.state);
                    topic.forget();
                }
            }
        }
    }

    /// Takes the oldest batch out of a partition's queue, and says what waits there then.
    pub(crate) fn collect(&self, partition: PartitionKey) -> (Option<Unsealed>, Pending) {
        let Some(topic) = self.topic_of(partition) else { return (None, Pending::default()) };
        let Some(queue) = topic.queue(partition.partition) else {
            return (None, Pending::default());
        };
        lock(queue).queue.collect()
    }

    /// A batch has its outcome.
    pub(crate) fn delivered(&self, report: DeliveryReport) {
        let batch = self.take_batch(report.id);
        self.memory.give_back(batch.as_ref().map_or(0, |batch| batch.charged), report.body);
        if let Some(batch) = batch {
            self.complete(&batch.slot, report.outcomes);
        }
    }

    /// A batch failed before the engine had it.
    pub(crate) fn fail_batch(&self, id: BatchId, error: &Error) {
        if let Some(batch) = self.take_batch(id) {
            self.memory.give_back(batch.charged, Vec::new());
            self.complete(
                &batch.slot,
                vec![(0..u32::MAX, Outcome::Failed(Arc::new(error.clone())))],
            );
        }
    }

    /// Closes what takes records, in every partition: it is to be sent now. Gives all batches that have no outcome.
    pub(crate) fn cut(&self) -> Vec<Arc<BatchSlot>> {
        let mut batches = Vec::new();
        for queue in self.topics.iter().flat_map(|topic| topic.queues()) {
            let mut queue = lock(queue);
            if queue.batches.is_empty() {
                continue;
            }
            let notice = queue.queue.close_open();
            let partition = queue.queue.partition();
            batches.extend(queue.batches.iter().map(|batch| Arc::clone(&batch.slot)));
            drop(queue);
            self.notify(partition, notice);
        }
        batches
    }

    /// Takes no more records, for this reason. Gives what the engine is to be told of each partition.
    pub(crate) fn close(&self, reason: &Error) -> Vec<Input> {
        lock(&self.state).closed.get_or_insert_with(|| reason.clone());
        let mut inputs = Vec::new();
        for queue in self.topics.iter().flat_map(|topic| topic.queues()) {
            let mut queue = lock(queue);
            queue.closed.get_or_insert_with(|| reason.clone());
            let partition = queue.queue.partition();
            if let Some(pending) = queue.queue.close_open() {
                inputs.push(Input::Pending { producer: self.key, partition, pending });
            }
        }
        self.memory.close();
        inputs
    }

    /// Fails whatever has no outcome: there is nobody left to deliver it. What was collected may have been sent.
    pub(crate) fn abandon(&self, error: &Error) {
        self.close(error);
        let unknown = error.clone().with_written(Written::Unknown);
        for queue in self.topics.iter().flat_map(|topic| topic.queues()) {
            let mut queue = lock(queue);
            let left = std::mem::take(&mut queue.batches);
            let oldest_waiting = queue.queue.collect().0.map(|batch| batch.id().number);
            drop(queue);
            for batch in left {
                let waits = oldest_waiting.is_some_and(|oldest| batch.number >= oldest);
                let error = if waits { error } else { &unknown };
                self.complete(
                    &batch.slot,
                    vec![(0..u32::MAX, Outcome::Failed(Arc::new(error.clone())))],
                );
            }
        }
    }

    /// Why no more records are taken.
    pub(crate) fn closed(&self) -> Option<Error> {
        lock(&self.state).closed.clone()
    }

    /// The first failure of a posted record since this was asked last.
    pub(crate) fn take_posted_failure(&self) -> Result<(), Error> {
        lock(&self.state).posted.take().map_or(Ok(()), Err)
    }

    fn complete(&self, slot: &BatchSlot, outcomes: Vec<(Range<u32>, Outcome)>) {
        if let Some(failure) = slot.posted_failure(&outcomes) {
            lock(&self.state).posted.get_or_insert(failure);
        }
        slot.complete(outcomes);
    }

    fn take_batch(&self, id: BatchId) -> Option<Undelivered> {
        let topic = self.topic_of(id.partition)?;
        let queue = topic.queue(id.partition.partition)?;
        lock(queue).take_batch(id.number)
    }

    fn topic_of(&self, partition: PartitionKey) -> Option<Arc<TopicQueues>> {
        lock(&self.state).known.get(&partition.topic).cloned()
    }
}

fn refusal(error: AppendError) -> Error {
    Error::new(match error {
        AppendError::TooLarge { bytes, limit, setting } => {
            ErrorKind::RecordTooLarge { bytes, limit: Some(limit), setting }
        }
        AppendError::NegativeTimestamp(timestamp) => ErrorKind::InvalidArgument {
            reason: format!("the timestamp of a record is negative: {timestamp}"),
        },
        AppendError::Full { .. } => {
            ErrorKind::InvalidArgument { reason: "there is no memory".into() }
        }
    })
}
