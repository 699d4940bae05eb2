//! The catalogue: everything but record batches that a cluster must remember, as text, one fact a
//! line.
//!
//! ```text
//! kafka-sim 1
//! cluster <id>
//! created <topics ever created>
//! producer-ids <first never given out>
//! topic <id> <name>
//! config <key>=<value>
//! partition <leader epoch> <log start> <replica>,<replica>
//! ```
//! `config` and `partition` lines belong to the `topic` line above them.

use std::fmt::Write as _;

use kafka_proto::{Str, Uuid};

use super::config::TopicConfig;
use super::witness::Told;
use super::{Partition, State, Topic};

const FIRST_LINE: &str = "kafka-sim 1";

impl State {
    /// The catalogue as it is now.
    pub(crate) fn catalogue(&self) -> String {
        let mut out = String::new();
        // Writing to a string can't fail.
        let _ = self.write_catalogue(&mut out);
        out
    }

    fn write_catalogue(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "{FIRST_LINE}")?;
        writeln!(out, "cluster {}", self.cluster_id)?;
        writeln!(out, "created {}", self.created)?;
        writeln!(out, "producer-ids {}", self.producer_ids_end)?;
        for (name, topic) in &self.topics {
            writeln!(out, "topic {} {name}", topic.id)?;
            for (key, value) in topic.config.overrides() {
                writeln!(out, "config {key}={value}")?;
            }
            for partition in &topic.partitions {
                let replicas: Vec<String> = partition.replicas.iter().map(i32::to_string).collect();
                writeln!(
                    out,
                    "partition {} {} {}",
                    partition.leader_epoch,
                    partition.log.start(),
                    replicas.join(",")
                )?;
            }
        }
        Ok(())
    }

    /// Takes a catalogue back into a cluster without topics. Every partition gets a new leader
    /// epoch, as a restart gives it.
    pub(crate) fn restore_catalogue(&mut self, text: &str) -> Result<(), String> {
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Err(format!("the catalogue does not begin with '{FIRST_LINE}'"));
        }
        let mut open: Option<(Str, Topic)> = None;
        for line in lines {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            if word == "topic" {
                self.close_topic(open.take());
            }
            self.restore_line(word, rest, &mut open)
                .ok_or_else(|| format!("the catalogue has a line that can't be read: {line}"))?;
        }
        self.close_topic(open);
        Ok(())
    }

    fn restore_line(
        &mut self,
        word: &str,
        rest: &str,
        open: &mut Option<(Str, Topic)>,
    ) -> Option<()> {
        match (word, open) {
            ("cluster", _) => self.cluster_id = rest.to_owned(),
            ("created", _) => {
                self.created = rest.parse().ok()?;
                // Else the next topic would have the id of the first one, and its files.
                self.rng.leave_out(self.created as u64);
            }
            ("producer-ids", _) => {
                self.next_producer_id = rest.parse().ok()?;
                self.producer_ids_end = self.next_producer_id;
            }
            ("topic", open) => *open = Some(topic(rest)?),
            ("config", Some((_, topic))) => {
                let (key, value) = rest.split_once('=')?;
                topic.config.set(key, value).ok()?;
            }
            ("partition", Some((_, topic))) => topic.partitions.push(partition(rest)?),
            _ => return None,
        }
        Some(())
    }

    fn close_topic(&mut self, open: Option<(Str, Topic)>) {
        if let Some((name, topic)) = open {
            self.insert_topic(name, topic);
        }
    }

    /// Once the logs are back too: every partition is led again, in an epoch of its own.
    pub(crate) fn begin_epochs(&mut self) {
        let up: Vec<i32> = self.nodes_known().map(|(node, _)| node).collect();
        for partition in self.topics.values_mut().flat_map(|topic| &mut topic.partitions) {
            partition.level();
            let leader = partition.replicas.iter().copied().find(|node| up.contains(node));
            partition.hand_over(leader.unwrap_or(-1), self.now);
            partition.told = Told::of(partition);
        }
        self.catalogue_changed();
    }
}

fn topic(rest: &str) -> Option<(Str, Topic)> {
    let (id, name) = rest.split_once(' ')?;
    let id: Uuid = id.parse().ok()?;
    Some((name.into(), Topic { id, config: TopicConfig::default(), partitions: Vec::new() }))
}

fn partition(rest: &str) -> Option<Partition> {
    let mut words = rest.split(' ');
    let leader_epoch = words.next()?.parse().ok()?;
    let log_start = words.next()?.parse().ok()?;
    let replicas =
        words.next()?.split(',').map(|node| node.parse().ok()).collect::<Option<Vec<i32>>>()?;
    let mut partition = Partition::new(replicas.clone(), replicas);
    partition.leader_epoch = leader_epoch;
    partition.log.start_at(log_start);
    Some(partition)
}
