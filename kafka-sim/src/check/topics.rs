//! Topics by name and by id, interned.

use std::collections::BTreeMap;

use kafka_proto::Uuid;

use super::ids::TopicRef;

/// Names and incarnations.
#[derive(Debug, Default)]
pub(super) struct Topics {
    entries: Vec<Entry>,
    names: BTreeMap<String, TopicRef>,
    ids: BTreeMap<[u8; 16], TopicRef>,
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
        if let Some(topic) = self.ids.get(&id.0) {
            return *topic;
        }
        let topic = self.push(Entry { name: None, id: Some(id) });
        self.ids.insert(id.0, topic);
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
