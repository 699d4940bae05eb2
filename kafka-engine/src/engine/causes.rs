//! Why connections failed lately: what an error that says "no broker" has to tell.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::engine::lane::Endpoint;
use crate::error::CloseCause;

/// As many addresses are remembered; a client has a handful.
const CAUSES_MAX: usize = 16;

/// The latest failure of each address since it last worked.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    by_address: BTreeMap<String, String>,
    /// Whether any broker ever answered.
    pub(crate) ever_reached: bool,
}

impl Causes {
    pub(crate) fn note(&mut self, endpoint: &Endpoint, cause: &CloseCause) {
        let address = endpoint.to_string();
        if self.by_address.len() < CAUSES_MAX || self.by_address.contains_key(&address) {
            self.by_address.insert(address, cause.to_string());
        }
    }

    pub(crate) fn clear(&mut self, endpoint: &Endpoint) {
        self.ever_reached = true;
        self.by_address.remove(&endpoint.to_string());
    }

    pub(crate) fn list(&self) -> Vec<String> {
        self.by_address.iter().map(|(address, cause)| format!("{address}: {cause}")).collect()
    }
}

impl core::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
