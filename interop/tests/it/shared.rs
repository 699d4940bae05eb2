//! What tests that do no harm share: one node, and one Java client on it.
//!
//! Statics are never dropped; the node and the client end with the process by themselves.

use kafka_interop::{Cluster, ClusterOptions, Java};
use std::collections::BTreeSet;
use std::fs;
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

/// The codecs of the batches in a partition's log on the shared node, by the number in their attributes.
pub(crate) fn codecs_in_log(topic: &str, partition: i32) -> BTreeSet<u8> {
    let dir = cluster().node(1).unwrap().data().join(format!("{topic}-{partition}"));
    let segment = fs::read(dir.join("00000000000000000000.log")).unwrap();
    let mut rest = segment.as_slice();
    let mut codecs = BTreeSet::new();
    while let [_, _, _, _, _, _, _, _, a, b, c, d, ..] = *rest {
        let bytes = 12 + u32::from_be_bytes([a, b, c, d]) as usize;
        codecs.insert(rest[22] & 7);
        rest = &rest[bytes..];
    }
    codecs
}
