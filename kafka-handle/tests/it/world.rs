//! An adapter without sockets: a driver, a simulated cluster and the bytes between them, turned by hand.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use bytes::{Buf, Bytes, BytesMut};
use kafka_handle::{
    Action, Client, Clock, Config, Connection, Consumer, ConsumerConfig, Driver, Flow, Instant,
    Producer, ProducerConfig, StartAt, Turn,
};
use kafka_sim::{Cluster, ClusterOptions, ConnId, Input, Output, Time};

/// Steps after which nothing can still be on its way.
const STEPS_MAX: usize = 100_000;

pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) cluster: Cluster,
    /// `None`: it has been dropped.
    pub(crate) driver: Option<Driver>,
    /// Whether connections are refused.
    pub(crate) down: bool,
    clock: Arc<VirtualClock>,
    woken: Arc<Flag>,
    wires: BTreeMap<u64, Wire>,
    next_conn: u64,
    due: Option<Instant>,
    broker_due: Option<Time>,
}

/// A connection and what has been sent over it.
struct Wire {
    connection: Connection,
    to_broker: BytesMut,
}

#[derive(Default)]
struct VirtualClock {
    nanos: AtomicU64,
    /// A driver that turns when the clock is read for the so-manieth time from now.
    intruder: Mutex<Option<(usize, Driver)>>,
    /// It has turned.
    back: Mutex<Option<Driver>>,
}

impl VirtualClock {
    fn nanos(&self) -> u64 {
        self.nanos.load(Ordering::Relaxed)
    }

    fn intrude(&self) {
        let mut intruder = self.intruder.lock().expect("no panic");
        match intruder.take() {
            Some((0 | 1, mut driver)) => {
                drop(intruder);
                let _ = driver.turn(Waker::noop(), &mut Vec::new());
                *self.back.lock().expect("no panic") = Some(driver);
            }
            Some((readings, driver)) => *intruder = Some((readings - 1, driver)),
            None => {}
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.intrude();
        Instant::from_nanos(self.nanos())
    }

    fn wall_ms(&self) -> i64 {
        1_700_000_000_000 + i64::try_from(self.nanos() / 1_000_000).unwrap_or(0)
    }
}

/// A waker that takes a note.
#[derive(Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let cluster =
            Cluster::new(ClusterOptions { auto_create: false, ..ClusterOptions::default() });
        let clock = Arc::new(VirtualClock::default());
        let config = Config::new("127.0.0.1:9092").expect("an address");
        let (client, driver) =
            Client::new(config, [7; 32], Arc::clone(&clock) as Arc<dyn Clock>).expect("settings");
        Self {
            client,
            cluster,
            driver: Some(driver),
            down: false,
            clock,
            woken: Arc::default(),
            wires: BTreeMap::new(),
            next_conn: 1,
            due: Some(Instant::ZERO),
            broker_due: None,
        }
    }

    pub(crate) fn with_topic(name: &str, partitions: i32) -> Self {
        let mut world = Self::new();
        world.cluster.create_topic(name, partitions, 1).expect("a new topic");
        world
    }

    pub(crate) fn producer(&self, settings: &[(&str, &str)]) -> Producer {
        let mut config = ProducerConfig::default();
        for (key, value) in settings {
            config.set(key, value).expect(key);
        }
        self.client.producer(config).expect("settings")
    }

    pub(crate) fn consumer(&self, settings: &[(&str, &str)]) -> Consumer {
        let mut config = ConsumerConfig::default();
        for (key, value) in settings {
            config.set(key, value).expect(key);
        }
        self.client.consumer(config).expect("settings")
    }

    pub(crate) fn consumer_of(&mut self, topic: &str, settings: &[(&str, &str)]) -> Consumer {
        let mut consumer = self.consumer(settings);
        self.run(consumer.assign_topics(&[topic], StartAt::Beginning))
            .expect("a topic that exists");
        consumer
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn log(&self, topic: &str, partition: i32) -> Vec<String> {
        let text = |value: Option<Bytes>| {
            String::from_utf8(value.unwrap_or_default().to_vec()).expect("text")
        };
        self.cluster.log(topic, partition).map(|record| text(record.value)).collect()
    }

    /// Has the driver turn, on this thread and without the adapter, when the clock is read for the so-manieth time from
    /// now: in the middle of whatever reads it.
    pub(crate) fn turn_at_reading(&mut self, readings: usize) {
        let intruder = self.driver.take().map(|driver| (readings, driver));
        *self.clock.intruder.lock().expect("no panic") = intruder;
    }

    /// Runs a future to its end.
    pub(crate) fn run<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        self.run_for(future.as_mut(), STEPS_MAX)
            .unwrap_or_else(|| panic!("still waiting after {STEPS_MAX} steps"))
    }

    /// Runs a future for so many steps at most, polling it only when it is woken.
    pub(crate) fn run_for<T>(
        &mut self,
        mut future: Pin<&mut impl Future<Output = T>>,
        steps: usize,
    ) -> Option<T> {
        let flag = Arc::new(Flag::default());
        let waker = Waker::from(Arc::clone(&flag));
        let mut cx = Context::from_waker(&waker);
        let mut woken = true;
        for _ in 0..=steps {
            if woken && let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return Some(output);
            }
            woken = flag.take();
            if !woken {
                assert!(
                    self.step() || self.pass_time(),
                    "nothing is left to happen, and the future still waits"
                );
                woken = flag.take();
            }
        }
        None
    }

    /// Does one thing that is there to do: the driver's turn, or what one connection can send or receive.
    pub(crate) fn step(&mut self) -> bool {
        let back = self.clock.back.lock().expect("no panic").take();
        if let Some(driver) = back {
            self.driver = Some(driver);
            self.turn();
            return true;
        }
        let due = self.due.is_some_and(|due| due <= self.now());
        if self.driver.is_some() && (self.woken.take() || due) {
            self.turn();
            return true;
        }
        let conns: Vec<u64> = self.wires.keys().copied().collect();
        conns.into_iter().any(|conn| self.serve(conn)) || self.answer()
    }

    /// Goes on to the next instant at which something is due.
    pub(crate) fn pass_time(&mut self) -> bool {
        let broker = self.broker_due.map(|time| Instant::from_nanos(time.as_nanos()));
        let driver = self.due.filter(|_| self.driver.is_some());
        let Some(next) = [broker, driver].into_iter().flatten().min() else { return false };
        self.clock.nanos.fetch_max(next.as_nanos(), Ordering::Relaxed);
        if broker == Some(next) {
            self.broker_due = None;
            self.cluster.handle(self.broker_time(), Input::Tick);
        }
        true
    }

    /// Whether anything is to happen, or to be waited for.
    pub(crate) fn is_idle(&self) -> bool {
        self.due.is_none() && self.broker_due.is_none()
    }

    pub(crate) fn connections(&self) -> usize {
        self.wires.len()
    }

    fn turn(&mut self) {
        let Some(driver) = &mut self.driver else { return };
        let mut actions = Vec::new();
        let waker = Waker::from(Arc::clone(&self.woken));
        match driver.turn(&waker, &mut actions) {
            Turn::Wait(until) => self.due = until,
            Turn::Over => self.driver = None,
        }
        for action in actions {
            match action {
                Action::Resolve(lookup) => {
                    let address = lookup.host().parse().map_err(|_| "no such name".into());
                    lookup.done(address.map(|address| vec![address]));
                }
                Action::Connect(connection) => self.connect(connection),
            }
        }
    }

    fn connect(&mut self, mut connection: Connection) {
        if self.down {
            connection.failed(&std::io::ErrorKind::ConnectionRefused.into());
            return;
        }
        let number = self.next_conn;
        self.next_conn += 1;
        self.cluster.handle(self.broker_time(), Input::Accepted { conn: ConnId(number), node: 1 });
        connection.connected();
        self.wires.insert(number, Wire { connection, to_broker: BytesMut::new() });
    }

    /// Orders to the link, its bytes to the broker.
    fn serve(&mut self, number: u64) -> bool {
        let now = self.broker_time();
        let Some(wire) = self.wires.get_mut(&number) else { return false };
        let mut cx = Context::from_waker(Waker::noop());
        if let Poll::Ready(work) = wire.connection.outbox().poll_work(&mut cx) {
            if wire.connection.perform(work) == Flow::Closed {
                self.wires.remove(&number);
                self.cluster.handle(now, Input::Closed { conn: ConnId(number) });
            }
            return true;
        }
        let Some(chunks) = wire.connection.poll_write() else { return false };
        let bytes = chunks.copy_to_bytes(chunks.remaining());
        wire.connection.wrote(bytes.len());
        wire.to_broker.extend_from_slice(&bytes);
        while let Some(length) =
            wire.to_broker.first_chunk::<4>().map(|length| u32::from_be_bytes(*length) as usize)
            && wire.to_broker.len() >= 4 + length
        {
            wire.to_broker.advance(4);
            let frame = wire.to_broker.split_to(length).freeze();
            self.cluster.handle(now, Input::Frame { conn: ConnId(number), frame });
        }
        true
    }

    /// One output of the broker's.
    fn answer(&mut self) -> bool {
        match self.cluster.poll() {
            Some(Output::Send { conn, frame }) => {
                if let Some(wire) = self.wires.get_mut(&conn.0) {
                    wire.connection.read_buf().extend_from_slice(&frame.to_bytes());
                    if wire.connection.received() == Flow::Closed {
                        self.wires.remove(&conn.0);
                        self.cluster.handle(self.broker_time(), Input::Closed { conn });
                    }
                }
            }
            Some(Output::Close { conn, .. }) => {
                if let Some(mut wire) = self.wires.remove(&conn.0) {
                    wire.connection.eof();
                }
            }
            Some(Output::Wait { until }) => self.broker_due = until,
            Some(_) => {}
            None => return false,
        }
        true
    }

    fn broker_time(&self) -> Time {
        Time::from_nanos(self.now().as_nanos())
    }
}
