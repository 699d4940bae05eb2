//! Changing topics that are there: more partitions, another configuration.

use kafka_proto::ErrorCode;

use super::config::TopicConfig;
use super::create::PARTITIONS_MAX;
use super::{Rejection, State};

impl State {
    /// Grows a topic to `count` partitions.
    pub(crate) fn add_partitions(&mut self, name: &str, count: i32) -> Result<(), Rejection> {
        let placed = self.plan_growth(name, count, None)?;
        self.grow(name, placed);
        Ok(())
    }

    /// Checks that a topic may grow to `count` partitions, and places the new ones' replicas: as assigned, else anywhere.
    pub(crate) fn plan_growth(
        &self,
        name: &str,
        count: i32,
        assigned: Option<Vec<Vec<i32>>>,
    ) -> Result<Vec<Vec<i32>>, Rejection> {
        let topic = self.topics.get(name).ok_or_else(unknown)?;
        let have = topic.partitions.len();
        let wanted = usize::try_from(count).unwrap_or(0);
        let reject = |text: String| Err((ErrorCode::INVALID_PARTITIONS, text));
        if wanted == have {
            return reject(format!("Topic already has {have} partition(s)."));
        }
        if wanted < have {
            return reject(format!(
                "The topic {name} currently has {have} partition(s); {count} would not be an increase."
            ));
        }
        if count > PARTITIONS_MAX {
            return reject(format!("{count} partitions are more than a topic may have."));
        }
        let factor = topic.partitions.first().map_or(1, |partition| partition.replicas.len());
        let Some(assigned) = assigned else {
            let placed = self.place(count, i16::try_from(factor).unwrap_or(i16::MAX))?;
            return Ok(placed.into_iter().skip(have).collect());
        };
        let added = wanted.saturating_sub(have);
        if assigned.len() != added || assigned.iter().any(|nodes| nodes.len() != factor) {
            let text = format!(
                "{added} partition(s) are added, which need as many assignments of {factor} broker(s)."
            );
            return Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, text));
        }
        self.check_assignments(&(0..).zip(assigned).collect::<Vec<_>>())
    }

    /// Adds partitions with these replicas.
    pub(crate) fn grow(&mut self, name: &str, placed: Vec<Vec<i32>>) {
        let born: Vec<_> = placed.into_iter().map(|replicas| self.born(replicas)).collect();
        if let Some(topic) = self.topics.get_mut(name) {
            topic.partitions.extend(born);
        }
        self.witness_growth(name);
        self.catalogue_changed();
    }

    /// Replaces a topic's configuration, unless it is only to be checked whether there is the topic.
    pub(crate) fn set_topic_config(
        &mut self,
        name: &str,
        config: TopicConfig,
        only_check: bool,
    ) -> Result<(), Rejection> {
        let topic = self.topics.get_mut(name).ok_or_else(unknown)?;
        if !only_check {
            topic.config = config;
            self.catalogue_changed();
        }
        Ok(())
    }
}

fn unknown() -> Rejection {
    let text = "This server does not host this topic-partition.";
    (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, text.to_owned())
}
