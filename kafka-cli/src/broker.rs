//! `kafka broker`: the embedded broker, on its own.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::Args;
use kafka_proto::releases::{self, Release};
use kafka_sim::{ServeOptions, serve};

use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;
use crate::output::Output;

/// As many nodes are enough for anything that one machine can show.
const NODES_MAX: i64 = 99;

/// Options of `kafka broker`.
#[derive(Debug, Args)]
pub(crate) struct Broker {
    /// How many nodes.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=NODES_MAX))]
    nodes: u16,

    /// Where the first node listens; the others take the next ports. Port 0: each takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9092")]
    listen: String,

    /// Keep topics and records here; they are there again after a restart, and after a crash. Without: in memory.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Look like this release to clients: speak the versions of the APIs that its brokers speak, and behave as they do.
    /// From 0.11 to 4.4; the newest by default.
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    as_version: Option<&'static Release>,

    /// Do not create topics when they are first used.
    #[arg(long)]
    no_auto_create: bool,

    /// Partitions of a topic that is created without a number.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..))]
    default_partitions: i32,
}

/// Serves until told to stop. The bootstrap servers are printed once all nodes listen.
pub(crate) async fn run(broker: Broker, mut interrupt: Interrupt) -> Result<(), Failure> {
    let options = ServeOptions {
        nodes: broker.nodes.into(),
        listen: resolve(&broker.listen)?,
        auto_create: !broker.no_auto_create,
        default_partitions: broker.default_partitions,
        data_dir: broker.data_dir,
        release: broker.as_version.unwrap_or(releases::NEWEST),
        ..ServeOptions::default()
    };
    let served = serve(options).map_err(|error| {
        Failure::Failed(format!("can't serve on {}: {error}; see --listen", broker.listen))
    })?;
    match Output::new().line(served.bootstrap()) {
        // Whoever started it may have read all that it wanted to know.
        Ok(()) | Err(Failure::ClosedPipe) => {}
        Err(failure) => return Err(failure),
    }
    say("the broker is up; Ctrl-C stops it");
    interrupt.told().await;
    served.stop();
    Ok(())
}

/// The oldest release that can be looked like.
const OLDEST: (u8, u8, u8) = (0, 11, 0);

fn release(name: &str) -> Result<&'static Release, String> {
    let found = releases::release(name).filter(|release| release.version >= OLDEST);
    found.ok_or_else(|| {
        format!("releases from 0.11 to {} can be looked like, as in 2.8", releases::NEWEST)
    })
}

fn resolve(listen: &str) -> Result<SocketAddr, Failure> {
    let wrong = |why: String| {
        Failure::Usage(format!(
            "--listen {listen}: {why}; HOST:PORT is needed, as in 127.0.0.1:9092"
        ))
    };
    let mut addresses = listen.to_socket_addrs().map_err(|error| wrong(error.to_string()))?;
    addresses.next().ok_or_else(|| wrong("the host has no address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_known_by_name() {
        assert_eq!(release("2.8.2").map(|release| release.name), Ok("2.8"));
        assert_eq!(release("0.11").map(|release| release.name), Ok("0.11"));
        for unknown in ["0.10.2", "9.9", "two", ""] {
            assert!(release(unknown).is_err(), "{unknown}");
        }
    }

    #[test]
    fn an_address_needs_a_port() {
        assert_eq!(resolve("127.0.0.1:0"), Ok(SocketAddr::from(([127, 0, 0, 1], 0))));
        assert!(matches!(resolve("127.0.0.1"), Err(Failure::Usage(_))));
        assert!(matches!(resolve(":"), Err(Failure::Usage(_))));
    }
}
