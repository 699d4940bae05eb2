//! DefaultPrincipalData, version 0, flexible from 0: TODO.

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DefaultPrincipalData = versions 0..=0, flexible 0.. {
        /// TODO.
        r#type: Str [0..],
        /// TODO.
        name: Str [0..],
        /// TODO.
        token_authenticated: bool [0..],
    }
}
