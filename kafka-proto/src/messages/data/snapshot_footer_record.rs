//! SnapshotFooterRecord, version 0, flexible from 0: TODO.

use crate::schema::messages;

messages! {
    /// TODO.
    SnapshotFooterRecord = versions 0..=0, flexible 0.. {
        /// TODO.
        version: i16 [0..],
    }
}
