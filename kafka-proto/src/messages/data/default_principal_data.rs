//! DefaultPrincipalData, version 0, flexible from 0: whose request a broker forwards (KIP-590).
//!
//! - It is `request_principal` in Envelope, with its version in front, unless the broker has a principal builder of its
//!   own.

use crate::{schema::messages, wire::Str};

messages! {
    /// A principal.
    DefaultPrincipalData = versions 0..=0, flexible 0.., kips [0: 590] {
        /// Its type, most often `User`.
        r#type: Str [0..],
        /// Its name.
        name: Str [0..],
        /// Whether it came with a delegation token.
        token_authenticated: bool [0..],
    }
}
