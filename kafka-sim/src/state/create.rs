//! Creating topics: the checks of KRaft's controller, in its order, and where the replicas go.

use kafka_proto::{ErrorCode, Str, Uuid};

use super::config::TopicConfig;
use super::{Partition, State, Topic};

/// The longest topic name: what a directory name leaves once `-` and a partition number are taken
/// off.
const NAME_MAX: usize = 249;

/// Partitions that one topic may be created with, as KRaft's controller limits them.
pub(super) const PARTITIONS_MAX: i32 = 10_000;

/// An error code with the text that goes with it.
pub(crate) type Rejection = (ErrorCode, String);

/// How many partitions and replicas, or exactly which.
#[derive(Clone, Debug)]
pub(crate) enum Replicas {
    /// Counts; -1 for the defaults.
    Counted { partitions: i32, factor: i16 },
    /// Per partition, in order: the nodes, the preferred leader first.
    Assigned(Vec<(i32, Vec<i32>)>),
}

/// A topic to be created.
#[derive(Clone, Debug)]
pub(crate) struct NewTopic {
    pub(crate) name: Str,
    pub(crate) replicas: Replicas,
    pub(crate) config: TopicConfig,
}

/// Whether a topic may have this name.
pub(crate) fn check_name(name: &str) -> Result<(), Rejection> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let why = if name.is_empty() {
        "the empty string is not allowed"
    } else if name == "." || name == ".." {
        "'.' or '..' is not allowed"
    } else if name.len() > NAME_MAX {
        "the length of the name can't be longer than 249 characters"
    } else if !name.chars().all(legal) {
        "it contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    } else {
        return Ok(());
    };
    Err((ErrorCode::INVALID_TOPIC_EXCEPTION, format!("Topic name is invalid: {why}")))
}

impl State {
    /// Whether a new topic may have this name.
    pub(crate) fn check_new_name(&self, name: &str) -> Result<(), Rejection> {
        check_name(name)?;
        if self.topics.contains_key(name) {
            return Err((
                ErrorCode::TOPIC_ALREADY_EXISTS,
                format!("Topic '{name}' already exists."),
            ));
        }
        if let Some(other) = self.topics.keys().find(|other| collide(other, name)) {
            let text = format!("Topic '{name}' collides with existing topic: {other}");
            return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, text));
        }
        Ok(())
    }

    /// Checks a topic to be created and places its replicas, without creating it.
    pub(crate) fn plan_topic(&self, new: &NewTopic) -> Result<Vec<Vec<i32>>, Rejection> {
        self.check_new_name(&new.name)?;
        match &new.replicas {
            Replicas::Counted { partitions, factor } => self.place(*partitions, *factor),
            Replicas::Assigned(assignments) => self.check_assignments(assignments),
        }
    }

    /// Creates a topic, or says why not.
    pub(crate) fn create_topic(&mut self, new: NewTopic) -> Result<Uuid, Rejection> {
        let placed = self.plan_topic(&new)?;
        let id = self.rng.uuid();
        self.created = self.created.wrapping_add(1);
        let partitions = placed.into_iter().map(|replicas| self.born(replicas)).collect();
        self.insert_topic(new.name.copied(), Topic { id, config: new.config, partitions });
        self.witness_topic(&new.name);
        self.catalogue_changed();
        Ok(id)
    }

    pub(crate) fn insert_topic(&mut self, name: Str, topic: Topic) {
        self.names.insert(topic.id, name.clone());
        self.topics.insert(name, topic);
    }

    /// Spreads replicas over the nodes, each partition beginning one node further. Nodes that are
    /// down get what is left over.
    pub(super) fn place(&self, partitions: i32, factor: i16) -> Result<Vec<Vec<i32>>, Rejection> {
        let reject = |text: &str| Err((ErrorCode::INVALID_REPLICATION_FACTOR, text.to_owned()));
        let partitions =
            if partitions == -1 { self.options.default_partitions } else { partitions };
        let factor = if factor == -1 { self.default_replication() } else { factor };
        let replicas = usize::try_from(factor).unwrap_or(0);
        if replicas == 0 {
            return reject(
                "Replication factor must be larger than 0, or -1 to use the default value.",
            );
        }
        if !(1..=PARTITIONS_MAX).contains(&partitions) {
            let text = "Number of partitions was set to an invalid value.";
            return Err((ErrorCode::INVALID_PARTITIONS, text.to_owned()));
        }
        let all = self.nodes.len();
        if replicas > all {
            return reject(&format!(
                "Unable to replicate the partition {replicas} time(s): only {all} broker(s) are registered."
            ));
        }
        let (up, down): (Vec<i32>, Vec<i32>) =
            self.nodes.keys().partition(|node| !self.is_fenced(**node));
        if up.is_empty() {
            return reject("All brokers are currently fenced.");
        }
        let first = self.created % up.len();
        let count = usize::try_from(partitions).unwrap_or(0);
        let replicas_of = |index: usize| {
            let from = (first + index) % up.len();
            let rotated = up.iter().cycle().skip(from).take(up.len());
            rotated.chain(&down).take(replicas).copied()
        };
        Ok((0..count).map(|index| replicas_of(index).collect()).collect())
    }

    pub(super) fn check_assignments(
        &self,
        assignments: &[(i32, Vec<i32>)],
    ) -> Result<Vec<Vec<i32>>, Rejection> {
        let reject = |text: String| Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, text));
        let mut sorted: Vec<_> = assignments.to_vec();
        sorted.sort_by_key(|(partition, _)| *partition);
        if sorted.iter().zip(0..).any(|((partition, _), expected)| *partition != expected) {
            return reject(
                "partitions should be a consecutive 0-based integer sequence".to_owned(),
            );
        }
        let factor = sorted.first().map_or(0, |(_, nodes)| nodes.len());
        for (partition, nodes) in &sorted {
            if nodes.is_empty() || nodes.len() != factor {
                return reject(format!(
                    "The manual partition assignment of partition {partition} has another size than the first, or none."
                ));
            }
            if let Some(unknown) = nodes.iter().find(|node| !self.nodes.contains_key(node)) {
                return reject(format!(
                    "The manual partition assignment includes broker {unknown}, but no such broker is registered."
                ));
            }
            if !nodes.iter().any(|node| !self.is_fenced(*node)) {
                return reject(format!(
                    "All brokers specified in the manual assignment of partition {partition} are fenced."
                ));
            }
            let twice = nodes
                .iter()
                .enumerate()
                .any(|(at, node)| nodes.iter().skip(at + 1).any(|other| other == node));
            if twice {
                return reject(
                    "The manual partition assignment includes a broker more than once.".to_owned(),
                );
            }
        }
        Ok(sorted.into_iter().map(|(_, nodes)| nodes).collect())
    }

    pub(crate) fn default_replication(&self) -> i16 {
        match self.options.default_replication {
            0 => i16::try_from(self.nodes.len().min(3)).unwrap_or(3),
            factor => factor,
        }
    }

    /// A new partition; replicas on nodes that are down are out of sync from the start.
    pub(super) fn born(&self, replicas: Vec<i32>) -> Partition {
        let isr = replicas.iter().copied().filter(|node| !self.is_fenced(*node)).collect();
        Partition::new(replicas, isr)
    }
}

/// Names that differ only in `.` and `_` would share their metrics.
fn collide(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .all(|(a, b)| a == b || (matches!(a, b'.' | b'_') && matches!(b, b'.' | b'_')))
}
