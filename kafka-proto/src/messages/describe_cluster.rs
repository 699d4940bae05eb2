//! DescribeCluster (key 60), versions 0 to 2, flexible from 0: the brokers or the controllers of the cluster.
//!
//! - Version 0 is what Metadata tells without topics (KIP-700), version 1 also reads controllers (KIP-919), version 2
//!   brokers that are fenced (KIP-1073).
//! - A node asked for the other kind of endpoint answers MISMATCHED_ENDPOINT_TYPE.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for the nodes of the cluster.
    DescribeClusterRequest -> DescribeClusterResponse = key 60, versions 0..=2, flexible 0..,
        kips [0: 700, 1: 919, 2: 1073] {
        /// Whether to tell which operations on the cluster the client may do.
        include_cluster_authorized_operations: bool [0..],
        /// 1 brokers, 2 controllers.
        endpoint_type: i8 [1..] = 1,
        /// Whether to tell fenced brokers too.
        include_fenced_brokers: bool [2..],
    }

    /// The nodes of the cluster.
    DescribeClusterResponse = key 60, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// 1 brokers, 2 controllers.
        endpoint_type: i8 [1..] = 1,
        /// The cluster's id.
        cluster_id: Str [0..],
        /// The active controller, or -1; a KRaft broker names any broker, which forwards.
        controller_id: i32 [0..] = -1,
        /// The nodes.
        brokers: Vec<DescribeClusterBroker> [0..],
        /// Bits of the operations that the client may do; the default if it didn't ask.
        cluster_authorized_operations: i32 [0..] = -2147483648,
    }

    /// A node.
    DescribeClusterBroker {
        /// Its id.
        broker_id: i32 [0..],
        /// Host name or address.
        host: Str [0..],
        /// Port.
        port: i32 [0..],
        /// Its rack; null if it is in none.
        rack: Option<Str> [0.., null 0..],
        /// Whether it is fenced, so that clients can't use it.
        is_fenced: bool [2..],
    }
}
