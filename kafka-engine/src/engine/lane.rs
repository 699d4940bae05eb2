//! One connection by purpose, and the states that it goes through.
//!
//! ```text
//!            want                    Resolved             Connected              ApiVersions
//!   Idle ───────────▶ Resolving ───────────▶ Connecting ───────────▶ Handshaking ───────────▶ Ready
//!    ▲                    │ failed               │ Closed                │ Closed               │ Closed
//!    │                    └──────────────────────┴───────────┬───────────┴──────────────────────┘
//!    │  time is over and nobody wants it                     ▼
//!    └──────────────────────────────────────────────── BackingOff ──▶ Resolving, if it is wanted
//! ```

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;
use core::time::Duration;

use crate::engine::purpose::Purpose;
use crate::engine::versions::Versions;
use crate::id::{ConnId, ConsumerKey, ProducerKey};
use crate::time::Instant;

/// Names a lane: whom it goes to, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LaneKey {
    pub(crate) peer: Peer,
    pub(crate) line: Line,
}

/// Whom a lane goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// Any of `bootstrap.servers`.
    Bootstrap,
    /// The broker with this node id.
    Node(i32),
}

/// What a lane is for. A broker serves one request of a connection at a time, so whatever may park
/// there has a connection of its own and delays nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Line {
    /// Metadata, offsets, producer ids, administration: short requests.
    Control,
    /// A producer's batches.
    Produce(ProducerKey),
    /// A consumer's long polls.
    Fetch(ConsumerKey),
}

/// A connection to a peer for one purpose.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) state: State,
    /// Somebody has something to send.
    pub(crate) wanted: bool,
    /// Whether it stands in the list of lanes to fill.
    pub(crate) listed: bool,
    /// Failures since a request was last served. That a connection could be made says little: a broker, or what stands
    /// before it, may hang up on every request.
    pub(crate) failures: u32,
    /// Addresses of the current endpoint that were not tried yet.
    pub(crate) addresses: VecDeque<IpAddr>,
    /// Which endpoint of the peer comes next; a node has one, the bootstrap list may have several.
    pub(crate) next_endpoint: usize,
    /// The endpoint being tried or used.
    pub(crate) endpoint: Option<Endpoint>,
    /// The version of ApiVersions to begin with, lowered where a broker refused it.
    pub(crate) handshake_version: i16,
    /// Requests of the control line that wait for room.
    pub(crate) queue: VecDeque<Queued>,
}

/// A host and port, as configured or advertised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: Arc<str>,
    pub(crate) port: u16,
}

/// A short request that waits for its connection.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) purpose: Purpose,
}

/// Where a lane stands.
#[derive(Debug)]
pub(crate) enum State {
    Idle,
    Resolving { host: Arc<str>, deadline: Instant },
    Connecting { conn: ConnId, deadline: Instant },
    Handshaking(Talk),
    Ready(Talk),
    BackingOff { until: Instant },
}

/// A connection that is up.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) conn: ConnId,
    pub(crate) versions: Arc<Versions>,
    pub(crate) next_correlation: i32,
    /// Requests without their answer, the oldest first.
    pub(crate) in_flight: VecDeque<InFlight>,
    /// A transmit is with the socket's task.
    pub(crate) sending: bool,
    /// The broker asked for silence until then (KIP-219).
    pub(crate) muted_until: Instant,
    /// A request was answered, or sent without an answer to come, beside the handshake.
    pub(crate) served: bool,
    /// When it last sent or heard something.
    pub(crate) active: Instant,
}

/// A request on its way.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) correlation_id: i32,
    pub(crate) version: i16,
    pub(crate) purpose: Purpose,
    /// Handed to the socket in whole.
    pub(crate) sent: bool,
    /// It has no answer: it is over once it is sent.
    pub(crate) unanswered: bool,
    /// How long its answer may take, from when it is first in line.
    pub(crate) timeout: Duration,
    /// When it came to be first in line.
    pub(crate) first_since: Instant,
}

impl Lane {
    pub(crate) fn new(handshake_version: i16) -> Self {
        Self {
            state: State::Idle,
            wanted: false,
            listed: false,
            failures: 0,
            addresses: VecDeque::new(),
            next_endpoint: 0,
            endpoint: None,
            handshake_version,
            queue: VecDeque::new(),
        }
    }

    /// The connection, if there is one in any state.
    pub(crate) fn conn(&self) -> Option<ConnId> {
        match &self.state {
            State::Connecting { conn, .. } => Some(*conn),
            State::Handshaking(talk) | State::Ready(talk) => Some(talk.conn),
            State::Idle | State::Resolving { .. } | State::BackingOff { .. } => None,
        }
    }

    /// A request has come to its end as it should.
    pub(crate) fn note_served(&mut self) {
        self.failures = 0;
        if let Some(talk) = self.talk_mut() {
            talk.served = true;
        }
    }

    /// How many requests are on it or wait for it.
    pub(crate) fn load(&self) -> usize {
        let in_flight = match &self.state {
            State::Handshaking(talk) | State::Ready(talk) => talk.in_flight.len(),
            _ => 0,
        };
        in_flight + self.queue.len()
    }

    /// The connection, if it is up.
    pub(crate) fn talk_mut(&mut self) -> Option<&mut Talk> {
        match &mut self.state {
            State::Handshaking(talk) | State::Ready(talk) => Some(talk),
            _ => None,
        }
    }

    /// Whether a request could be sent at `now`, with at most `in_flight_max` on the way.
    pub(crate) fn can_send(&self, now: Instant, in_flight_max: usize) -> bool {
        match &self.state {
            State::Ready(talk) => {
                !talk.sending && talk.muted_until <= now && talk.in_flight.len() < in_flight_max
            }
            _ => false,
        }
    }

    /// Whether its broker wants silence.
    pub(crate) fn is_muted(&self, now: Instant) -> bool {
        matches!(&self.state, State::Handshaking(talk) | State::Ready(talk) if talk.muted_until > now)
    }

    /// The next deadline of the state it is in.
    pub(crate) fn deadline(&self, idle_max: Option<Duration>) -> Option<Instant> {
        match &self.state {
            State::Idle => None,
            State::Resolving { deadline, .. } | State::Connecting { deadline, .. } => {
                Some(*deadline)
            }
            State::BackingOff { until } => Some(*until),
            State::Handshaking(talk) => talk.request_deadline(),
            State::Ready(talk) => {
                let request = talk.request_deadline();
                let muted = (talk.muted_until > Instant::ZERO).then_some(talk.muted_until);
                let idle = idle_max
                    .filter(|_| talk.in_flight.is_empty() && muted.is_none())
                    .map(|idle_max| talk.active + idle_max);
                [request, muted, idle].into_iter().flatten().min()
            }
        }
    }
}

impl Talk {
    pub(crate) fn new(conn: ConnId, now: Instant) -> Self {
        Self {
            conn,
            versions: Arc::new(Versions::default()),
            next_correlation: 0,
            in_flight: VecDeque::new(),
            sending: false,
            muted_until: Instant::ZERO,
            served: false,
            active: now,
        }
    }

    /// When the oldest request has waited too long: its time runs from when it became the oldest.
    pub(crate) fn request_deadline(&self) -> Option<Instant> {
        let first = self.in_flight.front().filter(|_| !mutant!("request_never_late"))?;
        Some(first.first_since + first.timeout)
    }

    /// Whether nothing was on it for as long as `idle_max`.
    pub(crate) fn is_idle(&self, now: Instant, idle_max: Option<Duration>) -> bool {
        self.in_flight.is_empty() && idle_max.is_some_and(|idle_max| self.active + idle_max <= now)
    }

    /// Takes the requests that are over because they have been sent and have no answer.
    pub(crate) fn take_unanswered(&mut self) -> Vec<InFlight> {
        let mut over = Vec::new();
        if !self.in_flight.iter().any(|request| request.unanswered) {
            return over;
        }
        let mut kept = VecDeque::with_capacity(self.in_flight.len());
        for request in self.in_flight.drain(..) {
            if request.sent && request.unanswered {
                over.push(request)
            } else {
                kept.push_back(request)
            }
        }
        self.in_flight = kept;
        over
    }
}
