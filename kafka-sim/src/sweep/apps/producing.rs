//! An application that sends records.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use kafka_handle::{Delivery, Producer, ProducerConfig, Record};

use super::App;
use super::interrupt::{Dropped, Interrupt};
use crate::Rng;
use crate::check::{Event, FLUSH, ProducerContract, ProducerRef, RecordId, content, payload};
use crate::sweep::parts::Parts;
use crate::sweep::plan::ProducerPlan;
use crate::sweep::recorder::{certainty, failure};
use crate::world::JoinHandle;

impl App {
    /// Opens a producer, and starts a task that sends and one that waits for what became of it.
    pub(super) fn produce(&self, plan: &ProducerPlan, rng: Rng) -> Option<Vec<JoinHandle<()>>> {
        let config = ProducerConfig {
            acks: plan.acks,
            enable_idempotence: Some(plan.idempotent),
            max_in_flight: plan.max_in_flight,
            linger: plan.linger,
            batch_bytes: plan.batch_bytes,
            compression: plan.compression,
            // What is compressed is judged, and not how well.
            compression_gzip_level: Some(1),
            delivery_timeout: plan.delivery_timeout,
            buffer_memory: plan.buffer_memory,
            max_block: Duration::from_secs(10),
            ..ProducerConfig::default()
        };
        let producer = self.client.producer(config).ok()?;
        let number_of = self.recorder.producer();
        let contract = ProducerContract {
            idempotent: plan.idempotent,
            acks: plan.acks.number(),
            max_in_flight: plan.max_in_flight as u32,
            batch_bytes: plan.batch_bytes as u32,
            linger: plan.linger,
            delivery_timeout: plan.delivery_timeout,
        };
        let opened = Event::ProducerOpened { client: self.id, producer: number_of, contract };
        self.recorder.push(self.sim.now(), opened);
        let (sender, receiver) = unbounded();
        let (this, plan) = (self.clone(), plan.clone());
        let sending = this.send_all(producer, number_of, plan, rng, sender);
        let waiting = self.clone().await_all(receiver);
        Some(vec![self.sim.spawn_in(self.id, sending), self.sim.spawn_in(self.id, waiting)])
    }

    async fn send_all(
        self,
        producer: Producer,
        number_of: ProducerRef,
        plan: ProducerPlan,
        mut rng: Rng,
        sender: UnboundedSender<(RecordId, Delivery)>,
    ) {
        let mut index = 0;
        self.sim.sleep(plan.begins_after).await;
        let topics = Arc::clone(&self.topics);
        while !self.drains() {
            for _ in 0..1 + rng.below(plan.burst) {
                let rid = self.recorder.record();
                let length = rng.between(1..plan.value_bytes) as usize;
                let value = payload::encode(rid, number_of, index, length);
                index += 1;
                let number = rng.below(20);
                let key = plan.keyed.then(|| number.to_string());
                let Some(topic) = rng.pick(&topics) else { return };
                let mut record = Parts::of(rid, self.sim.now()).on(Record::to(topic).value(&value));
                if let Some(key) = &key {
                    record = record.key(key);
                }
                let deadline = self.sim.now() + plan.delivery_timeout;
                match self.interrupt.or(producer.send(record)).await {
                    Ok(Ok(delivery)) => {
                        let deadline = deadline.max(self.sim.now() + plan.delivery_timeout);
                        self.sent(number_of, rid, &record, &delivery, deadline);
                        self.open.fetch_add(1, Ordering::Relaxed);
                        // The other end waits as long as this one is there.
                        let _ = sender.unbounded_send((rid, delivery));
                    }
                    // Who doesn't wait until it is accepted has not sent it.
                    Err(Dropped) => {}
                    // It was never accepted.
                    Ok(Err(_)) => self.sim.sleep(Duration::from_millis(100)).await,
                }
            }
            if plan.flushes > 0 && rng.chance(plan.flushes) {
                self.flush(&producer, &plan).await;
            }
            self.sim.sleep(plan.pause).await;
        }
        drop(sender);
        let within = plan.delivery_timeout + Duration::from_secs(1);
        let closing = producer.close(plan.delivery_timeout);
        // It goes on when nobody waits for it.
        let always = Interrupt::default();
        let close = "producer.close";
        let _ = self.recorder.op_of(&self.sim, self.id, close, within, (&always, closing)).await;
    }

    /// Waits for all that was sent so far. Each of its records has an outcome of its own, so there is no other failure.
    async fn flush(&self, producer: &Producer, plan: &ProducerPlan) {
        let flushing = (&self.interrupt, producer.flush());
        let within = plan.delivery_timeout;
        let _ = self.recorder.op_of(&self.sim, self.id, FLUSH, within, flushing).await;
    }

    fn sent(
        &self,
        producer: ProducerRef,
        rid: RecordId,
        record: &Record<'_>,
        delivery: &Delivery,
        deadline: crate::Time,
    ) {
        let now = self.sim.now();
        let partition = self.recorder.partition(record.topic, delivery.partition());
        let value = record.value.unwrap_or_default();
        // It was made a moment ago.
        let hash = payload::peek(value).map_or(0, |payload| payload.hash);
        let headers = record.headers.iter().copied();
        let sent = Event::Send {
            client: self.id,
            producer,
            rid,
            partition,
            hash: content::hash(hash, record.key, headers, record.timestamp),
            bytes: value.len() as u32,
            deadline,
        };
        self.recorder.push(now, sent);
    }

    /// Each delivery is told when it ends, whatever becomes of those before it.
    async fn await_all(self, deliveries: UnboundedReceiver<(RecordId, Delivery)>) {
        let this = &self;
        let end = |(rid, delivery): (RecordId, Delivery)| async move {
            // What is not waited for any more is delivered all the same: whoever asks again is told.
            let again = delivery.clone();
            let ended = match this.interrupt.or(delivery).await {
                Ok(ended) => ended,
                Err(Dropped) => again.await,
            };
            let event = match ended {
                Ok(written) => Event::Ack { rid, offset: written.offset },
                Err(error) => {
                    Event::Fail { rid, certainty: certainty(&error), failure: failure(&error) }
                }
            };
            let now = this.sim.now();
            if matches!(event, Event::Ack { .. }) {
                this.recorder.alive(now, this.id);
            }
            this.recorder.push(now, event);
            this.open.fetch_sub(1, Ordering::Relaxed);
        };
        deliveries.for_each_concurrent(None, end).await;
    }
}
