//! An application that reads records.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kafka_handle::{Consumer, ConsumerConfig, Error, ErrorKind, StartAt};

use super::App;
use crate::Rng;
use crate::check::{ConsumerRef, Event, Partition, ResetCause, content, payload};
use crate::sweep::plan::ConsumerPlan;
use crate::sweep::recorder::{failure, start, waiting};
use crate::world::JoinHandle;

/// How long it waits in one poll.
const POLL: Duration = Duration::from_millis(950);

impl App {
    pub(super) fn consume(&self, plan: &ConsumerPlan, rng: Rng) -> Option<JoinHandle<()>> {
        let config = ConsumerConfig {
            auto_offset_reset: plan.reset,
            fetch_max_wait: plan.fetch_max_wait,
            fetch_max_bytes: plan.fetch_bytes,
            max_partition_fetch_bytes: plan.partition_fetch_bytes,
            max_poll_records: plan.max_poll_records,
            ..ConsumerConfig::default()
        };
        let consumer = self.client.consumer(config).ok()?;
        let reader = Reader {
            app: self.clone(),
            consumer,
            number: self.recorder.consumer(),
            plan: plan.clone(),
            rng,
            polls: 0,
            moves_left: MOVES_MAX,
            assigned: Vec::new(),
        };
        self.caught_up.store(false, Ordering::Relaxed);
        Some(self.sim.spawn_in(self.id, reader.run()))
    }
}

/// More moves than this, and a consumer that takes few records at a time would never come to the end.
const MOVES_MAX: u32 = 10;

/// A partition by name, and as the checks know it.
type Held = (String, i32, Partition);

/// A consumer and its application.
struct Reader {
    app: App,
    consumer: Consumer,
    number: ConsumerRef,
    plan: ConsumerPlan,
    rng: Rng,
    polls: u32,
    moves_left: u32,
    assigned: Vec<Held>,
}

impl Reader {
    async fn run(mut self) {
        let opened = Event::ConsumerOpened {
            client: self.app.id,
            consumer: self.number,
            max_poll_records: self.plan.max_poll_records as u32,
            // It is not drawn.
            fetch_min_bytes: u32::try_from(ConsumerConfig::default().fetch_min_bytes).unwrap_or(0),
        };
        self.note(opened);
        while self.assign().await.is_err() {
            if self.app.flags.closing.load(Ordering::Relaxed) {
                return;
            }
            self.app.sim.sleep(Duration::from_millis(200)).await;
        }
        while !self.app.flags.resting.load(Ordering::Relaxed) {
            if self.moves_left > 0 && self.rng.chance(self.plan.moves) && !self.app.drains() {
                self.moves_left -= 1;
                self.wander().await;
            }
            if self.plan.reassigns > 0
                && self.moves_left > 0
                && self.rng.chance(self.plan.reassigns)
                && !self.app.drains()
            {
                self.moves_left -= 1;
                self.reassign().await;
            }
            self.poll().await;
            if !self.plan.work.is_zero() {
                self.app.sim.sleep(self.plan.work).await;
            }
            let caught_up = self.is_caught_up();
            self.app.caught_up.store(caught_up, Ordering::Relaxed);
        }
        while !self.app.flags.closing.load(Ordering::Relaxed) {
            self.app.sim.sleep(Duration::from_millis(500)).await;
        }
        self.note(Event::ConsumerClosed { consumer: self.number });
        self.consumer.close().await;
    }

    fn note(&self, event: Event) {
        self.app.recorder.push(self.app.sim.now(), event);
    }

    /// Assigns every partition that there is.
    async fn assign(&mut self) -> Result<(), Error> {
        let counts = self.app.sim.cluster(|cluster| {
            let all = cluster.topics().map(|(name, partitions)| (name.to_owned(), partitions));
            all.filter(|(name, _)| name.starts_with('t')).collect::<Vec<_>>()
        });
        let all: Vec<(String, i32)> = counts
            .into_iter()
            .flat_map(|(topic, count)| (0..count).map(move |partition| (topic.clone(), partition)))
            .collect();
        let at = self.plan.start;
        let wanted: Vec<(&str, i32, StartAt)> =
            all.iter().map(|(topic, partition)| (topic.as_str(), *partition, at)).collect();
        self.consumer.assign(&wanted).await?;
        let recorder = &self.app.recorder;
        let known = |(topic, partition): (String, i32)| {
            let known = recorder.partition(&topic, partition);
            (topic, partition, known)
        };
        self.assigned = all.into_iter().map(known).collect();
        for (_, _, partition) in &self.assigned {
            let (consumer, partition) = (self.number, *partition);
            self.note(Event::Assigned { consumer, partition, start: start(&at) });
        }
        Ok(())
    }

    /// Gives up some of its partitions for a while, and takes them back, to begin somewhere else.
    async fn reassign(&mut self) {
        let all = self.assigned.clone();
        let (kept, gone): (Vec<_>, Vec<_>) = all.into_iter().partition(|_| self.rng.chance(50));
        let keep = |(topic, partition, _): &Held| (topic.clone(), *partition, StartAt::Default);
        if self.assign_to(kept.iter().map(keep).collect()).await.is_err() {
            return;
        }
        for (_, _, partition) in &gone {
            self.note(Event::Unassigned { consumer: self.number, partition: *partition });
        }
        self.assigned = kept;
        for _ in 0..self.rng.below(5) {
            self.poll().await;
        }
        let at = self.somewhere();
        loop {
            let (kept, lost) = self.sort_out(&self.assigned);
            let (back, _) = self.sort_out(&gone);
            let begin = back.iter().map(|(topic, partition, _)| (topic.clone(), *partition, at));
            if self.assign_to(kept.iter().map(keep).chain(begin).collect()).await.is_ok() {
                self.took_back((kept, lost), back, at);
                return;
            }
            if self.app.flags.closing.load(Ordering::Relaxed) {
                return;
            }
            self.app.sim.sleep(Duration::from_millis(200)).await;
        }
    }

    /// Those that are there, or whose topic is not for the moment, and those that their topic has no more.
    fn sort_out(&self, held: &[Held]) -> (Vec<Held>, Vec<Held>) {
        let counts: BTreeMap<String, i32> = self.app.sim.cluster(|cluster| {
            cluster.topics().map(|(topic, count)| (topic.to_owned(), count)).collect()
        });
        let is_there =
            |(topic, partition, _): &Held| counts.get(topic).is_none_or(|count| partition < count);
        held.iter().cloned().partition(is_there)
    }

    fn took_back(&mut self, (kept, lost): (Vec<Held>, Vec<Held>), back: Vec<Held>, at: StartAt) {
        let consumer = self.number;
        for (_, _, partition) in lost {
            self.note(Event::Unassigned { consumer, partition });
        }
        for (_, _, partition) in &back {
            let partition = *partition;
            self.note(Event::Assigned { consumer, partition, start: start(&at) });
        }
        self.assigned = kept.into_iter().chain(back).collect();
    }

    async fn assign_to(&mut self, wanted: Vec<(String, i32, StartAt)>) -> Result<(), Error> {
        let wanted: Vec<(&str, i32, StartAt)> =
            wanted.iter().map(|(topic, partition, at)| (topic.as_str(), *partition, *at)).collect();
        self.consumer.assign(&wanted).await
    }

    /// A place to begin at.
    fn somewhere(&mut self) -> StartAt {
        let now = self.app.sim.wall_ms(self.app.id);
        match self.rng.below(5) {
            0 => StartAt::Beginning,
            1 => StartAt::End,
            2 => StartAt::Default,
            3 => StartAt::Offset(self.rng.below(50) as i64),
            _ => StartAt::Timestamp(now - self.rng.below(60_000) as i64),
        }
    }

    async fn poll(&mut self) {
        self.polls += 1;
        let (consumer, poll) = (self.number, self.polls);
        self.note(Event::PollStarted { consumer, poll });
        let polled = self.app.interrupt.or(self.consumer.poll(POLL)).await;
        let now = self.app.sim.now();
        // What it would have given comes with the next.
        let Ok(polled) = polled else {
            return self.note(Event::PollEnded { consumer, poll, records: 0 });
        };
        match polled {
            Ok(records) => {
                for lost in records.truncations() {
                    let partition = self.app.recorder.partition(&lost.topic, lost.partition);
                    let (cause, to) = (ResetCause::Truncation, Some(lost.to));
                    self.note(Event::Reset { consumer, partition, cause, to });
                }
                let mut count = 0;
                for record in &records {
                    let partition = self.app.recorder.partition(record.topic, record.partition);
                    let (read, hash) = payload::read(record.value.unwrap_or_default());
                    let (headers, timestamp) = (record.headers(), Some(record.timestamp));
                    let hash = content::hash(hash, record.key, headers, timestamp);
                    let deliver = Event::Deliver {
                        consumer,
                        partition,
                        offset: record.offset,
                        leader_epoch: -1,
                        rid: read.map(|payload| payload.rid),
                        hash,
                        poll,
                    };
                    self.app.recorder.push(now, deliver);
                    count += 1;
                }
                self.app.recorder.push(now, Event::PollEnded { consumer, poll, records: count });
                match count {
                    0 => self.app.recorder.waited(now, self.app.id, self.plan.fetch_max_wait),
                    _ => self.app.recorder.alive(now, self.app.id),
                }
                drop(records);
                self.note_positions();
            }
            Err(error) => {
                let partition = waiting(&error)
                    .map(|(topic, partition)| self.app.recorder.partition(topic, partition));
                let failure = failure(&error);
                let failed = Event::ConsumerFailed { consumer, partition, failure };
                self.app.recorder.push(now, failed);
                self.app.recorder.push(now, Event::PollEnded { consumer, poll, records: 0 });
                self.look_again(&error).await;
                self.app.sim.sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// What was broken twice on its way may still be sound in the log.
    async fn look_again(&self, error: &Error) {
        let ErrorKind::Corrupt { topic, partition, offset, .. } = error.kind() else { return };
        let to = StartAt::Offset(*offset);
        if self.consumer.handle().seek(topic, *partition, to).await.is_ok() {
            let partition = self.app.recorder.partition(topic, *partition);
            self.note(Event::Seek { consumer: self.number, partition, to: start(&to) });
        }
    }

    /// Where it says that it is.
    fn note_positions(&self) {
        let (consumer, now) = (self.number, self.app.sim.now());
        let mut notes = self.app.recorder.lock();
        for (topic, number, known) in &self.assigned {
            if let Some(offset) = self.consumer.position(topic, *number) {
                let partition = *known;
                notes.history.push(now, Event::Position { consumer, partition, offset });
            }
        }
    }

    /// Seeks, or pauses a partition for a while.
    async fn wander(&mut self) {
        let Some((topic, partition, known)) = self.rng.pick(&self.assigned).cloned() else {
            return;
        };
        let handle = self.consumer.handle();
        if self.rng.chance(50) {
            let Some(position) = handle.position(&topic, partition) else { return };
            let to = StartAt::Offset(self.rng.below(position.unsigned_abs() + 1) as i64);
            if handle.seek(&topic, partition, to).await.is_ok() {
                self.note(Event::Seek { consumer: self.number, partition: known, to: start(&to) });
            }
            return;
        }
        if handle.pause(&[(&topic, partition)]).await.is_ok() {
            self.note(Event::Pause { consumer: self.number, partition: known });
        }
        for _ in 0..self.rng.below(5) {
            self.poll().await;
        }
        if handle.resume(&[(&topic, partition)]).await.is_ok() {
            self.note(Event::Resume { consumer: self.number, partition: known });
        }
    }

    /// Whether everything that can be read has been read.
    fn is_caught_up(&self) -> bool {
        let ends: Vec<_> = self.app.sim.cluster(|cluster| {
            let offsets = |(topic, partition, _): &(String, i32, Partition)| {
                cluster.offsets(topic, *partition)
            };
            self.assigned.iter().map(offsets).collect()
        });
        self.assigned.iter().zip(ends).all(|((topic, partition, _), end)| {
            let position = self.consumer.position(topic, *partition);
            // A position beyond the end is yet to be found out of range.
            end.is_none_or(|(_, end)| position == Some(end))
        })
    }
}
