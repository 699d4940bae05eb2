//! ControlledShutdown (key 7), versions 0 to 3, flexible from 3: a broker asks to be relieved before it stops.
//!
//! - Only brokers with ZooKeeper send it, and repeat it until no partition remains; KRaft brokers say so in their
//!   heartbeats. 4.0 dropped all versions.
//! - Version 0 is the one request of the protocol whose header has no client id. 0.10.0 to 0.11 offer only version 1 to
//!   clients that ask.
//! - Version 2 has broker epochs (KIP-380).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks the controller to move leaders off a broker.
    ControlledShutdownRequest -> ControlledShutdownResponse = key 7, versions 0..=3, flexible 3..,
        kips [2: 380, 3: 482] {
        /// The broker that is about to stop.
        broker_id: i32 [0..],
        /// Its epoch; -1 skips the check.
        broker_epoch: i64 [2.., ignorable] = -1,
    }

    /// What the broker still leads.
    ControlledShutdownResponse = key 7, versions 0..=3, flexible 3.. {
        /// 0, or why nothing was moved.
        error_code: i16 [0..],
        /// Partitions that no other replica could take over.
        remaining_partitions: Vec<RemainingPartition> [0..],
    }

    /// A partition that the broker still leads.
    RemainingPartition {
        /// Its topic's name.
        topic_name: Str [0..],
        /// Its number.
        partition_index: i32 [0..],
    }
}
