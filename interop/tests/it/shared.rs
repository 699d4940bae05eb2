//! What tests that do no harm share: one node, and one Java client on it.
//!
//! Statics are never dropped; the node and the client end with the process by themselves.

use kafka_interop::{Cluster, ClusterOptions, Java};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The node that all tests share.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start(ClusterOptions::single()).unwrap())
}

/// The Java client on it.
pub(crate) fn java() -> &'static Java {
    static JAVA: OnceLock<Java> = OnceLock::new();
    JAVA.get_or_init(|| Java::start(cluster().jars(), &cluster().bootstrap()).unwrap())
}

/// A topic name that no other test has.
pub(crate) fn topic(stem: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{stem}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
