//! One partition: who leads it, who has a copy, its log, and who waits for it to change.

use std::collections::BTreeSet;

use crate::log::{EpochEnd, Log};
use crate::{ConnId, Time};

use super::config::TopicConfig;
use super::replica::{Around, Copy};
use super::view::Seat;
use super::witness::Told;

/// The leader of a partition that has none.
pub(crate) const NO_LEADER: i32 = -1;

/// One partition of a topic.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) leader: i32,
    pub(crate) leader_epoch: i32,
    /// The node that led it last before, and its epoch.
    pub(crate) led_before: Option<(i32, i32)>,
    /// Where the log ended when this epoch began.
    pub(crate) epoch_start: i64,
    pub(crate) replicas: Vec<i32>,
    pub(crate) isr: Vec<i32>,
    pub(crate) log: Log,
    /// The first offset that consumers can't read yet at the leader.
    pub(super) high_watermark: i64,
    /// What each replica has of the log; the leader's own entry says nothing.
    pub(super) copies: Vec<Copy>,
    /// Connections with a parked request that this partition may let go on.
    pub(crate) waiting: BTreeSet<ConnId>,
    /// The partition as former leaders go on with it that haven't heard yet.
    forks: Vec<Self>,
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
            led_before: None,
            epoch_start: 0,
            isr,
            copies: replicas.iter().map(|node| Copy::level(*node, 0)).collect(),
            replicas,
            log,
            high_watermark: 0,
            waiting: BTreeSet::new(),
            forks: Vec::new(),
            told: Told::default(),
        }
    }

    /// The first offset that consumers can't read yet.
    pub(crate) fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// The log as a node has it; `None` for a node that is no replica.
    pub(crate) fn replica(&self, node: i32) -> Option<Replica<'_>> {
        let leads = node == self.leader;
        let copy = self.copies.iter().find(|copy| copy.node == node)?;
        let (end, high_watermark) = if leads {
            (self.log.end(), self.high_watermark)
        } else {
            (copy.end, copy.high_watermark)
        };
        Some(Replica { partition: self, leads, end, high_watermark })
    }

    /// Whether fewer replicas are in sync than `min.insync.replicas` asks for; it asks for at most
    /// all.
    pub(crate) fn is_under_min_isr(&self, config: &TopicConfig) -> bool {
        let (in_sync, all) = (self.isr.len(), self.replicas.len());
        in_sync < all && in_sync < config.min_insync_replicas().min(all)
    }

    /// The log as a node has it that knows the partition as it was.
    pub(super) fn replica_known_as(&self, node: i32, seat: Seat<'_>) -> Option<Replica<'_>> {
        let known_to_lead = seat.leader == node;
        // It goes on with a log of its own also while it hasn't heard yet of the last epoch in which it led.
        let ours = |fork: &&Self| fork.leader == node && fork.leader_epoch >= seat.leader_epoch;
        let replica = match self.forks.iter().find(ours) {
            Some(fork) => fork.replica(node)?,
            None => self.replica(node).filter(|_| seat.replicas.contains(&node))?,
        };
        Some(Replica { leads: replica.leads && known_to_lead, ..replica })
    }

    /// The partition as a former leader goes on with it.
    pub(super) fn fork(&mut self, node: i32) -> Option<&mut Self> {
        self.forks.iter_mut().find(|fork| fork.leader == node)
    }

    /// The leader goes on by itself until it hears that it leads no more.
    fn split(&mut self) {
        let mut forks = std::mem::take(&mut self.forks);
        if !forks.iter().any(|fork| fork.leader == self.leader) {
            forks.push(Self { waiting: BTreeSet::new(), ..self.clone() });
        }
        self.forks = forks;
    }

    /// A node that goes on as leader stops doing so, unless it knows of no newer epoch than its own.
    pub(super) fn give_up(&mut self, node: i32, known_epoch: Option<i32>) {
        let stays = |fork: &Self| known_epoch.is_some_and(|epoch| epoch <= fork.leader_epoch);
        self.forks.retain(|fork| fork.leader != node || stays(fork));
    }

    /// All replicas have everything, and all of it can be read.
    pub(super) fn level(&mut self) {
        self.high_watermark = self.log.end();
        self.copies =
            self.replicas.iter().map(|node| Copy::level(*node, self.high_watermark)).collect();
    }

    /// A node becomes a replica, with everything that the leader has.
    pub(crate) fn add_replica(&mut self, node: i32) {
        if !self.replicas.contains(&node) {
            self.replicas.push(node);
            self.isr.push(node);
            self.copies.push(Copy::level(node, self.log.end()));
        }
    }

    /// Another node, or none, leads from now on: a new epoch begins. What the new leader doesn't
    /// have is lost, and a leader that wasn't in sync is the only one that is.
    pub(crate) fn lead(&mut self, node: i32, around: &Around<'_>) -> Elected {
        if self.leader != node && around.hears_late(self.leader) {
            self.split();
        }
        self.hand_over(node, around.now)
    }

    /// The same, when no former leader can go on.
    pub(super) fn hand_over(&mut self, node: i32, now: Time) -> Elected {
        let ended = self.log.end();
        let former = self.leader;
        if let Some(copy) = self.copies.iter_mut().find(|copy| copy.node == former) {
            (copy.end, copy.high_watermark) = (ended, self.high_watermark);
        }
        if former != NO_LEADER {
            self.led_before = Some((former, self.leader_epoch));
        }
        self.leader = node;
        self.leader_epoch = self.leader_epoch.saturating_add(1);
        let Some(copy) = self.copies.iter().find(|copy| copy.node == node) else {
            return Elected::Whole;
        };
        let (end, high_watermark) = (copy.end, copy.high_watermark);
        self.log.truncate(end);
        self.high_watermark = high_watermark;
        if !self.isr.contains(&node) {
            self.isr = vec![node];
        }
        self.begin_epoch(now);
        if end < ended { Elected::Cut } else { Elected::Whole }
    }

    /// Cuts the log back, and has the same node lead it in a new epoch.
    pub(crate) fn truncate(&mut self, end: i64, now: Time) {
        self.log.truncate(end);
        self.high_watermark = self.high_watermark.min(self.log.end());
        self.leader_epoch = self.leader_epoch.saturating_add(1);
        self.begin_epoch(now);
    }

    fn begin_epoch(&mut self, now: Time) {
        self.log.begin_epoch(self.leader_epoch);
        self.epoch_start = self.log.end();
        for copy in &mut self.copies {
            copy.follow(self.epoch_start, now);
        }
    }

    /// The controller takes a replica's node for dead: it leaves the in-sync replicas, unless it is
    /// the last, and leads no more.
    pub(super) fn lose(&mut self, node: i32, around: &Around<'_>) -> Elected {
        if self.isr.len() > 1 {
            self.isr.retain(|replica| *replica != node);
        }
        if self.leader != node {
            return Elected::No;
        }
        let next = self.candidate(around, around.config.unclean_leader_election());
        self.lead(next.unwrap_or(NO_LEADER), around)
    }

    /// A replica's node is there again: somebody leads, if nobody did and anybody may.
    pub(super) fn regain(&mut self, around: &Around<'_>) -> Elected {
        let next = self.candidate(around, around.config.unclean_leader_election());
        match next.filter(|_| self.leader == NO_LEADER) {
            Some(next) => self.lead(next, around),
            None => Elected::No,
        }
    }

    /// Who is to lead: in the order of the replicas, an in-sync one that is alive, or, if it may be
    /// unclean, any that is.
    pub(super) fn candidate(&self, around: &Around<'_>, unclean: bool) -> Option<i32> {
        let alive = || self.replicas.iter().copied().filter(|node| around.is_known(*node));
        let in_sync = alive().find(|node| self.isr.contains(node));
        in_sync.or_else(|| alive().next().filter(|_| unclean))
    }
}

/// What became of a partition's leadership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Elected {
    /// Nothing.
    No,
    /// Another leader, or none, with the whole log.
    Whole,
    /// Another leader whose log was shorter.
    Cut,
}

/// A partition's log as one of its replicas has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replica<'a> {
    pub(crate) partition: &'a Partition,
    pub(crate) leads: bool,
    /// The offset behind its last record.
    pub(crate) end: i64,
    /// The first offset that consumers can't read from it yet.
    pub(crate) high_watermark: i64,
}

impl Replica<'_> {
    /// Whether there is a record at an offset, or the next one will be there.
    pub(crate) fn has(&self, offset: i64) -> bool {
        (self.partition.log.start()..=self.end).contains(&offset)
    }

    /// Bytes that a consumer at an offset can read.
    pub(crate) fn bytes_from(&self, offset: i64) -> u64 {
        self.partition.log.bytes_between(offset, self.high_watermark)
    }

    /// Bytes of the first batch that a consumer at an offset can read.
    pub(crate) fn first_batch_len(&self, offset: i64) -> u64 {
        if offset < self.high_watermark { self.partition.log.first_batch_len(offset) } else { 0 }
    }

    /// The last epoch not above `epoch` that the replica knows, and where it ends.
    pub(crate) fn epoch_end(&self, epoch: i32) -> Option<EpochEnd> {
        self.partition.log.epoch_end(epoch, self.end, self.leads)
    }
}
