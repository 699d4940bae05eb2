//! An engine together with its links and accumulators: bytes in, bytes out.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use bytes::{Buf, BytesMut};
use kafka_proto::Chunks;

use crate::accumulator::{AppendError, BatchLimits, PartitionQueue, RecordRef, Segments};
use crate::command::Wanted;
use crate::config::{Config, ProducerConfig};
use crate::link::{Link, LinkEvent};
use crate::{
    BatchId, CloseCause, Command, ConnId, DeliveryReport, Engine, Event, Input, Instant, OpId,
    Outcome, Output, PartitionKey, ProducerKey,
};

/// The whole client for an event loop that keeps its own sockets, in one piece and on one thread.
///
/// **After every call that takes `now`, [`poll`](Self::poll) is to be called until it gives
/// [`ByteOutput::Wait`].** Compression runs inside of `poll`. What the parts do when they are kept apart, each where it is
/// needed, is what kafka-handle is made of.
#[derive(Debug)]
pub struct ByteEngine {
    engine: Engine,
    links: BTreeMap<ConnId, (Link, bool)>,
    producers: BTreeMap<ProducerKey, (Arc<ProducerConfig>, usize)>,
    queues: BTreeMap<(ProducerKey, PartitionKey), PartitionQueue>,
    /// Memory of batches that are not over.
    lent: BTreeMap<(ProducerKey, BatchId), usize>,
    /// Connections that are of no use any more, for the caller to close.
    over: Vec<ConnId>,
    next_id: u64,
}

/// The next thing to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum ByteOutput {
    /// Look up a name; answer by [`ByteEngine::handle`] with [`Input::Resolved`].
    Resolve(Arc<str>),
    /// Connect; answer by [`ByteEngine::connected`] or [`ByteEngine::closed`].
    Connect(ConnId, SocketAddr),
    /// There are bytes to be had from [`ByteEngine::to_write`].
    Write(ConnId),
    /// Close the socket.
    Close(ConnId),
    /// Something that the application should hear.
    Event(Event),
    /// Nothing more until a socket is ready, or until then: give [`Input::Tick`] to [`ByteEngine::handle`], at once if that
    /// has passed.
    Wait(Option<Instant>),
}

impl ByteEngine {
    /// `seed` is the only source of randomness, `now` the only notion of time.
    pub fn new(config: Config, seed: [u8; 32], now: Instant) -> Self {
        Self {
            engine: Engine::new(Arc::new(config), seed, now),
            links: BTreeMap::new(),
            producers: BTreeMap::new(),
            queues: BTreeMap::new(),
            lent: BTreeMap::new(),
            over: Vec::new(),
            next_id: 1,
        }
    }

    /// The engine, to take fetched records from it and to look at it.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Asks for something; the answer is an [`Event::Done`] with the id given here.
    pub fn command(&mut self, now: Instant, command: Command) -> OpId {
        let op = OpId(self.next_id);
        self.next_id += 1;
        self.engine.handle(now, Input::Command { op, command });
        op
    }

    /// Starts a producer.
    pub fn open_producer(&mut self, now: Instant, config: ProducerConfig) -> ProducerKey {
        let config = Arc::new(config);
        let producer = ProducerKey(u32::try_from(self.producers.len()).unwrap_or(u32::MAX));
        self.producers.insert(producer, (Arc::clone(&config), 0));
        self.command(now, Command::OpenProducer { producer, config });
        producer
    }

    /// Accepts a record for a partition of a known topic; `wall_ms` is the time in milliseconds since 1970.
    /// Its fate is told by the [`Event::Delivered`] of its batch, at this index.
    ///
    /// # Errors
    /// There is no memory left, or the record is too large; nothing was accepted.
    pub fn produce(
        &mut self,
        now: Instant,
        wall_ms: i64,
        (producer, partition): (ProducerKey, PartitionKey),
        record: &RecordRef<'_>,
    ) -> Result<(BatchId, u32), AppendError> {
        let Some((config, used)) = self.producers.get_mut(&producer) else {
            return Err(AppendError::Full { notice: None });
        };
        let limits = || {
            Arc::new(BatchLimits {
                batch_bytes: config.batch_bytes,
                max_request_bytes: config.max_request_bytes,
                buffer_memory: config.buffer_memory,
                codec: config.compression,
                refresh_timestamps: false,
            })
        };
        let queue = (self.queues.entry((producer, partition)))
            .or_insert_with(|| PartitionQueue::new(partition, limits()));
        let mut memory = Memory { used, limit: config.buffer_memory };
        let appended = queue.append(&mut || (now, wall_ms), record, &mut memory);
        let notice = match &appended {
            Ok(appended) => appended.notice,
            Err(AppendError::Full { notice }) => *notice,
            Err(_) => None,
        };
        if let Some(pending) = notice {
            self.engine.handle(now, Input::Pending { producer, partition, pending });
        }
        let appended = appended?;
        Ok((BatchId { partition, number: appended.batch }, appended.index))
    }

    /// Looks up a topic, which the broker may create; the answer is an [`Event::Done`] with [`Reply::Topic`](crate::Reply::Topic).
    pub fn find_topic(&mut self, now: Instant, topic: &str, timeout: Duration) -> OpId {
        let (topic, deadline) = (Arc::from(topic), now + timeout);
        self.command(
            now,
            Command::FindTopic { topic, wanted: Wanted::Known, create: true, deadline },
        )
    }

    /// Anything that happened but bytes.
    pub fn handle(&mut self, now: Instant, input: Input) {
        if let Input::Closed { conn, .. } = &input {
            self.links.remove(conn);
        }
        self.engine.handle(now, input);
    }

    /// Where to read a connection's bytes to without a copy; then call [`filled`](Self::filled).
    pub fn read_buf(&mut self, conn: ConnId) -> Option<&mut BytesMut> {
        self.links.get_mut(&conn).map(|(link, _)| link.read_buf())
    }

    /// Bytes were read into [`read_buf`](Self::read_buf).
    pub fn filled(&mut self, now: Instant, conn: ConnId) {
        while let Some(event) = self.links.get_mut(&conn).and_then(|(link, _)| link.poll_event()) {
            match event {
                LinkEvent::Response(response) => {
                    self.engine.handle(now, Input::Response { conn, response });
                }
                LinkEvent::Failed(cause) => {
                    self.closed(now, conn, cause);
                    self.over.push(conn);
                }
            }
        }
    }

    /// These bytes were read; none at all is the end of the stream.
    pub fn received(&mut self, now: Instant, conn: ConnId, bytes: &[u8]) {
        let Some((link, _)) = self.links.get_mut(&conn) else {
            return;
        };
        if bytes.is_empty() {
            let cause = link.handle_eof();
            self.closed(now, conn, cause);
            self.over.push(conn);
            return;
        }
        link.read_buf().extend_from_slice(bytes);
        self.filled(now, conn);
    }

    /// Bytes to write; the caller advances them by what it has written, then calls [`wrote`](Self::wrote).
    pub fn to_write(&mut self, conn: ConnId) -> Option<&mut Chunks> {
        self.links.get_mut(&conn).and_then(|(link, _)| link.poll_write())
    }

    /// Bytes were written.
    pub fn wrote(&mut self, now: Instant, conn: ConnId) {
        let Some((link, begun)) = self.links.get_mut(&conn) else {
            return;
        };
        *begun = true;
        if link.poll_write().is_none_or(|left| !left.has_remaining()) {
            *begun = false;
            self.engine.handle(now, Input::Sent { conn });
        }
    }

    /// A connection is up.
    pub fn connected(&mut self, now: Instant, conn: ConnId) {
        self.engine.handle(now, Input::Connected { conn });
    }

    /// A connection is gone, or failed to come up.
    pub fn closed(&mut self, now: Instant, conn: ConnId, cause: CloseCause) {
        let written = self.links.remove(&conn).is_some_and(|(_, begun)| begun);
        self.engine.handle(now, Input::Closed { conn, cause, written });
    }

    /// The next thing to do.
    pub fn poll(&mut self, now: Instant) -> ByteOutput {
        if let Some(conn) = self.over.pop() {
            return ByteOutput::Close(conn);
        }
        loop {
            match self.engine.poll() {
                Output::Resolve { host } => return ByteOutput::Resolve(host),
                Output::Connect { conn, address, link } => {
                    self.links.insert(conn, (Link::new(link), false));
                    return ByteOutput::Connect(conn, address);
                }
                Output::Transmit { conn, transmit } => {
                    if let Some((link, _)) = self.links.get_mut(&conn) {
                        link.transmit(*transmit);
                        return ByteOutput::Write(conn);
                    }
                }
                Output::Limit { conn, frame_bytes_max } => {
                    if let Some((link, _)) = self.links.get_mut(&conn) {
                        link.limit(frame_bytes_max);
                    }
                }
                Output::Disconnect { conn } => {
                    self.links.remove(&conn);
                    return ByteOutput::Close(conn);
                }
                Output::Collect { producer, partition, .. } => {
                    if let Some(failed) = self.collect(now, producer, partition) {
                        return ByteOutput::Event(failed);
                    }
                }
                Output::Event(event) => {
                    self.give_back(&event);
                    return ByteOutput::Event(event);
                }
                Output::Wait { until, .. } => return ByteOutput::Wait(until),
            }
        }
    }

    /// Hands the oldest batch of a partition to the engine; one that can't be compressed has failed.
    fn collect(
        &mut self,
        now: Instant,
        producer: ProducerKey,
        partition: PartitionKey,
    ) -> Option<Event> {
        let (config, used) = self.producers.get_mut(&producer)?;
        let queue = self.queues.get_mut(&(producer, partition))?;
        let (unsealed, rest) = queue.collect();
        let mut failed = None;
        let batch = unsealed.and_then(|unsealed| {
            let memory = unsealed.memory();
            match unsealed.seal(config.compression, config.compression_level()) {
                Ok(sealed) if sealed.freed.is_empty() => {
                    self.lent.insert((producer, sealed.batch.id), memory);
                    Some(Box::new(sealed.batch))
                }
                Ok(sealed) => {
                    *used = used.saturating_sub(memory);
                    Some(Box::new(sealed.batch))
                }
                Err(error) => {
                    *used = used.saturating_sub(memory);
                    failed = Some(error);
                    None
                }
            }
        });
        let answer = Input::Batch { producer, partition, batch, rest };
        self.engine.handle(now, answer);
        failed.map(|failed| {
            let outcome = Outcome::Failed(Arc::new(failed.error));
            let outcomes = vec![(0..failed.records, outcome)];
            let report = DeliveryReport { id: failed.id, outcomes, body: Vec::new() };
            Event::Delivered { producer, report: Box::new(report) }
        })
    }

    /// The memory of a batch that is over may be lent out again.
    fn give_back(&mut self, event: &Event) {
        if let Event::Delivered { producer, report } = event
            && let Some(memory) = self.lent.remove(&(*producer, report.id))
            && let Some((_, used)) = self.producers.get_mut(producer)
        {
            *used = used.saturating_sub(memory);
        }
    }
}

/// `buffer.memory`, counted by what is lent out.
struct Memory<'a> {
    used: &'a mut usize,
    limit: usize,
}

impl Segments for Memory<'_> {
    fn segment(&mut self, at_least: usize) -> Option<BytesMut> {
        if *self.used > 0 && *self.used + at_least > self.limit {
            return None;
        }
        *self.used += at_least;
        Some(BytesMut::with_capacity(at_least))
    }

    fn release(&mut self, segment: BytesMut) {
        *self.used = self.used.saturating_sub(segment.capacity());
    }
}
