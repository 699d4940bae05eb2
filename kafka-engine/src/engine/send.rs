//! Requests onto a lane, and their answers off it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use kafka_proto::messages::ApiVersionsResponse;
use kafka_proto::{ApiKey, EncodeError, ErrorCode, Request, encode_request};

use crate::engine::ctx::Ctx;
use crate::engine::lane::{InFlight, Lane, LaneKey, State};
use crate::engine::net::{FRAME_BYTES_MAX, Net};
use crate::engine::purpose::Purpose;
use crate::engine::versions::Versions;
use crate::error::{CloseCause, Error, ErrorKind};
use crate::id::ConnId;
use crate::io::{Expect, Output, Transmit};
use crate::transitions::EngineState;

/// The longest silence that a broker may ask for: a hostile one could park a client for days.
const THROTTLE_MAX: Duration = Duration::from_secs(60);

/// A request to be sent, but for its body.
pub(crate) struct Call {
    pub(crate) purpose: Purpose,
    pub(crate) version: i16,
    /// How long its answer may take once it is first in line.
    pub(crate) timeout: Duration,
    /// Roughly how long its answer may honestly be.
    pub(crate) bytes_hint: usize,
    /// A Produce with acks=0 has no answer.
    pub(crate) answered: bool,
}

impl Net {
    /// Encodes a request and hands it to the lane's connection. The lane must be able to send.
    /// Gives the purpose back if the request can't be encoded.
    pub(crate) fn send<R: Request>(
        &mut self,
        ctx: &mut Ctx,
        key: LaneKey,
        call: Call,
        body: &R,
    ) -> Result<(), (Purpose, Error)> {
        let config = Arc::clone(&ctx.config);
        let Some(talk) = self.lane_mut(key).and_then(Lane::talk_mut) else {
            return Err((
                call.purpose,
                Error::new(ErrorKind::Disconnected { cause: CloseCause::Requested }),
            ));
        };
        let correlation_id = talk.next_correlation;
        let encoded = match encode_request(
            body,
            call.version,
            correlation_id,
            Some(config.client_id.as_str()),
        ) {
            Ok(encoded) => encoded,
            Err(error) => return Err((call.purpose, cannot_encode::<R>(&error))),
        };
        talk.next_correlation = correlation_id.wrapping_add(1) & i32::MAX;
        talk.in_flight.push_back(InFlight {
            correlation_id,
            version: call.version,
            purpose: call.purpose,
            sent: false,
            unanswered: !call.answered,
            timeout: call.timeout,
            first_since: ctx.now,
        });
        talk.sending = true;
        let expect = Expect {
            correlation_id,
            api: R::API,
            version: call.version,
            bytes_hint: call.bytes_hint,
        };
        let transmit = Transmit {
            chunks: encoded.chunks,
            batches_at: encoded.records_at,
            expect: if call.answered { vec![expect] } else { Vec::new() },
        };
        let conn = talk.conn;
        ctx.emit(Output::Transmit { conn, transmit: Box::new(transmit) });
        self.arm(ctx, key);
        Ok(())
    }

    /// Matches a response with its request. An answer that nobody asked for ends the connection.
    pub(crate) fn handle_response(
        &mut self,
        ctx: &mut Ctx,
        conn: ConnId,
        correlation_id: i32,
    ) -> Option<(LaneKey, InFlight)> {
        let key = self.lane_of(conn)?;
        let talk = self.lane_mut(key)?.talk_mut()?;
        talk.active = ctx.now;
        if talk.in_flight.front().is_none_or(|request| request.correlation_id != correlation_id) {
            self.disconnect(
                ctx,
                key,
                CloseCause::Misbehaved("a response that was not asked for".into()),
            );
            return None;
        }
        let answered = talk.in_flight.pop_front()?;
        if let Some(next) = talk.in_flight.front_mut() {
            next.first_since = ctx.now.max(talk.muted_until);
        }
        if !matches!(answered.purpose, Purpose::Handshake)
            && let Some(lane) = self.lane_mut(key)
        {
            lane.note_served();
        }
        self.list(key);
        self.arm(ctx, key);
        Some((key, answered))
    }

    /// The broker asks for silence on this connection, and keeps it itself: what is on its way is not answered
    /// meanwhile (KIP-219), and is not late before that.
    pub(crate) fn throttle(&mut self, ctx: &mut Ctx, key: LaneKey, throttle_time_ms: i32) {
        let Ok(millis @ 1..) = u64::try_from(throttle_time_ms) else {
            return;
        };
        let silence = Duration::from_millis(millis).min(THROTTLE_MAX);
        let until = ctx.now + silence;
        ctx.enter(EngineState::ConnectionMuted);
        if let Some(talk) = self.lane_mut(key).and_then(Lane::talk_mut) {
            talk.muted_until = talk.muted_until.max(until);
            talk.active = talk.active.max(until);
            if let Some(first) = talk.in_flight.front_mut() {
                first.first_since = first.first_since.max(until);
            }
        }
        self.arm(ctx, key);
    }

    /// Which versions the broker speaks: the lane is ready, is asked again in an older version, or fails.
    pub(crate) fn handle_handshake(
        &mut self,
        ctx: &mut Ctx,
        key: LaneKey,
        response: &ApiVersionsResponse,
    ) -> Handshake {
        let Some(lane) = self.lane_mut(key) else {
            return Handshake::Over;
        };
        let versions = Versions::from_response(response);
        if response.error_code == ErrorCode::UNSUPPORTED_VERSION.0 && lane.handshake_version > 0 {
            let theirs =
                versions.pick(ApiKey::ApiVersions, lane.handshake_version - 1).unwrap_or(0);
            lane.handshake_version = theirs;
            ctx.enter(EngineState::ConnectionDowngrading);
            return Handshake::Again;
        }
        if response.error_code != 0 || versions.is_empty() {
            let code = ErrorCode::from(response.error_code);
            self.disconnect(
                ctx,
                key,
                CloseCause::Misbehaved(alloc::format!("ApiVersions was answered with {code}")),
            );
            return Handshake::Over;
        }
        let State::Handshaking(mut talk) = core::mem::replace(&mut lane.state, State::Idle) else {
            return Handshake::Over;
        };
        talk.versions = Arc::new(versions);
        let conn = talk.conn;
        lane.state = State::Ready(talk);
        ctx.enter(EngineState::ConnectionReady);
        ctx.emit(Output::Limit { conn, frame_bytes_max: FRAME_BYTES_MAX });
        lane.addresses.clear();
        if let Some(endpoint) = lane.endpoint.clone() {
            self.causes.clear(&endpoint);
        }
        self.list(key);
        self.arm(ctx, key);
        Handshake::Over
    }
}

/// What follows the answer to ApiVersions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    /// Ask again, in the lane's lowered version.
    Again,
    /// The lane is ready, or has failed.
    Over,
}

fn cannot_encode<R: Request>(error: &EncodeError) -> Error {
    Error::new(ErrorKind::InvalidArgument {
        reason: alloc::format!("{:?} can't be encoded: {error}", R::API),
    })
}
