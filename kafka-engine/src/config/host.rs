//! A host and a port, typed so that an IPv6 address never meets a colon by accident.

use alloc::string::String;

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// A name, or an address in text; an IPv6 address without its brackets.
    pub host: String,
    /// The port, not 0.
    pub port: u16,
}
