//! Settings of a consumer.

use core::time::Duration;

use super::ConfigError;
use super::keys::Home;
use super::value::{Field, Value, check_fields};

/// Settings of a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerConfig {
    /// `auto.offset.reset`: where to go when there is no position, or it does not exist. Latest.
    pub auto_offset_reset: AutoOffsetReset,
    /// `fetch.min.bytes`: a broker answers when it has this much, in bytes. 1.
    pub fetch_min_bytes: usize,
    /// `fetch.max.bytes`: the most that a broker puts in an answer, in bytes, unless its first batch is longer.
    /// 52,428,800.
    pub fetch_max_bytes: usize,
    /// `fetch.max.wait.ms`: a broker answers after this time with what it has. 500 ms.
    pub fetch_max_wait: Duration,
    /// `max.partition.fetch.bytes`: the most that it puts in for one partition, unless its first batch is longer.
    /// 1,048,576.
    pub max_partition_fetch_bytes: usize,
    /// `max.poll.records`: the most that one poll hands out. 500.
    pub max_poll_records: usize,
    /// `check.crcs`: whether to verify each batch's checksum. On.
    pub check_crcs: bool,
    /// `isolation.level`: whether records of transactions wait for the commit. Read uncommitted; read committed is
    /// not supported yet, and refused by [`validate`](Self::validate).
    pub isolation_level: IsolationLevel,
    /// `allow.auto.create.topics`: whether asking for a topic that does not exist lets the broker create it. On.
    pub allow_auto_create_topics: bool,
    /// `enable.partition.eof`: whether to say when the end of a partition is reached. Off. (A setting of
    /// librdkafka's, not of Kafka's own consumer.)
    pub enable_partition_eof: bool,
}

/// Where to go when there is no position, or it does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AutoOffsetReset {
    /// To the first record that is there: `earliest`.
    Earliest,
    /// Behind the last record: `latest`.
    #[default]
    Latest,
    /// Nowhere, it is an error: `none`.
    None,
}

/// Whether records of transactions wait for the commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IsolationLevel {
    /// No: `read_uncommitted`.
    #[default]
    ReadUncommitted,
    /// Yes, and what was aborted is left out: `read_committed`.
    ReadCommitted,
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        Self {
            auto_offset_reset: AutoOffsetReset::Latest,
            fetch_min_bytes: 1,
            fetch_max_bytes: 52_428_800,
            fetch_max_wait: Duration::from_millis(500),
            max_partition_fetch_bytes: 1_048_576,
            max_poll_records: 500,
            check_crcs: true,
            isolation_level: IsolationLevel::ReadUncommitted,
            allow_auto_create_topics: true,
            enable_partition_eof: false,
        }
    }
}

impl ConsumerConfig {
    /// Sets what Kafka's key names to a value in text.
    ///
    /// # Errors
    /// The key is not known, or not a consumer's, or the value is not one of its values. Nothing is changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        let Some(value) = Value::find(key, value, Home::Consumer)? else {
            return Ok(());
        };
        match value.key() {
            "auto.offset.reset" => self.auto_offset_reset = AutoOffsetReset::parse(value)?,
            "fetch.min.bytes" => self.fetch_min_bytes = value.bytes()?,
            "fetch.max.bytes" => self.fetch_max_bytes = value.bytes()?,
            "fetch.max.wait.ms" => self.fetch_max_wait = value.millis()?,
            "max.partition.fetch.bytes" => self.max_partition_fetch_bytes = value.bytes()?,
            "max.poll.records" => self.max_poll_records = value.bytes()?,
            "check.crcs" => self.check_crcs = value.boolean()?,
            "isolation.level" => self.isolation_level = IsolationLevel::parse(value)?,
            "allow.auto.create.topics" => self.allow_auto_create_topics = value.boolean()?,
            "enable.partition.eof" => self.enable_partition_eof = value.boolean()?,
            key => return Err(ConfigError::Unknown { key: key.into(), suggestion: None }),
        }
        Ok(())
    }

    /// Checks every field against its range, and that what it asks for is built.
    ///
    /// # Errors
    /// The first field that can't be used.
    pub fn validate(&self) -> Result<(), ConfigError> {
        check_fields(&[
            ("fetch.min.bytes", Field::Bytes(self.fetch_min_bytes)),
            ("fetch.max.bytes", Field::Bytes(self.fetch_max_bytes)),
            ("fetch.max.wait.ms", Field::Millis(self.fetch_max_wait)),
            ("max.partition.fetch.bytes", Field::Bytes(self.max_partition_fetch_bytes)),
            ("max.poll.records", Field::Bytes(self.max_poll_records)),
        ])?;
        match self.isolation_level {
            IsolationLevel::ReadUncommitted => Ok(()),
            // To hand out what was aborted would be worse than to hand out nothing.
            IsolationLevel::ReadCommitted => {
                let lacking = "leaving out what open and aborted transactions wrote";
                Err(ConfigError::NotBuilt { key: "isolation.level", lacking })
            }
        }
    }
}

impl AutoOffsetReset {
    fn parse(value: Value<'_>) -> Result<Self, ConfigError> {
        let choices =
            [("earliest", Self::Earliest), ("latest", Self::Latest), ("none", Self::None)];
        value.choice(&choices, "latest, earliest or none (by_duration is not supported yet)")
    }
}

impl IsolationLevel {
    fn parse(value: Value<'_>) -> Result<Self, ConfigError> {
        let choices =
            [("read_uncommitted", Self::ReadUncommitted), ("read_committed", Self::ReadCommitted)];
        value.choice(&choices, "read_uncommitted or read_committed")
    }
}
