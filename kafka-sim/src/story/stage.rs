//! Where a story is played: its clients, and what each step does.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kafka_handle::{Client, Config, ConfigError, Error, Producer, Record};

use super::reader::Reader;
use super::step::{Became, Step};
use super::{Story, TOPIC};
use crate::check::{
    Certainty, Event, Failure, ProducerContract, ProducerRef, RecordId, Target, content, payload,
};
use crate::sweep::recorder::{Recorder, certainty, failure};
use crate::world::{ClientId, WorldHandle};
use crate::{Cluster, Fault};

/// Every value has this length.
const VALUE_BYTES: usize = 64;

/// A fault that has not been met in so long will not be.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) struct Stage {
    sim: WorldHandle,
    recorder: Recorder,
    id: ClientId,
    client: Client,
    producer: Producer,
    producer_closed: bool,
    number: ProducerRef,
    delivery_timeout: Duration,
    reading: Client,
    reading_id: ClientId,
    reader: Reader,
    outcomes: Arc<Mutex<BTreeMap<u32, Became>>>,
    problems: Vec<String>,
}

impl Stage {
    pub(super) fn open(
        story: &Story,
        sim: WorldHandle,
        recorder: Recorder,
    ) -> Result<Self, ConfigError> {
        let config = || Config::new(&sim.bootstrap());
        let (id, client) = sim.numbered_client("producer", config()?)?;
        let (reading_id, reading) = sim.numbered_client("consumer", config()?)?;
        let settings = &story.producer;
        let producer = client.producer(settings.clone())?;
        let number_of = recorder.producer();
        let contract = ProducerContract {
            idempotent: settings.idempotent(),
            acks: settings.acks.number(),
            max_in_flight: u32::try_from(settings.max_in_flight).unwrap_or(u32::MAX),
            batch_bytes: u32::try_from(settings.batch_bytes).unwrap_or(u32::MAX),
            linger: settings.linger,
            delivery_timeout: settings.delivery_timeout,
        };
        let opened = Event::ProducerOpened { client: id, producer: number_of, contract };
        recorder.push(sim.now(), opened);
        let consumer = reading.consumer(story.consumer.clone())?;
        let reader = Reader::new(sim.clone(), recorder.clone(), consumer);
        let consumer_opened = Event::ConsumerOpened {
            client: reading_id,
            consumer: reader.number,
            max_poll_records: u32::try_from(story.consumer.max_poll_records).unwrap_or(u32::MAX),
            fetch_min_bytes: u32::try_from(story.consumer.fetch_min_bytes).unwrap_or(u32::MAX),
        };
        recorder.push(sim.now(), consumer_opened);
        Ok(Self {
            sim,
            recorder,
            id,
            client,
            producer,
            producer_closed: false,
            number: number_of,
            delivery_timeout: settings.delivery_timeout,
            reading,
            reading_id,
            reader,
            outcomes: Arc::default(),
            problems: Vec::new(),
        })
    }

    /// Plays the steps and the end; gives what was not as expected.
    pub(super) async fn play(mut self, steps: &[Step]) -> Vec<String> {
        // Efficiency is not what stories are about: all of it is one fault to the checks.
        let fault = self.recorder.fault();
        self.note(Event::FaultOn { fault, kind: "story", target: Target::All });
        for (at, step) in steps.iter().enumerate() {
            if let Err(problem) = self.step(step).await {
                self.problems.push(format!("step {}, {step:?}: {problem}", at + 1));
            }
        }
        self.problems.extend(self.unmet());
        self.sim.cluster(Cluster::clear_faults);
        self.sim.heal();
        self.note(Event::FaultOff { fault });
        self.note(Event::Heal);
        self.end().await;
        self.problems
    }

    /// Faults that the story is about and that no request has met: it has told another one.
    fn unmet(&self) -> Vec<String> {
        self.sim.cluster(|cluster| {
            let left = cluster.unmet_faults().filter(|(_, _, times)| *times < u32::MAX);
            let told = left.map(|(api, fault, times)| {
                format!("no request has met {times} x {api:?} {fault:?}")
            });
            told.collect()
        })
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let cluster = |action: &dyn Fn(&mut Cluster)| self.sim.cluster(|cluster| action(cluster));
        match step {
            Step::Send(partition, records) => self.send(*partition, records).await,
            Step::Fault(api, fault) => cluster(&|c| c.fail_next(*api, fault.clone())),
            Step::Faults(api, fault, times) => {
                cluster(&|c| c.fail_times(*api, Fault::clone(fault), *times));
            }
            Step::NoMoreFaults => cluster(&Cluster::clear_faults),
            Step::Meet => return self.meet().await,
            Step::Lead(partition, node) => {
                return self.told(|cluster| cluster.move_leader(TOPIC, *partition, *node));
            }
            Step::Depose(partition) => {
                return self.told(|cluster| cluster.depose_leader(TOPIC, *partition));
            }
            Step::Trim(partition, offset) => {
                return self.told(|cluster| cluster.trim(TOPIC, *partition, *offset));
            }
            Step::Grow(partitions) => {
                return self.told(|cluster| cluster.add_partitions(TOPIC, *partitions));
            }
            Step::Remake => return self.told(remake),
            Step::ForgetProducers(partition) => cluster(&|c| forget_producers(c, *partition)),
            Step::Kill(node) => {
                self.sim.kill_node(*node);
            }
            Step::Start(node) => self.sim.start_node(*node),
            Step::Pause(node) => {
                self.sim.pause_node(*node);
            }
            Step::Resume(node) => self.sim.resume_node(*node),
            Step::Cut(node) => {
                let cut = self.sim.cut(self.id, *node);
                return if cut { Ok(()) } else { Err("there is no connection".to_owned()) };
            }
            Step::Pass(milliseconds) => self.sim.sleep(Duration::from_millis(*milliseconds)).await,
            Step::Settle => return self.settle().await,
            Step::Flush => {
                let flushed = self.producer.flush().await;
                self.hear_outcomes().await;
                return flushed.map_err(|error| error.to_string());
            }
            Step::Close => {
                let closed = self.close_producer().await;
                self.hear_outcomes().await;
                return closed;
            }
            Step::Read => return self.reader.read_all().await,
            Step::Poll => {
                self.reader.assign_all().await.map_err(|error| error.to_string())?;
                self.reader.poll().await;
            }
            Step::Seek(partition, to) => {
                return self.reader.seek(*partition, *to).await.map_err(|error| error.to_string());
            }
            Step::Became(records, expected) => return self.became(records, *expected),
            Step::Log(partition, expected) => return same(&self.log(*partition), expected),
            Step::Got(partition, expected) => return same(&self.reader.take(*partition), expected),
            Step::AtMost(api, most) => {
                let seen = self.sim.cluster(|cluster| cluster.requests(*api));
                return if seen <= *most { Ok(()) } else { Err(format!("{seen} have come")) };
            }
        }
        Ok(())
    }

    async fn send(&self, partition: i32, records: &RangeInclusive<u32>) {
        for record in records.clone() {
            let rid = RecordId(record.into());
            let value = payload::encode(rid, self.number, record, VALUE_BYTES);
            let sent =
                self.producer.send(Record::to(TOPIC).partition(partition).value(&value)).await;
            let Ok(delivery) = sent else {
                // It was never accepted.
                self.outcomes().insert(record, Became::NotAppended);
                continue;
            };
            self.note(Event::Send {
                client: self.id,
                producer: self.number,
                rid,
                partition: self.recorder.partition(TOPIC, partition),
                hash: content::hash(payload::hash(&value), None, [], None),
                bytes: VALUE_BYTES as u32,
                deadline: self.sim.now() + self.delivery_timeout,
            });
            self.outcomes().insert(record, Became::Open);
            let (sim, recorder) = (self.sim.clone(), self.recorder.clone());
            let outcomes = Arc::clone(&self.outcomes);
            self.sim.spawn(async move {
                let (event, became) = match delivery.await {
                    Ok(written) => (Event::Ack { rid, offset: written.offset }, Became::Acked),
                    Err(error) => failed(rid, &error),
                };
                recorder.push(sim.now(), event);
                lock(&outcomes).insert(record, became);
            });
        }
    }

    async fn meet(&self) -> Result<(), String> {
        let limit = self.sim.now() + LONGEST_WAIT;
        while !self.unmet().is_empty() && self.sim.now() < limit {
            self.sim.sleep(Duration::from_millis(1)).await;
        }
        // What has not been met is told in the end.
        Ok(())
    }

    async fn settle(&self) -> Result<(), String> {
        let limit = self.sim.now() + self.delivery_timeout + Duration::from_secs(5);
        while self.outcomes().values().any(|became| *became == Became::Open) {
            if self.sim.now() >= limit {
                return Err(format!("records have no outcome: {:?}", *self.outcomes()));
            }
            self.sim.sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Lets everything come to its end.
    async fn end(&mut self) {
        let settled = self.settle().await;
        let read = self.reader.read_all().await;
        self.problems.extend(settled.err().into_iter().chain(read.err()));
        self.note(Event::ConsumerClosed { consumer: self.reader.number });
        self.reader.consumer.close().await;
        if !self.producer_closed {
            let closed = self.close_producer().await;
            self.problems.extend(closed.err());
        }
        for (id, client) in [(self.id, &self.client), (self.reading_id, &self.reading)] {
            let deadline = self.sim.now() + Duration::from_secs(5);
            self.note(Event::CloseStarted { client: id, deadline });
            client.close().await;
            self.note(Event::Closed { client: id });
        }
    }

    async fn close_producer(&mut self) -> Result<(), String> {
        self.producer_closed = true;
        let closed = self.producer.close(self.delivery_timeout).await;
        closed.map_err(|error| format!("the producer can't be closed: {error}"))
    }

    /// Lets those who wait for outcomes hear of the ones that have come by now.
    async fn hear_outcomes(&self) {
        self.sim.sleep(Duration::from_nanos(1)).await;
    }

    fn became(&self, records: &RangeInclusive<u32>, expected: Became) -> Result<(), String> {
        let outcomes = self.outcomes();
        let others: BTreeMap<u32, Option<Became>> = records
            .clone()
            .map(|record| (record, outcomes.get(&record).copied()))
            .filter(|(_, became)| *became != Some(expected))
            .collect();
        if others.is_empty() { Ok(()) } else { Err(format!("they have become {others:?}")) }
    }

    fn log(&self, partition: i32) -> Vec<u32> {
        self.sim.cluster(|cluster| {
            let records = cluster.log(TOPIC, partition);
            let read = |value: &[u8]| payload::decode(value).map(|payload| payload.rid.0 as u32);
            records.map(|record| record.value.and_then(|value| read(&value)).unwrap_or(0)).collect()
        })
    }

    fn told<T>(
        &self,
        action: impl FnOnce(&mut Cluster) -> Result<T, kafka_proto::ErrorCode>,
    ) -> Result<(), String> {
        self.sim.cluster(action).map(|_| ()).map_err(|code| format!("it is refused: {code:?}"))
    }

    fn note(&self, event: Event) {
        self.recorder.push(self.sim.now(), event);
    }

    fn outcomes(&self) -> MutexGuard<'_, BTreeMap<u32, Became>> {
        lock(&self.outcomes)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(rid: RecordId, error: &Error) -> (Event, Became) {
    let certainty = certainty(error);
    let became = match certainty {
        Certainty::NotAppended => Became::NotAppended,
        Certainty::Unknown => Became::Unknown,
    };
    let failure: Failure = failure(error);
    (Event::Fail { rid, certainty, failure }, became)
}

fn same(found: &[u32], expected: &[u32]) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("it is {found:?}")) }
}

fn remake(cluster: &mut Cluster) -> Result<(), kafka_proto::ErrorCode> {
    let topic = cluster.topics().find(|(name, _)| *name == TOPIC);
    let partitions = topic.map_or(1, |(_, partitions)| partitions);
    cluster.delete_topic(TOPIC)?;
    cluster.create_topic(TOPIC, partitions, -1).map(|_| ())
}

fn forget_producers(cluster: &mut Cluster, partition: i32) {
    let mut producers: Vec<i64> =
        cluster.log(TOPIC, partition).map(|record| record.producer_id).collect();
    producers.sort_unstable();
    producers.dedup();
    for producer in producers {
        // It is refused for a producer that is forgotten already.
        let _ = cluster.expire_producer(TOPIC, partition, producer);
    }
}
