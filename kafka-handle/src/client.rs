//! The client: where everything else comes from.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use kafka_engine::config::{Config, ConfigError, ConsumerConfig, ProducerConfig};
use kafka_engine::{Cluster, Command};

use crate::admin::Admin;
use crate::clock::Clock;
use crate::consumer::Consumer;
use crate::driver::Driver;
use crate::op::Operation;
use crate::producer::Producer;
use crate::shared::{ClientOwner, Shared};

/// One cluster, and all connections to it. Producers and consumers of one client share what it knows of the cluster.
///
/// A clone is the same client. When the last handle that came from it is dropped, and what producers had accepted has
/// been delivered, its connections close.
#[derive(Clone)]
pub struct Client {
    owner: Arc<ClientOwner>,
}

impl Client {
    /// A client and the driver that it needs, which is for the adapter of a runtime to turn. `seed` is the only source
    /// of the engine's randomness; see [`random_seed`].
    ///
    /// # Errors
    /// A setting can't be used.
    pub fn new(
        config: Config,
        seed: [u8; 32],
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Driver), ConfigError> {
        config.validate()?;
        let shared = Arc::new(Shared::new(config, seed, clock));
        let driver = Driver::new(Arc::clone(&shared));
        Ok((Self { owner: Arc::new(ClientOwner { shared }) }, driver))
    }

    /// A producer. Nothing is sent before its first record.
    ///
    /// # Errors
    /// A setting can't be used.
    pub fn producer(&self, config: ProducerConfig) -> Result<Producer, ConfigError> {
        config.validate()?;
        Ok(Producer::open(Arc::clone(&self.owner), config))
    }

    /// A consumer, of nothing yet.
    ///
    /// # Errors
    /// A setting can't be used.
    pub fn consumer(&self, config: ConsumerConfig) -> Result<Consumer, ConfigError> {
        config.validate()?;
        Ok(Consumer::open(Arc::clone(&self.owner), config))
    }

    /// Topics and offsets, asked of the cluster.
    pub fn admin(&self) -> Admin {
        Admin::new(Arc::clone(&self.owner))
    }

    /// What is known of the cluster: its nodes, and the topics in use. Empty until something has been asked of it.
    pub fn cluster(&self) -> Arc<Cluster> {
        self.owner.shared.cluster()
    }

    /// Ends everything. Whatever waits fails with [`ErrorKind::Closed`](crate::ErrorKind::Closed), records that were
    /// accepted too: close producers first.
    pub async fn close(&self) {
        // The only error is that it is closed.
        let _ = Operation::start(&self.owner.shared, Command::Shutdown).await;
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("bootstrap", &self.owner.shared.config.bootstrap_servers)
            .finish_non_exhaustive()
    }
}

/// A seed from the operating system's randomness, for [`Client::new`].
pub fn random_seed() -> [u8; 32] {
    let mut seed = [0; 32];
    for (part, number) in seed.chunks_mut(8).zip(0_u64..) {
        // Every `RandomState` has keys of its own, drawn from the system's randomness.
        let word = RandomState::new().hash_one(number).to_le_bytes();
        part.copy_from_slice(&word[..part.len()]);
    }
    seed
}
