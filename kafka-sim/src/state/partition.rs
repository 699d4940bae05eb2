//! One partition: who leads it, who has a copy, its log, and who waits for it to change.

use std::collections::BTreeSet;

use crate::ConnId;
use crate::log::Log;

use super::witness::Told;

/// The leader of a partition that has none.
pub(crate) const NO_LEADER: i32 = -1;

/// One partition of a topic.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) leader: i32,
    pub(crate) leader_epoch: i32,
    pub(crate) replicas: Vec<i32>,
    pub(crate) isr: Vec<i32>,
    pub(crate) log: Log,
    /// Connections with a parked Fetch of this partition.
    pub(crate) waiting: BTreeSet<ConnId>,
    /// What the record of what really happened says of it already.
    pub(super) told: Told,
}

impl Partition {
    /// A new, empty partition, led by the first of its in-sync replicas.
    pub(crate) fn new(replicas: Vec<i32>, isr: Vec<i32>) -> Self {
        let mut log = Log::default();
        log.begin_epoch(0);
        Self {
            leader: isr.first().copied().unwrap_or(NO_LEADER),
            leader_epoch: 0,
            isr,
            replicas,
            log,
            waiting: BTreeSet::new(),
            told: Told::default(),
        }
    }

    /// Another node, or none, leads from now on: a new epoch begins.
    pub(crate) fn lead(&mut self, node: i32) {
        self.leader = node;
        self.leader_epoch = self.leader_epoch.saturating_add(1);
        self.log.begin_epoch(self.leader_epoch);
    }

    /// A replica's node went down: it leaves the in-sync replicas, unless it is the last, and loses
    /// the lead. Tells whether the partition has a new leader.
    pub(crate) fn lose(&mut self, node: i32) -> bool {
        if self.isr.len() > 1 {
            self.isr.retain(|replica| *replica != node);
        }
        if self.leader != node {
            return false;
        }
        let next = self.isr.iter().copied().find(|replica| *replica != node);
        self.lead(next.unwrap_or(NO_LEADER));
        true
    }

    /// A replica's node came back: it is in sync at once, and leads if nobody else does and it may.
    /// Tells whether the partition has a new leader.
    pub(crate) fn regain(&mut self, node: i32) -> bool {
        if !self.replicas.contains(&node) {
            return false;
        }
        let elected = self.leader == NO_LEADER && self.isr.contains(&node);
        if elected {
            self.lead(node);
        }
        if self.leader != NO_LEADER && !self.isr.contains(&node) {
            self.isr.push(node);
        }
        elected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leadership_follows_the_nodes_that_are_up() {
        let mut partition = Partition::new(vec![1, 2, 3], vec![1, 2, 3]);
        let check = |partition: &Partition, leader, epoch, isr: &[i32]| {
            assert_eq!(
                (partition.leader, partition.leader_epoch, partition.isr.as_slice()),
                (leader, epoch, isr)
            );
        };
        assert!(!partition.lose(3));
        check(&partition, 1, 0, &[1, 2]);
        assert!(partition.lose(1));
        check(&partition, 2, 1, &[2]);
        assert!(partition.lose(2));
        check(&partition, NO_LEADER, 2, &[2]);
        assert!(!partition.regain(3), "3 may have missed records");
        check(&partition, NO_LEADER, 2, &[2]);
        assert!(partition.regain(2));
        check(&partition, 2, 3, &[2]);
        assert!(!partition.regain(1) && !partition.regain(4));
        check(&partition, 2, 3, &[2, 1]);
    }
}
