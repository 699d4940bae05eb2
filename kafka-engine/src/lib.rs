//! A Kafka client as pure state machines: bytes, commands and timestamps in, actions out.
//!
//! There is no clock in this crate, no socket, thread, lock, executor, file or global, and no randomness but from the
//! seed that the caller gives: `#![no_std]` keeps it so. A log of instants and inputs, with configuration and seed,
//! replays a run.
//!
//! **One invariant: after every [`Engine::handle`], drain [`Engine::poll`] to [`Output::Wait`]**; so too after
//! [`Engine::take`], [`Engine::handed_out`] and [`Engine::reject`], which fire no timers. What it gives on the way is to
//! be done by the caller, who answers with further inputs:
//!
//! 1. [`Output::Resolve`]: look up one name; [`Input::Resolved`].
//! 2. [`Output::Connect`]: connect to one address; [`Input::Connected`] or [`Input::Closed`].
//! 3. [`Output::Transmit`]: give the bytes to the connection's [`Link`], write what it gives; [`Input::Sent`]. What the
//!    link reads comes back as [`Input::Response`].
//! 4. [`Output::Collect`]: take the oldest batch out of a partition's [`accumulator`], seal it; [`Input::Batch`].
//! 5. [`Output::Event`]: tell the application.
//! 6. [`Output::Wait`]: wait for a socket, or until then; [`Input::Tick`].
//!
//! Which address, in what order, when again: that is the engine's. So is every API, version, error code, retry and
//! backoff.
//!
//! [`ByteEngine`] holds the parts together for an event loop of your own. This whole program keeps one thread and one
//! loop, and appends a record to a topic (`cargo run -p kafka-engine --example custom_loop -- 127.0.0.1:9092`):
//!
//! ```no_run
#![doc = include_str!("../examples/custom_loop.rs")]
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[macro_use]
mod mutant;

pub mod accumulator;
mod batch;
mod byte_engine;
mod cluster;
mod command;
pub mod config;
mod consume;
mod engine;
mod error;
mod id;
mod io;
mod link;
mod memory;
mod response;
mod time;
mod transitions;

pub use batch::{Batch, DeliveryReport, Outcome, Pending};
pub use byte_engine::{ByteEngine, ByteOutput};
pub use cluster::{Cluster, Node, Partition, Topic};
pub use command::{
    ByPartition, ByTopic, Command, CreatedTopic, DeleteBefore, ListedOffset, NewTopic, OffsetSpec,
    Reply, StartAt, Wanted,
};
pub use consume::{Run, Standing, Taken};
pub use engine::Engine;
pub use error::{CloseCause, Error, ErrorKind, Fault, Written};
pub use id::{BatchId, ConnId, ConsumerKey, OpId, PartitionKey, ProducerKey, TopicKey};
pub use io::{Event, Expect, Input, Output, Transmit};
pub use link::{Link, LinkConfig, LinkEvent};
pub use memory::Held;
#[doc(hidden)]
pub use mutant::is_chosen_mutant;
pub use response::{BatchEpochs, Fetched, Response, ResponseBody, Span};
pub use time::Instant;
pub use transitions::{EngineState, Transitions};
