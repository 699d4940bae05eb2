//! Topics by name and by id, interned.

use std::collections::BTreeMap;

use kafka_proto::Uuid;

use super::event::{Event, LogEvent};
use super::ids::{Partition, TopicRef};
use crate::Truth;

/// Names and incarnations.
#[derive(Debug, Default)]
pub(super) struct Topics {
    entries: Vec<Entry>,
    names: BTreeMap<String, TopicRef>,
    ids: BTreeMap<Uuid, TopicRef>,
}

#[derive(Debug, Default)]
struct Entry {
    name: Option<String>,
    id: Option<Uuid>,
}

impl Topics {
    /// The entry of a name.
    pub(super) fn named(&mut self, name: &str) -> TopicRef {
        if let Some(topic) = self.names.get(name) {
            return *topic;
        }
        let topic = self.push(Entry { name: Some(name.to_owned()), id: None });
        self.names.insert(name.to_owned(), topic);
        topic
    }

    /// The entry of an id, whether or not it is known whose it is.
    pub(super) fn incarnation(&mut self, id: Uuid) -> TopicRef {
        if let Some(topic) = self.ids.get(&id) {
            return *topic;
        }
        let topic = self.push(Entry { name: None, id: Some(id) });
        self.ids.insert(id, topic);
        topic
    }

    /// Messages have a name or an id, by their version.
    pub(super) fn named_or_id(&mut self, name: &str, id: Uuid) -> TopicRef {
        if id == Uuid::ZERO { self.named(name) } else { self.incarnation(id) }
    }

    /// An id turns out to be one of a name's.
    pub(super) fn bind(&mut self, id: Uuid, name: &str) -> TopicRef {
        self.named(name);
        let topic = self.incarnation(id);
        if let Some(entry) = self.entries.get_mut(topic.0 as usize) {
            entry.name = Some(name.to_owned());
        }
        topic
    }

    /// The truth in the history's terms.
    pub(super) fn event_of(&mut self, truth: &Truth) -> Event {
        let (id, partition, truth) = match *truth {
            Truth::TopicCreated { topic, ref name, partitions } => {
                return Event::TopicCreated { topic: self.bind(topic, name), partitions };
            }
            Truth::PartitionsAdded { topic, partitions } => {
                return Event::PartitionsAdded { topic: self.incarnation(topic), partitions };
            }
            Truth::Faulted { since } => return Event::Faulted { since },
            Truth::TopicDeleted { topic } => {
                return Event::TopicDeleted { topic: self.incarnation(topic) };
            }
            Truth::Append {
                topic,
                partition,
                base_offset,
                last_offset,
                leader_epoch,
                producer_id,
                producer_epoch,
                base_sequence,
            } => {
                let append = LogEvent::Append {
                    base_offset,
                    last_offset,
                    leader_epoch,
                    producer_id,
                    producer_epoch,
                    base_sequence,
                };
                (topic, partition, append)
            }
            Truth::HighWatermark { topic, partition, offset } => {
                (topic, partition, LogEvent::HighWatermark { offset })
            }
            Truth::Truncated { topic, partition, to, leader_epoch } => {
                (topic, partition, LogEvent::Truncated { to, leader_epoch })
            }
            Truth::LogStart { topic, partition, offset } => {
                (topic, partition, LogEvent::LogStart { offset })
            }
            Truth::Leader { topic, partition, node, leader_epoch } => {
                (topic, partition, LogEvent::Leader { node, leader_epoch })
            }
        };
        let topic = self.incarnation(id);
        Event::Truth { partition: Partition { topic, partition }, truth }
    }

    /// For every entry the entry of its name: itself, where it has no name.
    pub(super) fn names(&self) -> Vec<TopicRef> {
        let of = |(at, entry): (usize, &Entry)| {
            let own = TopicRef(u32::try_from(at).unwrap_or(u32::MAX));
            entry.name.as_ref().and_then(|name| self.names.get(name)).copied().unwrap_or(own)
        };
        self.entries.iter().enumerate().map(of).collect()
    }

    /// The name of an entry, or its id.
    pub(super) fn show(&self, topic: TopicRef) -> String {
        let Some(entry) = self.entries.get(topic.0 as usize) else { return format!("{topic:?}") };
        match (&entry.name, entry.id) {
            (Some(name), _) => name.clone(),
            (None, Some(id)) => id.to_string(),
            (None, None) => format!("{topic:?}"),
        }
    }

    fn push(&mut self, entry: Entry) -> TopicRef {
        let topic = TopicRef(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.entries.push(entry);
        topic
    }
}
