//! Settings of a consumer.

use core::time::Duration;

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
    /// `isolation.level`: whether records of transactions wait for the commit. Read uncommitted.
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
