//! The driver: turns the engine and carries out what it wants.
//!
//! An adapter owns one, on a task or a thread of its own, and does nothing else with it than to [`turn`](Driver::turn)
//! it, carry out the [`Action`]s, and sleep.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Waker;

use kafka_engine::{
    Cluster, Command, ConnId, ConsumerKey, Error, ErrorKind, Event, Input, Instant, OpId, Output,
    PartitionKey, ProducerKey,
};
use kafka_proto::records::Codec;

use crate::connection::Connection;
use crate::consumer::ConsumerCore;
use crate::mailbox::{Letter, Park};
use crate::memory_use::MemoryUse;
use crate::op::Answer;
use crate::outbox::{LinkOrder, LinkWork, Outbox, Work};
use crate::producer::ProducerCore;
use crate::seal::Seal;
use crate::shared::{Core, Shared};

/// Passes over the engine in one turn, before the adapter gets to do what came out of them.
const PASSES_MAX: usize = 16;

/// Something that only an adapter can do.
#[derive(Debug)]
pub enum Action {
    /// Look up a name.
    Resolve(Lookup),
    /// Connect, and serve the connection on a task of its own until it is closed.
    Connect(Connection),
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Turn {
    /// Turn again when the waker is woken, or at this instant of the client's clock; `None`: not before a wake.
    Wait(Option<Instant>),
    /// The client is closed. Drop the driver.
    Over,
}

/// A name to look up. Dropped without an answer, the lookup has failed.
pub struct Lookup {
    host: Arc<str>,
    shared: Arc<Shared>,
    answered: bool,
}

impl Lookup {
    /// A host name, or an address in text.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its addresses in the resolver's order, or what went wrong in words.
    pub fn done(mut self, result: Result<Vec<IpAddr>, String>) {
        self.answer(result);
    }

    fn answer(&mut self, result: Result<Vec<IpAddr>, String>) {
        self.answered = true;
        self.shared.report(Input::Resolved { host: Arc::clone(&self.host), result });
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        if !self.answered {
            self.answer(Err("the lookup was given up".into()));
        }
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("host", &self.host).finish_non_exhaustive()
    }
}

/// Turns the engine. When it is dropped, by intent, with its task or by a panic, every operation and every record that
/// waits completes with [`ErrorKind::Closed`].
pub struct Driver {
    shared: Arc<Shared>,
    /// What comes of carrying out the engine's wishes and goes back into it.
    backlog: Vec<Input>,
    letters: Vec<Letter>,
    due: Vec<Waker>,
    outputs: VecDeque<Output>,
    answers: BTreeMap<OpId, Answer>,
    connections: BTreeMap<ConnId, Arc<Outbox>>,
    producers: BTreeMap<ProducerKey, Arc<ProducerCore>>,
    /// Closing producers by the operation that closes them.
    closing: BTreeMap<OpId, ProducerKey>,
    consumers: BTreeMap<ConsumerKey, Arc<ConsumerCore>>,
    cluster: Arc<Cluster>,
    shutdown: Shutdown,
    /// Who waits for the end: answered when everything else is closed.
    ending: Vec<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shutdown {
    No,
    /// The engine has been told to end.
    Asked(OpId),
    Over,
}

impl Driver {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            cluster: shared.cluster(),
            shared,
            backlog: Vec::new(),
            letters: Vec::new(),
            due: Vec::new(),
            outputs: VecDeque::new(),
            answers: BTreeMap::new(),
            connections: BTreeMap::new(),
            producers: BTreeMap::new(),
            closing: BTreeMap::new(),
            consumers: BTreeMap::new(),
            shutdown: Shutdown::No,
            ending: Vec::new(),
        }
    }

    /// How much memory the client uses now, counted afresh: it takes time in proportion to the partitions in use and the
    /// connections.
    #[must_use]
    pub fn memory_use(&self) -> MemoryUse {
        let held = self.shared.look(kafka_engine::Engine::held).unwrap_or_default();
        let (mut records, mut pooled) = (0, 0);
        for producer in self.producers.values() {
            let (lent, kept) = producer.memory.bytes();
            records += lent;
            pooled += kept;
        }
        MemoryUse {
            records,
            pooled,
            overdue: held.overdue,
            fetched: held.fetched,
            connections: self.connections.len(),
            receiving: self.connections.values().map(|outbox| outbox.receiving()).sum(),
        }
    }

    /// How often the client's parts went into each of their states, from the beginning on: connections, batches, positions
    /// and so forth.
    #[must_use]
    pub fn transitions(&self) -> kafka_engine::Transitions {
        self.shared.look(|engine| *engine.transitions()).unwrap_or_default()
    }

    /// Takes in what has happened, carries out what follows, and leaves to `actions` what only an adapter can do.
    /// `waker` is woken when another turn is due before the instant that is returned.
    pub fn turn(&mut self, waker: &Waker, actions: &mut Vec<Action>) -> Turn {
        for _ in 0..PASSES_MAX {
            let now = self.shared.clock.now();
            let abandoned = self.shared.mailbox.take(now, &mut self.letters, &mut self.due);
            self.due.drain(..).for_each(Waker::wake);
            self.end_if_unused(abandoned);
            let Some(until) = self.pass(now) else {
                self.shutdown = Shutdown::Over;
                return Turn::Over;
            };
            self.perform_all(actions);
            if self.shutdown == Shutdown::Over {
                return Turn::Over;
            }
            // The last producer may have gone in this pass.
            self.end_if_unused(abandoned);
            if self.backlog.is_empty()
                && self.letters.is_empty()
                && let Park::Until(deadline) = self.shared.mailbox.park(waker, until)
            {
                return Turn::Wait(deadline);
            }
        }
        Turn::Wait(Some(Instant::ZERO))
    }

    /// The clock that this driver, and all of its client, goes by.
    pub fn now(&self) -> Instant {
        self.shared.clock.now()
    }

    /// Hands everything to the engine, under its lock, and takes out what it wants done. Gives the instant of its next
    /// tick; `None`: the engine is broken.
    fn pass(&mut self, now: Instant) -> Option<Option<Instant>> {
        self.close_producers();
        let shared = Arc::clone(&self.shared);
        let mut core = shared.core()?;
        for input in self.backlog.drain(..) {
            core.engine.handle(now, input);
        }
        // One by one, so that a panic leaves the rest to be answered when the driver is dropped.
        self.letters.reverse();
        while let Some(letter) = self.letters.pop() {
            self.read(now, &mut core, letter);
        }
        // Timers come last: what the sockets brought may have made them moot.
        if core.until.is_some_and(|until| until <= now) {
            core.engine.handle(now, Input::Tick);
        }
        core.drain();
        std::mem::swap(&mut core.outputs, &mut self.outputs);
        core.seen_until = core.until;
        let until = core.until;
        let changed = core.engine.cluster_unless(&self.cluster);
        drop(core);
        if let Some(cluster) = changed {
            self.publish(cluster);
        }
        Some(until)
    }

    /// Has producers take no more records if they are told to by a letter: before the engine is locked, for it wakes
    /// senders that wait for memory. What the engine is to be told goes into the backlog.
    fn close_producers(&mut self) {
        for letter in &self.letters {
            match letter {
                Letter::Producer(core) => _ = self.producers.insert(core.key, Arc::clone(core)),
                Letter::CloseProducer { producer, .. } => {
                    if let Some(core) = self.producers.get(producer) {
                        self.backlog.extend(core.close(&Error::new(ErrorKind::Closed)));
                    }
                }
                _ => {}
            }
        }
    }

    fn read(&mut self, now: Instant, core: &mut Core, letter: Letter) {
        match letter {
            Letter::Input(input) => {
                if let Input::Closed { conn, .. } = &input {
                    self.connections.remove(conn);
                }
                core.engine.handle(now, input);
            }
            Letter::Command { op, command, answer } => {
                if matches!(command, Command::Shutdown) {
                    self.shutdown = Shutdown::Asked(op);
                    self.ending.push(answer);
                    core.engine.handle(now, Input::Command { op, command });
                    return;
                }
                if let Command::CloseConsumer { consumer } = &command {
                    self.consumers.remove(consumer);
                }
                self.answers.insert(op, answer);
                core.engine.handle(now, Input::Command { op, command });
            }
            Letter::Cancel(op) => {
                // What closes a producer or the client goes on, though nobody waits for it.
                if !self.closing.contains_key(&op) && self.shutdown != Shutdown::Asked(op) {
                    self.answers.remove(&op);
                    core.engine.handle(now, Input::Cancel { op });
                }
            }
            // `close_producers` has seen it.
            Letter::Producer(_) => {}
            Letter::CloseProducer { producer, deadline, op, answer } => {
                self.answers.insert(op, answer);
                self.closing.insert(op, producer);
                core.engine.handle(
                    now,
                    Input::Command { op, command: Command::CloseProducer { producer, deadline } },
                );
            }
            Letter::Consumer(consumer) => _ = self.consumers.insert(consumer.key, consumer),
        }
    }

    fn publish(&mut self, cluster: Arc<Cluster>) {
        self.shared.publish(Arc::clone(&cluster));
        for producer in self.producers.values() {
            producer.cluster_changed(&cluster);
        }
        self.cluster = cluster;
    }

    /// Has the engine end once every handle is gone, and what producers had accepted is delivered.
    fn end_if_unused(&mut self, abandoned: bool) {
        if abandoned && self.producers.is_empty() && self.shutdown == Shutdown::No {
            let op = self.shared.next_op();
            self.shutdown = Shutdown::Asked(op);
            self.letters.push(Letter::Command {
                op,
                command: Command::Shutdown,
                answer: Answer::Nobody,
            });
        }
    }

    fn perform_all(&mut self, actions: &mut Vec<Action>) {
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            self.perform(output, actions);
        }
        self.outputs = outputs;
    }

    fn perform(&mut self, output: Output, actions: &mut Vec<Action>) {
        match output {
            Output::Resolve { host } => {
                actions.push(Action::Resolve(Lookup {
                    host,
                    shared: Arc::clone(&self.shared),
                    answered: false,
                }));
            }
            Output::Connect { conn, address, link } => {
                let connection = Connection::new(conn, address, link, Arc::clone(&self.shared));
                self.connections.insert(conn, connection.outbox());
                actions.push(Action::Connect(connection));
            }
            Output::Transmit { conn, transmit } => {
                self.post(conn, Work::Link(LinkWork(LinkOrder::Transmit(transmit))));
            }
            Output::Limit { conn, frame_bytes_max } => {
                self.post(conn, Work::Link(LinkWork(LinkOrder::Limit(frame_bytes_max))));
            }
            Output::Disconnect { conn } => {
                self.post(conn, Work::Close);
                self.connections.remove(&conn);
            }
            Output::Collect { producer, partition, conn } => {
                self.collect(producer, partition, conn);
            }
            Output::Event(event) => self.dispatch(event),
            // `Core::drain` has kept the instant.
            Output::Wait { .. } => {}
            // What a newer engine wants, an older driver can't do.
            _ => {}
        }
    }

    /// Hands work to a connection's task. If that has ended, the engine hears of it from there.
    fn post(&self, conn: ConnId, work: Work) {
        let refused = match self.connections.get(&conn) {
            Some(outbox) => outbox.push(work).err(),
            None => Some(work),
        };
        if let Some(Work::Seal(seal)) = refused {
            seal.run();
        }
    }

    fn collect(&mut self, producer: ProducerKey, partition: PartitionKey, conn: Option<ConnId>) {
        let known = self.producers.get(&producer);
        let (unsealed, rest) = known.map_or_else(Default::default, |core| core.collect(partition));
        let (Some(core), Some(unsealed)) = (known, unsealed) else {
            self.backlog.push(Input::Batch { producer, partition, batch: None, rest });
            return;
        };
        match conn {
            Some(conn) if core.config.compression != Codec::None => {
                let seal = Seal::new(Arc::clone(core), unsealed, rest);
                self.post(conn, Work::Seal(Box::new(seal)));
            }
            _ => {
                let batch = Some(Box::new(unsealed.uncompressed()));
                self.backlog.push(Input::Batch { producer, partition, batch, rest });
            }
        }
    }

    fn dispatch(&mut self, event: Event) {
        match event {
            Event::Done { op, result } => {
                if let Some(producer) = self.closing.remove(&op)
                    && let Some(core) = self.producers.remove(&producer)
                {
                    core.abandon(&Error::new(ErrorKind::Closed));
                }
                if let Some(answer) = self.answers.remove(&op) {
                    answer.give(result);
                }
                if self.shutdown == Shutdown::Asked(op) {
                    self.shutdown = Shutdown::Over;
                }
            }
            Event::Delivered { producer, report } => {
                if let Some(core) = self.producers.get(&producer) {
                    core.delivered(*report);
                }
            }
            Event::ProducerFailed { producer, error } => {
                if let Some(core) = self.producers.get(&producer) {
                    self.backlog.extend(core.close(&error));
                }
            }
            Event::Readable { consumer } => {
                if let Some(core) = self.consumers.get(&consumer) {
                    core.readable();
                }
            }
            // The snapshot is compared at every pass.
            Event::ClusterChanged => {}
            _ => {}
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let closed = || Error::new(ErrorKind::Closed);
        let (letters, timers) = self.shared.mailbox.close();
        for letter in letters.into_iter().chain(std::mem::take(&mut self.letters)) {
            match letter {
                Letter::Command { op, answer, .. } | Letter::CloseProducer { op, answer, .. } => {
                    self.answers.insert(op, answer);
                }
                Letter::Producer(producer) => _ = self.producers.insert(producer.key, producer),
                Letter::Consumer(consumer) => _ = self.consumers.insert(consumer.key, consumer),
                Letter::Input(_) | Letter::Cancel(_) => {}
            }
        }
        for outbox in std::mem::take(&mut self.connections).into_values() {
            let _ = outbox.push(Work::Close);
        }
        for producer in std::mem::take(&mut self.producers).into_values() {
            producer.abandon(&closed());
        }
        for consumer in std::mem::take(&mut self.consumers).into_values() {
            consumer.close();
        }
        for answer in std::mem::take(&mut self.answers).into_values() {
            answer.give(Err(closed()));
        }
        timers.into_iter().for_each(Waker::wake);
        for answer in std::mem::take(&mut self.ending) {
            answer.give(Err(closed()));
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("shutdown", &self.shutdown).finish_non_exhaustive()
    }
}
