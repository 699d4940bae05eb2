//! One client and one cluster in virtual time, joined by sockets that do as the target says.
//!
//! The world keeps the only clock. It does whatever can be done at an instant, and then goes to the next deadline of
//! either side. What a client must never do, whatever its brokers do, is checked on the way: telling an outcome twice,
//! giving out more things to do than there is reason for, or going round without time going on.

mod consuming;
mod producing;
mod sockets;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use kafka_engine::config::{Config, ProducerConfig};
use kafka_engine::{
    ByteEngine, ByteOutput, CloseCause, Command, ConnId, Error, Event, Input, Instant, OpId,
    ProducerKey, Reply, Topic, Wanted,
};
use kafka_sim::{Cluster, Input as Asked, Output as Answered, Time};

pub(crate) use self::consuming::Reading;
use self::producing::Outbox;
pub(crate) use self::producing::value_of;
use self::sockets::Socket;
pub(crate) use self::sockets::Tamper;

/// Node `n` listens on port `PORTS + n`.
pub(crate) const PORTS: u16 = 9000;

/// Milliseconds since 1970 at the beginning.
const WALL_MS: i64 = 1_700_000_000_000;

/// The most rounds of things to do at one instant.
const ROUNDS: usize = 5_000;

/// The most things to do after one input, beside one for each batch, connection and operation that is open.
const OUTPUTS: usize = 64;

/// The most deadlines in a second, on average.
const DEADLINES: u64 = 2_000;

pub(crate) struct World {
    pub(crate) client: ByteEngine,
    pub(crate) cluster: Cluster,
    /// Nanoseconds since the beginning.
    now: u64,
    client_wait: Option<Instant>,
    cluster_wait: Option<Time>,
    deadlines: u64,

    /// Nodes that refuse connections, and nodes that never answer to them.
    pub(crate) refusing: BTreeSet<i32>,
    pub(crate) silent: BTreeSet<i32>,
    pub(crate) resolver_down: bool,
    /// The most bytes that a socket moves at once.
    pub(crate) slice: usize,
    /// What becomes of the next answers, and what of every one behind them.
    pub(crate) tampers: VecDeque<Tamper>,
    pub(crate) tamper_always: Option<Tamper>,
    sockets: BTreeMap<ConnId, Socket>,
    next_broker_conn: u64,

    open_ops: BTreeSet<OpId>,
    /// Operations that are over or were cancelled.
    closed_ops: BTreeSet<OpId>,
    done: BTreeMap<OpId, Result<Reply, Error>>,
    outbox: Outbox,
}

impl World {
    pub(crate) fn new(config: Config, cluster: Cluster) -> Self {
        Self {
            client: ByteEngine::new(config, [7; 32], Instant::ZERO),
            cluster,
            now: 0,
            client_wait: None,
            cluster_wait: None,
            deadlines: 0,

            refusing: BTreeSet::new(),
            silent: BTreeSet::new(),
            resolver_down: false,
            slice: usize::MAX,
            tampers: VecDeque::new(),
            tamper_always: None,
            sockets: BTreeMap::new(),
            next_broker_conn: 1,

            open_ops: BTreeSet::new(),
            closed_ops: BTreeSet::new(),
            done: BTreeMap::new(),
            outbox: Outbox::default(),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::from_nanos(self.now)
    }

    pub(crate) fn in_ms(&self, millis: u64) -> Instant {
        self.now() + Duration::from_millis(millis)
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.now)
    }

    pub(crate) fn open_producer(&mut self, config: ProducerConfig) -> ProducerKey {
        // It is done at once, under an id that the client keeps to itself.
        let producer = self.client.open_producer(self.now(), config);
        self.drain_client();
        producer
    }

    pub(crate) fn command(&mut self, command: Command) -> OpId {
        let op = self.client.command(self.now(), command);
        self.open_ops.insert(op);
        self.drain_client();
        op
    }

    /// Nobody waits any more for the oldest operation that is not over.
    pub(crate) fn cancel_oldest(&mut self) {
        if let Some(op) = self.open_ops.pop_first() {
            self.closed_ops.insert(op);
            self.client.handle(self.now(), Input::Cancel { op });
            self.drain_client();
        }
    }

    /// Operations that are not over.
    pub(crate) fn open_ops(&self) -> &BTreeSet<OpId> {
        &self.open_ops
    }

    /// What an operation that was waited for has come to.
    pub(crate) fn result(&mut self, op: OpId) -> Option<Result<Reply, Error>> {
        self.done.remove(&op)
    }

    /// The topic, as soon as the client knows it; `None` if it is not to be had.
    pub(crate) fn find(&mut self, topic: &str) -> Option<Arc<Topic>> {
        let deadline = self.in_ms(60_000);
        let op = self.command(Command::FindTopic {
            topic: topic.into(),
            wanted: Wanted::Known,
            create: true,
            deadline,
        });
        self.until(Duration::from_secs(61), |world| world.done.contains_key(&op));
        match self.result(op) {
            Some(Ok(Reply::Topic(topic))) => Some(topic),
            _ => None,
        }
    }

    /// Runs until something is so, at most for a while; whether it came to be.
    pub(crate) fn until(&mut self, within: Duration, reached: impl Fn(&Self) -> bool) -> bool {
        let limit = self.limit(within);
        loop {
            self.settle();
            if reached(self) {
                return true;
            }
            if !self.advance(limit) {
                self.now = limit;
                return false;
            }
        }
    }

    /// Runs for a while.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.until(time, |_| false);
        self.settle();
    }

    /// Whether the client has nothing to do and waits for nothing.
    pub(crate) fn is_quiet(&mut self) -> bool {
        matches!(self.client.poll(self.now()), ByteOutput::Wait(None))
    }

    /// Does all that can be done at this instant.
    pub(crate) fn settle(&mut self) {
        for _ in 0..ROUNDS {
            let client = self.drain_client();
            let sockets = self.move_bytes();
            let cluster = self.drain_cluster();
            if !client && !sockets && !cluster {
                return;
            }
        }
        panic!("a hot loop at {:?}: {:#?}", self.elapsed(), self.client);
    }

    fn limit(&self, within: Duration) -> u64 {
        (self.now() + within).as_nanos()
    }

    /// Goes to the next deadline up to `limit`, and ticks whoever it is for.
    fn advance(&mut self, limit: u64) -> bool {
        let client = self.client_wait.map(Instant::as_nanos);
        let cluster = self.cluster_wait.map(Time::as_nanos);
        let next = client.into_iter().chain(cluster).min();
        let Some(next) = next.filter(|next| *next <= limit) else {
            return false;
        };
        self.now = self.now.max(next);
        self.deadlines += 1;
        let most = DEADLINES * (self.elapsed().as_secs() + 1);
        assert!(self.deadlines <= most, "{} deadlines: {:#?}", self.deadlines, self.client);
        if client.is_some_and(|at| at <= self.now) {
            self.client.handle(self.now(), Input::Tick);
            self.drain_client();
        }
        if cluster.is_some_and(|at| at <= self.now) {
            self.cluster_wait = None;
            self.cluster.handle(Time::from_nanos(self.now), Asked::Tick);
        }
        true
    }

    /// Does what the client wants after one input; whether that was anything.
    fn drain_client(&mut self) -> bool {
        let open = self.sockets.len() + self.open_ops.len() + self.outbox.open_batches();
        for count in 0.. {
            match self.client.poll(self.now()) {
                ByteOutput::Wait(until) => {
                    assert!(count <= OUTPUTS + 4 * open, "{count} outputs after one input");
                    self.client_wait = until;
                    return count > 0;
                }
                output => self.act(output),
            }
        }
        false
    }

    fn act(&mut self, output: ByteOutput) {
        match output {
            ByteOutput::Resolve(host) => {
                let result = match self.resolver_down {
                    true => Err("no such name".into()),
                    false => Ok(vec![IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))]),
                };
                self.client.handle(self.now(), Input::Resolved { host, result });
            }
            ByteOutput::Connect(conn, address) => self.connect(conn, address),
            ByteOutput::Write(_) => {}
            ByteOutput::Close(conn) => self.close_to_broker(conn),
            ByteOutput::Event(event) => self.hear(event),
            output => panic!("the world does not know {output:?}"),
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Done { op, result } => {
                assert!(
                    self.closed_ops.insert(op),
                    "{op:?} is done twice, or after its cancellation"
                );
                self.open_ops.remove(&op);
                self.done.insert(op, result);
            }
            Event::Delivered { report, .. } => self.outbox.settle(*report),
            Event::ProducerFailed { error, .. } => self.outbox.failed = Some(error),
            _ => {}
        }
    }

    fn drain_cluster(&mut self) -> bool {
        let mut any = false;
        while let Some(output) = self.cluster.poll() {
            match output {
                Answered::Send { conn, frame } => {
                    any = true;
                    self.answer(conn, frame.to_bytes());
                }
                Answered::Close { conn, .. } => {
                    any = true;
                    if let Some(conn) = self.socket_of(conn) {
                        self.cut(conn, CloseCause::Eof { clean: true });
                    }
                }
                Answered::Wait { until } => self.cluster_wait = until,
                _ => {}
            }
        }
        any
    }
}
