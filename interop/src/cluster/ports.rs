//! Loopback ports that stay a node's own while it is down.

use crate::error::{Error, Result};
use crate::places;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Where ports are taken from: below the range that systems give to outgoing connections, lest one of those sits on a
/// port when its node comes back.
const RANGE: std::ops::Range<u16> = 20_000..30_000;

/// A port that no other cluster of this machine's test processes uses while this is held.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _claim: File,
}

impl Port {
    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// A port that nobody has claimed and nobody listens on.
    pub fn claim() -> Result<Self> {
        let claims = std::env::temp_dir().join("kafka-interop-ports");
        fs::create_dir_all(&claims).map_err(Error::at(&claims))?;
        let first = RandomState::new().hash_one(std::process::id());
        let size = u64::from(RANGE.end - RANGE.start);
        let candidates =
            (0..size).filter_map(|step| u16::try_from((first.wrapping_add(step)) % size).ok());
        for number in candidates.map(|it| RANGE.start + it) {
            if let Some(claim) = places::try_lock(&claims.join(number.to_string()))
                && TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok()
            {
                return Ok(Self { number, _claim: claim });
            }
        }
        Err(Error::io("a free port")(std::io::ErrorKind::AddrInUse.into()))
    }
}
