//! FindCoordinator (key 10), versions 0 to 6, flexible from 3: which broker coordinates a group or a transactional id.
//!
//! - Version 0 knows groups only, version 1 transactional ids too (KIP-98), version 6 share partitions (KIP-932).
//! - From version 4 on several keys are asked for and answered at once (KIP-699): `coordinator_keys` and `coordinators`
//!   take the place of the single fields. Version 5 may answer TRANSACTION_ABORTABLE (KIP-890).
//! - With an error, usually COORDINATOR_NOT_AVAILABLE while the coordinators' own topic is being created, node and port
//!   are -1 and the host is empty.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for coordinators.
    FindCoordinatorRequest -> FindCoordinatorResponse = key 10, versions 0..=6, flexible 3..,
        kips [1: 98, 2: 219, 3: 482, 4: 699, 5: 890, 6: 932] {
        /// The group or transactional id, before version 4.
        key: Str [0..=3],
        /// What the keys are: 0 groups, 1 transactional ids, 2 share partitions as `group:topic id:partition`.
        key_type: i8 [1..],
        /// The keys, from version 4 on.
        coordinator_keys: Vec<Str> [4..],
    }

    /// Where coordinators are.
    FindCoordinatorResponse = key 10, versions 0..=6, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or why there is no coordinator, before version 4.
        error_code: i16 [0..=3],
        /// Why there is no coordinator, before version 4.
        error_message: Option<Str> [1..=3, null 1..=3, ignorable, lossy],
        /// The coordinator's broker id, or -1, before version 4.
        node_id: i32 [0..=3],
        /// Host name or address, before version 4.
        host: Str [0..=3],
        /// Port, before version 4.
        port: i32 [0..=3],
        /// The coordinators, one for each key, from version 4 on.
        coordinators: Vec<Coordinator> [4..],
    }

    /// A key's coordinator.
    Coordinator {
        /// The key.
        key: Str [4..],
        /// Its broker id, or -1.
        node_id: i32 [4..],
        /// Host name or address.
        host: Str [4..],
        /// Port.
        port: i32 [4..],
        /// 0, or why there is no coordinator.
        error_code: i16 [4..],
        /// Why there is no coordinator.
        error_message: Option<Str> [4.., null 4.., ignorable, lossy],
    }
}
