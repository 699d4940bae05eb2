//! A Kafka cluster for tests: simulated together with its clients, served over TCP, or driven by hand.
//!
//! | what you want | what to take |
//! |---|---|
//! | to run a service through hours of faults in seconds, the same way each time | [`world`] |
//! | brokers behind real sockets, for any client | [`serve()`] |
//! | the brokers alone, in a test or an event loop of your own | [`Cluster`] |
//! | to see how this client itself is tested, and what `kafka sim` runs | [`sweep`], [`story`], [`check`] |
//!
//! **The same options and the same inputs give the same outputs**: a [`Cluster`] is all brokers of
//! a Kafka cluster and their controller, without sockets, threads, clocks or randomness of its own.
//! It speaks the protocol of a broker of 4.4, or of [another release](ClusterOptions::release), and refuses what such a
//! broker refuses, with its error codes. Each API's file says where it deviates; the texts beside the codes are its own
//! everywhere.
//!
//! # Testing a service
//! A service that is written against kafka-handle runs in a [`World`](world::World) as it is. Clients, brokers and the
//! network between them are in one thread there, on virtual time, so a run takes no longer than what it computes, and a
//! seed that shows a bug shows it again.
//!
//! ```
//! use kafka_handle::{Config, ProducerConfig, Record};
//! use kafka_sim::world::{World, WorldOptions, run_seeds};
//! use std::time::Duration;
//!
//! run_seeds(0..20, |seed| {
//!     let mut world = World::new(WorldOptions { seed, ..WorldOptions::default() });
//!     let sim = world.handle();
//!     world.run(async move {
//!         sim.cluster(|cluster| cluster.create_topic("orders", 1, 3))?;
//!         let client = sim.client("shop", Config::new(&sim.bootstrap())?)?;
//!         let producer = client.producer(ProducerConfig::default())?;
//!         let delivery = producer.send(Record::to("orders").value("tea")).await?;
//!         // The leader dies at a time that follows from the seed.
//!         sim.sleep(Duration::from_micros(sim.rng(0).below(20_000))).await;
//!         sim.kill_node(1);
//!         delivery.await?;
//!         match sim.cluster(|cluster| cluster.log("orders", 0).count()) {
//!             1 => Ok(()),
//!             orders => Err(format!("{orders} orders").into()),
//!         }
//!     })?
//! })?;
//! # Ok::<(), kafka_sim::world::SeedFailed<Box<dyn std::error::Error + Send + Sync>>>(())
//! ```
//!
//! The chapter [Testing a service](world#testing-a-service) goes on from here, and the example `lost_update` is a whole
//! service.
//!
//! # Over TCP
//! [`serve()`] puts the same cluster behind real sockets, on plain threads, for tests, examples and
//! tools. With a data directory it survives being killed.
//!
//! ```
//! use kafka_sim::{ServeOptions, serve};
//!
//! let brokers = serve(ServeOptions { nodes: 3, ..ServeOptions::default() })?;
//! brokers.with(|cluster| cluster.create_topic("t", 1, 3))?;
//! println!("bootstrap.servers={}", brokers.bootstrap());
//! brokers.kill_node(1);
//! assert_eq!(brokers.with(|cluster| cluster.leader("t", 0)), Some((2, 1)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Breaking it
//! Wherever it runs, [`Cluster`] has methods that move leaders, stop nodes, trim and truncate logs, and script
//! [`Fault`]s into the next responses; [`Cluster::log`] is what really is in a partition, and
//! [`Cluster::record_truth`] has them keep a record of what becomes of it.
//!
//! ```
//! use kafka_sim::{ApiKey, At, Cluster, ClusterOptions, ErrorCode, Fault};
//!
//! let mut cluster = Cluster::new(ClusterOptions::default());
//! cluster.create_topic("t", 1, 1)?;
//! let refused = Fault::Refuse { at: At::topic("t"), code: ErrorCode::NOT_LEADER_OR_FOLLOWER };
//! cluster.fail_next(ApiKey::Produce, refused);
//! assert_eq!(cluster.pending_faults(), 1);
//! # Ok::<(), ErrorCode>(())
//! ```
//!
//! # Driving it by hand
//! 1. [`Cluster::new`] with the nodes' addresses, a seed, and the wall-clock time.
//! 2. [`Cluster::handle`] for everything that happens: a connection, a request frame, the end of a
//!    connection, or time.
//! 3. [`Cluster::poll`] until it gives `None`: responses to send, connections to close, things to
//!    store, and the time at which to come back.
//!
//! ```
//! use kafka_proto::header::{decode_body, decode_response_header, encode_request};
//! use kafka_proto::messages::metadata::{MetadataRequest, MetadataResponse};
//! use kafka_proto::ApiKey;
//! use kafka_sim::{Cluster, ClusterOptions, ConnId, Input, Output, Time};
//!
//! let mut cluster = Cluster::new(ClusterOptions::default());
//! cluster.create_topic("greetings", 3, 1)?;
//!
//! // A client connects to node 1 and asks for all topics.
//! let conn = ConnId(1);
//! cluster.handle(Time::ZERO, Input::Accepted { conn, node: 1 });
//! let request = MetadataRequest { topics: None, ..Default::default() };
//! let frame = encode_request(&request, 12, 77, Some("example"))?.chunks.to_bytes();
//! cluster.handle(Time::from_millis(5), Input::Frame { conn, frame: frame.slice(4..) });
//!
//! let Some(Output::Send { frame, .. }) = cluster.poll() else { panic!("no answer") };
//! let (correlation_id, body) = decode_response_header(frame.to_bytes().slice(4..), ApiKey::Metadata, 12)?;
//! let response: MetadataResponse = decode_body(body)?;
//! assert_eq!(correlation_id, 77);
//! assert_eq!(response.topics[0].partitions.len(), 3);
//! assert!(cluster.poll().is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Not there yet
//! Consumer groups, transactions and authentication.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used))]

mod api;
pub mod check;
mod cluster;
mod event;
mod fault;
mod log;
mod options;
mod releases;
mod rng;
mod serve;
mod state;
pub mod story;
pub mod sweep;
mod time;
mod truth;
pub mod world;

pub use cluster::Cluster;
pub use event::{CloseReason, ConnId, Input, Output, StoreOp};
pub use fault::{At, Fault};
pub use kafka_proto::releases::{Release, release};
pub use kafka_proto::{ApiKey, ErrorCode};
pub use log::LoggedRecord;
pub use options::{ClusterOptions, Endpoint};
pub use rng::Rng;
pub use serve::{ServeOptions, Served, serve};
pub use time::Time;
pub use truth::Truth;
