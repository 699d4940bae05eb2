//! A host and a port, typed so that an IPv6 address never meets a colon by accident.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::Ipv6Addr;
use core::str::FromStr;

use super::ConfigError;
use super::value::invalid;

const KEY: &str = "bootstrap.servers";

/// The longest name that DNS knows, in bytes.
const NAME_MAX: usize = 255;

/// A host and a port.
///
/// As text `host:port`, with brackets around an IPv6 address: `[::1]:9092`. The port is never left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// A name, or an address in text; an IPv6 address without its brackets.
    pub host: String,
    /// The port, not 0.
    pub port: u16,
}

impl HostPort {
    /// Reads entries behind commas, at least one; what is named twice is taken once.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, ConfigError> {
        if text.trim().is_empty() {
            return Err(ConfigError::Missing { key: KEY });
        }
        let mut hosts = Vec::new();
        for entry in text.split(',') {
            let host = entry.parse()?;
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        Ok(hosts)
    }

    /// Whether it could have come out of a text.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.port == 0 || !(is_name(&self.host) || is_ipv6(&self.host)) {
            return Err(invalid(KEY, &self.host, "a host with a port from 1 to 65535"));
        }
        Ok(())
    }
}

impl FromStr for HostPort {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let text = text.trim();
        let wrong = |expected| invalid(KEY, text, expected);
        if text.contains("://") {
            return Err(wrong("host:port: no protocol goes in front"));
        }
        let (host, port) =
            text.rsplit_once(':').ok_or_else(|| wrong("host:port: the port is missing"))?;
        let host = match host.strip_prefix('[') {
            Some(host) => match host.strip_suffix(']') {
                Some(address) if is_ipv6(address) => address,
                Some(_) => {
                    return Err(wrong("host:port: there is no IPv6 address in the brackets"));
                }
                // The last colon was one of the address.
                None if text.ends_with(']') => return Err(wrong("host:port: the port is missing")),
                None => return Err(wrong("host:port: a bracket is missing")),
            },
            None if host.contains(':') => {
                return Err(wrong("host:port: an IPv6 address needs brackets, [::1]:9092"));
            }
            None if is_name(host) => host,
            None => return Err(wrong("host:port: that is no host name")),
        };
        if port.is_empty() {
            return Err(wrong("host:port: the port is missing"));
        }
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        match port.parse() {
            Ok(port) if digits && port > 0 => Ok(Self { host: host.to_owned(), port }),
            _ => Err(wrong("host:port: the port is a number from 1 to 65535")),
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A name as DNS has it, or an IPv4 address: letters, digits, and what stands between them.
fn is_name(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !host.is_empty() && host.len() <= NAME_MAX && host.bytes().all(allowed)
}

/// An IPv6 address, perhaps with a zone.
fn is_ipv6(host: &str) -> bool {
    let (address, zone) = host.split_once('%').unwrap_or((host, "0"));
    address.parse::<Ipv6Addr>().is_ok() && is_name(zone)
}
