//! Settings of a producer.

use core::time::Duration;

use kafka_proto::records::Codec;

use super::ConfigError;
use super::keys::Home;
use super::value::{Field, Value, check_fields};

/// How idempotence keeps its order: brokers remember this many batches of a producer for each partition.
const IDEMPOTENT_IN_FLIGHT_MAX: usize = 5;

const NO_CODEC: &str = "this build leaves the codec out, see the features of kafka-proto";

/// Settings of a producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerConfig {
    /// `acks`: how many replicas must have a record before it counts as written. All.
    pub acks: Acks,
    /// `linger.ms`: how long a record may wait for others to share a request with. 5 ms.
    pub linger: Duration,
    /// `batch.size`: how long a batch may grow, uncompressed, in bytes. 16,384.
    pub batch_bytes: usize,
    /// `buffer.memory`: how much memory records may take that wait or are on their way, in bytes. 33,554,432.
    pub buffer_memory: usize,
    /// `compression.type`: how batches are compressed. None.
    pub compression: Codec,
    /// `compression.gzip.level`: how hard gzip tries, from 1 to 9. `None` (-1): its own default.
    pub compression_gzip_level: Option<i32>,
    /// `compression.zstd.level`: how hard zstd tries, from -131,072 to 22. `None`: its own default, 3.
    pub compression_zstd_level: Option<i32>,
    /// `max.request.size`: how long a request, and so a record, may be, in bytes. 1,048,576.
    pub max_request_bytes: usize,
    /// `max.in.flight.requests.per.connection`: how many requests may wait for their answer at a broker. 5.
    pub max_in_flight: usize,
    /// `enable.idempotence`: whether the broker is to drop what it already has (KIP-98). `None`: unless something
    /// else rules it out; see [`idempotent`](Self::idempotent).
    pub enable_idempotence: Option<bool>,
    /// `retries`: how often a batch is sent again before it fails. 2,147,483,647: until `delivery.timeout.ms`.
    pub retries: u32,
    /// `delivery.timeout.ms`: how long after `send` a record is written or failed. 2 min.
    pub delivery_timeout: Duration,
    /// `max.block.ms`: how long `send` may wait for metadata and memory. 60 s.
    pub max_block: Duration,
    /// `retry.backoff.ms`: the pause before a batch is sent again; it doubles with each. 100 ms.
    pub retry_backoff: Duration,
    /// `retry.backoff.max.ms`: the longest such pause. 1 s.
    pub retry_backoff_max: Duration,
    /// `allow.auto.create.topics`: whether sending to a topic that does not exist asks the broker to create it. On.
    /// (With Kafka's own producer it always does.)
    pub allow_auto_create_topics: bool,
}

/// How many replicas must have a record before it counts as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// None: `0`. Records are sent and forgotten, and no offset is known.
    None,
    /// The leader: `1`. What it has not passed on is lost with it.
    Leader,
    /// All replicas that are in sync: `all` or `-1`.
    #[default]
    All,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        Self {
            acks: Acks::All,
            linger: Duration::from_millis(5),
            batch_bytes: 16_384,
            buffer_memory: 33_554_432,
            compression: Codec::None,
            compression_gzip_level: None,
            compression_zstd_level: None,
            max_request_bytes: 1_048_576,
            max_in_flight: 5,
            enable_idempotence: None,
            retries: i32::MAX as u32,
            delivery_timeout: Duration::from_secs(120),
            max_block: Duration::from_secs(60),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            allow_auto_create_topics: true,
        }
    }
}

impl Acks {
    /// The number on the wire: 0, 1 or -1.
    pub fn number(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }

    fn parse(value: Value<'_>) -> Result<Self, ConfigError> {
        let choices =
            [("all", Self::All), ("-1", Self::All), ("1", Self::Leader), ("0", Self::None)];
        value.choice(&choices, "all, -1, 0 or 1")
    }
}

impl ProducerConfig {
    /// Whether batches are sent so that the broker can drop what it already has: yes, unless it was switched off or
    /// left at its default and something else rules it out (`acks` other than all, `max.in.flight...` over 5, no
    /// `retries`).
    pub fn idempotent(&self) -> bool {
        self.enable_idempotence.unwrap_or_else(|| self.idempotence_conflict().is_none())
    }

    /// The level of the codec in use; `None`: the codec's own default.
    pub fn compression_level(&self) -> Option<i32> {
        match self.compression {
            Codec::Gzip => self.compression_gzip_level,
            Codec::Zstd => self.compression_zstd_level,
            _ => None,
        }
    }

    /// Sets what Kafka's key names to a value in text.
    ///
    /// # Errors
    /// The key is not known, or not a producer's, or the value is not one of its values. Nothing is changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        let Some(value) = Value::find(key, value, Home::Producer)? else {
            return Ok(());
        };
        match value.key() {
            "acks" => self.acks = Acks::parse(value)?,
            "linger.ms" => self.linger = value.millis()?,
            "batch.size" => self.batch_bytes = value.bytes()?,
            "buffer.memory" => self.buffer_memory = value.bytes()?,
            "compression.type" => self.compression = codec(value)?,
            "compression.gzip.level" => self.compression_gzip_level = value.level()?,
            "compression.zstd.level" => self.compression_zstd_level = value.level()?,
            "max.request.size" => self.max_request_bytes = value.bytes()?,
            "max.in.flight.requests.per.connection" => self.max_in_flight = value.bytes()?,
            "enable.idempotence" => self.enable_idempotence = Some(value.boolean()?),
            "retries" => self.retries = value.count()?,
            "delivery.timeout.ms" => self.delivery_timeout = value.millis()?,
            "max.block.ms" => self.max_block = value.millis()?,
            "retry.backoff.ms" => self.retry_backoff = value.millis()?,
            "retry.backoff.max.ms" => self.retry_backoff_max = value.millis()?,
            "allow.auto.create.topics" => self.allow_auto_create_topics = value.boolean()?,
            key => return Err(ConfigError::Unknown { key: key.into(), suggestion: None }),
        }
        Ok(())
    }

    /// Checks every field against its range, and the fields against each other.
    ///
    /// # Errors
    /// The first field that can't be used.
    pub fn validate(&self) -> Result<(), ConfigError> {
        check_fields(&[
            ("linger.ms", Field::Millis(self.linger)),
            ("batch.size", Field::Bytes(self.batch_bytes)),
            ("buffer.memory", Field::Bytes(self.buffer_memory)),
            ("compression.gzip.level", Field::Level(self.compression_gzip_level)),
            ("compression.zstd.level", Field::Level(self.compression_zstd_level)),
            ("max.request.size", Field::Bytes(self.max_request_bytes)),
            ("max.in.flight.requests.per.connection", Field::Bytes(self.max_in_flight)),
            ("retries", Field::Bytes(self.retries as usize)),
            ("delivery.timeout.ms", Field::Millis(self.delivery_timeout)),
            ("max.block.ms", Field::Millis(self.max_block)),
            ("retry.backoff.ms", Field::Millis(self.retry_backoff)),
            ("retry.backoff.max.ms", Field::Millis(self.retry_backoff_max)),
        ])?;
        if !self.compression.is_built() {
            return Err(ConfigError::NotBuilt { key: "compression.type", lacking: NO_CODEC });
        }
        if let (Some(true), Some(conflict)) = (self.enable_idempotence, self.idempotence_conflict())
        {
            return Err(ConfigError::Conflict { key: "enable.idempotence", conflict });
        }
        if self.delivery_timeout < self.linger {
            let conflict = "a record would fail before linger.ms lets it go";
            return Err(ConfigError::Conflict { key: "delivery.timeout.ms", conflict });
        }
        Ok(())
    }

    /// What rules idempotence out.
    fn idempotence_conflict(&self) -> Option<&'static str> {
        if self.acks != Acks::All {
            Some("idempotence needs acks=all")
        } else if self.max_in_flight > IDEMPOTENT_IN_FLIGHT_MAX {
            Some("idempotence needs max.in.flight.requests.per.connection of at most 5")
        } else if self.retries == 0 {
            Some("idempotence needs retries")
        } else {
            None
        }
    }
}

fn codec(value: Value<'_>) -> Result<Codec, ConfigError> {
    let codec = value.choice(
        &Codec::ALL.map(|codec| (codec.name(), codec)),
        "none, gzip, snappy, lz4 or zstd",
    )?;
    if codec.is_built() {
        Ok(codec)
    } else {
        Err(ConfigError::NotBuilt { key: value.key(), lacking: NO_CODEC })
    }
}
