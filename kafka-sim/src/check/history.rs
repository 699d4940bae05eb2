//! The history of a run: what happened, in order.

use bytes::Bytes;
use kafka_proto::Uuid;

use super::event::Event;
use super::ids::{ClientId, Partition, Text, TopicRef};
use super::topics::Topics;
use super::wire::{Awaited, Decoding, Wire, decode_request, decode_response};
use crate::{ConnId, Time, Truth};

/// Everything that happened in a run, as far as the invariants look at it. It only grows.
///
/// Events come in the order of their times; the truth may come late.
#[derive(Debug, Default)]
pub struct History {
    events: Vec<(Time, Event)>,
    pub(super) topics: Topics,
    texts: Vec<String>,
    awaited: Awaited,
    /// Parts of a frame that is being decoded. Kept for its memory.
    parts: Vec<Wire>,
}

impl History {
    /// An empty history.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty history with room for so many events, which it would else have to move as it grows.
    #[must_use]
    pub fn with_capacity(events: usize) -> Self {
        Self { events: Vec::with_capacity(events), ..Self::default() }
    }

    /// Appends an event.
    pub fn push(&mut self, at: Time, event: Event) {
        if let Event::Disconnected { conn, .. } = event {
            self.awaited.forget(conn);
        }
        self.events.push((at, event));
    }

    /// All events so far.
    #[must_use]
    pub fn events(&self) -> &[(Time, Event)] {
        &self.events
    }

    /// A topic by its name.
    pub fn topic(&mut self, name: &str) -> TopicRef {
        self.topics.named(name)
    }

    /// A partition of a topic by its name.
    pub fn partition(&mut self, topic: &str, partition: i32) -> Partition {
        Partition { topic: self.topics.named(topic), partition }
    }

    /// One incarnation of a topic by its id.
    pub fn incarnation(&mut self, id: Uuid) -> TopicRef {
        self.topics.incarnation(id)
    }

    /// Appends a request frame as a client wrote it, without its length prefix.
    pub fn bytes_out(
        &mut self,
        at: Time,
        client: ClientId,
        conn: ConnId,
        node: i32,
        frame: &Bytes,
    ) {
        let Self { events, topics, awaited, parts, .. } = self;
        decode_request(frame, &mut Decoding { conn, topics, awaited, parts }, &mut |wire| {
            events.push((at, Event::Wire { client, conn, node, wire }));
        });
    }

    /// Appends a response frame as a client received it, without its length prefix.
    pub fn bytes_in(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32, frame: &Bytes) {
        let Self { events, topics, awaited, parts, .. } = self;
        decode_response(frame, &mut Decoding { conn, topics, awaited, parts }, &mut |wire| {
            events.push((at, Event::Wire { client, conn, node, wire }));
        });
    }

    /// Appends an error that a client logged.
    pub fn error_logged(&mut self, at: Time, client: ClientId, text: &str) {
        let interned = Text(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.to_owned());
        self.push(at, Event::ErrorLogged { client, text: interned });
    }

    /// Appends what truly happened in the cluster: see [`Cluster::take_truth`](crate::Cluster::take_truth).
    pub fn truth(&mut self, at: Time, truth: &Truth) {
        let event = self.topics.event_of(truth);
        self.push(at, event);
    }

    /// The text behind a [`Text`].
    #[must_use]
    pub fn text(&self, text: Text) -> &str {
        self.texts.get(text.0 as usize).map_or("", String::as_str)
    }

    /// `topic-0`, for people.
    #[must_use]
    pub fn show(&self, partition: Partition) -> String {
        format!("{}-{}", self.topics.show(partition.topic), partition.partition)
    }
}
