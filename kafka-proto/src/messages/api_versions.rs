//! ApiVersions (key 18), versions 0 to 5, flexible from 3: what a broker speaks (KIP-35).
//!
//! - A response always has header version 0, so that the answer to a version which the broker doesn't know can be read
//!   (KIP-511). That answer comes in version 0 with UNSUPPORTED_VERSION; before 2.4 it lists no APIs.
//! - Version 3 names the client's software (KIP-511) and the cluster's features (KIP-584); a broker refuses names and
//!   versions other than `[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?`.
//! - Version 4 lists features whose lowest version is 0. Version 5 lets the client say whom it expects to reach
//!   (KIP-1242).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for the APIs, versions and features of a broker.
    ApiVersionsRequest -> ApiVersionsResponse = key 18, versions 0..=5, flexible 3..,
        kips [0: 35, 1: 124, 2: 219, 3: 482, 3: 511, 5: 1242] {
        /// Name of the client's library.
        client_software_name: Str [3.., ignorable],
        /// Version of the client's library.
        client_software_version: Str [3.., ignorable],
        /// The cluster that the client means to reach.
        cluster_id: Option<Str> [5.., null 5.., ignorable],
        /// The broker that the client means to reach, or -1.
        node_id: i32 [5.., ignorable] = -1,
    }

    /// The APIs, versions and features of a broker.
    ApiVersionsResponse = key 18, versions 0..=5, flexible 3.. {
        /// 0, or why there is no answer.
        error_code: i16 [0..],
        /// The APIs.
        api_keys: Vec<ApiVersion> [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// Features that the broker could run with.
        supported_features: Vec<SupportedFeatureKey> [3.., tag 0, ignorable],
        /// Grows with every change of the finalized features; -1 when unknown.
        finalized_features_epoch: i64 [3.., tag 1, ignorable] = -1,
        /// Features that the cluster runs with.
        finalized_features: Vec<FinalizedFeatureKey> [3.., tag 2, ignorable],
        /// Whether a controller is ready to take over from ZooKeeper.
        zk_migration_ready: bool [3.., tag 3, ignorable],
    }

    /// One API.
    ApiVersion {
        /// Its key.
        api_key: i16 [0..],
        /// Lowest version, inclusive.
        min_version: i16 [0..],
        /// Highest version, inclusive.
        max_version: i16 [0..],
    }

    /// A feature that the broker could run with.
    SupportedFeatureKey {
        /// Its name.
        name: Str [3..],
        /// Lowest level.
        min_version: i16 [3..],
        /// Highest level.
        max_version: i16 [3..],
    }

    /// A feature that the cluster runs with.
    FinalizedFeatureKey {
        /// Its name.
        name: Str [3..],
        /// Highest level that every broker supports.
        max_version_level: i16 [3..],
        /// Lowest level that every broker supports.
        min_version_level: i16 [3..],
    }
}
