//! All connections of a capture.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::capture::Time;
use super::connection::Connection;
use super::exchange::Event;
use super::segment::Segment;

/// So many connections are followed; of more, those that nothing was heard of for longest are taken for over. A capture
/// may lack their ends, and a scan of ports opens any number.
const MOST: usize = 1 << 16;

/// The two addresses, the lower first, so that both directions meet.
type Ends = (SocketAddr, SocketAddr);

/// Connections by their ends.
#[derive(Debug)]
pub(super) struct Connections {
    port: Option<u16>,
    by_ends: BTreeMap<Ends, Followed>,
    /// How many segments there were.
    segments: u64,
}

#[derive(Debug)]
struct Followed {
    connection: Connection,
    /// The number of its last segment.
    heard: u64,
}

impl Connections {
    /// None yet; `port` is that of the brokers, if it is known.
    pub(super) fn new(port: Option<u16>) -> Self {
        Self { port, by_ends: BTreeMap::new(), segments: 0 }
    }

    /// Takes a segment to its connection, and reports what it completes.
    pub(super) fn take(&mut self, segment: &Segment<'_>, time: Time, events: &mut Vec<Event>) {
        self.segments += 1;
        let ends = (segment.from.min(segment.to), segment.from.max(segment.to));
        if self.by_ends.get(&ends).is_some_and(|followed| followed.connection.is_before(segment)) {
            self.end(ends, events);
        }
        if !self.by_ends.contains_key(&ends) {
            // What confirms the end of a connection must not begin another.
            if !segment.syn && segment.payload.is_empty() && segment.cut == 0 {
                return;
            }
            self.make_room(events);
        }
        let followed = self.by_ends.entry(ends).or_insert_with(|| Followed {
            connection: Connection::new(segment, self.port),
            heard: 0,
        });
        followed.heard = self.segments;
        followed.connection.take(segment, time, events);
        if followed.connection.is_over(segment) {
            self.end(ends, events);
        }
    }

    /// Ends a connection, and reports what is left of it; false if there is none any more.
    pub(super) fn end_one(&mut self, events: &mut Vec<Event>) -> bool {
        let first = self.by_ends.pop_first();
        first.map(|(_, followed)| followed.connection.finish(events)).is_some()
    }

    fn end(&mut self, ends: Ends, events: &mut Vec<Event>) {
        if let Some(followed) = self.by_ends.remove(&ends) {
            followed.connection.finish(events);
        }
    }

    /// Ends half of the connections if there are too many: the search costs nothing to speak of if it is done seldom.
    fn make_room(&mut self, events: &mut Vec<Event>) {
        if self.by_ends.len() < MOST {
            return;
        }
        let mut heard: Vec<u64> = self.by_ends.values().map(|followed| followed.heard).collect();
        let (_, median, _) = heard.select_nth_unstable(MOST / 2);
        let quiet = self.by_ends.iter().filter(|(_, followed)| followed.heard < *median);
        let quiet: Vec<Ends> = quiet.map(|(ends, _)| *ends).collect();
        for ends in quiet {
            self.end(ends, events);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment of the client at this port, or of the broker.
    fn segment(port: u16, from_client: bool, sequence: u32, flags: &str) -> Segment<'static> {
        let client = SocketAddr::from(([10, 0, 0, 9], port));
        let broker = SocketAddr::from(([10, 0, 0, 2], 9092));
        let (from, to) = if from_client { (client, broker) } else { (broker, client) };
        Segment {
            from,
            to,
            sequence,
            acknowledged: Some(0),
            syn: flags.contains('S'),
            fin: flags.contains('F'),
            rst: flags.contains('R'),
            payload: if flags.contains('P') { b"data" } else { b"" },
            cut: 0,
        }
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let check = |segments: &[(bool, u32, &str)], left: usize| {
            let mut connections = Connections::new(None);
            for (from_client, sequence, flags) in segments {
                connections.take(&segment(1, *from_client, *sequence, flags), 0, &mut Vec::new());
            }
            assert_eq!(connections.by_ends.len(), left, "{segments:?}");
        };
        let closed =
            [(true, 0, "S"), (false, 0, "S"), (true, 1, "F"), (false, 1, "F"), (true, 2, "")];
        check(&closed[..4], 0);
        check(&closed, 0);
        check(&closed[..3], 1);
        check(&[(true, 0, "S"), (false, 0, "R"), (false, 0, "R")], 0);
        check(&[(true, 0, "")], 0);
        check(&[(true, 0, "P"), (true, 4, "")], 1);
    }

    #[test]
    fn those_heard_of_last_are_kept() {
        let mut connections = Connections::new(None);
        let mut events = Vec::new();
        for port in 0..=u16::MAX {
            connections.take(&segment(port, true, 0, "S"), 0, &mut events);
        }
        connections.take(&segment(0, true, 1, "P"), 0, &mut events);
        assert_eq!(connections.by_ends.len(), MOST);
        let mut other = segment(9, true, 0, "S");
        other.from.set_ip([10, 1, 0, 1].into());
        connections.take(&other, 0, &mut events);
        assert_eq!(connections.by_ends.len(), MOST / 2 + 1);
        let kept: Vec<u16> = connections.by_ends.keys().map(|(_, client)| client.port()).collect();
        assert!(kept.contains(&0) && !kept.contains(&1) && kept.contains(&9));
        while connections.end_one(&mut events) {}
        assert!(connections.by_ends.is_empty());
    }
}
