//! Topic configuration: which keys there are, what values they take, and what the broker reads of
//! them.
//!
//! Every topic key of a 4.4 broker is known and its value checked; most are kept and answered without effect. Those with
//! effect are the getters of [`TopicConfig`]. `compression.type` has none (batches stay as the producer made them), and
//! neither have the segment keys: every batch is a segment. Beside `retention.bytes` there is
//! [`ClusterOptions::retention_bytes`](crate::ClusterOptions::retention_bytes), which is kept to at once.

use std::collections::BTreeMap;

use crate::releases::Ways;

/// What a value of a key must look like.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// An integer from the first to the second bound.
    Integer(i64, i64),
    /// A fraction between 0 and 1.
    Fraction,
    /// `true` or `false`.
    Boolean,
    /// One of the words.
    Word(&'static [&'static str]),
    /// A comma-separated list of the words.
    Words(&'static [&'static str]),
    /// Anything.
    Text,
}

use Kind::{Boolean, Fraction, Integer, Text, Word, Words};

/// The type of a key's values, as DescribeConfigs tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Boolean,
    String,
    Int,
    Long,
    Double,
    List,
}

/// The one key whose default depends on the release.
const MAX_MESSAGE_BYTES: &str = "max.message.bytes";

const INT_MAX: i64 = i32::MAX as i64;
const LONG_MAX: i64 = i64::MAX;
const CODECS: &[&str] = &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];

/// Key, default, kind; sorted by key.
const KEYS: &[(&str, &str, Kind)] = &[
    ("cleanup.policy", "delete", Words(&["compact", "delete"])),
    ("compression.gzip.level", "-1", Integer(-1, 9)),
    ("compression.lz4.level", "9", Integer(1, 17)),
    ("compression.type", "producer", Word(CODECS)),
    ("compression.zstd.level", "3", Integer(-131_072, 22)),
    ("delete.retention.ms", "86400000", Integer(0, LONG_MAX)),
    ("errors.deadletterqueue.group.enable", "false", Boolean),
    ("file.delete.delay.ms", "60000", Integer(0, LONG_MAX)),
    ("flush.messages", "9223372036854775807", Integer(1, LONG_MAX)),
    ("flush.ms", "9223372036854775807", Integer(0, LONG_MAX)),
    ("follower.replication.throttled.replicas", "", Text),
    ("index.interval.bytes", "4096", Integer(0, INT_MAX)),
    ("leader.replication.throttled.replicas", "", Text),
    ("local.retention.bytes", "-2", Integer(-2, LONG_MAX)),
    ("local.retention.ms", "-2", Integer(-2, LONG_MAX)),
    ("max.compaction.lag.ms", "9223372036854775807", Integer(1, LONG_MAX)),
    ("max.decompressed.message.bytes", "2147483639", Integer(0, INT_MAX)),
    ("max.message.bytes", "1048588", Integer(0, INT_MAX)),
    ("message.timestamp.after.max.ms", "3600000", Integer(0, LONG_MAX)),
    ("message.timestamp.before.max.ms", "9223372036854775807", Integer(0, LONG_MAX)),
    ("message.timestamp.type", "CreateTime", Word(&["CreateTime", "LogAppendTime"])),
    ("min.cleanable.dirty.ratio", "0.5", Fraction),
    ("min.compaction.lag.ms", "0", Integer(0, LONG_MAX)),
    ("min.insync.replicas", "1", Integer(1, INT_MAX)),
    ("preallocate", "false", Boolean),
    ("remote.copy.lag.bytes", "-1", Integer(-2, LONG_MAX)),
    ("remote.copy.lag.ms", "0", Integer(-2, LONG_MAX)),
    ("remote.log.copy.disable", "false", Boolean),
    ("remote.log.delete.on.disable", "false", Boolean),
    ("remote.storage.enable", "false", Boolean),
    ("retention.bytes", "-1", Integer(i64::MIN, LONG_MAX)),
    ("retention.ms", "604800000", Integer(-1, LONG_MAX)),
    ("segment.bytes", "1073741824", Integer(1_048_576, INT_MAX)),
    ("segment.index.bytes", "10485760", Integer(4, INT_MAX)),
    ("segment.jitter.ms", "0", Integer(0, LONG_MAX)),
    ("segment.ms", "604800000", Integer(1, LONG_MAX)),
    ("unclean.leader.election.enable", "false", Boolean),
];

/// The configuration of one topic: what was set, over the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TopicConfig {
    set: BTreeMap<&'static str, String>,
}

impl TopicConfig {
    /// Sets one key. The error is the text that goes with INVALID_CONFIG.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Some((key, _, kind)) = KEYS.iter().find(|(key, _, _)| *key == name) else {
            return Err(format!("Unknown topic config name: {name}"));
        };
        if !kind.allows(value) {
            return Err(format!("Invalid value {value} for configuration {name}"));
        }
        self.set.insert(key, value.to_owned());
        Ok(())
    }

    /// Takes back what was set, if anything was.
    pub(crate) fn remove(&mut self, name: &str) {
        self.set.remove(name);
    }

    /// The elements of a list, `None` for a key that takes none.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        let is_list =
            KEYS.iter().any(|(key, _, _)| *key == name) && Self::type_of(name) == Type::List;
        let parts = self.get(name).split(',').filter(|part| !part.is_empty()).map(str::to_owned);
        is_list.then(|| parts.collect())
    }

    /// The type of a key's values.
    pub(crate) fn type_of(name: &str) -> Type {
        let kind = KEYS.iter().find(|(key, _, _)| *key == name).map(|(_, _, kind)| *kind);
        match kind {
            Some(Integer(_, ..=INT_MAX)) => Type::Int,
            Some(Integer(..)) => Type::Long,
            Some(Fraction) => Type::Double,
            Some(Boolean) => Type::Boolean,
            Some(Words(_) | Text) => Type::List,
            Some(Word(_)) | None => Type::String,
        }
    }

    /// What was set, in order of the keys.
    pub(crate) fn overrides(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.set.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// Every key with its value and whether that was set on the topic.
    pub(crate) fn effective(&self, ways: Ways) -> impl Iterator<Item = (&'static str, &str, bool)> {
        KEYS.iter().map(move |(key, default, _)| match self.set.get(key) {
            Some(value) => (*key, value.as_str(), true),
            None if *key == MAX_MESSAGE_BYTES => (*key, ways.max_message_bytes(), false),
            None => (*key, *default, false),
        })
    }

    /// `max.message.bytes`: the largest batch, in bytes as on the wire.
    pub(crate) fn max_message_bytes(&self, ways: Ways) -> usize {
        let set = self.set.get(MAX_MESSAGE_BYTES).map(String::as_str);
        set.unwrap_or(ways.max_message_bytes()).parse().unwrap_or(usize::MAX)
    }

    /// `message.timestamp.type` is `LogAppendTime`.
    pub(crate) fn log_append_time(&self) -> bool {
        self.get("message.timestamp.type") == "LogAppendTime"
    }

    /// `cleanup.policy` contains `delete`, so that records may be deleted by offset, age and size.
    pub(crate) fn deleted(&self) -> bool {
        self.get("cleanup.policy").split(',').any(|word| word.trim() == "delete")
    }

    /// `cleanup.policy` contains `compact`, so that every record needs a key.
    pub(crate) fn compacted(&self) -> bool {
        self.get("cleanup.policy").split(',').any(|word| word.trim() == "compact")
    }

    /// `unclean.leader.election.enable`: whether a replica that isn't in sync may lead, if no other
    /// is there.
    pub(crate) fn unclean_leader_election(&self) -> bool {
        self.get("unclean.leader.election.enable").eq_ignore_ascii_case("true")
    }

    /// `retention.ms`: how old records get; `None` for no limit.
    pub(crate) fn retention_ms(&self) -> Option<i64> {
        Some(self.integer("retention.ms")).filter(|age| *age >= 0)
    }

    /// `retention.bytes`: how much of a partition is kept at least; `None` for all.
    pub(crate) fn retention_bytes(&self) -> Option<u64> {
        u64::try_from(self.integer("retention.bytes")).ok()
    }

    /// `delete.retention.ms`: how long compaction keeps tombstones.
    pub(crate) fn delete_retention_ms(&self) -> i64 {
        self.integer("delete.retention.ms")
    }

    /// `min.insync.replicas`: how many replicas acks=all asks for.
    pub(crate) fn min_insync_replicas(&self) -> usize {
        usize::try_from(self.integer("min.insync.replicas")).unwrap_or(1)
    }

    /// How far a record's time may lie behind and ahead of the broker's, in milliseconds.
    pub(crate) fn timestamp_window(&self) -> (i64, i64) {
        (
            self.integer("message.timestamp.before.max.ms"),
            self.integer("message.timestamp.after.max.ms"),
        )
    }

    fn get(&self, name: &str) -> &str {
        let default =
            || KEYS.iter().find(|(key, _, _)| *key == name).map_or("", |(_, default, _)| *default);
        self.set.get(name).map_or_else(default, String::as_str)
    }

    fn integer(&self, name: &str) -> i64 {
        self.get(name).parse().unwrap_or_default()
    }
}

impl Kind {
    fn allows(self, value: &str) -> bool {
        match self {
            Integer(low, high) => {
                value.trim().parse::<i64>().is_ok_and(|number| (low..=high).contains(&number))
            }
            Fraction => {
                value.trim().parse::<f64>().is_ok_and(|number| (0.0..=1.0).contains(&number))
            }
            Boolean => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            Word(words) => words.contains(&value),
            Words(words) => value.split(',').all(|word| words.contains(&word.trim())),
            // The catalogue has one value a line.
            Text => !value.contains(char::is_control),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_by_kind() {
        let check = |name: &str, value: &str, ok: bool| {
            let result = TopicConfig::default().set(name, value);
            assert_eq!(result.is_ok(), ok, "{name}={value}: {result:?}");
        };
        check("max.message.bytes", "1000", true);
        check("max.message.bytes", "-1", false);
        check("max.message.bytes", "many", false);
        check("cleanup.policy", "compact,delete", true);
        check("cleanup.policy", "compact,dlete", false);
        check("min.cleanable.dirty.ratio", "0.25", true);
        check("min.cleanable.dirty.ratio", "1.5", false);
        check("preallocate", "TRUE", true);
        check("message.timestamp.type", "logappendtime", false);
        check("no.such.key", "1", false);
    }

    #[test]
    fn what_was_set_wins_over_the_default() {
        let mut config = TopicConfig::default();
        let ways = Ways(kafka_proto::releases::NEWEST);
        assert_eq!(config.max_message_bytes(ways), 1_048_588);
        config.set("max.message.bytes", "77").unwrap();
        config.set("cleanup.policy", "compact").unwrap();
        assert_eq!(config.max_message_bytes(ways), 77);
        assert!(config.compacted() && !config.log_append_time());
        assert_eq!(config.overrides().count(), 2);
        assert_eq!(config.effective(ways).count(), KEYS.len());
    }

    #[test]
    fn keys_are_sorted_and_defaults_are_legal() {
        assert!(KEYS.iter().zip(KEYS.iter().skip(1)).all(|((a, _, _), (b, _, _))| a < b));
        for (key, default, kind) in KEYS {
            assert!(kind.allows(default), "{key}");
        }
    }
}
