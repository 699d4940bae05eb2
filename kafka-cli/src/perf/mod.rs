//! `kafka perf`: how much a record costs.

mod consume;
pub(crate) mod cost;
mod latency;
mod payload;
mod produce;
mod report;
mod sampler;

use clap::{Args, Subcommand};

use crate::connect::Connect;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// Commands of `kafka perf`.
#[derive(Debug, Subcommand)]
pub(crate) enum Perf {
    /// Send records as fast as they go, or at a rate. Latency is from sending a record to the broker's answer.
    Produce(produce::Produce),
    /// Read records from the beginning. Latency is how long a poll takes.
    Consume(consume::Consume),
}

/// What both directions have in common.
#[derive(Debug, Args)]
struct Workload {
    #[command(flatten)]
    connect: Connect,

    /// The topic.
    #[arg(short, long)]
    topic: String,

    /// How many records to measure.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    records: u64,

    /// How many records to move before that.
    #[arg(long, value_name = "N", default_value_t = 0)]
    warmup: u64,
}

/// Measures, and prints a line.
pub(crate) async fn run(perf: Perf, mut interrupt: Interrupt) -> Result<(), Failure> {
    let measured = async {
        match perf {
            Perf::Produce(options) => produce::measure(options).await,
            Perf::Consume(options) => consume::measure(options).await,
        }
    };
    // A part of a measurement is none, so nothing is printed when it is interrupted.
    tokio::select! {
        report = measured => report?.print(),
        () = interrupt.told() => Err(Failure::Failed("interrupted".to_owned())),
    }
}
