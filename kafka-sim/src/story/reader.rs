//! The consumer of a story.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_handle::{Consumer, Error, StartAt};

use super::TOPIC;
use crate::check::{ConsumerRef, Event, content, payload};
use crate::sweep::recorder::{Recorder, failure, start};
use crate::world::WorldHandle;

/// Polls without a record after which reading has no end.
const IDLE_POLLS_MAX: u32 = 600;

pub(super) struct Reader {
    pub(super) sim: WorldHandle,
    pub(super) recorder: Recorder,
    pub(super) consumer: Consumer,
    pub(super) number: ConsumerRef,
    polls: u32,
    partitions: i32,
    /// What it was handed and no step has asked for, by partition.
    got: BTreeMap<i32, Vec<u32>>,
}

impl Reader {
    pub(super) fn new(sim: WorldHandle, recorder: Recorder, consumer: Consumer) -> Self {
        let number = recorder.consumer();
        Self { sim, recorder, consumer, number, polls: 0, partitions: 0, got: BTreeMap::new() }
    }

    /// Polls until the positions are at the ends of the logs.
    pub(super) async fn read_all(&mut self) -> Result<(), String> {
        let mut idle = 0;
        loop {
            self.assign_all().await.map_err(|error| format!("it can't be assigned: {error}"))?;
            if self.is_at_the_ends() {
                return Ok(());
            }
            idle = if self.poll().await > 0 { 0 } else { idle + 1 };
            if idle > IDLE_POLLS_MAX {
                return Err("the consumer does not come to the ends".to_owned());
            }
        }
    }

    /// Polls once; gives how many records came.
    pub(super) async fn poll(&mut self) -> u32 {
        self.polls += 1;
        let (consumer, poll) = (self.number, self.polls);
        self.note(Event::PollStarted { consumer, poll });
        let polled = self.consumer.poll(Duration::from_millis(100)).await;
        let mut count = 0;
        match polled {
            Ok(records) => {
                for record in &records {
                    let (read, hash) = payload::read(record.value.unwrap_or_default());
                    let (headers, timestamp) = (record.headers(), Some(record.timestamp));
                    let hash = content::hash(hash, record.key, headers, timestamp);
                    let rid = read.map(|payload| payload.rid);
                    let number = rid.and_then(|rid| u32::try_from(rid.0).ok()).unwrap_or(0);
                    self.got.entry(record.partition).or_default().push(number);
                    self.note(Event::Deliver {
                        consumer,
                        partition: self.recorder.partition(record.topic, record.partition),
                        offset: record.offset,
                        leader_epoch: -1,
                        rid,
                        hash,
                        poll,
                    });
                    count += 1;
                }
                self.note(Event::PollEnded { consumer, poll, records: count });
            }
            Err(error) => {
                let failure = failure(&error);
                self.note(Event::ConsumerFailed { consumer, partition: None, failure });
                self.note(Event::PollEnded { consumer, poll, records: 0 });
                self.sim.sleep(Duration::from_millis(50)).await;
            }
        }
        count
    }

    pub(super) async fn seek(&mut self, partition: i32, to: StartAt) -> Result<(), Error> {
        self.assign_all().await?;
        self.consumer.handle().seek(TOPIC, partition, to).await?;
        let known = self.recorder.partition(TOPIC, partition);
        self.note(Event::Seek { consumer: self.number, partition: known, to: start(&to) });
        Ok(())
    }

    /// What has come of a partition since this was last asked.
    pub(super) fn take(&mut self, partition: i32) -> Vec<u32> {
        self.got.remove(&partition).unwrap_or_default()
    }

    /// Assigns the partitions that it does not have.
    pub(super) async fn assign_all(&mut self) -> Result<(), Error> {
        let all = self.sim.cluster(|cluster| {
            let topic = cluster.topics().find(|(name, _)| *name == TOPIC);
            topic.map_or(0, |(_, partitions)| partitions)
        });
        if all <= self.partitions {
            return Ok(());
        }
        // Those that it has go on where they are.
        let wanted: Vec<_> = (0..all)
            .map(|partition| {
                let known = self.consumer.position(TOPIC, partition);
                let at = known.map_or(StartAt::Beginning, StartAt::Offset);
                (TOPIC, partition, at)
            })
            .collect();
        self.consumer.assign(&wanted).await?;
        self.partitions = all;
        for (topic, partition, at) in &wanted {
            let partition = self.recorder.partition(topic, *partition);
            self.note(Event::Assigned { consumer: self.number, partition, start: start(at) });
        }
        Ok(())
    }

    fn is_at_the_ends(&self) -> bool {
        (0..self.partitions).all(|partition| {
            let end = self.sim.cluster(|cluster| cluster.offsets(TOPIC, partition));
            let position = self.consumer.position(TOPIC, partition);
            end.is_none_or(|(_, end)| position.is_some_and(|position| position >= end))
        })
    }

    fn note(&self, event: Event) {
        self.recorder.push(self.sim.now(), event);
    }
}
