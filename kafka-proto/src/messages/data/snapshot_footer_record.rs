//! SnapshotFooterRecord, version 0, flexible from 0: the value of the control record that ends a snapshot of the
//! metadata log (KIP-630).
//!
//! - No other version stands in front of it than its first field. A snapshot without it is not complete.

use crate::schema::messages;

messages! {
    /// The end of a snapshot.
    SnapshotFooterRecord = versions 0..=0, flexible 0.., kips [0: 630] {
        /// The record's own version, 0.
        version: i16 [0..],
    }
}
