//! What each node knows of the cluster, which may be how it was a while ago.
//!
//! Who lags is told by its metadata delay. As long as nobody does, nodes look at the cluster as it
//! is and nothing is kept; else every change leaves an image, until everybody has got over it. What
//! a node knows never gets older, and it knows the newest when it starts.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use kafka_proto::{Str, Uuid};

use super::alarm::Alarm;
use super::{Node, Partition, State, Topic};
use crate::Time;
use crate::options::Endpoint;

/// Who leads, has and follows a partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat<'a> {
    pub(crate) leader: i32,
    pub(crate) leader_epoch: i32,
    pub(crate) replicas: &'a [i32],
    pub(crate) isr: &'a [i32],
}

/// The cluster as a node knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    state: &'a State,
    /// `None`: as it is.
    image: Option<&'a Image>,
}

/// The cluster as it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    /// From when on it held, and its number.
    since: Time,
    serial: u64,
    nodes: Vec<i32>,
    topics: BTreeMap<Str, (Uuid, Vec<Seated>)>,
    names: BTreeMap<Uuid, Str>,
}

#[derive(Clone, Debug)]
struct Seated {
    leader: i32,
    leader_epoch: i32,
    replicas: Vec<i32>,
    isr: Vec<i32>,
}

/// Images of the past, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    images: VecDeque<Image>,
    /// The newest one's number.
    serial: u64,
    /// Whether anybody is late.
    wanted: bool,
    /// Whether the newest image is not true any more.
    pub(super) outdated: bool,
}

impl Past {
    /// The newest image that a node has heard of.
    fn known(&self, node: &Node, now: Time) -> Option<&Image> {
        let heard = self.images.partition_point(|image| image.since + node.metadata_delay <= now);
        let known = self.images.partition_point(|image| image.serial <= node.metadata_known);
        self.images.get(heard.max(known).saturating_sub(1))
    }
}

impl<'a> View<'a> {
    /// Nodes that are alive.
    pub(crate) fn nodes(self) -> impl Iterator<Item = (i32, &'a Endpoint)> {
        let nodes = self.state.nodes.iter();
        nodes
            .filter(move |(node, _)| !self.is_fenced(**node))
            .map(|(node, found)| (*node, &found.endpoint))
    }

    /// Whether a node is taken for dead.
    pub(crate) fn is_fenced(self, node: i32) -> bool {
        match self.image {
            None => self.state.is_fenced(node),
            Some(image) => !image.nodes.contains(&node),
        }
    }

    /// Names of all topics.
    pub(crate) fn topics(self) -> Vec<&'a Str> {
        match self.image {
            None => self.state.topics.keys().collect(),
            Some(image) => image.topics.keys().collect(),
        }
    }

    /// A topic's id.
    pub(crate) fn topic_id(self, name: &str) -> Option<Uuid> {
        match self.image {
            None => self.state.topics.get(name).map(|topic| topic.id),
            Some(image) => image.topics.get(name).map(|(id, _)| *id),
        }
    }

    /// The name of the topic with an id.
    pub(crate) fn name(self, id: Uuid) -> Option<&'a Str> {
        match self.image {
            None => self.state.names.get(&id),
            Some(image) => image.names.get(&id),
        }
    }

    /// The partitions of a topic.
    pub(crate) fn seats(self, name: &str) -> Vec<Seat<'a>> {
        match self.image {
            None => {
                let topic = self.state.topics.get(name);
                topic.into_iter().flat_map(|topic| &topic.partitions).map(Partition::seat).collect()
            }
            Some(image) => {
                let topic = image.topics.get(name);
                topic.into_iter().flat_map(|(_, seats)| seats).map(Seated::seat).collect()
            }
        }
    }

    /// One partition.
    pub(crate) fn seat(self, name: &str, index: i32) -> Option<Seat<'a>> {
        match self.image {
            None => self.state.partition(name, index).map(Partition::seat),
            Some(image) => {
                let (_, seats) = image.topics.get(name)?;
                seats.get(usize::try_from(index).ok()?).map(Seated::seat)
            }
        }
    }

    /// Whether it is the cluster as it is.
    pub(super) fn is_live(self) -> bool {
        self.image.is_none()
    }
}

impl Seated {
    fn of(seat: Seat<'_>) -> Self {
        let Seat { leader, leader_epoch, replicas, isr } = seat;
        Self { leader, leader_epoch, replicas: replicas.to_vec(), isr: isr.to_vec() }
    }

    fn seat(&self) -> Seat<'_> {
        let Self { leader, leader_epoch, replicas, isr } = self;
        Seat { leader: *leader, leader_epoch: *leader_epoch, replicas, isr }
    }
}

impl Partition {
    fn seat(&self) -> Seat<'_> {
        let Self { leader, leader_epoch, replicas, isr, .. } = self;
        Seat { leader: *leader, leader_epoch: *leader_epoch, replicas, isr }
    }
}

impl State {
    /// The cluster as a node knows it.
    pub(crate) fn view(&self, node: i32) -> View<'_> {
        View { state: self, image: self.image(node) }
    }

    fn image(&self, node: i32) -> Option<&Image> {
        let node = self.nodes.get(&node).filter(|node| !node.metadata_delay.is_zero())?;
        self.past.known(node, self.now)
    }

    /// A node hears of every change so late from now on.
    pub(crate) fn set_metadata_delay(&mut self, node: i32, delay: Duration) {
        self.past.outdated |= self.past.images.is_empty();
        self.past.wanted |= !delay.is_zero();
        self.publish();
        let serial = self.image(node).map_or(self.past.serial, |image| image.serial);
        if let Some(found) = self.nodes.get_mut(&node) {
            (found.metadata_delay, found.metadata_known) = (delay, serial);
        }
        for image in &self.past.images {
            self.alarms.set((image.since + delay).max(self.now), Alarm::Learn { node });
        }
        self.learn(node);
        if self.nodes.values().all(|node| node.metadata_delay.is_zero()) {
            self.past.images.clear();
            self.past.wanted = false;
        }
    }

    /// A node that starts knows the newest.
    pub(super) fn know_now(&mut self, node: i32) {
        self.publish();
        let newest = self.past.serial;
        if let Some(found) = self.nodes.get_mut(&node) {
            found.metadata_known = newest;
        }
    }

    /// What has changed is left for those who hear of it later.
    pub(crate) fn publish(&mut self) {
        if !self.past.wanted || !std::mem::take(&mut self.past.outdated) {
            return;
        }
        let image = self.newest();
        let images = &mut self.past.images;
        // Of several changes at one moment the last is enough, unless somebody knows no more than
        // one before it.
        let known = |serial: u64| self.nodes.values().any(|node| node.metadata_known == serial);
        if images.back().is_some_and(|last| last.since == self.now && !known(last.serial)) {
            images.pop_back();
        }
        self.past.serial = image.serial;
        images.push_back(image);
        let most = self.nodes.values().map(|node| node.metadata_delay).max().unwrap_or_default();
        while images.get(1).is_some_and(|second| second.since + most <= self.now) {
            images.pop_front();
        }
        for (node, found) in &self.nodes {
            if !found.metadata_delay.is_zero() {
                self.alarms.set(self.now + found.metadata_delay, Alarm::Learn { node: *node });
            }
        }
    }

    fn newest(&self) -> Image {
        let live = View { state: self, image: None };
        let topic = |(name, topic): (&Str, &Topic)| {
            let seats = live.seats(name).into_iter().map(Seated::of).collect();
            (name.clone(), (topic.id, seats))
        };
        Image {
            since: self.now,
            serial: self.past.serial.saturating_add(1),
            nodes: live.nodes().map(|(node, _)| node).collect(),
            topics: self.topics.iter().map(topic).collect(),
            names: self.names.clone(),
        }
    }

    /// A node hears of changes: it gives up what it took itself for, and requests that are parked at
    /// it look again.
    pub(super) fn learn(&mut self, node: i32) {
        for (topic, index) in self.replicas_of(node) {
            let known = self.view(node).seat(&topic, index).map(|seat| seat.leader_epoch);
            if let Some(mut site) = self.site(&topic, index) {
                site.partition.give_up(node, known);
                site.touch();
            }
        }
    }
}
