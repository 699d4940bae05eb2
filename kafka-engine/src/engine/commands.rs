//! Commands of the application.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::command::{Command, Reply, StartAt};
use crate::engine::Engine;
use crate::engine::consumer::{Assigned, Consumer};
use crate::engine::ops::{OpKind, Step, group_by_leader};
use crate::engine::producer::Producer;
use crate::error::{Error, ErrorKind};
use crate::id::{ConsumerKey, OpId, PartitionKey};
use crate::time::Instant;
use crate::transitions::EngineState;

impl Engine {
    pub(super) fn handle_command(&mut self, op: OpId, command: Command) {
        match command {
            Command::OpenProducer { producer, config } => {
                self.producers.entry(producer).or_insert_with(|| Producer::new(producer, config));
                self.world.ctx.done(op, Ok(Reply::Done));
            }
            Command::CloseProducer { producer, deadline } => {
                match self.producers.get_mut(&producer) {
                    Some(producer) => producer.handle_close(&mut self.world, op, deadline),
                    None => self.world.ctx.done(op, Ok(Reply::Done)),
                }
            }
            Command::FindTopic { topic, wanted, create, deadline } => {
                self.begin(op, OpKind::FindTopic { topic, wanted }, deadline, create);
            }
            Command::DescribeTopics { topics, deadline } => {
                self.begin(op, OpKind::Describe { topics }, deadline, false)
            }
            Command::CreateTopics { topics, validate_only, deadline } => {
                let results = topics.iter().map(|_| None).collect();
                let timeout_ms = self.server_timeout_ms();
                self.begin(
                    op,
                    OpKind::Create { topics, validate_only, results, timeout_ms },
                    deadline,
                    false,
                );
            }
            Command::DeleteTopics { topics, deadline } => {
                let results = topics.iter().map(|_| None).collect();
                let timeout_ms = self.server_timeout_ms();
                self.begin(op, OpKind::Delete { topics, results, timeout_ms }, deadline, false);
            }
            Command::CreatePartitions { topics, deadline } => {
                let results = topics.iter().map(|_| None).collect();
                let timeout_ms = self.server_timeout_ms();
                self.begin(op, OpKind::Grow { topics, results, timeout_ms }, deadline, false);
            }
            Command::DeleteRecords { partitions, deadline } => {
                let results = partitions.iter().map(|_| None).collect();
                let timeout_ms = self.server_timeout_ms();
                self.begin(
                    op,
                    OpKind::DeleteRecords { partitions, results, timeout_ms },
                    deadline,
                    false,
                );
            }
            Command::ListOffsets { partitions, deadline } => {
                let results = partitions.iter().map(|_| None).collect();
                self.begin(op, OpKind::Offsets { partitions, results }, deadline, false);
            }
            Command::OpenConsumer { consumer, config } => {
                self.consumers.entry(consumer).or_insert_with(|| Consumer::new(consumer, config));
                self.world.ctx.done(op, Ok(Reply::Done));
            }
            Command::CloseConsumer { consumer } => {
                if let Some(mut consumer) = self.consumers.remove(&consumer) {
                    consumer.close(&mut self.world);
                }
                self.world.ctx.done(op, Ok(Reply::Done));
            }
            Command::Assign { consumer, partitions, deadline } => {
                let create = self.consumers.get(&consumer).is_some_and(Consumer::may_create_topics);
                self.begin(op, OpKind::Assign { consumer, partitions }, deadline, create);
            }
            Command::Seek { consumer, partition, to } => {
                let result = self.on_partition(consumer, &partition, |consumer, world, key| {
                    consumer.seek(world, key, to)
                });
                self.world.ctx.done(op, result);
            }
            Command::Pause { consumer, partitions } => {
                self.set_paused(op, consumer, &partitions, true)
            }
            Command::Resume { consumer, partitions } => {
                self.set_paused(op, consumer, &partitions, false)
            }
            Command::Shutdown => self.shut_down(op),
        }
    }

    fn begin(&mut self, op: OpId, kind: OpKind, deadline: Instant, create: bool) {
        self.ops.begin(&mut self.world, op, kind, deadline, create);
        let step = self.ops.step(&mut self.world, op);
        self.follow(op, step);
    }

    /// Does what an operation has come to.
    pub(super) fn follow(&mut self, op: OpId, step: Step) {
        let result = match step {
            Step::Wait => return,
            Step::Done(result) => result,
            Step::Assign(consumer, partitions) => self.assign(consumer, &partitions),
        };
        if self.ops.end(&mut self.world, op).is_some() {
            self.world.ctx.enter(match result {
                Ok(_) => EngineState::OperationDone,
                Err(_) => EngineState::OperationFailed,
            });
            self.world.ctx.done(op, result);
        }
    }

    fn assign(
        &mut self,
        key: ConsumerKey,
        partitions: &[(Arc<str>, i32, StartAt)],
    ) -> Result<Reply, Error> {
        let Some(consumer) = self.consumers.get_mut(&key) else {
            return Err(Error::new(ErrorKind::Closed));
        };
        let world = &mut self.world;
        let mut assigned = Vec::with_capacity(partitions.len());
        for (topic, partition, start) in partitions {
            group_by_leader(&world.metadata, topic, *partition)?;
            let topic = world.metadata.intern(&world.ctx, topic);
            assigned.push(Assigned {
                partition: PartitionKey { topic, partition: *partition },
                start: *start,
            });
        }
        consumer.assign(world, &assigned);
        Ok(Reply::Done)
    }

    fn set_paused(
        &mut self,
        op: OpId,
        consumer: ConsumerKey,
        partitions: &[(Arc<str>, i32)],
        paused: bool,
    ) {
        let mut result = Ok(Reply::Done);
        for partition in partitions {
            let one = self.on_partition(consumer, partition, |consumer, world, key| {
                consumer.pause(world, key, paused)
            });
            if one.is_err() {
                result = one;
            }
        }
        self.world.ctx.done(op, result);
    }

    /// Does something to an assigned partition.
    fn on_partition(
        &mut self,
        consumer: ConsumerKey,
        (topic, partition): &(Arc<str>, i32),
        act: impl FnOnce(&mut Consumer, &mut crate::engine::world::World, PartitionKey),
    ) -> Result<Reply, Error> {
        let Some(consumer) = self.consumers.get_mut(&consumer) else {
            return Err(Error::new(ErrorKind::Closed));
        };
        let key = self
            .world
            .metadata
            .key_of(topic)
            .map(|topic| PartitionKey { topic, partition: *partition });
        match key.filter(|key| consumer.is_assigned(*key)) {
            Some(key) => {
                act(consumer, &mut self.world, key);
                Ok(Reply::Done)
            }
            None => Err(Error::new(ErrorKind::NotAssigned {
                topic: Arc::clone(topic),
                partition: *partition,
            })),
        }
    }

    fn shut_down(&mut self, op: OpId) {
        let closed = Error::new(ErrorKind::Closed);
        for id in self.ops.ids() {
            self.follow(id, Step::Done(Err(closed.clone())));
        }
        for producer in self.producers.values_mut() {
            producer.fail_all(&mut self.world, closed.clone());
        }
        for consumer in self.consumers.values_mut() {
            consumer.close(&mut self.world);
        }
        self.consumers.clear();
        self.world.net.drop_lanes(&mut self.world.ctx, |_| true);
        self.world.ctx.timers = crate::engine::timers::Timers::default();
        self.closed = true;
        self.world.ctx.enter(EngineState::EngineClosed);
        self.world.ctx.done(op, Ok(Reply::Done));
    }

    fn server_timeout_ms(&self) -> i32 {
        i32::try_from(self.world.ctx.config.request_timeout.as_millis()).unwrap_or(i32::MAX)
    }
}
