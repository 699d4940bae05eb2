//! Settings of a producer.

use core::time::Duration;

use kafka_proto::records::Codec;

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
    /// `compression.gzip.level`, `compression.lz4.level`, `compression.zstd.level`: how hard the codec tries;
    /// `None`: the codec's own default.
    pub compression_level: Option<i32>,
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
            compression_level: None,
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
}

impl ProducerConfig {
    /// Whether batches are sent so that the broker can drop what it already has: yes, unless it was switched off or
    /// left at its default and something else rules it out (`acks` other than all, `max.in.flight...` over 5, no
    /// `retries`).
    pub fn idempotent(&self) -> bool {
        self.enable_idempotence.unwrap_or_else(|| self.idempotence_conflict().is_none())
    }

    /// What rules idempotence out.
    fn idempotence_conflict(&self) -> Option<&'static str> {
        if self.acks != Acks::All {
            Some("idempotence needs acks=all")
        } else if self.max_in_flight > 5 {
            Some("idempotence needs max.in.flight.requests.per.connection of at most 5")
        } else if self.retries == 0 {
            Some("idempotence needs retries")
        } else {
            None
        }
    }
}
