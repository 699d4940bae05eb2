//! A cluster to try things on by hand: `cargo run -p kafka-interop --example cluster -- 3 [NAME=VALUE..]`.
//!
//! Prints the bootstrap addresses, then obeys lines of `kill|stop|pause|resume|restart NODE` until standard input ends.

use kafka_interop::{Cluster, ClusterOptions, Error, Result};
use std::io::BufRead;

fn main() -> Result<()> {
    let mut options = ClusterOptions::single();
    for word in std::env::args().skip(1) {
        match word.split_once('=') {
            Some((name, value)) => options = options.with(name, value),
            None => options.nodes = word.parse().unwrap_or(1),
        }
    }
    let cluster = Cluster::start(options)?;
    println!("{}", cluster.bootstrap());
    println!("logs under {}", cluster.dir().display());
    for line in std::io::stdin().lock().lines() {
        let line =
            line.map_err(|source| Error::Io { what: "standard input".to_owned(), source })?;
        let (verb, node) = line.split_once(' ').unwrap_or((&line, ""));
        let node = node.trim().parse().unwrap_or(0);
        let result = match verb {
            "kill" => cluster.kill9(node),
            "stop" => cluster.stop(node),
            "pause" => cluster.pause(node),
            "resume" => cluster.resume(node),
            "restart" => cluster.restart(node),
            _ => {
                println!("kill, stop, pause, resume or restart, and a node");
                continue;
            }
        };
        match result {
            Ok(()) => println!("done: {line}"),
            Err(error) => println!("{error}"),
        }
    }
    Ok(())
}
