//! The conformance scenarios on threads, and what is this adapter's own.

use std::future::Future;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use conformance::Connect;
use kafka_handle::{Client, Config, ConfigError, block_on};

#[path = "../../../kafka-handle/conformance/mod.rs"]
mod conformance;

mod wrappers;

/// Far more than any scenario takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn run<F: Future<Output = ()> + 'static>(scenario: fn(Connect) -> F) {
    in_time(move || block_on(scenario(connect)));
}

/// Runs a test on a thread of its own, which is left behind if it hangs.
fn in_time(test: impl FnOnce() + Send + 'static) {
    let (done, over) = channel();
    let running = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    if over.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        panic!("the scenario hangs");
    }
    if let Err(panic) = running.join() {
        std::panic::resume_unwind(panic);
    }
}

fn connect(config: Config) -> Result<Client, ConfigError> {
    kafka_blocking::connect(config).map(|client| client.handle().clone())
}

conformance::each_scenario!(run);
