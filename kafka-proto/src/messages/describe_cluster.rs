//! DescribeCluster (key 60), versions 0 to 2, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeClusterRequest -> DescribeClusterResponse = key 60, versions 0..=2, flexible 0.. {
        /// TODO.
        include_cluster_authorized_operations: bool [0..],
        /// TODO.
        endpoint_type: i8 [1..] = 1,
        /// TODO.
        include_fenced_brokers: bool [2..],
    }

    /// TODO.
    DescribeClusterResponse = key 60, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        endpoint_type: i8 [1..] = 1,
        /// TODO.
        cluster_id: Str [0..],
        /// TODO.
        controller_id: i32 [0..] = -1,
        /// TODO.
        brokers: Vec<DescribeClusterBroker> [0..],
        /// TODO.
        cluster_authorized_operations: i32 [0..] = -2147483648,
    }

    /// TODO.
    DescribeClusterBroker {
        /// TODO.
        broker_id: i32 [0..],
        /// TODO.
        host: Str [0..],
        /// TODO.
        port: i32 [0..],
        /// TODO.
        rack: Option<Str> [0.., null 0..],
        /// TODO.
        is_fenced: bool [2..],
    }
}
