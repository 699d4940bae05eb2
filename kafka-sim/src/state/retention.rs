//! Retention and compaction of all partitions.
//!
//! As `log.retention.check.interval.ms` has it, every five minutes of virtual time. No alarm is set for that: nobody can
//! see it before something else happens, so it is done then.

use core::time::Duration;

use kafka_proto::{ErrorCode, Str};

use super::{Elected, State};
use crate::Time;
use crate::log::{Compaction, Limits};

/// `log.retention.check.interval.ms`.
pub(super) const CHECK_INTERVAL: Duration = Duration::from_secs(300);

impl State {
    /// Deletes what is too old or too much, if a check was due since the last one.
    pub(super) fn check_retention(&mut self) {
        if self.now < self.retention_due {
            return;
        }
        let interval = CHECK_INTERVAL.as_nanos();
        let over = u64::try_from(u128::from(self.now.as_nanos()) % interval).unwrap_or(0);
        let last = Time::from_nanos(self.now.as_nanos().saturating_sub(over));
        self.retention_due = last + CHECK_INTERVAL;
        let wall = self.wall_ms(last);
        let all: Vec<(Str, i32)> = self
            .topics
            .iter()
            .filter(|(_, topic)| topic.config.deleted())
            .flat_map(|(name, topic)| {
                (0..).zip(&topic.partitions).map(|(at, _)| (name.clone(), at))
            })
            .collect();
        for (topic, index) in all {
            self.retain_partition(&topic, index, wall);
        }
    }

    fn retain_partition(&mut self, name: &str, index: i32, wall: i64) {
        let Some(topic) = self.topics.get(name) else { return };
        let limits = Limits {
            oldest_ms: topic.config.retention_ms().map(|age| wall.saturating_sub(age)),
            bytes: topic.config.retention_bytes(),
        };
        let found = self.partition(name, index);
        let start = found.and_then(|p| p.log.retained_from(limits, p.high_watermark()));
        if let Some(start) = start {
            // The partition was there a moment ago.
            let _ = self.change(name, index, |partition, _| {
                partition.log.trim(start);
                Elected::No
            });
        }
    }

    /// Compacts a topic.
    pub(crate) fn compact(&mut self, name: &str) -> Result<(), ErrorCode> {
        let topic = self.topics.get(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        if !topic.config.compacted() {
            return Err(ErrorCode::POLICY_VIOLATION);
        }
        let compaction = Compaction {
            now_ms: self.wall_ms(self.now),
            delete_retention_ms: topic.config.delete_retention_ms(),
        };
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        for index in 0..count {
            self.change(name, index, |partition, _| {
                let readable = partition.high_watermark();
                // What is stored has to be written anew, as if it had been cut back.
                match partition.log.compact(compaction, readable) {
                    true => Elected::Cut,
                    false => Elected::No,
                }
            })?;
        }
        Ok(())
    }
}
