//! The copies of a partition's log that its replicas have, and how far consumers may read
//! (KIP-497, KIP-966).
//!
//! A partition has one log, its leader's. Any other replica has the beginning of it, up to an end of
//! its own: followers that had something else than the leader have cut it off by the time that
//! anybody could see it. A follower has one fetch under way at a time, as in Kafka: it brings what
//! the leader had, and the high watermark as it stood, when the fetch set out. The leader learns of
//! it when it has arrived.

use core::time::Duration;
use std::collections::BTreeMap;

use super::alarm::{Alarm, Alarms, Spot};
use super::config::TopicConfig;
use super::{Node, Partition};
use crate::Time;

/// What one replica has of a log.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(crate) node: i32,
    /// The offset behind its last record.
    pub(crate) end: i64,
    /// The high watermark as the leader told it.
    pub(crate) high_watermark: i64,
    /// Whether the leader has heard in this epoch how far the replica is.
    heard: bool,
    /// Whether it lacks records, and when it last had all of them.
    behind: bool,
    caught_up: Time,
    fetch: Option<Fetching>,
    /// Whether an alarm is set for when it lags too long.
    watched: bool,
}

/// A follower's fetch under way.
#[derive(Clone, Copy, Debug)]
struct Fetching {
    since: Time,
    until: Time,
    end: i64,
    high_watermark: i64,
}

/// How a node's replicas get what their leaders have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// At the very moment.
    Instant,
    /// A fetch takes so long.
    Delayed(Duration),
    /// Not at all.
    Cut,
}

/// What replicating a partition takes beside the partition.
pub(crate) struct Around<'a> {
    pub(super) nodes: &'a BTreeMap<i32, Node>,
    pub(super) alarms: &'a mut Alarms,
    pub(super) spot: Spot,
    pub(crate) now: Time,
    /// `replica.lag.time.max.ms`.
    pub(super) lag_max: Duration,
    pub(super) config: &'a TopicConfig,
    /// Whether the high watermark stands still while fewer than `min.insync.replicas` are in sync.
    pub(super) min_isr_holds_back: bool,
}

impl Around<'_> {
    fn link(&self, node: i32) -> Link {
        match self.nodes.get(&node) {
            Some(node) if node.up && !node.replication_paused => {
                if node.replication_delay.is_zero() {
                    Link::Instant
                } else {
                    Link::Delayed(node.replication_delay)
                }
            }
            _ => Link::Cut,
        }
    }

    fn is_up(&self, node: i32) -> bool {
        self.nodes.get(&node).is_some_and(|node| node.up)
    }

    /// Whether a node doesn't hear at once that it leads no more.
    pub(super) fn hears_late(&self, node: i32) -> bool {
        let node = self.nodes.get(&node);
        node.is_some_and(|node| node.up && !node.fenced && !node.metadata_delay.is_zero())
    }

    /// Whether the controller takes a node for alive.
    pub(super) fn is_known(&self, node: i32) -> bool {
        self.nodes.get(&node).is_some_and(|node| !node.fenced)
    }
}

impl Copy {
    /// A replica that has everything up to `end`, all of it readable, and whose leader knows.
    pub(super) fn level(node: i32, end: i64) -> Self {
        Self {
            node,
            end,
            high_watermark: end,
            heard: true,
            behind: false,
            caught_up: Time::ZERO,
            fetch: None,
            watched: false,
        }
    }

    /// A new leader's log is the log: what goes beyond it is cut off, and the leader must hear anew
    /// where the replica stands.
    pub(super) fn follow(&mut self, leader_end: i64, now: Time) {
        self.end = self.end.min(leader_end);
        self.high_watermark = self.high_watermark.min(self.end);
        self.heard = false;
        self.behind = false;
        self.caught_up = now;
        self.fetch = None;
    }

    fn take_all(&mut self, end: i64, now: Time) {
        self.end = end;
        self.heard = true;
        self.behind = false;
        self.caught_up = now;
        self.fetch = None;
    }

    fn compare(&mut self, leader_end: i64, now: Time) {
        let behind = self.end < leader_end;
        if behind && !self.behind {
            self.caught_up = now;
        }
        self.behind = behind;
    }

    /// Sends the next fetch, if there is anything to gain by it.
    fn set_out(&mut self, by: Duration, end: i64, high_watermark: i64, around: &mut Around<'_>) {
        let nothing_new = self.heard && self.end >= end && self.high_watermark >= high_watermark;
        if nothing_new || self.fetch.is_some() {
            return;
        }
        let (since, until) = (around.now, around.now + by);
        self.fetch = Some(Fetching { since, until, end, high_watermark });
        around.alarms.set(until, Alarm::Arrived { at: around.spot, node: self.node });
    }

    /// Takes what a fetch brought; tells how far could be read before, if there was one.
    fn arrive(&mut self, now: Time) -> Option<i64> {
        let fetch = self.fetch.take_if(|fetch| fetch.until <= now)?;
        let before = self.high_watermark;
        self.end = fetch.end;
        self.high_watermark = fetch.high_watermark.min(fetch.end);
        self.heard = true;
        self.caught_up = self.caught_up.max(fetch.since);
        Some(before)
    }

    fn watch(&mut self, around: &mut Around<'_>) {
        if self.behind && !self.watched {
            self.watched = true;
            let at = self.caught_up + around.lag_max;
            around.alarms.set(at, Alarm::Lag { at: around.spot, node: self.node });
        }
    }
}

impl Partition {
    /// Has the followers go on, takes those that have caught up into the in-sync replicas, and
    /// moves the high watermark. Tells from where to where it moved.
    pub(super) fn replicate(&mut self, around: &mut Around<'_>) -> Option<(i64, i64)> {
        let Self { leader, copies, log, .. } = self;
        if !around.is_up(*leader) {
            return None;
        }
        let end = log.end();
        let mut fetched = false;
        for copy in copies.iter_mut().filter(|copy| copy.node != *leader) {
            if around.link(copy.node) == Link::Instant {
                copy.take_all(end, around.now);
                fetched = true;
            } else {
                copy.compare(end, around.now);
            }
        }
        if fetched && self.isr.len() < self.copies.len() {
            self.expand(|copy| around.link(copy.node) == Link::Instant, around);
        }
        let moved = self.advance(around);
        let Self { leader, copies, isr, high_watermark, .. } = self;
        for copy in copies.iter_mut().filter(|copy| copy.node != *leader) {
            match around.link(copy.node) {
                Link::Instant => copy.high_watermark = *high_watermark,
                Link::Delayed(by) => copy.set_out(by, end, *high_watermark, around),
                Link::Cut => copy.fetch = None,
            }
            if isr.contains(&copy.node) {
                copy.watch(around);
            }
        }
        moved
    }

    /// A follower's fetch is through. Tells from where to where the follower can be read now.
    pub(super) fn arrived(&mut self, node: i32, around: &Around<'_>) -> Option<(i64, i64)> {
        let copy = self.copies.iter_mut().find(|copy| copy.node == node)?;
        let before = copy.arrive(around.now)?;
        let after = copy.high_watermark;
        self.expand(|copy| copy.node == node, around);
        Some((before, after))
    }

    /// A follower may have lagged for too long by now: then its leader puts it out of the in-sync
    /// replicas. Tells whether it did.
    pub(super) fn lagged(&mut self, node: i32, around: &Around<'_>) -> bool {
        let judged = node != self.leader && around.is_up(self.leader);
        let Some(copy) = self.copies.iter_mut().find(|copy| copy.node == node) else {
            return false;
        };
        copy.watched = false;
        let late = copy.behind && copy.caught_up + around.lag_max <= around.now;
        let was_in_sync = late && judged && self.isr.contains(&node);
        if was_in_sync {
            self.isr.retain(|replica| *replica != node);
        }
        was_in_sync
    }

    /// Followers that have just fetched join the in-sync replicas, if they have all that can be
    /// read and all that the leader had when it took over.
    fn expand(&mut self, fetched: impl Fn(&Copy) -> bool, around: &Around<'_>) {
        let least = self.high_watermark.max(self.epoch_start);
        for copy in &self.copies {
            let eligible = fetched(copy) && around.is_known(copy.node);
            if eligible && copy.end >= least && !self.isr.contains(&copy.node) {
                self.isr.push(copy.node);
            }
        }
    }

    /// The high watermark is where the shortest of the in-sync replicas ends, as far as the leader
    /// knows; it never goes back while the same node leads, and stands while too few are in sync.
    fn advance(&mut self, around: &Around<'_>) -> Option<(i64, i64)> {
        if around.min_isr_holds_back && self.is_under_min_isr(around.config) {
            return None;
        }
        let mut least = self.log.end();
        for copy in self.copies.iter().filter(|copy| copy.node != self.leader) {
            if self.isr.contains(&copy.node) {
                least = least.min(if copy.heard { copy.end } else { i64::MIN });
            }
        }
        let before = self.high_watermark;
        self.high_watermark = before.max(least);
        (self.high_watermark != before).then_some((before, self.high_watermark))
    }
}
