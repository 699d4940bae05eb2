//! SaslHandshake (key 17), versions 0 to 1: choose a SASL mechanism.
//!
//! - After version 0 (KIP-43) the mechanism's tokens follow bare, each behind its length in four bytes and without
//!   headers; after version 1 they travel in SaslAuthenticate (KIP-152).
//! - It will stay inflexible: clients up to 2.4 would pick a newer version by mistake (KAFKA-9577).
//! - A connection that needs no SASL, or is past it, is answered ILLEGAL_SASL_STATE.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Chooses a mechanism.
    SaslHandshakeRequest -> SaslHandshakeResponse = key 17, versions 0..=1, kips [0: 43, 1: 152] {
        /// Its name, such as "PLAIN" or "SCRAM-SHA-512".
        mechanism: Str [0..],
    }

    /// Whether the mechanism may be used.
    SaslHandshakeResponse = key 17, versions 0..=1 {
        /// 0, or UNSUPPORTED_SASL_MECHANISM.
        error_code: i16 [0..],
        /// Names of the mechanisms that the broker has enabled.
        mechanisms: Vec<Str> [0..],
    }
}
