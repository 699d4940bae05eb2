//! One TCP connection: who is the broker, what is asked and what is answered.

use std::net::SocketAddr;

use kafka_proto::ApiKey;

use super::capture::Time;
use super::exchange::{Event, Exchange, Request};
use super::frames::{Cutter, Frame};
use super::guess::{self, Guess};
use super::pending::{Pending, Queue};
use super::segment::Segment;
use super::stream::{Piece, Stream};

/// A connection between two addresses.
#[derive(Debug)]
pub(super) struct Connection {
    sides: [Side; 2],
    role: Role,
    pending: Queue,
    /// Whether frames are bare tokens, as after SaslHandshake version 0.
    bare_tokens: bool,
}

/// One end, and what comes from there.
#[derive(Debug)]
struct Side {
    address: SocketAddr,
    stream: Stream,
    cutter: Cutter,
    /// The first bytes of a stream from its start, while nobody knows whose they are.
    first: Vec<u8>,
    /// Whether the stream was captured from its first byte.
    from_start: bool,
    /// Whether bytes have passed by that were not understood, so that nobody knows where a frame begins.
    is_lost: bool,
}

/// What is known of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Unknown,
    /// The client is the side of this number.
    Client(usize),
    /// Encrypted, or to be left alone for another reason.
    Ignored,
}

impl Connection {
    /// A connection of which this is the first segment; the client is known if the broker's port is.
    pub(super) fn new(segment: &Segment<'_>, port: Option<u16>) -> Self {
        let side = |address| Side {
            address,
            stream: Stream::default(),
            cutter: Cutter::default(),
            first: Vec::new(),
            from_start: false,
            is_lost: false,
        };
        let role = match port {
            None => Role::Unknown,
            Some(port) if segment.to.port() == port => Role::Client(0),
            Some(port) if segment.from.port() == port => Role::Client(1),
            Some(_) => Role::Ignored,
        };
        let sides = [side(segment.from), side(segment.to)];
        Self { sides, role, pending: Queue::default(), bare_tokens: false }
    }

    /// Whether a segment belongs to a later connection between the same addresses.
    pub(super) fn is_before(&self, segment: &Segment<'_>) -> bool {
        let [first, second] = &self.sides;
        let side = if segment.from == first.address { first } else { second };
        side.stream.is_other(segment)
    }

    /// Whether both ends have said all that they had to say.
    pub(super) fn is_over(&self, segment: &Segment<'_>) -> bool {
        segment.rst || self.sides.iter().all(|side| side.stream.is_ended())
    }

    /// Takes a segment, and reports what it completes.
    pub(super) fn take(&mut self, segment: &Segment<'_>, time: Time, events: &mut Vec<Event>) {
        let number = usize::from(self.sides.first().map(|side| side.address) != Some(segment.from));
        self.with_stream(1 - number, events, |stream, next| stream.acknowledge(segment, next));
        let Some(side) = self.sides.get_mut(number) else { return };
        if segment.syn && !side.from_start {
            side.from_start = true;
            if matches!(self.role, Role::Client(_)) {
                side.cutter = Cutter::in_step();
            }
        }
        self.with_stream(number, events, |stream, next| stream.take(segment, time, next));
    }

    /// Reports what is left at the end of the connection or of the capture.
    pub(super) fn finish(mut self, events: &mut Vec<Event>) {
        for number in 0..self.sides.len() {
            self.with_stream(number, events, |stream, next| stream.finish(next));
        }
        while let Some(pending) = self.pending.pop() {
            self.unanswered(pending, events);
        }
    }

    /// Works on the stream of a side, and takes what it hands out.
    fn with_stream(
        &mut self,
        number: usize,
        events: &mut Vec<Event>,
        work: impl FnOnce(&mut Stream, &mut dyn FnMut(Piece<'_>)),
    ) {
        let Some(side) = self.sides.get_mut(number) else { return };
        let mut stream = std::mem::take(&mut side.stream);
        work(&mut stream, &mut |piece| self.piece(number, piece, events));
        if let Some(side) = self.sides.get_mut(number) {
            side.stream = stream;
        }
    }

    fn piece(&mut self, number: usize, piece: Piece<'_>, events: &mut Vec<Event>) {
        if let (Piece::Bytes(bytes, time), Role::Unknown | Role::Client(_)) = (piece, self.role)
            && guess::is_tls(bytes)
            && self.has_passed_nothing()
        {
            self.role = Role::Ignored;
            let [first, second] = &self.sides;
            let (client, broker) = match number {
                0 => (first.address, second.address),
                _ => (second.address, first.address),
            };
            events.push(Event::Tls { time, client, broker });
        }
        match self.role {
            Role::Ignored => {}
            Role::Unknown => self.guess(number, piece, events),
            Role::Client(client) => self.cut(number, client, piece, events),
        }
    }

    /// Whether no frame has been seen yet.
    fn has_passed_nothing(&self) -> bool {
        self.pending.is_empty() && !self.sides.iter().any(|side| side.cutter.has_passed())
    }

    /// Whoever sends a request first is the client.
    fn guess(&mut self, number: usize, piece: Piece<'_>, events: &mut Vec<Event>) {
        let Some(side) = self.sides.get_mut(number) else { return };
        let Piece::Bytes(bytes, time) = piece else {
            side.is_lost = true;
            return;
        };
        let from_start = side.from_start && !side.is_lost;
        let mut first = std::mem::take(&mut side.first);
        if from_start {
            first.extend_from_slice(bytes);
        }
        match guess::request(if from_start { &first } else { bytes }) {
            Guess::Request => {}
            Guess::Short if from_start => {
                side.first = first;
                return;
            }
            _ => {
                side.is_lost = true;
                return;
            }
        }
        self.role = Role::Client(number);
        for (i, side) in self.sides.iter_mut().enumerate() {
            if i == number || side.from_start && !side.is_lost {
                side.cutter = Cutter::in_step();
            }
        }
        let bytes = if from_start { &first } else { bytes };
        self.cut(number, number, Piece::Bytes(bytes, time), events);
    }

    fn cut(&mut self, number: usize, client: usize, piece: Piece<'_>, events: &mut Vec<Event>) {
        let Some(side) = self.sides.get_mut(number) else { return };
        let mut cutter = std::mem::take(&mut side.cutter);
        let mut frames = Vec::new();
        let mut frame = |frame| frames.push(frame);
        if number == client {
            cutter.take(piece, |bytes| guess::request(bytes) == Guess::Request, &mut frame);
        } else {
            cutter.take(piece, |bytes| self.begins_response(bytes), &mut frame);
        }
        if let Some(side) = self.sides.get_mut(number) {
            side.cutter = cutter;
        }
        for frame in frames {
            if number == client {
                self.request(frame, events);
            } else {
                self.response(frame, events);
            }
        }
    }

    fn begins_response(&self, bytes: &[u8]) -> bool {
        let correlation = bytes.get(4..).and_then(guess::correlation_of_response);
        correlation.is_some_and(|id| self.pending.has(id))
    }

    fn request(&mut self, frame: Frame, events: &mut Vec<Event>) {
        let is_request = guess::request_of(&frame.bytes, frame.length) == Guess::Request;
        self.bare_tokens &= !is_request;
        if self.bare_tokens {
            self.pending.push(Pending::Token(frame));
        } else {
            let request = Request::new(frame);
            // A broker that refuses the mechanism closes the connection, so there will be no tokens then.
            self.bare_tokens = (request.api, request.version) == (Some(ApiKey::SaslHandshake), 0);
            if request.wants_no_response() {
                events.push(self.event(Exchange::Silent(request)));
                return;
            }
            self.pending.push(Pending::Request(request));
        }
        while let Some(pending) = self.pending.overflow() {
            self.unanswered(pending, events);
        }
    }

    fn response(&mut self, frame: Frame, events: &mut Vec<Event>) {
        if self.pending.is_token_next() {
            if let Some(Pending::Token(token)) = self.pending.pop() {
                events.push(self.event(Exchange::Tokens { token, answer: Some(frame) }));
            }
            return;
        }
        let correlation = guess::correlation_of_response(&frame.bytes);
        let Some(correlation) = correlation.filter(|id| self.pending.has(*id)) else {
            events.push(self.event(Exchange::Stray(frame)));
            return;
        };
        while let Some(pending) = self.pending.pop() {
            match pending {
                Pending::Request(request) if request.correlation == correlation => {
                    events.push(self.event(Exchange::Answered(request, frame)));
                    return;
                }
                // Brokers answer in order, so this won't be answered any more; or the capture lacks it.
                pending => self.unanswered(pending, events),
            }
        }
    }

    fn unanswered(&self, pending: Pending, events: &mut Vec<Event>) {
        events.push(self.event(match pending {
            Pending::Request(request) => Exchange::Unanswered(request),
            Pending::Token(token) => Exchange::Tokens { token, answer: None },
        }));
    }

    fn event(&self, exchange: Exchange) -> Event {
        let [first, second] = &self.sides;
        let (client, broker) = match self.role {
            Role::Client(1) => (second.address, first.address),
            _ => (first.address, second.address),
        };
        Event::Exchange { client, broker, exchange: Box::new(exchange) }
    }
}
