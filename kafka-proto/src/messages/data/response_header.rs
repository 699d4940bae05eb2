//! ResponseHeader, versions 0 to 1, flexible from 1: TODO.

use crate::schema::messages;

messages! {
    /// TODO.
    ResponseHeader = versions 0..=1, flexible 1.. {
        /// TODO.
        correlation_id: i32 [0..],
    }
}
