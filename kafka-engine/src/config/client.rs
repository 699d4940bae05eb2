//! Settings of the whole client.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::keys::Home;
use super::value::{Field, Value, check_fields, invalid};
use super::{ConfigError, HostPort};

/// The longest string that a request header takes, in bytes.
const CLIENT_ID_MAX: usize = i16::MAX as usize;

/// Settings of the whole client. The keys of the fields are Kafka's, in the docs of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `bootstrap.servers`: where to ask for the cluster first. Required.
    pub bootstrap_servers: Vec<HostPort>,
    /// `client.id`: a name that brokers see with every request, for their logs, metrics and quotas. Empty: none.
    pub client_id: String,
    /// `request.timeout.ms`: how long a request may take from when it is the oldest on its connection. 30 s.
    pub request_timeout: Duration,
    /// `default.api.timeout.ms`: how long an operation may take that is given no time of its own. 60 s.
    pub default_api_timeout: Duration,
    /// `retry.backoff.ms`: the pause before the first retry; it doubles with each. 100 ms.
    pub retry_backoff: Duration,
    /// `retry.backoff.max.ms`: the longest pause between retries. 1 s.
    pub retry_backoff_max: Duration,
    /// `reconnect.backoff.ms`: the pause after a first failed connection to a broker; it doubles with each. 50 ms.
    pub reconnect_backoff: Duration,
    /// `reconnect.backoff.max.ms`: the longest pause between connections to a broker. 1 s.
    pub reconnect_backoff_max: Duration,
    /// `socket.connection.setup.timeout.ms`: how long a connection may take to come up; it doubles with each
    /// failure (KIP-601). 10 s.
    pub connection_setup_timeout: Duration,
    /// `socket.connection.setup.timeout.max.ms`: the longest that it grows to. 30 s.
    pub connection_setup_timeout_max: Duration,
    /// `connections.max.idle.ms`: an unused connection is closed after this. 9 min; `None` (-1): never.
    pub connections_max_idle: Option<Duration>,
    /// `metadata.max.age.ms`: metadata is asked for again after this, changes or not. 5 min.
    pub metadata_max_age: Duration,
    /// `metadata.max.idle.ms`: a topic that was not used for this long is forgotten. 5 min, at least 5 s.
    pub metadata_max_idle: Duration,
    /// `metadata.cluster.check.enable`: whether to refuse brokers of another cluster than the first that was seen
    /// (KIP-1242). On.
    pub cluster_check: bool,
    /// `send.buffer.bytes`: the socket's send buffer. `None` (-1), which unlike in Kafka is the default: the system's.
    pub send_buffer_bytes: Option<usize>,
    /// `receive.buffer.bytes`: the socket's receive buffer. `None` (-1), which unlike in Kafka is the default: the
    /// system's.
    pub receive_buffer_bytes: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bootstrap_servers: Vec::new(),
            client_id: String::new(),
            request_timeout: Duration::from_secs(30),
            default_api_timeout: Duration::from_secs(60),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            reconnect_backoff: Duration::from_millis(50),
            reconnect_backoff_max: Duration::from_secs(1),
            connection_setup_timeout: Duration::from_secs(10),
            connection_setup_timeout_max: Duration::from_secs(30),
            connections_max_idle: Some(Duration::from_secs(540)),
            metadata_max_age: Duration::from_secs(300),
            metadata_max_idle: Duration::from_secs(300),
            cluster_check: true,
            send_buffer_bytes: None,
            receive_buffer_bytes: None,
        }
    }
}

impl Config {
    /// Kafka's defaults, with brokers to ask first: `host:port` behind commas, IPv6 addresses in brackets.
    ///
    /// # Errors
    /// An entry is not of that form.
    pub fn new(bootstrap_servers: &str) -> Result<Self, ConfigError> {
        Ok(Self { bootstrap_servers: HostPort::parse_list(bootstrap_servers)?, ..Self::default() })
    }

    /// Sets what Kafka's key names to a value in text.
    ///
    /// # Errors
    /// The key is not known, or not for the whole client, or the value is not one of its values. Nothing is changed
    /// then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        let Some(value) = Value::find(key, value, Home::Client)? else {
            return Ok(());
        };
        match value.key() {
            "bootstrap.servers" => self.bootstrap_servers = value.hosts()?,
            "client.id" => self.client_id = value.string(),
            "request.timeout.ms" => self.request_timeout = value.millis()?,
            "default.api.timeout.ms" => self.default_api_timeout = value.millis()?,
            "retry.backoff.ms" => self.retry_backoff = value.millis()?,
            "retry.backoff.max.ms" => self.retry_backoff_max = value.millis()?,
            "reconnect.backoff.ms" => self.reconnect_backoff = value.millis()?,
            "reconnect.backoff.max.ms" => self.reconnect_backoff_max = value.millis()?,
            "socket.connection.setup.timeout.ms" => {
                self.connection_setup_timeout = value.millis()?;
            }
            "socket.connection.setup.timeout.max.ms" => {
                self.connection_setup_timeout_max = value.millis()?;
            }
            "connections.max.idle.ms" => self.connections_max_idle = value.millis_or_none()?,
            "metadata.max.age.ms" => self.metadata_max_age = value.millis()?,
            "metadata.max.idle.ms" => self.metadata_max_idle = value.millis()?,
            "metadata.cluster.check.enable" => self.cluster_check = value.boolean()?,
            "send.buffer.bytes" => self.send_buffer_bytes = value.bytes_or_none()?,
            "receive.buffer.bytes" => self.receive_buffer_bytes = value.bytes_or_none()?,
            key => return Err(ConfigError::Unknown { key: key.into(), suggestion: None }),
        }
        Ok(())
    }

    /// Checks every field against its range, and that what is required is there.
    ///
    /// # Errors
    /// The first field that can't be used.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.bootstrap_servers.is_empty() {
            return Err(ConfigError::Missing { key: "bootstrap.servers" });
        }
        self.bootstrap_servers.iter().try_for_each(HostPort::check)?;
        if self.client_id.len() > CLIENT_ID_MAX {
            return Err(invalid("client.id", &self.client_id, "at most 32767 bytes long"));
        }
        check_fields(&[
            ("request.timeout.ms", Field::Millis(self.request_timeout)),
            ("default.api.timeout.ms", Field::Millis(self.default_api_timeout)),
            ("retry.backoff.ms", Field::Millis(self.retry_backoff)),
            ("retry.backoff.max.ms", Field::Millis(self.retry_backoff_max)),
            ("reconnect.backoff.ms", Field::Millis(self.reconnect_backoff)),
            ("reconnect.backoff.max.ms", Field::Millis(self.reconnect_backoff_max)),
            ("socket.connection.setup.timeout.ms", Field::Millis(self.connection_setup_timeout)),
            (
                "socket.connection.setup.timeout.max.ms",
                Field::Millis(self.connection_setup_timeout_max),
            ),
            ("connections.max.idle.ms", Field::MillisOrNone(self.connections_max_idle)),
            ("metadata.max.age.ms", Field::Millis(self.metadata_max_age)),
            ("metadata.max.idle.ms", Field::Millis(self.metadata_max_idle)),
            ("send.buffer.bytes", Field::BytesOrNone(self.send_buffer_bytes)),
            ("receive.buffer.bytes", Field::BytesOrNone(self.receive_buffer_bytes)),
        ])
    }
}
