//! The conformance scenarios on both of tokio's schedulers.

use std::future::Future;
use std::time::Duration;

use conformance::Connect;
use tokio::runtime::{Builder, Runtime};

#[path = "../../../kafka-handle/conformance/mod.rs"]
mod conformance;

/// Far more than any scenario takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn run<F: Future<Output = ()>>(runtime: &Runtime, scenario: fn(Connect) -> F) {
    let scenario = async { scenario(kafka_tokio::connect).await };
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, scenario).await.expect("the scenario hangs")
    });
}

mod one_thread {
    use super::{Builder, Connect, Future};

    fn run<F: Future<Output = ()>>(scenario: fn(Connect) -> F) {
        super::run(
            &Builder::new_current_thread().enable_all().build().expect("a runtime"),
            scenario,
        );
    }

    crate::conformance::each_scenario!(run);
}

mod many_threads {
    use super::{Builder, Connect, Future};

    fn run<F: Future<Output = ()>>(scenario: fn(Connect) -> F) {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        super::run(&runtime.expect("a runtime"), scenario);
    }

    crate::conformance::each_scenario!(run);
}
