//! Changing partitions from outside, and what time does to them.

use core::time::Duration;

use kafka_proto::{ErrorCode, Str};

use super::alarm::{Alarm, Spot};
use super::{Around, Elected, Partition, State};
use crate::Time;
use crate::log::validate::Candidate;

impl State {
    /// A node that leads a partition, or believes that it does, appends a batch. Returns its first
    /// and last offset; nothing where the offsets end, or there is no such partition.
    pub(crate) fn append(
        &mut self,
        node: i32,
        topic: &str,
        index: i32,
        candidate: Candidate,
    ) -> Option<(i64, i64)> {
        let mut site = self.site(topic, index)?;
        match site.partition.fork(node) {
            Some(fork) => {
                let batch = fork.log.append(candidate, fork.leader_epoch)?;
                Some((batch.base_offset, batch.last_offset))
            }
            None => site.append(candidate),
        }
    }

    /// Changes a partition; whatever follows from that, follows.
    pub(crate) fn change(
        &mut self,
        topic: &str,
        index: i32,
        change: impl FnOnce(&mut Partition, &Around<'_>) -> Elected,
    ) -> Result<(), ErrorCode> {
        let mut site = self.site(topic, index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let elected = change(site.partition, &site.around);
        if elected == Elected::Cut {
            site.rewritten();
        }
        site.changed();
        self.catalogue_changed();
        Ok(())
    }

    /// Changes every partition that has a replica on a node.
    pub(crate) fn change_all(
        &mut self,
        node: i32,
        mut change: impl FnMut(&mut Partition, &Around<'_>) -> Elected,
    ) {
        let mut elected = false;
        for (topic, index) in self.replicas_of(node) {
            let Some(mut site) = self.site(&topic, index) else {
                continue;
            };
            match change(site.partition, &site.around) {
                Elected::No => {
                    site.replicate();
                    site.witness();
                    continue;
                }
                Elected::Whole => {}
                Elected::Cut => site.rewritten(),
            }
            site.changed();
            elected = true;
        }
        if elected {
            self.catalogue_changed();
        }
    }

    /// How long it takes a node's followers to fetch what their leaders have.
    pub(crate) fn set_replication_delay(&mut self, node: i32, delay: Duration) {
        if let Some(node) = self.nodes.get_mut(&node) {
            node.replication_delay = delay;
        }
        self.change_all(node, |_, _| Elected::No);
    }

    /// Whether a node's followers fetch nothing at all.
    pub(crate) fn pause_replication(&mut self, node: i32, paused: bool) {
        if let Some(node) = self.nodes.get_mut(&node) {
            node.replication_paused = paused;
        }
        self.change_all(node, |_, _| Elected::No);
    }

    /// Does what is due by now, each thing at its own time.
    pub(crate) fn pass(&mut self, now: Time) {
        while let Some((at, alarm)) = self.alarms.take(now) {
            self.now = self.now.max(at);
            match alarm {
                Alarm::Arrived { at, node } => self.at(at, |site| site.arrived(node)),
                Alarm::Lag { at, node } => self.at(at, |site| site.lagged(node)),
                Alarm::Fence { node } => self.notice(node),
                Alarm::Learn { node } => self.learn(node),
            }
            self.publish();
        }
        self.now = self.now.max(now);
        self.check_retention();
    }

    fn at(&mut self, at: Spot, act: impl FnOnce(&mut super::site::Site<'_>)) {
        let Some(name) = self.names.get(&at.topic).cloned() else {
            return;
        };
        if let Some(mut site) = self.site(&name, at.partition) {
            act(&mut site);
        }
    }

    pub(super) fn replicas_of(&self, node: i32) -> Vec<(Str, i32)> {
        let of_topic = |(name, topic): (&Str, &super::Topic)| {
            let name = name.clone();
            let here = (0..).zip(&topic.partitions).filter(|(_, p)| p.replicas.contains(&node));
            here.map(|(index, _)| (name.clone(), index)).collect::<Vec<_>>()
        };
        self.topics.iter().flat_map(of_topic).collect()
    }
}
