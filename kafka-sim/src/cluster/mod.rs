//! The cluster as a machine: connections, the requests on them, and time.

mod conn;
mod control;
mod nodes;
mod sessions;
mod throttle;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::{BufMut, Bytes, BytesMut};
use kafka_proto::{Chunks, Uuid};

use crate::api::{self, Call, Outcome, Prelude, Sessions};
use crate::fault::{Fault, Met, Script};
use crate::state::{State, Touched};
use crate::truth::Truth;
use crate::{CloseReason, ClusterOptions, ConnId, Input, Output, Time};
use conn::{Conn, Waiting, Work};

/// Requests that may wait on one connection while another is in progress. Clients keep five or so
/// in flight; a driver that reads further stops at [`Cluster::backlog`].
const QUEUE_MAX: usize = 1024;

/// Closed connections that are remembered with the reason.
const CLOSES_KEPT: usize = 64;

/// All brokers of a Kafka cluster and their controller, without sockets, clocks or threads.
///
/// Time and bytes go in by [`handle`](Self::handle), bytes come out of [`poll`](Self::poll). The
/// same options and the same inputs give the same outputs. Methods that break things on purpose,
/// and those that look inside, are for tests.
#[derive(Debug)]
pub struct Cluster {
    state: State,
    script: Script,
    sessions: Sessions,
    /// Requests that clients are held back after, by API key, and whether any was.
    throttles: BTreeMap<i16, (Duration, Met)>,
    conns: BTreeMap<ConnId, Conn>,
    /// One entry per connection whose request in progress has a deadline.
    timers: BTreeSet<(Time, ConnId)>,
    outputs: VecDeque<Output>,
    /// Requests seen, by API key.
    requests: BTreeMap<i16, u64>,
    /// The last connections that were closed, and why.
    closes: VecDeque<(ConnId, CloseReason)>,
    announced: Option<Time>,
}

impl Cluster {
    /// A cluster without topics, all nodes up.
    pub fn new(options: ClusterOptions) -> Self {
        Self {
            sessions: Sessions::new(&options),
            throttles: BTreeMap::new(),
            state: State::new(options),
            script: Script::default(),
            conns: BTreeMap::new(),
            timers: BTreeSet::new(),
            outputs: VecDeque::new(),
            requests: BTreeMap::new(),
            closes: VecDeque::new(),
            announced: None,
        }
    }

    /// A cluster that goes on from what [`Output::Store`] told: the last catalogue, and for each
    /// partition the batches that were appended, in order, whole and with good checksums.
    ///
    /// # Errors
    /// A catalogue that can't be read.
    pub fn restore<B>(
        options: ClusterOptions,
        catalogue: &str,
        logs: impl IntoIterator<Item = (Uuid, i32, B)>,
    ) -> Result<Self, String>
    where
        B: Iterator<Item = Bytes>,
    {
        let mut cluster = Self::new(options);
        cluster.state.restore_catalogue(catalogue)?;
        for (topic, partition, batches) in logs {
            cluster.state.restore_log(topic, partition, batches);
        }
        cluster.state.begin_epochs();
        cluster.settle();
        Ok(cluster)
    }

    /// Takes one thing that happened. Never blocks, never fails; time that goes back is taken as
    /// standing still, and inputs for a connection that is gone are ignored.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.state.pass(now);
        match input {
            Input::Accepted { conn, node } => self.accept(conn, node),
            Input::Frame { conn, frame } => self.enqueue(conn, frame),
            Input::Closed { conn } => self.forget(conn),
            Input::Tick => {}
        }
        self.expire();
        self.settle();
    }

    /// The next thing to do; `None` when that was all for now.
    pub fn poll(&mut self) -> Option<Output> {
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        let timer = self.timers.first().map(|(at, _)| *at);
        let until = [timer, self.state.alarms.next()].into_iter().flatten().min();
        if until == self.announced {
            return None;
        }
        self.announced = until;
        Some(Output::Wait { until })
    }

    /// Requests of a connection that are not answered yet, beside the one in progress. A driver
    /// stops reading a connection with a long backlog: beyond 1,024 it is closed.
    pub fn backlog(&self, conn: ConnId) -> usize {
        self.conns.get(&conn).map_or(0, |conn| conn.queue.len())
    }

    fn accept(&mut self, id: ConnId, node: i32) {
        if self.state.is_up(node) {
            self.conns.insert(id, Conn::new(node));
        } else {
            self.close(id, CloseReason::NodeDown(node));
        }
    }

    fn enqueue(&mut self, id: ConnId, frame: Bytes) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if conn.queue.len() >= QUEUE_MAX {
            return self.close(id, CloseReason::TooManyRequests);
        }
        conn.queue.push_back(frame);
        self.pump(id);
    }

    /// Begins requests of a connection until one stays in progress or none is left.
    fn pump(&mut self, id: ConnId) {
        while let Some(conn) =
            self.conns.get_mut(&id).filter(|conn| matches!(conn.work, Work::Idle))
        {
            let Some(frame) = conn.queue.pop_front() else {
                return;
            };
            let node = conn.node;
            self.begin(id, node, frame);
        }
    }

    fn begin(&mut self, id: ConnId, node: i32, frame: Bytes) {
        let Some(prelude) = Prelude::parse(&frame) else {
            return self.close(id, CloseReason::Refused("shorter than a request header"));
        };
        let count = self.requests.entry(prelude.key).or_default();
        *count = count.saturating_add(1);
        let fault = self.script.take_frame(prelude.key);
        if fault == Some(Fault::CloseBefore) {
            self.script.settle(prelude.key);
            self.had_its_way(self.state.now);
            return self.close(id, CloseReason::Fault);
        }
        let silence = self.silence_after(id, prelude, fault.as_ref());
        let outcome = api::serve(&mut self.call(id, node, prelude, silence), prelude, frame);
        self.settle_script(prelude);
        self.finish(id, prelude, outcome, fault);
    }

    fn call(&mut self, conn: ConnId, node: i32, prelude: Prelude, silence: Duration) -> Call<'_> {
        let Self { state, script, sessions, .. } = self;
        let now = state.now;
        Call { state, script, sessions, conn, node, version: prelude.version, now, silence }
    }

    fn finish(
        &mut self,
        id: ConnId,
        prelude: Prelude,
        outcome: Result<Outcome, CloseReason>,
        fault: Option<Fault>,
    ) {
        let silence = self.silence_after(id, prelude, fault.as_ref());
        match outcome {
            Ok(Outcome::Answer(frame)) if silence.is_zero() || self.state.ways().mutes() => {
                self.answer(id, frame, fault);
                self.hold_back(id, silence);
            }
            Ok(Outcome::Answer(frame)) => {
                let until = self.state.now + silence;
                self.work(id, Work::Delayed { until, frame, faulted: None });
                self.hold_back(id, silence);
            }
            Ok(Outcome::Silence) => self.hold_back(id, silence),
            Ok(Outcome::Park(parked)) => {
                self.work(id, Work::Parked(Waiting { prelude, parked, fault }));
            }
            Err(why) => self.close(id, why),
        }
    }

    /// Sends a response, as far as the fault lets it.
    fn answer(&mut self, id: ConnId, frame: Chunks, fault: Option<Fault>) {
        let now = self.state.now;
        match fault {
            None | Some(Fault::Throttle(_)) => return self.send(id, frame),
            Some(Fault::Swallow) => return self.swallow(id),
            Some(Fault::Delay(by)) => {
                let until = now + by;
                return self.work(id, Work::Delayed { until, frame, faulted: Some(now) });
            }
            Some(Fault::RepeatResponse) => {
                self.send(id, frame.clone());
                self.send(id, frame);
            }
            Some(fault @ (Fault::Garbage | Fault::WrongCorrelationId | Fault::HugeLength)) => {
                let spoilt = spoil(&fault, &frame.to_bytes());
                self.send(id, spoilt.into());
            }
            Some(_) => self.close(id, CloseReason::Fault),
        }
        self.had_its_way(now);
    }

    fn swallow(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.swallowed.get_or_insert(self.state.now);
        }
    }

    /// A request is over, and with it the faults that it met.
    fn settle_script(&mut self, prelude: Prelude) {
        if self.script.settle(prelude.key) {
            self.had_its_way(self.state.now);
        }
    }

    /// A fault is over that has troubled an answer.
    fn had_its_way(&mut self, since: Time) {
        self.state.truth.add(self.state.now, Truth::Faulted { since });
    }

    /// Puts a response out, behind everything that must be stored first.
    fn send(&mut self, conn: ConnId, frame: Chunks) {
        self.outputs.extend(self.state.stores.drain(..).map(Output::Store));
        self.outputs.push_back(Output::Send { conn, frame });
    }

    fn work(&mut self, id: ConnId, work: Work) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        conn.work = work;
        if let Some(deadline) = conn.deadline() {
            self.timers.insert((deadline, id));
        }
    }

    /// The request in progress is taken up again, its timer stopped.
    fn resume(&mut self, id: ConnId) -> Work {
        let Some(conn) = self.conns.get_mut(&id) else {
            return Work::Idle;
        };
        if let Some(deadline) = conn.deadline() {
            self.timers.remove(&(deadline, id));
        }
        std::mem::replace(&mut conn.work, Work::Idle)
    }

    /// Goes on with every request whose time has come.
    fn expire(&mut self) {
        while let Some((_, id)) =
            self.timers.first().copied().filter(|(at, _)| *at <= self.state.now)
        {
            self.go_on(id, true);
            self.pump(id);
        }
    }

    /// Lets parked requests look at what changed, until nothing does any more; then what is left to
    /// store goes out.
    fn settle(&mut self) {
        loop {
            let touched = std::mem::take(&mut self.state.touched);
            if touched.is_empty() {
                break;
            }
            for Touched { conn, bytes } in touched {
                if self.is_worth_a_look(conn, bytes) {
                    self.go_on(conn, false);
                    self.pump(conn);
                }
            }
        }
        self.state.publish();
        self.outputs.extend(self.state.stores.drain(..).map(Output::Store));
    }

    /// Whether what happened may let a parked request go on.
    fn is_worth_a_look(&mut self, id: ConnId, bytes: Option<u64>) -> bool {
        let Some(Conn { work: Work::Parked(waiting), .. }) = self.conns.get_mut(&id) else {
            return false;
        };
        waiting.parked.is_worth_a_look(bytes)
    }

    /// Answers the request in progress, or parks it again.
    fn go_on(&mut self, id: ConnId, last: bool) {
        let Some(node) = self.conns.get(&id).map(|conn| conn.node) else {
            return;
        };
        match self.resume(id) {
            Work::Idle | Work::Muted { .. } => {}
            Work::Delayed { frame, faulted, .. } => {
                self.send(id, frame);
                faulted.into_iter().for_each(|since| self.had_its_way(since));
            }
            Work::Parked(Waiting { prelude, parked, fault }) => {
                let silence = self.silence_after(id, prelude, fault.as_ref());
                let mut call = self.call(id, node, prelude, silence);
                let outcome = api::retry(&mut call, prelude, parked, last);
                self.settle_script(prelude);
                self.finish(id, prelude, outcome, fault);
            }
        }
    }

    fn close(&mut self, id: ConnId, why: CloseReason) {
        self.forget(id);
        if self.closes.len() >= CLOSES_KEPT {
            self.closes.pop_front();
        }
        self.closes.push_back((id, why.clone()));
        self.outputs.push_back(Output::Close { conn: id, why });
    }

    /// Forgets a connection. What it asked for and is done stays done.
    fn forget(&mut self, id: ConnId) {
        match self.resume(id) {
            Work::Parked(waiting) => waiting.parked.stop_waiting(&mut self.state, id),
            Work::Delayed { faulted: Some(since), .. } => self.had_its_way(since),
            _ => {}
        }
        if let Some(since) = self.conns.remove(&id).and_then(|conn| conn.swallowed) {
            self.had_its_way(since);
        }
    }
}

/// A response frame as a fault leaves it.
fn spoil(fault: &Fault, frame: &Bytes) -> Bytes {
    let length = frame.slice(..frame.len().min(4));
    let correlation_id = frame.slice(frame.len().min(4)..frame.len().min(8));
    let body = frame.slice(frame.len().min(8)..);
    let mut out = BytesMut::with_capacity(frame.len());
    match fault {
        Fault::HugeLength => out.put_i32(i32::MAX),
        _ => out.put(length),
    }
    match fault {
        Fault::WrongCorrelationId => out.extend(correlation_id.iter().map(|byte| !byte)),
        _ => out.put(correlation_id),
    }
    match fault {
        // Every bit turned: lengths become impossible, and yet two runs see the same bytes.
        Fault::Garbage => out.extend(body.iter().map(|byte| !byte)),
        _ => out.put(body),
    }
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_proto::header::encode_request;
    use kafka_proto::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};

    #[test]
    fn no_partition_remembers_who_waits_no_more() {
        let partitions = vec![FetchPartition { partition: 0, ..Default::default() }];
        let topic = FetchTopic { topic: "t".into(), partitions, ..Default::default() };
        let topics = vec![topic];
        let request = FetchRequest { max_wait_ms: 5, min_bytes: 1, topics, ..Default::default() };
        let frame = encode_request(&request, 12, 1, None).unwrap().chunks.to_bytes().slice(4..);
        let conn = ConnId(1);
        let ends: [fn(&mut Cluster); 2] = [
            |cluster| cluster.handle(Time::from_millis(5), Input::Tick),
            |cluster| cluster.handle(Time::ZERO, Input::Closed { conn: ConnId(1) }),
        ];
        for end in ends {
            let mut cluster = Cluster::new(ClusterOptions::default());
            cluster.create_topic("t", 1, 1).unwrap();
            let waiting =
                |cluster: &Cluster| cluster.state.partition("t", 0).unwrap().waiting.len();
            cluster.handle(Time::ZERO, Input::Accepted { conn, node: 1 });
            cluster.handle(Time::ZERO, Input::Frame { conn, frame: frame.clone() });
            assert_eq!((waiting(&cluster), cluster.timers.len()), (1, 1));
            end(&mut cluster);
            assert_eq!((waiting(&cluster), cluster.timers.len()), (0, 0));
        }
    }
}
