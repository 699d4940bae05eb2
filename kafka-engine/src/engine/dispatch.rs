//! Answers and losses to those who asked; lanes to those who have something to send.

use alloc::sync::Arc;
use core::time::Duration;

use kafka_proto::messages::{ApiVersionsRequest, ApiVersionsResponse};
use kafka_proto::{ApiKey, Request, Str};

use crate::engine::Engine;
use crate::engine::lane::{InFlight, LaneKey, Line, Peer, State};
use crate::engine::metadata::{Changes, Metadata};
use crate::engine::net::{CONTROL_IN_FLIGHT_MAX, Lost};
use crate::engine::ops::{OpKind, Step, offsets_request};
use crate::engine::purpose::{Fate, Purpose};
use crate::engine::send::{Call, Handshake};
use crate::error::{CloseCause, Error};
use crate::id::ConnId;
use crate::response::{Response, ResponseBody};

/// Room for an honest answer to a short request, before more of it has arrived.
const CONTROL_BYTES_HINT: usize = 16 * 1024;

impl Engine {
    /// Asks a connection that has just come up which versions it speaks.
    pub(super) fn send_handshake(&mut self, key: LaneKey) {
        let world = &mut self.world;
        let Some(version) = world.net.lane(key).map(|lane| lane.handshake_version) else {
            return;
        };
        let body = ApiVersionsRequest {
            client_software_name: Str::from_static(env!("CARGO_PKG_NAME")),
            client_software_version: Str::from_static(env!("CARGO_PKG_VERSION")),
            ..Default::default()
        };
        let call = Call {
            purpose: Purpose::Handshake,
            version,
            timeout: world
                .ctx
                .config
                .connection_setup_timeout_max
                .min(world.ctx.config.request_timeout),
            bytes_hint: CONTROL_BYTES_HINT,
            answered: true,
        };
        if world.net.send(&mut world.ctx, key, call, &body).is_err() {
            let cause = CloseCause::Misbehaved("the handshake can't be encoded".into());
            world.net.disconnect(&mut world.ctx, key, cause);
        }
    }

    pub(super) fn handle_sent(&mut self, conn: ConnId) {
        let over = self.world.net.handle_sent(&mut self.world.ctx, conn);
        for request in over {
            if let Purpose::Produce { producer, batches } = request.purpose
                && let Some(producer) = self.producers.get_mut(&producer)
            {
                producer.handle_unanswered(&mut self.world, &batches);
            }
        }
    }

    pub(super) fn handle_response(&mut self, conn: ConnId, response: Response) {
        let world = &mut self.world;
        let Some((key, InFlight { purpose, version, .. })) =
            world.net.handle_response(&mut world.ctx, conn, response.correlation_id)
        else {
            return;
        };
        world.net.throttle(&mut world.ctx, key, throttle_of(&response.body, version));
        self.dispatch(key, purpose, response.body);
        let topics = core::mem::take(&mut self.world.metadata.hinted).into_iter().collect();
        self.spread(Changes { topics, ..Changes::default() });
    }

    /// An answer to whoever asked. A link decodes by what was sent, so an answer of the wrong kind can't come.
    fn dispatch(&mut self, key: LaneKey, purpose: Purpose, body: ResponseBody) {
        let world = &mut self.world;
        match (purpose, body) {
            (Purpose::Handshake, ResponseBody::ApiVersions(response)) => {
                self.handle_handshake(key, &response)
            }
            (Purpose::Metadata { number, topics, at, .. }, ResponseBody::Metadata(response)) => {
                let changes = world.metadata.handle_response(
                    &mut world.ctx,
                    &mut world.net,
                    (number, &topics, at),
                    &response,
                );
                self.spread(changes);
            }
            (Purpose::ProducerId(producer), ResponseBody::InitProducerId(response)) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_id_response(world, &response);
                }
            }
            (Purpose::Produce { producer, batches }, ResponseBody::Produce(response)) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_response(world, &batches, &response);
                }
            }
            (Purpose::Fetch { consumer, partitions }, ResponseBody::Fetch(fetched)) => {
                if let (Peer::Node(node), Some(consumer)) =
                    (key.peer, self.consumers.get_mut(&consumer))
                {
                    consumer.handle_fetched(world, node, &partitions, *fetched);
                }
            }
            (
                Purpose::StartOffsets { consumer, partitions },
                ResponseBody::ListOffsets(response),
            ) => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.handle_start(world, &partitions, &response);
                }
            }
            (
                Purpose::EpochEnds { consumer, partitions },
                ResponseBody::OffsetForLeaderEpoch(response),
            ) => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.handle_epochs(world, &partitions, &response);
                }
            }
            (Purpose::Op(op), body) => {
                let step = match body {
                    ResponseBody::Metadata(response) => {
                        self.ops.handle_described(world, op, &response)
                    }
                    ResponseBody::CreateTopics(response) => {
                        self.ops.handle_created(world, op, &response)
                    }
                    ResponseBody::DeleteTopics(response) => {
                        self.ops.handle_deleted(world, op, &response)
                    }
                    ResponseBody::CreatePartitions(response) => {
                        self.ops.handle_grown(world, op, &response)
                    }
                    _ => Step::Wait,
                };
                self.follow(op, step);
            }
            (Purpose::OpShare { op, slots }, ResponseBody::ListOffsets(response)) => {
                let step = self.ops.handle_offsets(world, op, &slots, &response);
                self.follow(op, step);
            }
            (Purpose::OpShare { op, slots }, ResponseBody::DeleteRecords(response)) => {
                let step = self.ops.handle_records_deleted(world, op, &slots, &response);
                self.follow(op, step);
            }
            (purpose, _) => {
                let cause = CloseCause::Misbehaved("a response of the wrong kind".into());
                self.handle_lost(Lost { purpose, fate: Fate::Unknown, cause });
            }
        }
    }

    fn handle_handshake(&mut self, key: LaneKey, response: &ApiVersionsResponse) {
        let world = &mut self.world;
        if world.net.handle_handshake(&mut world.ctx, key, response) == Handshake::Again {
            self.send_handshake(key);
        }
    }

    /// What a metadata response changed, to producers, consumers and operations.
    fn spread(&mut self, changes: Changes) {
        let world = &mut self.world;
        if !changes.topics.is_empty() {
            for producer in self.producers.values_mut() {
                producer.handle_topics_changed(world, &changes.topics);
            }
            for consumer in self.consumers.values_mut() {
                consumer.handle_topics_changed(world, &changes.topics);
            }
        }
        for (op, found) in changes.found {
            let step = self.ops.handle_found(&mut self.world, op, found);
            self.follow(op, step);
        }
    }

    /// A request that will not be answered, to whoever sent it.
    pub(super) fn handle_lost(&mut self, lost: Lost) {
        let world = &mut self.world;
        match lost.purpose {
            Purpose::Handshake => {}
            Purpose::Metadata { .. } => world.metadata.handle_lost(&mut world.ctx, &lost.cause),
            Purpose::ProducerId(producer) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_id_lost(world);
                }
            }
            Purpose::Produce { producer, batches } => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.handle_lost(world, &batches, lost.fate, &lost.cause);
                }
            }
            Purpose::Fetch { consumer, partitions } => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.handle_fetch_lost(world, &partitions);
                }
            }
            Purpose::StartOffsets { consumer, partitions } => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.handle_start_lost(world, &partitions, None);
                }
            }
            Purpose::EpochEnds { consumer, partitions } => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.handle_epochs_lost(world, &partitions, false);
                }
            }
            Purpose::Op(op) | Purpose::OpShare { op, .. } => {
                self.ops.handle_lost(world, op, lost.fate)
            }
        }
    }

    /// A lane can take requests: lets its owner fill it.
    pub(super) fn fill(&mut self, key: LaneKey) {
        match key.line {
            Line::Control => {
                self.fill_control(key);
                for consumer in self.consumers.values_mut().filter(|_| mutant!("one_connection")) {
                    consumer.fill(&mut self.world, key);
                }
            }
            Line::Produce(producer) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.fill(&mut self.world, key);
                }
            }
            Line::Fetch(consumer) => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.fill(&mut self.world, key);
                }
            }
        }
    }

    fn fill_control(&mut self, key: LaneKey) {
        let now = self.world.ctx.now;
        while let Some(lane) = self.world.net.lane_mut(key)
            && lane.can_send(now, CONTROL_IN_FLIGHT_MAX)
            && let Some(queued) = lane.queue.pop_front()
        {
            if let Err((purpose, error)) = self.send_short(key, queued.purpose) {
                self.refuse(purpose, error);
            }
        }
    }

    /// Builds and sends one short request in the newest version that both sides speak.
    fn send_short(&mut self, key: LaneKey, mut purpose: Purpose) -> Result<(), (Purpose, Error)> {
        if let Purpose::Metadata { at, .. } = &mut purpose {
            // It may have waited for its connection.
            *at = self.world.ctx.now;
        }
        match &purpose {
            Purpose::Metadata { topics, create, .. } => {
                let (topics, create) = (topics.clone(), *create);
                self.call(key, purpose, |_, version| Metadata::request(&topics, create, version))
            }
            Purpose::ProducerId(producer) => {
                let body =
                    self.producers.get(producer).map(crate::engine::producer::Producer::id_request);
                self.call(key, purpose, |_, _| body.unwrap_or_default())
            }
            Purpose::StartOffsets { consumer, partitions } => {
                let (consumer, partitions) = (*consumer, partitions.clone());
                self.call(key, purpose, |engine, _| match engine.consumers.get(&consumer) {
                    Some(consumer) => consumer.start_request(&engine.world.metadata, &partitions),
                    None => Default::default(),
                })
            }
            Purpose::EpochEnds { consumer, partitions } => {
                let (consumer, partitions) = (*consumer, partitions.clone());
                self.call(key, purpose, |engine, _| match engine.consumers.get(&consumer) {
                    Some(consumer) => consumer.epochs_request(&engine.world, &partitions),
                    None => Default::default(),
                })
            }
            Purpose::OpShare { op, slots } => {
                let (op, slots) = (*op, slots.clone());
                match self.ops.get_mut(op).map(|op| &op.kind) {
                    Some(OpKind::DeleteRecords { .. }) => self.call(key, purpose, |engine, _| {
                        engine.op_body(op, |kind| kind.delete_records_request(&slots))
                    }),
                    _ => self.call(key, purpose, |engine, _| match engine.ops.get_mut(op) {
                        Some(op) => offsets_request(&engine.world.metadata, &op.kind, &slots),
                        None => Default::default(),
                    }),
                }
            }
            Purpose::Op(op) => {
                let op = *op;
                match self.ops.get_mut(op).map(|op| &op.kind) {
                    Some(OpKind::Describe { .. }) => self.call(key, purpose, |engine, version| {
                        engine.op_body(op, |kind| kind.describe_request(version))
                    }),
                    Some(OpKind::Create { .. }) => self
                        .call(key, purpose, |engine, _| engine.op_body(op, OpKind::create_request)),
                    Some(OpKind::Delete { .. }) => self.call(key, purpose, |engine, version| {
                        engine.op_body(op, |kind| kind.delete_request(version))
                    }),
                    Some(OpKind::Grow { .. }) => self
                        .call(key, purpose, |engine, _| engine.op_body(op, OpKind::grow_request)),
                    _ => Ok(()),
                }
            }
            Purpose::Handshake | Purpose::Produce { .. } | Purpose::Fetch { .. } => Ok(()),
        }
    }

    fn op_body<R: Default>(&mut self, op: crate::id::OpId, body: impl FnOnce(&OpKind) -> R) -> R {
        self.ops.get_mut(op).map(|op| body(&op.kind)).unwrap_or_default()
    }

    fn call<R: Request>(
        &mut self,
        key: LaneKey,
        purpose: Purpose,
        body: impl FnOnce(&mut Self, i16) -> R,
    ) -> Result<(), (Purpose, Error)> {
        let Some(State::Ready(talk)) = self.world.net.lane(key).map(|lane| &lane.state) else {
            return Ok(());
        };
        let version = match Arc::clone(&talk.versions).pick(R::API, i16::MAX) {
            Ok(version) => version,
            Err(error) => return Err((purpose, error)),
        };
        let body = body(self, version);
        let world = &mut self.world;
        let timeout = world.ctx.config.request_timeout;
        let call = Call {
            purpose,
            version,
            timeout: slack(R::API, timeout),
            bytes_hint: CONTROL_BYTES_HINT,
            answered: true,
        };
        world.net.send(&mut world.ctx, key, call, &body)
    }

    /// A short request that can't be sent to this broker at all.
    fn refuse(&mut self, purpose: Purpose, error: Error) {
        let world = &mut self.world;
        match purpose {
            Purpose::ProducerId(producer) => {
                if let Some(producer) = self.producers.get_mut(&producer) {
                    producer.fail_all(world, error);
                }
            }
            Purpose::StartOffsets { consumer, partitions } => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.handle_start_lost(world, &partitions, Some(&error));
                }
            }
            Purpose::EpochEnds { consumer, partitions } => {
                if let Some(consumer) = self.consumers.get_mut(&consumer) {
                    consumer.handle_epochs_lost(world, &partitions, true);
                }
            }
            Purpose::Op(op) | Purpose::OpShare { op, .. } => {
                self.follow(op, Step::Done(Err(error)))
            }
            purpose => {
                let cause = CloseCause::Misbehaved(alloc::string::ToString::to_string(&error));
                self.handle_lost(Lost { purpose, fate: Fate::NotSent, cause });
            }
        }
    }
}

/// Administration takes as long as the request says, and then some.
fn slack(api: ApiKey, timeout: Duration) -> Duration {
    match api {
        ApiKey::CreateTopics
        | ApiKey::DeleteTopics
        | ApiKey::CreatePartitions
        | ApiKey::DeleteRecords => timeout.saturating_mul(2),
        _ => timeout,
    }
}

/// How long the broker will not listen. In the versions before these it has already waited before it answered (KIP-219).
fn throttle_of(body: &ResponseBody, version: i16) -> i32 {
    let (since, millis) = match body {
        ResponseBody::ApiVersions(response) => (2, response.throttle_time_ms),
        ResponseBody::Metadata(response) => (6, response.throttle_time_ms),
        ResponseBody::Produce(response) => (6, response.throttle_time_ms),
        ResponseBody::Fetch(fetched) => (8, fetched.response.throttle_time_ms),
        ResponseBody::ListOffsets(response) => (3, response.throttle_time_ms),
        ResponseBody::InitProducerId(response) => (1, response.throttle_time_ms),
        // Kafka's own clients don't wait after this one in any version.
        ResponseBody::OffsetForLeaderEpoch(_) => (0, 0),
        ResponseBody::CreateTopics(response) => (3, response.throttle_time_ms),
        ResponseBody::DeleteTopics(response) => (2, response.throttle_time_ms),
        ResponseBody::DeleteRecords(response) => (1, response.throttle_time_ms),
        ResponseBody::CreatePartitions(response) => (1, response.throttle_time_ms),
    };
    if version >= since { millis } else { 0 }
}
