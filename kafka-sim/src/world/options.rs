//! What a world is made of.

use super::net::Conditions;
use crate::ClusterOptions;

/// Options of a [`World`](super::World); build it with `..WorldOptions::default()`.
#[derive(Clone, Debug)]
pub struct WorldOptions {
    /// Everything that is random follows from it: latencies, clients' seeds, identifiers.
    pub seed: u64,
    /// Brokers of the cluster, 1 to 250; of another number the nearest of these. Node n is reached as `broker-n.sim`, port 9092.
    pub nodes: u16,
    /// The network as it usually is.
    pub conditions: Conditions,
    /// The cluster's own options; its nodes and seed are overwritten. What is written over `ClusterOptions::default()` also
    /// has its `auto_create`: on, and not off as here.
    pub cluster: ClusterOptions,
}

impl Default for WorldOptions {
    /// Three brokers on a quiet local network, which make topics only when they are told to.
    fn default() -> Self {
        Self {
            seed: 0,
            nodes: 3,
            conditions: Conditions::default(),
            cluster: ClusterOptions { auto_create: false, ..ClusterOptions::default() },
        }
    }
}
