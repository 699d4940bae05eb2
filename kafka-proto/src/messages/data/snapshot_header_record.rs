//! SnapshotHeaderRecord, version 0, flexible from 0: TODO.

use crate::schema::messages;

messages! {
    /// TODO.
    SnapshotHeaderRecord = versions 0..=0, flexible 0.. {
        /// TODO.
        version: i16 [0..],
        /// TODO.
        last_contained_log_timestamp: i64 [0..],
    }
}
