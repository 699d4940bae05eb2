//! KRaftVersionRecord, version 0, flexible from 0: TODO.

use crate::schema::messages;

messages! {
    /// TODO.
    KRaftVersionRecord = versions 0..=0, flexible 0.. {
        /// TODO.
        version: i16 [0..],
        /// TODO.
        k_raft_version: i16 [0..],
    }
}
