//! What the controller does: it takes nodes for alive or dead, and elects leaders (KIP-460 for those
//! that are asked for).
//!
//! Deviations: the last in-sync replica stays one while its node is dead, also where eligible leader
//! replicas (KIP-966) would take its place. A replica that is elected uncleanly has cut off what
//! later leaders didn't have, even if it never heard of them.
//! Followers learn at once whom to follow, also on nodes that hear late of everything else.

use kafka_proto::ErrorCode;

use super::alarm::Alarm;
use super::partition::NO_LEADER;
use super::{Elected, State};

impl State {
    /// A node stops. The controller notices after a while.
    pub(crate) fn node_stopped(&mut self, node: i32) {
        let due = self.now + self.options.failover_delay;
        let Some(found) = self.nodes.get_mut(&node) else {
            return;
        };
        found.up = false;
        let fenced = found.fenced;
        self.change_all(node, |partition, _| {
            partition.give_up(node, None);
            Elected::No
        });
        if fenced {
            return;
        }
        if due > self.now {
            if let Some(found) = self.nodes.get_mut(&node) {
                found.fence_due = Some(due);
            }
            self.alarms.set(due, Alarm::Fence { node });
        } else {
            self.fence(node);
        }
    }

    /// A node starts. If the controller hasn't noticed that it was away, it does now.
    pub(crate) fn node_started(&mut self, node: i32) {
        self.fence(node);
        if let Some(found) = self.nodes.get_mut(&node) {
            (found.up, found.fenced) = (true, false);
        }
        self.past.outdated = true;
        self.change_all(node, |partition, around| partition.regain(around));
        self.know_now(node);
    }

    /// The controller takes a node for dead: what it led is led by others from now on.
    pub(crate) fn fence(&mut self, node: i32) {
        let Some(found) = self.nodes.get_mut(&node).filter(|found| !found.fenced) else {
            return;
        };
        (found.fenced, found.fence_due) = (true, None);
        self.past.outdated = true;
        self.change_all(node, |partition, around| partition.lose(node, around));
    }

    /// It is time that the controller notices, unless the node has come back in the meantime.
    pub(super) fn notice(&mut self, node: i32) {
        let due = self.nodes.get(&node).and_then(|found| found.fence_due);
        if due.is_some_and(|due| due <= self.now) {
            self.fence(node);
        }
    }

    /// Has the first replica of a partition lead it.
    pub(crate) fn elect_preferred(&mut self, topic: &str, index: i32) -> Result<(), ErrorCode> {
        let site = self.site(topic, index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        let first = site.partition.replicas.first().copied().unwrap_or(NO_LEADER);
        if site.partition.leader == first {
            return Err(ErrorCode::ELECTION_NOT_NEEDED);
        }
        if !site.partition.isr.contains(&first) || !site.around.is_known(first) {
            return Err(ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE);
        }
        self.change(topic, index, |partition, around| partition.lead(first, around))
    }

    /// Has any replica lead a partition that nobody leads.
    pub(crate) fn elect_unclean(&mut self, topic: &str, index: i32) -> Result<(), ErrorCode> {
        let site = self.site(topic, index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        if site.partition.leader != NO_LEADER {
            return Err(ErrorCode::ELECTION_NOT_NEEDED);
        }
        let next = site.partition.candidate(&site.around, true);
        let next = next.ok_or(ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE)?;
        self.change(topic, index, |partition, around| partition.lead(next, around))
    }
}
