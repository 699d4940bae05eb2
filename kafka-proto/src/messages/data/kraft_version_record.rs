//! KRaftVersionRecord, version 0, flexible from 0: the value of the control record with the level of the feature
//! `kraft.version` (KIP-853).
//!
//! - No other version stands in front of it than its first field.

use crate::schema::messages;

messages! {
    /// The level of `kraft.version`.
    KRaftVersionRecord = versions 0..=0, flexible 0.., kips [0: 853] {
        /// The record's own version, 0.
        version: i16 [0..],
        /// 0 when the voters are configured, 1 when [`VotersRecord`](super::VotersRecord) names them.
        k_raft_version: i16 [0..],
    }
}
