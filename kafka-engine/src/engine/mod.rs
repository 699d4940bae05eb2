//! The client as one state machine: this file only routes.

mod causes;
mod commands;
mod consumer;
mod ctx;
mod dispatch;
mod interest;
mod lane;
mod metadata;
mod net;
mod news;
mod ops;
mod pick;
mod producer;
mod purpose;
mod send;
mod snapshot;
mod timers;
mod versions;
mod waiter;
mod world;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::cluster::Cluster;
use crate::config::Config;
use crate::consume::{Standing, Taken};
use crate::engine::consumer::Consumer;
use crate::engine::ctx::Ctx;
use crate::engine::lane::{Endpoint, LaneKey, Line};
use crate::engine::metadata::Metadata;
use crate::engine::net::Net;
use crate::engine::ops::Ops;
use crate::engine::producer::Producer;
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::{ConsumerKey, PartitionKey, ProducerKey};
use crate::io::{Input, Output};
use crate::memory::Held;
use crate::time::Instant;
use crate::transitions::Transitions;

/// Everything about one cluster: connections, metadata, producers, consumers, operations.
///
/// The methods that take `now` take the outside in; [`poll`](Self::poll) gives it back; nouns are getters.
/// After any of the former, `poll` is to be called until it gives [`Output::Wait`].
#[derive(Debug)]
pub struct Engine {
    world: World,
    ops: Ops,
    producers: BTreeMap<ProducerKey, Producer>,
    consumers: BTreeMap<ConsumerKey, Consumer>,
    closed: bool,
}

impl Engine {
    /// `seed` is the only source of randomness, `now` the only notion of time.
    pub fn new(config: Arc<Config>, seed: [u8; 32], now: Instant) -> Self {
        let bootstrap = config.bootstrap_servers.iter();
        let bootstrap = bootstrap
            .map(|entry| Endpoint { host: Arc::from(entry.host.as_str()), port: entry.port });
        let net = Net::new(bootstrap.collect());
        Self {
            world: World { ctx: Ctx::new(config, seed, now), net, metadata: Metadata::new() },
            ops: Ops::default(),
            producers: BTreeMap::new(),
            consumers: BTreeMap::new(),
            closed: false,
        }
    }

    /// One thing that happened or is wanted. Never blocks, never fails. A clock that went back is clamped;
    /// inputs for a retired id are ignored.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.advance(now);
        self.world.ctx.timers.look(self.world.ctx.now);
        self.route(input);
        self.fire_timers();
        self.settle();
        // A refresh that was asked for just now may be due at once.
        while self.fire_timers() {
            self.settle();
        }
    }

    /// The next thing to do. Drain it to [`Output::Wait`], then act.
    pub fn poll(&mut self) -> Output {
        if let Some(output) = self.world.ctx.outputs.pop_front() {
            return output;
        }
        match self.world.ctx.timers.next() {
            Some((until, why)) => Output::Wait { until: Some(until), why },
            None => Output::Wait { until: None, why: "an input" },
        }
    }

    /// An immutable snapshot of the cluster: partitioners and handles read it without the engine's lock.
    pub fn cluster(&self) -> Arc<Cluster> {
        Arc::clone(&self.world.metadata.cluster)
    }

    /// The same, if it is another one than `known`.
    pub fn cluster_unless(&self, known: &Arc<Cluster>) -> Option<Arc<Cluster>> {
        (!Arc::ptr_eq(&self.world.metadata.cluster, known)).then(|| self.cluster())
    }

    /// The next thing for a consumer's poll, to be followed by a drain as [`handle`](Self::handle) is; `None`: nothing for
    /// the moment, and
    /// [`Event::Readable`](crate::Event::Readable) will tell when there is.
    pub fn take(&mut self, now: Instant, consumer: ConsumerKey) -> Option<Taken> {
        self.advance(now);
        let taken = self.consumers.get_mut(&consumer)?.take(&mut self.world);
        self.settle();
        taken
    }

    /// Whether what was taken may still be handed out.
    pub fn standing(
        &self,
        consumer: ConsumerKey,
        partition: PartitionKey,
        generation: u64,
    ) -> Standing {
        self.consumers
            .get(&consumer)
            .map_or(Standing::Stale, |consumer| consumer.standing(partition, generation))
    }

    /// Records before `position` are the application's from here on. With `done` the run that they came from is
    /// finished, and that many bytes count no more. If the run is stale nothing changes, and nothing of it may be handed out.
    pub fn handed_out(
        &mut self,
        now: Instant,
        consumer: ConsumerKey,
        partition: PartitionKey,
        generation: u64,
        position: i64,
        done: Option<usize>,
    ) -> Standing {
        self.advance(now);
        let Some(consumer) = self.consumers.get_mut(&consumer) else {
            return Standing::Stale;
        };
        let standing = consumer.handed_out(&mut self.world, partition, generation, position, done);
        self.settle();
        standing
    }

    /// A taken run is broken at `offset`. It is fetched once more; if it is broken there again, the partition fails
    /// with [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) until a seek.
    pub fn reject(
        &mut self,
        now: Instant,
        consumer: ConsumerKey,
        partition: PartitionKey,
        generation: u64,
        offset: i64,
        reason: String,
    ) {
        self.advance(now);
        if let Some(consumer) = self.consumers.get_mut(&consumer) {
            consumer.reject(&mut self.world, partition, generation, offset, reason);
        }
        self.settle();
    }

    /// The offset of the next record to hand out, once it is known.
    pub fn position(&self, consumer: ConsumerKey, topic: &str, partition: i32) -> Option<i64> {
        let topic = self.world.metadata.key_of(topic)?;
        self.consumers.get(&consumer)?.position(PartitionKey { topic, partition })
    }

    /// How many offsets lie between the position and the end, as last heard.
    pub fn lag(&self, consumer: ConsumerKey, topic: &str, partition: i32) -> Option<i64> {
        let topic = self.world.metadata.key_of(topic)?;
        self.consumers.get(&consumer)?.lag(PartitionKey { topic, partition })
    }

    /// The partitions that a consumer is assigned.
    pub fn assignment(&self, consumer: ConsumerKey) -> Vec<(Arc<str>, i32)> {
        let Some(consumer) = self.consumers.get(&consumer) else {
            return Vec::new();
        };
        let name = |key: PartitionKey| (self.world.metadata.name(key.topic), key.partition);
        consumer.assignment().map(name).collect()
    }

    /// The records that it holds in memory, counted afresh: it takes time in proportion to the partitions in use.
    pub fn held(&self) -> Held {
        Held {
            overdue: self.producers.values().map(Producer::overdue_bytes).sum(),
            fetched: self.consumers.values().map(Consumer::fetched_bytes).sum(),
        }
    }

    /// How often its parts went into each of their states, from the beginning on.
    pub fn transitions(&self) -> &Transitions {
        &self.world.ctx.transitions
    }

    /// What comes by another way than [`Self::handle`] fires no timers: it says nothing of whether the inputs that wait
    /// have been read.
    fn advance(&mut self, now: Instant) {
        self.world.ctx.now = self.world.ctx.now.max(now);
    }

    fn route(&mut self, input: Input) {
        let world = &mut self.world;
        match input {
            Input::Tick => {}
            Input::Command { op, .. } if self.closed => {
                world.ctx.done(op, Err(Error::new(ErrorKind::Closed)));
            }
            Input::Command { op, command } => self.handle_command(op, command),
            Input::Cancel { op } => {
                self.ops.end(world, op);
            }
            Input::Pending { producer, partition, pending } => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_pending(world, partition, pending);
                }
            }
            Input::Batch { producer, partition, batch, rest } => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_batch(world, partition, batch, rest);
                }
            }
            Input::Resolved { host, result } => {
                world.net.handle_resolved(&mut world.ctx, &host, result)
            }
            Input::Connected { conn } => {
                if let Some(lane) = world.net.handle_connected(&mut world.ctx, conn) {
                    self.send_handshake(lane);
                }
            }
            Input::Response { conn, response } => self.handle_response(conn, response),
            Input::Sent { conn } => self.handle_sent(conn),
            Input::Closed { conn, cause, written } => {
                world.net.handle_closed(&mut world.ctx, conn, cause, written)
            }
        }
    }

    /// Whether there were any.
    fn fire_timers(&mut self) -> bool {
        let mut fired = false;
        while let Some(timer) = self.world.ctx.timers.pop_due(self.world.ctx.now) {
            self.fire(timer);
            fired = true;
        }
        fired
    }

    fn fire(&mut self, timer: Timer) {
        let world = &mut self.world;
        match timer {
            Timer::Lane(key) => {
                if let Some(free) = world.net.handle_deadline(&mut world.ctx, key)
                    && self.wants(free)
                {
                    self.world.net.want(&mut self.world.ctx, free);
                }
            }
            Timer::Metadata => world.metadata.handle_due(&mut world.ctx, &mut world.net),
            Timer::Op(op) => {
                let step = self.ops.handle_deadline(world, op);
                self.follow(op, step);
            }
            Timer::OpRetry(op) => {
                let step = self.ops.handle_retry(world, op);
                self.follow(op, step);
            }
            Timer::ProducerId(producer) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_id_due(world);
                }
            }
            Timer::ProducerClose(producer) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_close_due(world);
                }
            }
            Timer::Outbox(producer, partition) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_outbox_due(world, partition);
                }
            }
            Timer::Expiry(producer, partition) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_expiry(world, partition);
                }
            }
            Timer::Cursor(consumer, partition) => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.handle_cursor_due(world, partition);
                }
            }
            Timer::Rest(consumer, node) => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.want_fetch(world, node);
                }
            }
        }
    }

    /// Whether anybody has something for a lane that is free to be opened.
    fn wants(&mut self, key: LaneKey) -> bool {
        match key.line {
            // What was queued while the lane was backing off; what was queued before was lost with the connection.
            Line::Control => self.world.net.lane(key).is_some_and(|lane| !lane.queue.is_empty()),
            Line::Produce(producer) => {
                self.producers.get_mut(&producer).is_some_and(|producer| producer.wants(key))
            }
            Line::Fetch(consumer) => {
                self.consumers.get(&consumer).is_some_and(|consumer| consumer.wants(key))
            }
        }
    }

    /// A connection was closed while no answer was due on it.
    fn handle_closed_quietly(&mut self, key: LaneKey) {
        if let Line::Produce(producer) = key.line
            && self.producers.get(&producer).is_some_and(Producer::is_unanswered)
        {
            // With acks=0 it is all that a broker can say of a batch that it did not take: it may not lead any more.
            self.world.metadata.refresh(&mut self.world.ctx);
        }
        if self.wants(key) {
            self.world.net.want(&mut self.world.ctx, key);
        }
    }

    /// Follows up on what an input has set off, until nothing more follows.
    fn settle(&mut self) {
        loop {
            if let Some(lost) = self.world.net.pop_lost() {
                self.handle_lost(lost);
            } else if let Some(lane) = self.world.net.pop_writable() {
                self.fill(lane);
            } else if let Some(closed) = self.world.net.pop_closed_quietly() {
                self.handle_closed_quietly(closed);
            } else if core::mem::take(&mut self.world.net.troubled) {
                let world = &mut self.world;
                if world.metadata.is_in_use() {
                    world.metadata.refresh(&mut world.ctx);
                }
            } else {
                break;
            }
        }
        self.producers.retain(|_, producer| !producer.is_gone());
    }
}
