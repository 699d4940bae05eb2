//! SnapshotHeaderRecord, version 0, flexible from 0: the value of the control record that starts a snapshot of the
//! metadata log (KIP-630).
//!
//! - No other version stands in front of it than its first field.

use crate::schema::messages;

messages! {
    /// The start of a snapshot.
    SnapshotHeaderRecord = versions 0..=0, flexible 0.., kips [0: 630] {
        /// The record's own version, 0.
        version: i16 [0..],
        /// When the last record in the snapshot was written, milliseconds since 1970.
        last_contained_log_timestamp: i64 [0..],
    }
}
