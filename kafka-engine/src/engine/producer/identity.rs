//! The producer id that brokers know an idempotent producer by (KIP-98).

use kafka_proto::ErrorCode;
use kafka_proto::messages::{InitProducerIdRequest, InitProducerIdResponse};

use super::Producer;
use crate::engine::lane::{LaneKey, Line, Peer};
use crate::engine::purpose::Purpose;
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::io::Event;
use crate::transitions::EngineState;

/// Where a producer stands with its producer id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// It is not idempotent.
    NotNeeded,
    /// It has none and has not asked.
    Wanted,
    /// It has asked, or waits to ask again.
    Asked { failures: u32 },
    /// It has one.
    Known { producer_id: i64, epoch: i16 },
}

impl Producer {
    /// Sees to it that a producer id is on its way. Any broker gives one.
    pub(super) fn ask_for_id(&mut self, world: &mut World) {
        if self.identity == Identity::Wanted {
            self.identity = Identity::Asked { failures: 0 };
            self.queue_id_request(world);
        }
    }

    /// The backoff before asking again is over.
    pub(crate) fn handle_id_due(&mut self, world: &mut World) {
        if matches!(self.identity, Identity::Asked { .. }) {
            self.queue_id_request(world);
        }
    }

    pub(crate) fn id_request(&self) -> InitProducerIdRequest {
        // The broker ignores the timeout of a producer without a transactional id.
        InitProducerIdRequest { transaction_timeout_ms: i32::MAX, ..Default::default() }
    }

    pub(crate) fn handle_id_response(
        &mut self,
        world: &mut World,
        response: &InitProducerIdResponse,
    ) {
        match ErrorCode::from(response.error_code) {
            ErrorCode::NONE if response.producer_id >= 0 => {
                self.identity = Identity::Known {
                    producer_id: response.producer_id,
                    epoch: response.producer_epoch.max(0),
                };
                world.ctx.enter(EngineState::ProducerIdKnown);
                self.want_ready_lanes(world);
            }
            code if code == ErrorCode::NONE || code.is_retriable() => self.handle_id_lost(world),
            code => {
                let context = "producer id for idempotence".into();
                let message = response_hint(code);
                self.fail_all(world, Error::new(ErrorKind::Broker { code, context, message }));
            }
        }
    }

    /// The request failed: asks again after a backoff.
    pub(crate) fn handle_id_lost(&mut self, world: &mut World) {
        if let Identity::Asked { failures } = &mut self.identity {
            *failures = failures.saturating_add(1);
            let backoff = world.ctx.retry_backoff(*failures);
            world.ctx.enter(EngineState::ProducerIdBackingOff);
            world.ctx.timers.set(Timer::ProducerId(self.key), world.ctx.now + backoff);
        }
    }

    /// The producer can't go on: all that it has, and all that comes, fails.
    pub(crate) fn fail_all(&mut self, world: &mut World, error: Error) {
        if self.failed.is_none() {
            self.failed = Some(error.clone());
            world.ctx.enter(EngineState::ProducerFailed);
            world.ctx.event(Event::ProducerFailed { producer: self.key, error: error.clone() });
        }
        self.fail_everything(world, &error);
        self.finish_close(world);
    }

    fn queue_id_request(&mut self, world: &mut World) {
        match world.net.pick_control(&mut world.ctx) {
            Some(lane) => {
                world.ctx.enter(EngineState::ProducerIdAsked);
                world.net.queue(&mut world.ctx, lane, Purpose::ProducerId(self.key));
            }
            None => self.handle_id_lost(world),
        }
    }

    /// Lanes that waited for the producer id may be filled.
    pub(super) fn want_ready_lanes(&mut self, world: &mut World) {
        for (node, ready) in &self.ready {
            if !ready.is_empty() {
                let lane = LaneKey { peer: Peer::Node(*node), line: Line::Produce(self.key) };
                world.net.want(&mut world.ctx, lane);
            }
        }
    }
}

fn response_hint(code: ErrorCode) -> Option<alloc::string::String> {
    (code == ErrorCode::CLUSTER_AUTHORIZATION_FAILED)
        .then(|| "this principal may not use idempotence: set enable.idempotence=false or grant IdempotentWrite".into())
}
