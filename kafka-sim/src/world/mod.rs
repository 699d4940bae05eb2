//! A whole cluster and its clients in one thread, on virtual time: every run follows from its seed.
//!
//! A [`World`] holds brokers, a network, and tasks. The tasks are ordinary async code that uses kafka-handle's `Client`,
//! `Producer`, `Consumer` and `Admin` as it would on any runtime; what it would ask of a runtime, it asks of the
//! [`WorldHandle`]: to sleep, to time out, to spawn. Nothing waits in real time, and nothing is random that the seed
//! does not decide, so a run that fails fails again, step by step.
//!
//! ```
//! use kafka_handle::{Config, ConsumerConfig, ProducerConfig, Record, StartAt};
//! use kafka_sim::world::{World, WorldOptions};
//! use std::time::Duration;
//!
//! let mut world = World::new(WorldOptions { seed: 7, ..WorldOptions::default() });
//! let sim = world.handle();
//! let value = world.run(async move {
//!     sim.cluster(|cluster| cluster.create_topic("greetings", 1, 3))?;
//!     let client = sim.client("app", Config::new(&sim.bootstrap())?)?;
//!     let producer = client.producer(ProducerConfig::default())?;
//!     let delivery = producer.send(Record::to("greetings").value("hello")).await?;
//!     // A broker goes down with the record on its way; the client finds the next one.
//!     sim.kill_node(1);
//!     delivery.await?;
//!     let mut consumer = client.consumer(ConsumerConfig::default())?;
//!     consumer.assign_topics(&["greetings"], StartAt::Beginning).await?;
//!     let records = consumer.poll(Duration::from_secs(60)).await?;
//!     let value = records.iter().next().and_then(|record| record.value).map(<[u8]>::to_vec);
//!     Ok::<_, Box<dyn std::error::Error + Send + Sync>>(value)
//! });
//! assert_eq!(value.expect("it comes to its end").expect("no error").as_deref(), Some(&b"hello"[..]));
//! ```
//!
//! # Testing a service
//! 1. Write it against kafka-handle alone. What it needs of a runtime beside that (to sleep, to spawn, to know the time),
//!    let it take as an argument, as below; in production it gets a client of kafka-tokio or kafka-blocking, whose types are
//!    kafka-handle's. The timers of another runtime don't work here. What the seed does not decide makes each run another one: the
//!    order in which a `HashMap` is walked through (a `BTreeMap` has one), `Instant::now` and `SystemTime::now`
//!    ([`WorldHandle::now`], and [`WorldHandle::wall_ms`] to stamp records with), random numbers of the service's own
//!    ([`WorldHandle::rng`]), and threads ([`WorldHandle::spawn`]).
//! 2. Write one run of it as a function of a seed: a [`World`] with the cluster of your choice ([`WorldOptions`]: nodes,
//!    network, and all of [`ClusterOptions`](crate::ClusterOptions)), as many instances as there will be, each with a
//!    client of its own, and those who use them.
//! 3. Let things go wrong, at times that [`WorldHandle::rng`] draws: [nodes die](WorldHandle::kill_node), [lose
//!    power](WorldHandle::cut_power) or [pause](WorldHandle::pause_node), connections are [cut](WorldHandle::cut), the network is
//!    [slow](WorldHandle::set_conditions), [clients crash](WorldHandle::crash) or [stand still](WorldHandle::freeze) with
//!    what was [spawned in them](WorldHandle::spawn_in), [tasks are aborted](JoinHandle::abort), leaders move and requests
//!    are refused ([`Cluster`](crate::Cluster)'s methods, by [`WorldHandle::cluster`]).
//! 4. Say what must hold at the end, from the outside or from what is [really in the
//!    log](crate::Cluster::log).
//! 5. Have [`run_seeds`] do it with some hundreds of seeds. One that fails fails again, and the [trace](World::print_trace)
//!    tells what happened, with what tasks [note](WorldHandle::note) in its place. It is run twice, and so are some that pass:
//!    where the runs have different [hashes](World::trace_hash), or one of them fails alone, [`SeedFailed::again`] says so,
//!    and the service takes something from outside.
//! 6. What never ends is told as [`Stuck`], after a simulated day where somebody is never idle. A
//!    [limit](World::set_time_limit) of what the run should take tells it sooner.
//!
//! ```
//! use kafka_handle::{Client, Config, ProducerConfig, Record};
//! use kafka_sim::world::{World, WorldOptions, run_seeds};
//! use std::error::Error;
//! use std::time::Duration;
//!
//! /// The service: it acknowledges an order when it is in Kafka for good.
//! async fn order(client: &Client, what: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
//!     let producer = client.producer(ProducerConfig::default())?;
//!     producer.send(Record::to("orders").value(what)).await?.await?;
//!     Ok(())
//! }
//!
//! /// One run of it: whatever node dies, at whatever time, an order that was acknowledged is there, once.
//! fn run(seed: u64) -> Result<(), Box<dyn Error + Send + Sync>> {
//!     let mut world = World::new(WorldOptions { seed, ..WorldOptions::default() });
//!     let sim = world.handle();
//!     sim.cluster(|cluster| cluster.create_topic("orders", 1, 3))?;
//!     let ordered = world.run(async move {
//!         let client = sim.client("orders", Config::new(&sim.bootstrap())?)?;
//!         let ordering = sim.spawn(async move { order(&client, "tea").await });
//!         let mut rng = sim.rng(0);
//!         sim.sleep(Duration::from_micros(rng.below(20_000))).await;
//!         sim.kill_node(1 + rng.below(3) as i32);
//!         ordering.await?
//!     })?;
//!     ordered?;
//!     let orders = world.handle().cluster(|cluster| cluster.log("orders", 0).count());
//!     if orders == 1 { Ok(()) } else { Err(format!("{orders} orders").into()) }
//! }
//!
//! run_seeds(0..50, run)?;
//! # Ok::<(), kafka_sim::world::SeedFailed<Box<dyn Error + Send + Sync>>>(())
//! ```
//!
//! A service that does something now and then sleeps by whatever runtime it is on:
//!
//! ```
//! # use kafka_handle::{Client, Config, Error, OffsetSpec};
//! use kafka_sim::world::{World, WorldHandle, WorldOptions};
//! use std::time::Duration;
//!
//! /// All that the service asks of a runtime. On tokio it is one line of `tokio::time::sleep`.
//! trait Timer: Sync {
//!     fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
//! }
//!
//! impl Timer for WorldHandle {
//!     fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
//!         WorldHandle::sleep(self, duration)
//!     }
//! }
//!
//! /// The service: it looks each minute whether anybody has ordered, and gives up after an hour.
//! async fn wait_for_orders(client: &Client, timer: &impl Timer) -> Result<bool, Error> {
//!     for _ in 0..60 {
//!         for (_, _, end) in client.admin().list_offsets(&[("orders", 0, OffsetSpec::Latest)]).await? {
//!             if end?.offset > Some(0) {
//!                 return Ok(true);
//!             }
//!         }
//!         timer.sleep(Duration::from_secs(60)).await;
//!     }
//!     Ok(false)
//! }
//!
//! let mut world = World::new(WorldOptions::default());
//! let sim = world.handle();
//! sim.cluster(|cluster| cluster.create_topic("orders", 1, 3))?;
//! let client = sim.client("clerk", Config::new(&sim.bootstrap())?)?;
//! assert_eq!(world.run(async move { wait_for_orders(&client, &sim).await })?, Ok(false));
//! assert!(world.handle().now().as_millis() > 3_600_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The example `lost_update` is a whole service: two instances that overwrite each other's balances, the seed that shows
//! it, and the design that passes every seed.

mod client;
mod freeze;
mod handle;
mod heap;
mod inner;
mod net;
mod options;
mod orders;
mod power;
mod ready;
mod run;
mod seeds;
mod tap;
mod tasks;
mod trace;
mod words;

use std::fmt;

pub use self::handle::WorldHandle;
pub use self::net::{Conditions, Direction};
pub use self::options::WorldOptions;
pub use self::run::{Leftover, Stuck, World};
pub use self::seeds::{Again, Cause, SEED_VARIABLE, SeedFailed, TRACE_VARIABLE, run_seeds};
pub use self::tap::Tap;
pub use self::tasks::{Aborted, Elapsed, JoinHandle, Sleep};

/// A client of the world, numbered from 1 in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {}", self.0)
    }
}
