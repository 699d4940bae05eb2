//! A Kafka client as pure state machines: bytes, commands and timestamps in, actions out.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod accumulator;
mod batch;
mod cluster;
mod command;
pub mod config;
mod consume;
mod engine;
mod error;
mod id;
mod io;
mod link;
mod response;
mod time;

pub use batch::{Batch, DeliveryReport, Outcome, Pending};
pub use cluster::{Cluster, Node, Partition, Topic};
pub use command::{Command, CreatedTopic, ListedOffset, NewTopic, OffsetSpec, Reply, StartAt};
pub use consume::{Run, Standing, Taken};
pub use engine::Engine;
pub use error::{CloseCause, Error, ErrorKind, Fault, Written};
pub use id::{BatchId, ConnId, ConsumerKey, OpId, PartitionKey, ProducerKey, TopicKey};
pub use io::{Event, Expect, Input, Output, Transmit};
pub use link::{Link, LinkConfig, LinkEvent};
pub use response::{Fetched, Response, ResponseBody, Span};
pub use time::Instant;
