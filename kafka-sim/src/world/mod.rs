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

mod client;
mod handle;
mod heap;
mod inner;
mod net;
mod options;
mod ready;
mod run;
mod tap;
mod tasks;
mod trace;

use std::fmt;

pub use self::handle::WorldHandle;
pub use self::net::{Conditions, Direction};
pub use self::options::WorldOptions;
pub use self::run::{Stuck, World};
pub use self::tap::Tap;
pub use self::tasks::{Elapsed, JoinHandle, Sleep};

/// A connection of the world: also its name at the brokers.
pub use crate::ConnId as ConnKey;

/// A client of the world, numbered from 1 in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {}", self.0)
    }
}
