//! A Kafka client on [tokio].
#![forbid(unsafe_code)]

mod drive;
mod socket;

use std::sync::Arc;

use tokio::runtime::Handle;

pub use kafka_handle::*;

/// A client on the current runtime. It connects when something is first asked of it.
///
/// # Errors
/// A setting can't be used.
///
/// # Panics
/// Outside of a tokio runtime, as [`tokio::spawn`] does.
pub fn connect(config: Config) -> Result<Client, ConfigError> {
    connect_on(&Handle::current(), config)
}

/// A client on this runtime. Its handles may be used on any other, and on none.
///
/// # Errors
/// A setting can't be used.
pub fn connect_on(runtime: &Handle, config: Config) -> Result<Client, ConfigError> {
    let _context = runtime.enter();
    let epoch = tokio::time::Instant::now();
    let (client, driver) = Client::new(config, random_seed(), Arc::new(TokioClock { epoch }))?;
    runtime.spawn(drive::drive(driver, epoch));
    Ok(client)
}

/// The runtime's clock, which tests can pause, and the system's wall clock.
struct TokioClock {
    epoch: tokio::time::Instant,
}

impl Clock for TokioClock {
    fn now(&self) -> Instant {
        Instant::ZERO + self.epoch.elapsed()
    }

    fn wall_ms(&self) -> i64 {
        unix_ms(std::time::SystemTime::now())
    }
}
