//! What the clients of a run do: applications that write down what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use kafka_handle::{
    Client, Config, Consumer, ConsumerConfig, Delivery, Error, ErrorKind, Producer, ProducerConfig,
    Record, StartAt,
};

use super::fault::name;
use super::parts::Parts;
use super::plan::{ClientPlan, ConsumerPlan, Plan, ProducerPlan, Role};
use super::promise::Promise;
use super::recorder::{Recorder, certainty, failure, start, waiting};
use crate::Rng;
use crate::check::{
    Event, Partition, ProducerContract, ProducerRef, RecordId, ResetCause, content, payload,
};
use crate::world::{ClientId, JoinHandle, WorldHandle};

/// How long an application waits in one poll.
const POLL: Duration = Duration::from_millis(950);

/// A client of the run, its state as the run must know it.
#[derive(Clone)]
pub(super) struct App {
    pub(super) sim: WorldHandle,
    pub(super) recorder: Recorder,
    pub(super) id: ClientId,
    pub(super) client: Client,
    /// Nothing new is begun.
    pub(super) draining: Arc<AtomicBool>,
    /// Consumers are to rest too.
    resting: Arc<AtomicBool>,
    /// Whatever is still open is to be closed.
    closing: Arc<AtomicBool>,
    /// Records that have no outcome yet.
    pub(super) open: Arc<AtomicU64>,
    /// The consumer's positions are at the ends of the logs.
    pub(super) caught_up: Arc<AtomicBool>,
    pub(super) topics: Arc<Vec<String>>,
}

impl App {
    /// Opens the client and starts what it is for.
    pub(super) fn launch(
        sim: &WorldHandle,
        recorder: &Recorder,
        plan: &Plan,
        client: &ClientPlan,
        [draining, resting, closing]: [&Arc<AtomicBool>; 3],
    ) -> Option<(Self, Vec<JoinHandle<()>>)> {
        let mut config = Config::new(&sim.bootstrap()).ok()?;
        config.request_timeout = client.request_timeout;
        config.metadata_max_age = client.metadata_max_age;
        config.connections_max_idle = Some(client.connections_max_idle);
        let (id, handle) = sim.numbered_client("app", config).ok()?;
        recorder.watch(id, Promise::of(plan, client));
        let connections_max_idle = Some(client.connections_max_idle);
        recorder.push(sim.now(), Event::ClientOpened { client: id, connections_max_idle });
        let app = Self {
            sim: sim.clone(),
            recorder: recorder.clone(),
            id,
            client: handle,
            draining: Arc::clone(draining),
            resting: Arc::clone(resting),
            closing: Arc::clone(closing),
            open: Arc::default(),
            caught_up: Arc::new(AtomicBool::new(true)),
            topics: Arc::new((0..plan.topics.len()).map(name).collect()),
        };
        if client.role != Role::Idle {
            recorder.expect(id);
        }
        let rng = sim.rng(u64::from(id.0));
        let tasks = match &client.role {
            Role::Producer(plan) => app.produce(plan, rng)?,
            Role::Consumer(plan) => vec![app.consume(plan, rng)?],
            Role::Idle => Vec::new(),
            Role::Admin => {
                let this = app.clone();
                vec![sim.spawn_in(id, async move { this.administrate(rng).await })]
            }
        };
        Some((app, tasks))
    }

    pub(super) fn drains(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Opens a producer, and starts a task that sends and one that waits for what became of it.
    fn produce(&self, plan: &ProducerPlan, rng: Rng) -> Option<Vec<JoinHandle<()>>> {
        let config = ProducerConfig {
            acks: plan.acks,
            enable_idempotence: Some(plan.idempotent),
            max_in_flight: plan.max_in_flight,
            linger: plan.linger,
            batch_bytes: plan.batch_bytes,
            compression: plan.compression,
            delivery_timeout: plan.delivery_timeout,
            buffer_memory: plan.buffer_memory,
            max_block: Duration::from_secs(10),
            ..ProducerConfig::default()
        };
        let producer = self.client.producer(config).ok()?;
        let number_of = self.recorder.producer();
        let contract = ProducerContract {
            idempotent: plan.idempotent,
            acks: plan.acks.number(),
            max_in_flight: plan.max_in_flight as u32,
            batch_bytes: plan.batch_bytes as u32,
            linger: plan.linger,
            delivery_timeout: plan.delivery_timeout,
        };
        let opened = Event::ProducerOpened { client: self.id, producer: number_of, contract };
        self.recorder.push(self.sim.now(), opened);
        let (sender, receiver) = unbounded();
        let (this, plan) = (self.clone(), plan.clone());
        let sending = this.send_all(producer, number_of, plan, rng, sender);
        let waiting = self.clone().await_all(receiver);
        Some(vec![self.sim.spawn_in(self.id, sending), self.sim.spawn_in(self.id, waiting)])
    }

    async fn send_all(
        self,
        producer: Producer,
        number_of: ProducerRef,
        plan: ProducerPlan,
        mut rng: Rng,
        sender: UnboundedSender<(RecordId, Delivery)>,
    ) {
        let mut index = 0;
        self.sim.sleep(plan.begins_after).await;
        let topics = Arc::clone(&self.topics);
        while !self.drains() {
            for _ in 0..1 + rng.below(plan.burst) {
                let rid = self.recorder.record();
                let length = rng.between(1..plan.value_bytes) as usize;
                let value = payload::encode(rid, number_of, index, length);
                index += 1;
                let number = rng.below(20);
                let key = plan.keyed.then(|| number.to_string());
                let Some(topic) = rng.pick(&topics) else { return };
                let mut record = Parts::of(rid, self.sim.now()).on(Record::to(topic).value(&value));
                if let Some(key) = &key {
                    record = record.key(key);
                }
                let deadline = self.sim.now() + plan.delivery_timeout;
                match producer.send(record).await {
                    Ok(delivery) => {
                        let deadline = deadline.max(self.sim.now() + plan.delivery_timeout);
                        self.sent(number_of, rid, &record, &delivery, deadline);
                        self.open.fetch_add(1, Ordering::Relaxed);
                        // The other end waits as long as this one is there.
                        let _ = sender.unbounded_send((rid, delivery));
                    }
                    // It was never accepted.
                    Err(_) => self.sim.sleep(Duration::from_millis(100)).await,
                }
            }
            self.sim.sleep(plan.pause).await;
        }
        drop(sender);
        let within = plan.delivery_timeout + Duration::from_secs(1);
        let closing = producer.close(plan.delivery_timeout);
        let _ = self.recorder.op_of(&self.sim, self.id, "producer.close", within, closing).await;
    }

    fn sent(
        &self,
        producer: ProducerRef,
        rid: RecordId,
        record: &Record<'_>,
        delivery: &Delivery,
        deadline: crate::Time,
    ) {
        let now = self.sim.now();
        let partition = self.recorder.partition(record.topic, delivery.partition());
        let value = record.value.unwrap_or_default();
        // It was made a moment ago.
        let hash = payload::peek(value).map_or(0, |payload| payload.hash);
        let headers = record.headers.iter().copied();
        let sent = Event::Send {
            client: self.id,
            producer,
            rid,
            partition,
            hash: content::hash(hash, record.key, headers, record.timestamp),
            bytes: value.len() as u32,
            deadline,
        };
        self.recorder.push(now, sent);
    }

    /// Each delivery is told when it ends, whatever becomes of those before it.
    async fn await_all(self, deliveries: UnboundedReceiver<(RecordId, Delivery)>) {
        let this = &self;
        let end = |(rid, delivery): (RecordId, Delivery)| async move {
            let event = match delivery.await {
                Ok(written) => Event::Ack { rid, offset: written.offset },
                Err(error) => {
                    Event::Fail { rid, certainty: certainty(&error), failure: failure(&error) }
                }
            };
            let now = this.sim.now();
            if matches!(event, Event::Ack { .. }) {
                this.recorder.alive(now, this.id);
            }
            this.recorder.push(now, event);
            this.open.fetch_sub(1, Ordering::Relaxed);
        };
        deliveries.for_each_concurrent(None, end).await;
    }

    fn consume(&self, plan: &ConsumerPlan, rng: Rng) -> Option<JoinHandle<()>> {
        let config = ConsumerConfig {
            auto_offset_reset: plan.reset,
            fetch_max_wait: plan.fetch_max_wait,
            fetch_max_bytes: plan.fetch_bytes,
            max_partition_fetch_bytes: plan.partition_fetch_bytes,
            max_poll_records: plan.max_poll_records,
            ..ConsumerConfig::default()
        };
        let consumer = self.client.consumer(config).ok()?;
        let reader = Reader {
            app: self.clone(),
            consumer,
            number: self.recorder.consumer(),
            plan: plan.clone(),
            rng,
            polls: 0,
            moves_left: MOVES_MAX,
            assigned: Vec::new(),
        };
        self.caught_up.store(false, Ordering::Relaxed);
        Some(self.sim.spawn_in(self.id, reader.run()))
    }
}

/// More moves than this, and a consumer that takes few records at a time would never come to the end.
const MOVES_MAX: u32 = 10;

/// A consumer and its application.
struct Reader {
    app: App,
    consumer: Consumer,
    number: crate::check::ConsumerRef,
    plan: ConsumerPlan,
    rng: Rng,
    polls: u32,
    moves_left: u32,
    /// Partitions by name, and as the checks know them.
    assigned: Vec<(String, i32, Partition)>,
}

impl Reader {
    async fn run(mut self) {
        let opened = Event::ConsumerOpened {
            client: self.app.id,
            consumer: self.number,
            max_poll_records: self.plan.max_poll_records as u32,
            // It is not drawn.
            fetch_min_bytes: u32::try_from(ConsumerConfig::default().fetch_min_bytes).unwrap_or(0),
        };
        self.note(opened);
        while self.assign().await.is_err() {
            if self.app.closing.load(Ordering::Relaxed) {
                return;
            }
            self.app.sim.sleep(Duration::from_millis(200)).await;
        }
        while !self.app.resting.load(Ordering::Relaxed) {
            if self.moves_left > 0 && self.rng.chance(self.plan.moves) && !self.app.drains() {
                self.moves_left -= 1;
                self.wander().await;
            }
            self.poll().await;
            if !self.plan.work.is_zero() {
                self.app.sim.sleep(self.plan.work).await;
            }
            let caught_up = self.is_caught_up();
            self.app.caught_up.store(caught_up, Ordering::Relaxed);
        }
        while !self.app.closing.load(Ordering::Relaxed) {
            self.app.sim.sleep(Duration::from_millis(500)).await;
        }
        self.note(Event::ConsumerClosed { consumer: self.number });
        self.consumer.close().await;
    }

    fn note(&self, event: Event) {
        self.app.recorder.push(self.app.sim.now(), event);
    }

    /// Assigns every partition that there is.
    async fn assign(&mut self) -> Result<(), Error> {
        let counts = self.app.sim.cluster(|cluster| {
            let all = cluster.topics().map(|(name, partitions)| (name.to_owned(), partitions));
            all.filter(|(name, _)| name.starts_with('t')).collect::<Vec<_>>()
        });
        let all: Vec<(String, i32)> = counts
            .into_iter()
            .flat_map(|(topic, count)| (0..count).map(move |partition| (topic.clone(), partition)))
            .collect();
        let at = StartAt::Beginning;
        let wanted: Vec<(&str, i32, StartAt)> =
            all.iter().map(|(topic, partition)| (topic.as_str(), *partition, at)).collect();
        self.consumer.assign(&wanted).await?;
        let recorder = &self.app.recorder;
        let known = |(topic, partition): (String, i32)| {
            let known = recorder.partition(&topic, partition);
            (topic, partition, known)
        };
        self.assigned = all.into_iter().map(known).collect();
        for (_, _, partition) in &self.assigned {
            let (consumer, partition) = (self.number, *partition);
            self.note(Event::Assigned { consumer, partition, start: start(&at) });
        }
        Ok(())
    }

    async fn poll(&mut self) {
        self.polls += 1;
        let (consumer, poll) = (self.number, self.polls);
        self.note(Event::PollStarted { consumer, poll });
        let polled = self.consumer.poll(POLL).await;
        let now = self.app.sim.now();
        match polled {
            Ok(records) => {
                for lost in records.truncations() {
                    let partition = self.app.recorder.partition(&lost.topic, lost.partition);
                    let (cause, to) = (ResetCause::Truncation, Some(lost.to));
                    self.note(Event::Reset { consumer, partition, cause, to });
                }
                let mut count = 0;
                for record in &records {
                    let partition = self.app.recorder.partition(record.topic, record.partition);
                    let (read, hash) = payload::read(record.value.unwrap_or_default());
                    let (headers, timestamp) = (record.headers(), Some(record.timestamp));
                    let hash = content::hash(hash, record.key, headers, timestamp);
                    let deliver = Event::Deliver {
                        consumer,
                        partition,
                        offset: record.offset,
                        leader_epoch: -1,
                        rid: read.map(|payload| payload.rid),
                        hash,
                        poll,
                    };
                    self.app.recorder.push(now, deliver);
                    count += 1;
                }
                self.app.recorder.push(now, Event::PollEnded { consumer, poll, records: count });
                match count {
                    0 => self.app.recorder.waited(now, self.app.id, self.plan.fetch_max_wait),
                    _ => self.app.recorder.alive(now, self.app.id),
                }
                drop(records);
                self.note_positions();
            }
            Err(error) => {
                let partition = waiting(&error)
                    .map(|(topic, partition)| self.app.recorder.partition(topic, partition));
                let failure = failure(&error);
                let failed = Event::ConsumerFailed { consumer, partition, failure };
                self.app.recorder.push(now, failed);
                self.app.recorder.push(now, Event::PollEnded { consumer, poll, records: 0 });
                self.look_again(&error).await;
                self.app.sim.sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// What was broken twice on its way may still be sound in the log.
    async fn look_again(&self, error: &Error) {
        let ErrorKind::Corrupt { topic, partition, offset, .. } = error.kind() else { return };
        let to = StartAt::Offset(*offset);
        if self.consumer.handle().seek(topic, *partition, to).await.is_ok() {
            let partition = self.app.recorder.partition(topic, *partition);
            self.note(Event::Seek { consumer: self.number, partition, to: start(&to) });
        }
    }

    /// Where it says that it is.
    fn note_positions(&self) {
        let (consumer, now) = (self.number, self.app.sim.now());
        let mut notes = self.app.recorder.lock();
        for (topic, number, known) in &self.assigned {
            if let Some(offset) = self.consumer.position(topic, *number) {
                let partition = *known;
                notes.history.push(now, Event::Position { consumer, partition, offset });
            }
        }
    }

    /// Seeks, or pauses a partition for a while.
    async fn wander(&mut self) {
        let Some((topic, partition, known)) = self.rng.pick(&self.assigned).cloned() else {
            return;
        };
        let handle = self.consumer.handle();
        if self.rng.chance(50) {
            let Some(position) = handle.position(&topic, partition) else { return };
            let to = StartAt::Offset(self.rng.below(position.unsigned_abs() + 1) as i64);
            if handle.seek(&topic, partition, to).await.is_ok() {
                self.note(Event::Seek { consumer: self.number, partition: known, to: start(&to) });
            }
            return;
        }
        if handle.pause(&[(&topic, partition)]).await.is_ok() {
            self.note(Event::Pause { consumer: self.number, partition: known });
        }
        for _ in 0..self.rng.below(5) {
            self.poll().await;
        }
        if handle.resume(&[(&topic, partition)]).await.is_ok() {
            self.note(Event::Resume { consumer: self.number, partition: known });
        }
    }

    /// Whether everything that can be read has been read.
    fn is_caught_up(&self) -> bool {
        let ends: Vec<_> = self.app.sim.cluster(|cluster| {
            let offsets = |(topic, partition, _): &(String, i32, Partition)| {
                cluster.offsets(topic, *partition)
            };
            self.assigned.iter().map(offsets).collect()
        });
        self.assigned.iter().zip(ends).all(|((topic, partition, _), end)| {
            let position = self.consumer.position(topic, *partition);
            end.is_none_or(|(_, end)| position.is_some_and(|position| position >= end))
        })
    }
}
