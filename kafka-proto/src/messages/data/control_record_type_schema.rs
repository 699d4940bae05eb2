//! ControlRecordTypeSchema, version 0: the key of a control record (KIP-98).
//!
//! - Its version stands in front. Readers skip types, and take versions, that they don't know.
//! - Types: 0 aborts a transaction and 1 commits it ([`EndTxnMarker`](super::EndTxnMarker)), 2 names a leader
//!   ([`LeaderChangeMessage`](super::LeaderChangeMessage)), 3 starts a snapshot and 4 ends it
//!   ([`SnapshotHeaderRecord`](super::SnapshotHeaderRecord), [`SnapshotFooterRecord`](super::SnapshotFooterRecord)), 5
//!   is the level of `kraft.version` ([`KRaftVersionRecord`](super::KRaftVersionRecord)), 6 the voters
//!   ([`VotersRecord`](super::VotersRecord)).

use crate::schema::messages;

messages! {
    /// The key of a control record.
    ControlRecordTypeSchema = versions 0..=0, kips [0: 98] {
        /// What the record is; the module's documentation lists the types.
        r#type: i16 [0..],
    }
}
