//! SaslHandshake (key 17), versions 0 to 1: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    SaslHandshakeRequest -> SaslHandshakeResponse = key 17, versions 0..=1 {
        /// TODO.
        mechanism: Str [0..],
    }

    /// TODO.
    SaslHandshakeResponse = key 17, versions 0..=1 {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        mechanisms: Vec<Str> [0..],
    }
}
