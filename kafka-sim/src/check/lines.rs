//! A history in words, for people who look for what went wrong.

use crate::Time;

use super::history::History;
use super::ids::TopicRef;

/// How an event's `Debug` names a topic.
const TOPIC: &str = "TopicRef(";

impl History {
    /// Every event with its time, in order: a line for each, with topics by their names. The time is the same sixteen
    /// characters as in [`World::take_trace`](crate::world::World::take_trace): seconds, and nine digits behind the point.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.events().iter().map(|(at, event)| {
            let words = format!("{event:?}");
            format!("{} {}", stamp(*at), self.with_names(&words))
        })
    }

    fn with_names(&self, words: &str) -> String {
        let mut parts = words.split(TOPIC);
        let mut line = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, rest) = part.split_once(')').unwrap_or((part, ""));
            let topic = number.parse().map(TopicRef);
            line += &topic.map_or_else(|_| number.to_owned(), |topic| self.topics.show(topic));
            line += rest;
        }
        line
    }
}

/// A time as the beginning of a line.
pub(crate) fn stamp(at: Time) -> String {
    let nanos = at.as_nanos();
    format!("{:>6}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

/// Two tellings of a run as one, by the times at their beginnings. What `first` tells of a time comes first.
pub(crate) fn merge(first: Vec<String>, second: impl Iterator<Item = String>) -> Vec<String> {
    let mut all = first;
    all.extend(second);
    all.sort_by(|a, b| time_of(a).cmp(time_of(b)));
    all
}

/// The time is told in as many characters everywhere, so that it can be compared as text.
fn time_of(line: &str) -> &str {
    line.get(..16).unwrap_or(line)
}
