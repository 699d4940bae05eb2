//! Kafka brokers as state machines, served over TCP or simulated.
//!
//! **The same options and the same inputs give the same outputs**: a [`Cluster`] is all brokers of
//! a Kafka cluster and their controller, without sockets, threads, clocks or randomness of its own.
//! It speaks the protocol of a 4.4 broker and refuses what such a broker refuses, with its error
//! codes. Each API's file says where it deviates; the texts beside the codes are its own everywhere.
//!
//! # Driving it
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
//! [`Cluster`] has methods that move leaders, stop nodes, trim and truncate logs, and script
//! [`Fault`]s into the next responses; [`Cluster::log`] is what really is in a partition, and
//! [`Cluster::record_truth`] has them keep a record of what becomes of it.
//!
//! # Testing a service
//! [`world`] puts clients, brokers and the network between them into one thread, on virtual time: a service that is written
//! against kafka-handle runs there as it is, through hours of faults in seconds, and a seed that shows a bug shows it
//! again. [Its chapter on testing a service](world#testing-a-service) says how, and
//! [`world::run_seeds`] does it with one seed after the other.
//!
//! [`sweep`], [`story`] and [`check`] are how this client itself is tested, and what `kafka sim` runs: clients, loads and
//! faults drawn from seeds; schedules that no seed shows soon; and what must hold of all of them.
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
pub use log::LoggedRecord;
pub use options::{ClusterOptions, Endpoint};
pub use rng::Rng;
pub use serve::{ServeOptions, Served, serve};
pub use time::Time;
pub use truth::Truth;
