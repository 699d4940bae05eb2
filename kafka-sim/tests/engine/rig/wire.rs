//! What lies between the engine and the cluster: pipes, links, accumulators.

use bytes::{Buf, Bytes, BytesMut};
use kafka_engine::accumulator::PartitionQueue;
use kafka_engine::{
    CloseCause, ConnId, Error, Event, Input, Instant, Link, LinkEvent, Outcome, Output,
    PartitionKey, ProducerKey, ResponseBody,
};
use kafka_proto::header::{decode_body, decode_request_header};
use kafka_proto::messages::FetchRequest;
use kafka_proto::{ApiKey, Chunks};
use kafka_sim::{Input as Asked, Output as Answered, Time};

use super::{Pipe, Rig, Sent};

impl Rig {
    pub(super) fn cut(&mut self, conn: ConnId, cause: CloseCause) {
        if let Some(pipe) = self.pipes.remove(&conn) {
            self.cluster.handle(Time::from_nanos(self.now), Asked::Closed { conn: pipe.broker });
            self.engine.handle(
                Instant::from_nanos(self.now),
                Input::Closed { conn, cause, written: true },
            );
        }
    }

    pub(super) fn drain_engine(&mut self) -> bool {
        let mut any = false;
        loop {
            let output = self.engine.poll();
            if let Output::Wait { until, .. } = output {
                self.wait = until;
                return any;
            }
            any = true;
            self.trace.push(format!("{} {output:?}", self.now));
            self.act(output);
        }
    }

    fn act(&mut self, output: Output) {
        let now = Instant::from_nanos(self.now);
        match output {
            Output::Connect { conn, address, link } => {
                self.attempts += 1;
                let node = i32::from(address.port()) - 9000;
                if self.holes.contains(&address.port()) {
                    return;
                }
                if self.hang_ups.contains(&address.ip()) {
                    self.engine.handle(now, Input::Connected { conn });
                    let cause = CloseCause::Eof { clean: true };
                    self.engine.handle(now, Input::Closed { conn, cause, written: true });
                    return;
                }
                let known = address.ip().to_string() == "10.0.0.1";
                let open = known && (9001..9010).contains(&address.port());
                if self.refused.contains(&address.port()) || !open {
                    let cause = CloseCause::Refused;
                    self.engine.handle(now, Input::Closed { conn, cause, written: false });
                    return;
                }
                let broker = kafka_sim::ConnId(self.next_conn);
                self.next_conn += 1;
                self.cluster
                    .handle(Time::from_nanos(self.now), Asked::Accepted { conn: broker, node });
                let pipe = Pipe {
                    link: Link::new(link),
                    node,
                    silent_until: 0,
                    broker,
                    to_broker: BytesMut::new(),
                };
                self.pipes.insert(conn, pipe);
                self.engine.handle(now, Input::Connected { conn });
            }
            Output::Resolve { host } => {
                let found = self.names.get(&*host).cloned();
                let result = found.ok_or_else(|| "no such name".to_string());
                self.engine.handle(now, Input::Resolved { host, result });
            }
            Output::Transmit { conn, transmit } => self.transmit(conn, *transmit),
            Output::Limit { conn, .. } if self.cut_when_ready => {
                self.cut(conn, CloseCause::Eof { clean: true });
            }
            Output::Limit { conn, frame_bytes_max } => {
                if let Some(pipe) = self.pipes.get_mut(&conn) {
                    pipe.link.limit(frame_bytes_max);
                }
            }
            Output::Disconnect { conn } => {
                if let Some(pipe) = self.pipes.remove(&conn) {
                    self.cluster
                        .handle(Time::from_nanos(self.now), Asked::Closed { conn: pipe.broker });
                }
            }
            Output::Collect { producer, partition, .. } => match &mut self.held {
                Some(held) => held.push((producer, partition)),
                None => self.collect(producer, partition),
            },
            Output::Event(event) => self.hear(event),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn collect(&mut self, producer: ProducerKey, partition: PartitionKey) {
        let queue = self.queues.get_mut(&partition);
        let (unsealed, rest) = queue.map(PartitionQueue::collect).unwrap_or_default();
        let (codec, level) =
            (self.producer_config.compression, self.producer_config.compression_level());
        let batch = unsealed.map(|unsealed| Box::new(unsealed.seal(codec, level).unwrap().batch));
        let now = Instant::from_nanos(self.now);
        self.engine.handle(now, Input::Batch { producer, partition, batch, rest });
    }

    fn transmit(&mut self, conn: ConnId, transmit: kafka_engine::Transmit) {
        let Some(pipe) = self.pipes.get_mut(&conn) else {
            return;
        };
        pipe.link.transmit(transmit);
        while let Some(chunks) = pipe.link.poll_write() {
            let bytes = chunks.to_bytes();
            chunks.advance(bytes.len());
            pipe.to_broker.extend_from_slice(&bytes);
        }
        let mut frames = Vec::new();
        while let Some(length) = pipe.to_broker.get(..4) {
            let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if pipe.to_broker.len() < 4 + length {
                break;
            }
            pipe.to_broker.advance(4);
            frames.push(pipe.to_broker.split_to(length).freeze());
        }
        let (broker, node, silent_until) = (pipe.broker, pipe.node, pipe.silent_until);
        for frame in &frames {
            let api = ApiKey::from_i16(i16::from_be_bytes([frame[0], frame[1]])).unwrap();
            self.asked.push((self.now, node, api));
            if self.now < silent_until {
                self.impatient.push((self.now, api));
            }
        }
        let fetches = frames.iter().filter_map(|frame| fetch_request(frame.clone()));
        self.fetches.extend(fetches.map(|request| (node, request)));
        self.engine.handle(Instant::from_nanos(self.now), Input::Sent { conn });
        for frame in frames {
            self.cluster.handle(Time::from_nanos(self.now), Asked::Frame { conn: broker, frame });
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Done { op, result } => {
                self.done.insert(op, result);
            }
            Event::Delivered { report, .. } => {
                let values = self
                    .outbox
                    .remove(&(report.id.partition, report.id.number))
                    .expect("told once");
                let mut told = 0;
                for (range, outcome) in report.outcomes {
                    for (at, index) in range.enumerate() {
                        assert_eq!(index, told, "outcomes have no holes");
                        told += 1;
                        let result = match &outcome {
                            Outcome::Appended { base_offset, .. } => {
                                Ok(base_offset.map(|base| base + at as i64))
                            }
                            Outcome::Failed(error) => Err(Error::clone(error)),
                        };
                        let value = values[index as usize].clone();
                        self.reports.push(Sent { value, result });
                    }
                }
                assert_eq!(told as usize, values.len());
            }
            Event::ProducerFailed { error, .. } => self.failed_producer = Some(error),
            _ => {}
        }
    }

    pub(super) fn drain_cluster(&mut self) -> bool {
        let mut any = false;
        while let Some(output) = self.cluster.poll() {
            match output {
                Answered::Send { conn, frame } => {
                    any = true;
                    self.deliver(conn, frame);
                }
                Answered::Close { conn, .. } => {
                    any = true;
                    if let Some(conn) = self.pipe_of(conn) {
                        self.pipes.remove(&conn);
                        let cause = CloseCause::Eof { clean: true };
                        self.engine.handle(
                            Instant::from_nanos(self.now),
                            Input::Closed { conn, cause, written: true },
                        );
                    }
                }
                Answered::Wait { until } => self.cluster_wait = until,
                _ => {}
            }
        }
        any
    }

    fn pipe_of(&self, broker: kafka_sim::ConnId) -> Option<ConnId> {
        self.pipes.iter().find(|(_, pipe)| pipe.broker == broker).map(|(conn, _)| *conn)
    }

    fn deliver(&mut self, broker: kafka_sim::ConnId, frame: Chunks) {
        let now = Instant::from_nanos(self.now);
        let Some(conn) = self.pipe_of(broker) else {
            return;
        };
        let bytes = frame.to_bytes();
        let mut rest = &bytes[..];
        while let Some(pipe) = self.pipes.get_mut(&conn)
            && !rest.is_empty()
        {
            let buffer = pipe.link.read_buf();
            let room = (buffer.capacity() - buffer.len()).clamp(1, rest.len());
            buffer.extend_from_slice(&rest[..room]);
            rest = &rest[room..];
            let mut failed = None;
            while let Some(event) = pipe.link.poll_event() {
                match event {
                    LinkEvent::Response(mut response) => {
                        if let Some(twist) = &mut self.twist {
                            twist(&mut response);
                        }
                        let silence = u64::try_from(throttle_of(&response.body)).unwrap_or(0);
                        pipe.silent_until =
                            pipe.silent_until.max(self.now + silence.min(60_000) * 1_000_000);
                        self.engine.handle(now, Input::Response { conn, response })
                    }
                    LinkEvent::Failed(cause) => failed = Some(cause),
                    _ => {}
                }
            }
            if let Some(cause) = failed {
                self.cut(conn, cause);
            }
        }
    }
}

fn fetch_request(frame: Bytes) -> Option<FetchRequest> {
    let (header, body) = decode_request_header(frame).unwrap();
    (header.request_api_key == ApiKey::Fetch as i16).then(|| decode_body(body).unwrap())
}

fn throttle_of(body: &ResponseBody) -> i32 {
    match body {
        ResponseBody::ApiVersions(response) => response.throttle_time_ms,
        ResponseBody::Metadata(response) => response.throttle_time_ms,
        ResponseBody::Produce(response) => response.throttle_time_ms,
        ResponseBody::Fetch(fetched) => fetched.response.throttle_time_ms,
        ResponseBody::ListOffsets(response) => response.throttle_time_ms,
        ResponseBody::InitProducerId(response) => response.throttle_time_ms,
        ResponseBody::CreateTopics(response) => response.throttle_time_ms,
        ResponseBody::DeleteTopics(response) => response.throttle_time_ms,
        ResponseBody::DeleteRecords(response) => response.throttle_time_ms,
        ResponseBody::CreatePartitions(response) => response.throttle_time_ms,
        _ => 0,
    }
}
