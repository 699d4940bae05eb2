//! The network between clients and brokers: byte pipes that keep order and may be slow, cut, or silent.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::ClientId;
use crate::{Rng, Time};

/// Bytes on their way in one direction before the sender's socket is full.
const WINDOW_BYTES: usize = 256 * 1024;

/// The way that bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Requests.
    ToBroker,
    /// Responses.
    ToClient,
}

/// How the way between one client and one broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// How long a piece of bytes is under way, drawn for each. Order is kept.
    pub latency: Range<Duration>,
    /// Bytes a second in each direction; `None`: no limit.
    pub bandwidth: Option<u64>,
    /// The most bytes that arrive at once; `None`: as they were sent.
    pub segment: Option<usize>,
    /// Nothing arrives at the broker: it waits, as if the network retransmitted, until this ends.
    pub to_broker_blocked: bool,
    /// Nothing arrives at the client.
    pub to_client_blocked: bool,
}

impl Default for Conditions {
    /// A quiet local network: a millisecond or so, and no limits.
    fn default() -> Self {
        Self {
            latency: Duration::from_micros(200)..Duration::from_micros(800),
            bandwidth: None,
            segment: None,
            to_broker_blocked: false,
            to_client_blocked: false,
        }
    }
}

impl Conditions {
    pub(super) fn blocked(&self, direction: Direction) -> bool {
        match direction {
            Direction::ToBroker => self.to_broker_blocked,
            Direction::ToClient => self.to_client_blocked,
        }
    }
}

/// What goes through a pipe.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    Data(Bytes),
    /// The sender will send no more.
    Fin,
}

/// One direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    queue: VecDeque<(Time, Segment)>,
    /// When the last of it arrives.
    last_at: Time,
    /// Until when the bandwidth is taken.
    busy_until: Time,
    in_flight: usize,
    /// After so many more bytes the connection is reset.
    pub(super) cut_after: Option<usize>,
    /// An arrival is on the heap.
    pub(super) scheduled: bool,
}

impl Pipe {
    /// Whether the sender's socket takes more.
    pub(super) fn has_room(&self) -> bool {
        self.in_flight < WINDOW_BYTES
    }

    /// Sends something at `now`.
    pub(super) fn push(
        &mut self,
        now: Time,
        segment: Segment,
        conditions: &Conditions,
        rng: &mut Rng,
    ) {
        match (segment, conditions.segment) {
            (Segment::Data(mut bytes), Some(most)) => {
                while !bytes.is_empty() {
                    let most = rng.between(1..most.max(1) as u64 + 1) as usize;
                    let piece = bytes.split_to(most.min(bytes.len()));
                    self.push_one(now, Segment::Data(piece), conditions, rng);
                }
            }
            (segment, _) => self.push_one(now, segment, conditions, rng),
        }
    }

    fn push_one(&mut self, now: Time, segment: Segment, conditions: &Conditions, rng: &mut Rng) {
        let mut start = now;
        if let Segment::Data(bytes) = &segment {
            self.in_flight = self.in_flight.saturating_add(bytes.len());
            if let Some(bandwidth) = conditions.bandwidth {
                let nanos = (bytes.len() as u64).saturating_mul(1_000_000_000) / bandwidth.max(1);
                self.busy_until = self.busy_until.max(now) + Duration::from_nanos(nanos);
                start = self.busy_until;
            }
        }
        self.last_at = self.last_at.max(start + rng.duration(&conditions.latency));
        self.queue.push_back((self.last_at, segment));
    }

    /// Says when the first of it arrives, unless that is known already.
    pub(super) fn schedule(&mut self, now: Time, push: impl FnOnce(Time)) {
        if !self.scheduled
            && let Some(at) = self.next_at()
        {
            self.scheduled = true;
            push(at.max(now));
        }
    }

    /// When the first of it arrives.
    pub(super) fn next_at(&self) -> Option<Time> {
        self.queue.front().map(|(at, _)| *at)
    }

    /// What has arrived by `now`, and whether the connection is cut right behind it.
    pub(super) fn arrive(&mut self, now: Time) -> Option<(Segment, bool)> {
        let (at, _) = self.queue.front()?;
        if *at > now {
            return None;
        }
        let (_, mut segment) = self.queue.pop_front()?;
        let mut cut = false;
        if let Segment::Data(bytes) = &mut segment {
            self.in_flight = self.in_flight.saturating_sub(bytes.len());
            if let Some(left) = &mut self.cut_after {
                cut = bytes.len() >= *left;
                bytes.truncate(*left);
                *left = left.saturating_sub(bytes.len());
            }
        }
        Some((segment, cut))
    }
}

/// Puts frames together from bytes that arrive in pieces.
#[derive(Debug, Default)]
pub(super) struct Frames {
    pending: BytesMut,
}

/// A length that no frame has: what comes is not of this protocol.
#[derive(Debug)]
pub(super) struct BadLength;

impl Frames {
    /// Takes bytes and gives the whole frames so far to `each`, without their length.
    pub(super) fn push(
        &mut self,
        mut bytes: Bytes,
        mut each: impl FnMut(Bytes),
    ) -> Result<(), BadLength> {
        // A piece that is whole frames is not copied.
        while self.pending.is_empty()
            && let Some(length) = frame_length(&bytes)?
            && bytes.len() >= length.saturating_add(4)
        {
            let mut frame = bytes.split_to(length.saturating_add(4));
            each(frame.split_off(4));
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.pending.extend_from_slice(&bytes);
        while let Some(length) = frame_length(&self.pending)?
            && self.pending.len() >= length.saturating_add(4)
        {
            let mut frame = self.pending.split_to(length.saturating_add(4)).freeze();
            each(frame.split_off(4));
        }
        Ok(())
    }
}

/// As brokers have it by default (`socket.request.max.bytes`).
const FRAME_BYTES_MAX: usize = 100 * 1024 * 1024;

fn frame_length(bytes: &[u8]) -> Result<Option<usize>, BadLength> {
    let Some(prefix) = bytes.first_chunk() else {
        return Ok(None);
    };
    match usize::try_from(i32::from_be_bytes(*prefix)) {
        Ok(length) if length <= FRAME_BYTES_MAX => Ok(Some(length)),
        _ => Err(BadLength),
    }
}

/// The conditions of every pair, and who stands still at its end.
#[derive(Debug, Default)]
pub(super) struct Net {
    usual: Conditions,
    pairs: BTreeMap<(ClientId, i32), Conditions>,
    /// Nodes that neither read nor write.
    paused: BTreeSet<i32>,
    /// Nodes without power.
    dark: BTreeSet<i32>,
    /// Clients that don't read.
    frozen: BTreeSet<ClientId>,
}

impl Net {
    pub(super) fn new(usual: Conditions) -> Self {
        Self { usual, ..Self::default() }
    }

    pub(super) fn usual(&self) -> &Conditions {
        &self.usual
    }

    pub(super) fn between(&self, client: ClientId, node: i32) -> &Conditions {
        self.pairs.get(&(client, node)).unwrap_or(&self.usual)
    }

    pub(super) fn between_mut(&mut self, client: ClientId, node: i32) -> &mut Conditions {
        self.pairs.entry((client, node)).or_insert_with(|| self.usual.clone())
    }

    /// Gives whether it makes a difference.
    pub(super) fn pause(&mut self, node: i32, pause: bool) -> bool {
        if pause { self.paused.insert(node) } else { self.paused.remove(&node) }
    }

    /// Whether a node takes part in handshakes.
    pub(super) fn answers(&self, node: i32) -> bool {
        !self.paused.contains(&node) && !self.dark.contains(&node)
    }

    pub(super) fn darken(&mut self, node: i32, dark: bool) {
        if dark {
            self.dark.insert(node)
        } else {
            self.dark.remove(&node)
        };
    }

    pub(super) fn is_dark(&self, node: i32) -> bool {
        self.dark.contains(&node)
    }

    pub(super) fn is_frozen(&self, client: ClientId) -> bool {
        self.frozen.contains(&client)
    }

    pub(super) fn freeze(&mut self, client: ClientId, freeze: bool) {
        if freeze {
            self.frozen.insert(client)
        } else {
            self.frozen.remove(&client)
        };
    }

    /// Whether nothing arrives that way for the moment.
    pub(super) fn is_stalled(&self, client: ClientId, node: i32, direction: Direction) -> bool {
        let unread = direction == Direction::ToClient && self.frozen.contains(&client);
        unread || self.paused.contains(&node) || self.between(client, node).blocked(direction)
    }

    /// Every way is as usual again, and no node stands still.
    pub(super) fn heal(&mut self) {
        self.pairs.clear();
        self.paused.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(conditions: &Conditions, pieces: &[&'static [u8]]) -> Vec<(Time, Vec<u8>)> {
        let (mut pipe, mut rng) = (Pipe::default(), Rng::new(1));
        for piece in pieces {
            pipe.push(Time::ZERO, Segment::Data(Bytes::from_static(piece)), conditions, &mut rng);
        }
        let mut seen = Vec::new();
        while let Some(at) = pipe.next_at() {
            if let Some((Segment::Data(bytes), false)) = pipe.arrive(at) {
                seen.push((at, bytes.to_vec()));
            }
        }
        seen
    }

    #[test]
    fn bytes_keep_their_order_whatever_the_latency() {
        let latency = Duration::from_millis(1)..Duration::from_millis(100);
        let conditions = Conditions { latency, segment: Some(2), ..Conditions::default() };
        let seen = sent(&conditions, &[b"hello", b" ", b"world"]);
        assert!(seen.is_sorted_by_key(|(at, _)| *at));
        assert!(seen.iter().all(|(_, bytes)| bytes.len() <= 2));
        let text: Vec<u8> = seen.into_iter().flat_map(|(_, bytes)| bytes).collect();
        assert_eq!(text, b"hello world");
    }

    #[test]
    fn a_narrow_way_takes_its_time() {
        let latency = Duration::ZERO..Duration::ZERO;
        let conditions = Conditions { latency, bandwidth: Some(10), ..Conditions::default() };
        let at: Vec<u64> =
            sent(&conditions, &[b"12345", b"12345"]).iter().map(|(at, _)| at.as_millis()).collect();
        assert_eq!(at, [500, 1000]);
    }

    #[test]
    fn a_cut_lets_so_many_bytes_through() {
        let (mut pipe, mut rng) = (Pipe::default(), Rng::new(1));
        pipe.cut_after = Some(3);
        for _ in 0..2 {
            let data = Segment::Data(Bytes::from_static(b"ab"));
            pipe.push(Time::ZERO, data, &Conditions::default(), &mut rng);
        }
        let far = Time::from_millis(1000);
        assert!(matches!(pipe.arrive(far), Some((Segment::Data(bytes), false)) if bytes == "ab"));
        assert!(matches!(pipe.arrive(far), Some((Segment::Data(bytes), true)) if bytes == "a"));
    }

    #[test]
    fn frames_come_whole_however_they_are_cut() {
        let stream = b"\0\0\0\x03abc\0\0\0\0\0\0\0\x02de";
        for size in 1..=stream.len() {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            for piece in stream.chunks(size) {
                frames.push(Bytes::from_static(piece), |frame| seen.push(frame)).unwrap();
            }
            assert_eq!(seen, ["abc", "", "de"]);
        }
        assert!(Frames::default().push(Bytes::from_static(b"\xff\0\0\0"), |_| ()).is_err());
    }
}
