//! BrokerRegistration (key 62), versions 0 to 4, flexible from 0: a broker joins the cluster.
//!
//! - Sent by brokers to the controller when they start (KIP-631).
//! - Version 1 lets ZooKeeper's brokers register while they migrate (KIP-866), version 2 has log directories (KIP-858),
//!   version 3 the epoch before a clean shutdown (KIP-966).
//! - Brokers leave features with a least level of 0 out before version 4, which old controllers could not read
//!   (KAFKA-17011).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Registers a broker.
    BrokerRegistrationRequest -> BrokerRegistrationResponse = key 62, versions 0..=4, flexible 0..,
        kips [0: 631, 1: 866, 2: 858, 3: 966] {
        /// The broker.
        broker_id: i32 [0..],
        /// The cluster that it means to join.
        cluster_id: Str [0..],
        /// Random id of the broker's process.
        incarnation_id: Uuid [0..],
        /// Where clients and other brokers reach it.
        listeners: Vec<Listener> [0..],
        /// Levels of features that it can work with.
        features: Vec<Feature> [0..],
        /// Its rack; null if it is in none.
        rack: Option<Str> [0.., null 0..],
        /// Whether it still runs with ZooKeeper.
        is_migrating_zk_broker: bool [1..] = false,
        /// Ids of its log directories that are online.
        log_dirs: Vec<Uuid> [2.., ignorable],
        /// Its epoch before it last shut down cleanly, or -1.
        previous_broker_epoch: i64 [3.., ignorable] = -1,
    }

    /// A listener.
    Listener {
        /// Its name.
        name: Str [0..],
        /// Host name or address.
        host: Str [0..],
        /// Port.
        port: u16 [0..],
        /// 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
        security_protocol: i16 [0..],
    }

    /// A feature.
    Feature {
        /// Its name.
        name: Str [0..],
        /// The lowest level.
        min_supported_version: i16 [0..],
        /// The highest level.
        max_supported_version: i16 [0..],
    }

    /// Whether the broker is registered.
    BrokerRegistrationResponse = key 62, versions 0..=4, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The broker's epoch from now on, or -1.
        broker_epoch: i64 [0..] = -1,
    }
}
