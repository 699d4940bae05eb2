//! Every lane of the engine: opening, sending, losing and closing connections.
//!
//! The one file that moves a lane from state to state; [`lane`](super::lane) has the diagram.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};

use crate::engine::causes::Causes;
use crate::engine::ctx::Ctx;
use crate::engine::lane::{Endpoint, InFlight, Lane, LaneKey, Peer, Queued, State, Talk};
use crate::engine::purpose::{Fate, Purpose};
use crate::engine::timers::Timer;
use crate::engine::versions::HANDSHAKE_VERSION;
use crate::error::CloseCause;
use crate::id::ConnId;
use crate::io::Output;
use crate::link::LinkConfig;
use crate::time::Instant;
use crate::transitions::EngineState;

/// Requests of a control line that may be on their way at once. The broker serves them one after the other
/// all the same; more would only move the queue to the other side.
pub(crate) const CONTROL_IN_FLIGHT_MAX: usize = 5;

/// The longest frame taken from a peer that has not shown yet that it is a broker which lets this client in.
const FRAME_BYTES_MAX_UNREADY: usize = 64 * 1024;

/// The longest frame taken from a broker: what librdkafka, kafka-python and franz-go allow too. A fetch asks
/// for far less, but one batch may be as long as the broker's `message.max.bytes`.
pub(crate) const FRAME_BYTES_MAX: usize = 100_000_000;

/// A request that will not be answered.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) purpose: Purpose,
    pub(crate) fate: Fate,
    pub(crate) cause: CloseCause,
}

/// All lanes by key, and what has become of them since the engine last looked.
#[derive(Debug)]
pub(crate) struct Net {
    pub(super) lanes: BTreeMap<LaneKey, Lane>,
    pub(super) conns: BTreeMap<ConnId, LaneKey>,
    next_conn: u64,
    bootstrap: Vec<Endpoint>,
    pub(super) nodes: BTreeMap<i32, Endpoint>,
    /// Lanes that may take a request now.
    writable: VecDeque<LaneKey>,
    /// Requests that will not be answered, for their owners to hear of.
    pub(super) lost: VecDeque<Lost>,
    /// Lanes whose connection was closed while nothing was on it.
    closed_quietly: VecDeque<LaneKey>,
    /// A connection was lost or could not be made: leaders may have moved.
    pub(crate) troubled: bool,
    pub(crate) causes: Causes,
}

impl Net {
    pub(crate) fn new(bootstrap: Vec<Endpoint>) -> Self {
        Self {
            lanes: BTreeMap::new(),
            conns: BTreeMap::new(),
            next_conn: 1,
            bootstrap,
            nodes: BTreeMap::new(),
            writable: VecDeque::new(),
            lost: VecDeque::new(),
            closed_quietly: VecDeque::new(),
            troubled: false,
            causes: Causes::default(),
        }
    }

    /// Somebody has something to send on this lane: opens it, or lists it to be filled.
    pub(crate) fn want(&mut self, ctx: &mut Ctx, key: LaneKey) {
        let lane = self.lanes.entry(key).or_insert_with(|| Lane::new(HANDSHAKE_VERSION));
        lane.wanted = true;
        match lane.state {
            State::Idle => self.open(ctx, key),
            State::Ready(_) => self.list(key),
            State::Resolving { .. }
            | State::Connecting { .. }
            | State::Handshaking(_)
            | State::BackingOff { .. } => {}
        }
    }

    /// Queues a short request on a peer's control line.
    pub(crate) fn queue(&mut self, ctx: &mut Ctx, key: LaneKey, purpose: Purpose) {
        let lane = self.lanes.entry(key).or_insert_with(|| Lane::new(HANDSHAKE_VERSION));
        lane.queue.push_back(Queued { purpose });
        self.want(ctx, key);
    }

    /// Takes a lane that may be filled.
    pub(crate) fn pop_writable(&mut self) -> Option<LaneKey> {
        let key = self.writable.pop_front()?;
        if let Some(lane) = self.lanes.get_mut(&key) {
            lane.listed = false;
        }
        Some(key)
    }

    /// Takes a request that will not be answered.
    pub(crate) fn pop_lost(&mut self) -> Option<Lost> {
        self.lost.pop_front()
    }

    /// Takes a lane whose connection was closed while nothing was on it.
    pub(crate) fn pop_closed_quietly(&mut self) -> Option<LaneKey> {
        self.closed_quietly.pop_front()
    }

    pub(crate) fn lane(&self, key: LaneKey) -> Option<&Lane> {
        self.lanes.get(&key)
    }

    pub(crate) fn lane_mut(&mut self, key: LaneKey) -> Option<&mut Lane> {
        self.lanes.get_mut(&key)
    }

    pub(crate) fn lane_of(&self, conn: ConnId) -> Option<LaneKey> {
        self.conns.get(&conn).copied()
    }

    /// The addresses of a name have come, or not.
    pub(crate) fn handle_resolved(
        &mut self,
        ctx: &mut Ctx,
        host: &Arc<str>,
        result: Result<Vec<IpAddr>, String>,
    ) {
        let waiting: Vec<LaneKey> =
            self.lanes.iter().filter(|(_, lane)| lane.awaits(host)).map(|(key, _)| *key).collect();
        for key in waiting {
            match &result {
                Ok(addresses) if !addresses.is_empty() => {
                    if let Some(lane) = self.lanes.get_mut(&key) {
                        lane.addresses = addresses.iter().copied().collect();
                    }
                    self.connect_next(ctx, key);
                }
                Ok(_) => self.fail(
                    ctx,
                    key,
                    CloseCause::Unreachable("the name has no address".into()),
                    false,
                ),
                Err(words) => self.fail(
                    ctx,
                    key,
                    CloseCause::Unreachable(format!("name lookup: {words}")),
                    false,
                ),
            }
        }
    }

    /// The socket is up: asks which versions the broker speaks.
    pub(crate) fn handle_connected(&mut self, ctx: &mut Ctx, conn: ConnId) -> Option<LaneKey> {
        let key = self.lane_of(conn)?;
        let lane = self.lanes.get_mut(&key)?;
        if !matches!(lane.state, State::Connecting { .. }) {
            return None;
        }
        lane.state = State::Handshaking(Talk::new(conn, ctx.now));
        ctx.enter(EngineState::ConnectionHandshaking);
        Some(key)
    }

    /// The outstanding transmit is with the socket. Gives the requests that are over with that.
    pub(crate) fn handle_sent(&mut self, ctx: &mut Ctx, conn: ConnId) -> Vec<InFlight> {
        let Some(key) = self.lane_of(conn) else {
            return Vec::new();
        };
        let Some(talk) = self.lanes.get_mut(&key).and_then(Lane::talk_mut) else {
            return Vec::new();
        };
        talk.sending = false;
        talk.active = ctx.now;
        for request in &mut talk.in_flight {
            request.sent = true;
        }
        let over = talk.take_unanswered();
        if !over.is_empty()
            && let Some(lane) = self.lanes.get_mut(&key)
        {
            lane.note_served();
        }
        self.list(key);
        self.arm(ctx, key);
        over
    }

    /// The connection is gone.
    pub(crate) fn handle_closed(
        &mut self,
        ctx: &mut Ctx,
        conn: ConnId,
        cause: CloseCause,
        written: bool,
    ) {
        let Some(key) = self.conns.remove(&conn) else {
            return;
        };
        self.fail(ctx, key, cause, written);
    }

    /// Which nodes there are and where. A node that moved gets new connections.
    pub(crate) fn set_nodes(&mut self, ctx: &mut Ctx, nodes: BTreeMap<i32, Endpoint>) {
        let moved: Vec<i32> = nodes
            .iter()
            .filter(|(id, endpoint)| self.nodes.get(id).is_some_and(|known| known != *endpoint))
            .map(|(id, _)| *id)
            .collect();
        self.nodes = nodes;
        for node in moved {
            let keys: Vec<LaneKey> =
                self.lanes.keys().filter(|key| key.peer == Peer::Node(node)).copied().collect();
            for key in keys {
                self.disconnect(ctx, key, CloseCause::Requested);
            }
        }
    }

    /// Learns of one node, from a leader hint (KIP-951).
    pub(crate) fn add_node(&mut self, id: i32, endpoint: Endpoint) {
        self.nodes.entry(id).or_insert(endpoint);
    }

    /// A lane's deadline has come. Gives the lane if it may be opened again, should anybody want it.
    pub(crate) fn handle_deadline(&mut self, ctx: &mut Ctx, key: LaneKey) -> Option<LaneKey> {
        let now = ctx.now;
        let idle_max = ctx.config.connections_max_idle;
        let lane = self.lanes.get_mut(&key)?;
        match &mut lane.state {
            State::Idle => None,
            State::BackingOff { until } if *until <= now => {
                lane.state = State::Idle;
                Some(key)
            }
            State::Resolving { deadline, .. } if *deadline <= now => {
                self.fail(ctx, key, CloseCause::Timeout("name lookup"), false);
                None
            }
            State::Connecting { deadline, .. } if *deadline <= now => {
                self.disconnect(ctx, key, CloseCause::Timeout("connection setup"));
                None
            }
            State::Handshaking(talk) | State::Ready(talk) => {
                // Who waits for the end of the silence, or is listed to send something, gets to it first.
                if lane.listed || talk.muted_until > Instant::ZERO {
                    talk.active = now;
                }
                if talk.muted_until <= now {
                    talk.muted_until = Instant::ZERO;
                }
                if talk.request_deadline().is_some_and(|deadline| deadline <= now) {
                    self.disconnect(ctx, key, CloseCause::Timeout("a request"));
                } else if talk.is_idle(now, idle_max) {
                    self.retire(ctx, key);
                } else {
                    self.list(key);
                    self.arm(ctx, key);
                }
                None
            }
            State::BackingOff { .. } | State::Resolving { .. } | State::Connecting { .. } => {
                self.arm(ctx, key);
                None
            }
        }
    }

    /// Closes a connection for a reason that counts as its failure.
    pub(crate) fn disconnect(&mut self, ctx: &mut Ctx, key: LaneKey, cause: CloseCause) {
        if let Some(conn) = self.lanes.get(&key).and_then(Lane::conn) {
            self.conns.remove(&conn);
            ctx.emit(Output::Disconnect { conn });
        }
        self.fail(ctx, key, cause, true);
    }

    /// Closes a connection that nobody needs.
    pub(crate) fn retire(&mut self, ctx: &mut Ctx, key: LaneKey) {
        ctx.timers.clear(Timer::Lane(key));
        let Some(lane) = self.lanes.get_mut(&key) else {
            return;
        };
        if let Some(conn) = lane.conn() {
            self.conns.remove(&conn);
            ctx.enter(EngineState::ConnectionClosed);
            if !mutant!("connection_left_open") {
                ctx.emit(Output::Disconnect { conn });
            }
        }
        lane.state = State::Idle;
        lane.wanted = false;
    }

    /// Closes and forgets every lane of a line whose owner is gone.
    pub(crate) fn drop_lanes(&mut self, ctx: &mut Ctx, gone: impl Fn(LaneKey) -> bool) {
        let keys: Vec<LaneKey> = self.lanes.keys().filter(|key| gone(**key)).copied().collect();
        for key in keys {
            self.retire(ctx, key);
            self.lanes.remove(&key);
        }
    }

    /// Arms the timer for the lane's next deadline.
    pub(crate) fn arm(&mut self, ctx: &mut Ctx, key: LaneKey) {
        let deadline =
            self.lanes.get(&key).and_then(|lane| lane.deadline(ctx.config.connections_max_idle));
        match deadline {
            Some(at) if mutant!("timer_spins") => {
                let soon = ctx.now + core::time::Duration::from_millis(1);
                ctx.timers.set(Timer::Lane(key), at.min(soon));
            }
            Some(at) => ctx.timers.set(Timer::Lane(key), at),
            None => ctx.timers.clear(Timer::Lane(key)),
        }
    }

    /// Lists a lane to be filled, once.
    pub(crate) fn list(&mut self, key: LaneKey) {
        if let Some(lane) = self.lanes.get_mut(&key)
            && lane.wanted
            && !lane.listed
            && matches!(lane.state, State::Ready(_))
        {
            lane.listed = true;
            self.writable.push_back(key);
        }
    }

    /// Begins a connection from the first endpoint of the round.
    pub(crate) fn open(&mut self, ctx: &mut Ctx, key: LaneKey) {
        let endpoint = match key.peer {
            Peer::Node(id) => self.nodes.get(&id).cloned(),
            Peer::Bootstrap => self.bootstrap_endpoint(key),
        };
        let Some(endpoint) = endpoint else {
            self.fail(
                ctx,
                key,
                CloseCause::Unreachable("the node is not part of the cluster any more".into()),
                false,
            );
            return;
        };
        let deadline = ctx.now + self.setup_timeout(ctx, key);
        let Some(lane) = self.lanes.get_mut(&key) else {
            return;
        };
        let host = Arc::clone(&endpoint.host);
        lane.endpoint = Some(endpoint);
        if let Ok(address) = host.parse::<IpAddr>() {
            lane.addresses = [address].into();
            self.connect_next(ctx, key);
            return;
        }
        ctx.enter(EngineState::ConnectionResolving);
        lane.state = State::Resolving { host: Arc::clone(&host), deadline };
        let asked = self.lanes.iter().any(|(other, lane)| *other != key && lane.awaits(&host));
        if !asked {
            ctx.emit(Output::Resolve { host });
        }
        self.arm(ctx, key);
    }

    fn bootstrap_endpoint(&self, key: LaneKey) -> Option<Endpoint> {
        let turn = self.lanes.get(&key).map_or(0, |lane| lane.next_endpoint);
        let index = turn.checked_rem(self.bootstrap.len())?;
        self.bootstrap.get(index).cloned()
    }

    /// Connection setup may take longer with every failure, up to a maximum (KIP-601).
    fn setup_timeout(&self, ctx: &mut Ctx, key: LaneKey) -> core::time::Duration {
        let failures = self.lanes.get(&key).map_or(0, |lane| lane.failures);
        let (base, max) =
            (ctx.config.connection_setup_timeout, ctx.config.connection_setup_timeout_max);
        ctx.backoff(base, max, failures.saturating_add(1))
    }

    /// Connects to the next address that was not tried.
    fn connect_next(&mut self, ctx: &mut Ctx, key: LaneKey) {
        let deadline = ctx.now + self.setup_timeout(ctx, key);
        let Some(lane) = self.lanes.get_mut(&key) else {
            return;
        };
        let (Some(ip), Some(endpoint)) = (lane.addresses.pop_front(), &lane.endpoint) else {
            return;
        };
        let conn = ConnId(self.next_conn);
        self.next_conn += 1;
        let address = SocketAddr::new(ip, endpoint.port);
        lane.state = State::Connecting { conn, deadline };
        ctx.enter(EngineState::ConnectionConnecting);
        self.conns.insert(conn, key);
        ctx.emit(Output::Connect {
            conn,
            address,
            link: LinkConfig { frame_bytes_max: FRAME_BYTES_MAX_UNREADY },
        });
        self.arm(ctx, key);
    }

    /// The one way down: whatever was on the lane is lost, and the next address, the next endpoint or a
    /// backoff comes.
    fn fail(&mut self, ctx: &mut Ctx, key: LaneKey, cause: CloseCause, written: bool) {
        let Some(lane) = self.lanes.get_mut(&key) else {
            return;
        };
        let state = core::mem::replace(&mut lane.state, State::Idle);
        if let Some(endpoint) = &lane.endpoint {
            self.causes.note(endpoint, &cause);
        }
        let was_up = match state {
            // Brokers close what has been idle for long: nothing is lost with it, and nothing is wrong.
            State::Ready(talk)
                if talk.served && talk.in_flight.is_empty() && cause.is_hang_up() =>
            {
                ctx.timers.clear(Timer::Lane(key));
                ctx.enter(EngineState::ConnectionClosed);
                self.closed_quietly.push_back(key);
                return;
            }
            State::Ready(talk) => {
                lose_in_flight(&mut self.lost, talk, &cause, written);
                true
            }
            // Whoever took the connection is no broker, or not in service: another address may have one.
            State::Handshaking(talk) => {
                lose_in_flight(&mut self.lost, talk, &cause, written);
                false
            }
            State::Idle
            | State::Resolving { .. }
            | State::Connecting { .. }
            | State::BackingOff { .. } => false,
        };
        if !was_up && !lane.addresses.is_empty() {
            self.connect_next(ctx, key);
            return;
        }
        lane.addresses.clear();
        lane.next_endpoint = lane.next_endpoint.wrapping_add(1);
        let round = self.bootstrap.len().max(1);
        if key.peer == Peer::Bootstrap && !was_up && lane.next_endpoint % round != 0 {
            self.open(ctx, key);
            return;
        }
        for queued in lane.queue.drain(..) {
            self.lost.push_back(Lost {
                purpose: queued.purpose,
                fate: Fate::NotSent,
                cause: cause.clone(),
            });
        }
        lane.failures = lane.failures.saturating_add(1);
        let (base, max) = (ctx.config.reconnect_backoff, ctx.config.reconnect_backoff_max);
        lane.state = State::BackingOff { until: ctx.now + ctx.backoff(base, max, lane.failures) };
        ctx.enter(EngineState::ConnectionBackingOff);
        self.troubled = true;
        self.arm(ctx, key);
    }
}

impl Lane {
    fn awaits(&self, name: &str) -> bool {
        matches!(&self.state, State::Resolving { host, .. } if &**host == name)
    }
}

/// Requests of the transmit that was under way count as not sent if not a byte of it was written.
fn lose_in_flight(lost: &mut VecDeque<Lost>, talk: Talk, cause: &CloseCause, written: bool) {
    for request in talk.in_flight {
        let fate = if request.sent || written { Fate::Unknown } else { Fate::NotSent };
        lost.push_back(Lost { purpose: request.purpose, fate, cause: cause.clone() });
    }
}
