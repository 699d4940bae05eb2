//! `kafka`: the command line over kafka-tokio, with an embedded broker.
//!
//! What a command prints for other programs goes to stdout, everything else to stderr. Exit codes: 0, all went well;
//! 1, some records or the operation failed; 2, the arguments can't be used; 3, no broker could be reached; 130, Ctrl-C came
//! before all was done, where that matters.

mod arguments;
mod broker;
mod connect;
mod consume;
mod demo;
mod escape;
mod failure;
mod format;
mod interrupt;
mod json;
mod numbers;
mod output;
mod perf;
mod produce;
mod progress;
mod protocol;
mod sim;
mod topics;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// The commands run on the main thread, where a blocking write to stdout is no harm; connections are served by these.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            // Help or the version; if nobody reads it, nobody misses it.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return Failure::from(&error).end(),
    };
    match start(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(),
    }
}

fn start(command: Command) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = runtime
        .map_err(|error| Failure::Failed(format!("no threads could be started: {error}")))?;
    let ended = runtime.block_on(run(command));
    // Whatever still runs is of no use to anybody: the command has said all that it had to say.
    runtime.shutdown_background();
    ended
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(demo) => demo::run(demo, Interrupt::listen()?).await,
        Command::Broker(broker) => broker::run(broker, Interrupt::listen()?).await,
        Command::Topics(topics) => topics::run(topics, Interrupt::listen()?).await,
        Command::Produce(produce) => produce::run(produce, Interrupt::listen()?).await,
        Command::Consume(consume) => consume::run(consume, Interrupt::listen()?).await,
        Command::Perf(perf) => perf::run(perf, Interrupt::listen()?).await,
        Command::Protocol(protocol) => protocol::run(protocol),
        Command::Sim(sim) => sim::run(sim, &Interrupt::listen()?),
    }
}
