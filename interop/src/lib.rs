//! Tests against real Kafka: brokers as plain JVM processes, and the Java client as a peer. Never published.
//!
//! The kit needs `java`, `javac`, `mvn` and `python3` on the path and nothing else; the first run fetches Kafka's jars
//! and librdkafka.
//!
//! | module | what |
//! |---|---|
//! | [`maven`] | brings a Kafka release's jars, once for all |
//! | [`cluster`] | starts one node or three, kills, pauses and restarts them |
//! | [`java`] | the Java client: produce, consume, topics, leaders, offsets |
//! | [`librdkafka`] | librdkafka, by its Python package |
//! | [`conformance`] | Kafka's own message and record classes, asked for what they say, write and read |
//! | [`process`] | a process that ends with this one, even when this one is killed |
//! | [`error`] | what can go wrong in all that |
//!
//! Tests are in `tests/it`, one module a subject. A test that needs Java is `#[ignore = "needs Java"]`:
//!
//! ```sh
//! cargo test -p kafka-interop                # what needs no Java
//! cargo test -p kafka-interop -- --ignored   # all that needs real Kafka, some minutes
//! ```
//!
//! | tests | what |
//! |---|---|
//! | `single_node`, `three_nodes` | the kit itself: Java against Java |
//! | `cross` | what our client writes Java reads equal, and the other way round, in every codec |
//! | `parity` | the embedded broker against a real node: one scenario, equal transcripts |
//! | `wire` | the embedded broker against a real node, request by request in every version: equal answers |
//! | `foreign` | the embedded broker, as it is now and as 2.8, under the Java client and librdkafka |
//! | `lines` | a million lines through the `kafka` binary, in order |
//! | `conformance` | our schema table, codecs and record formats against Kafka's own classes, of 4.4.0 and of 3.9.2 |
//! | `killed` | kill -9 under load, of a node, of a leader of three, and of the embedded broker |
//!
//! `lines` and `killed` run the `kafka` binary and have Cargo build it first, which for `lines` is the release build.
//!
//! `$KAFKA_JARS` names a directory for what is fetched, in place of `target/kafka`. Logs of clusters stay for a day
//! under `target/kafka/run`. For a cluster to try things on by hand: `cargo run -p kafka-interop --example cluster -- 3`.
//!
//! A test that only reads and writes topics of its own takes the node that all share; one that kills brokers or needs
//! other properties starts a cluster for itself:
//!
//! ```no_run
//! use kafka_interop::{Cluster, ClusterOptions, Java, Record};
//!
//! # fn main() -> kafka_interop::Result<()> {
//! let cluster = Cluster::start(ClusterOptions::three().with("num.partitions", "1"))?;
//! let java = Java::start(cluster.jars(), &cluster.bootstrap())?;
//! java.create("t", 1, 3, &[])?;
//! java.produce("t", "zstd", &[Record::value("v")], &[])?;
//! if let Some(leader) = java.leaders("t")?[0].leader {
//!     cluster.kill9(leader)?;
//!     assert_eq!(java.consume("t", &[])?[0].value.as_deref(), Some(&b"v"[..]));
//!     cluster.restart(leader)?;
//! }
//! # Ok(())
//! # }
//! ```

pub mod cluster;
pub mod conformance;
pub mod error;
pub mod java;
pub mod librdkafka;
pub mod maven;
mod places;
pub mod process;

pub use cluster::{Cluster, ClusterOptions};
pub use error::{Error, Result};
pub use java::{Consumed, Java, Record};
pub use maven::Jars;
