//! A thread that sends records one after the other and keeps what became of each.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kafka_blocking::{Delivery, Record, block_on};
use kafka_tokio::Producer;

use super::ledger::{Ledger, Sent};
use super::until;
use crate::ours;

/// So many records wait for their outcome at a time: some dozens of batches.
const WINDOW: usize = 1_000;

/// What drives a writer's client.
#[derive(Clone, Copy)]
pub(super) enum Adapter {
    Tokio,
    Blocking,
}

pub(super) struct Writer {
    pub(super) name: &'static str,
    state: Arc<State>,
    thread: JoinHandle<Ledger>,
}

#[derive(Default)]
struct State {
    window: Mutex<VecDeque<(String, Delivery)>>,
    acknowledged: AtomicUsize,
    calm: AtomicBool,
    stop: AtomicBool,
}

impl Writer {
    pub(super) fn start(
        name: &'static str,
        adapter: Adapter,
        bootstrap: &str,
        topic: &str,
        settings: &[(&str, &str)],
    ) -> Self {
        let producer = producer(adapter, bootstrap, settings);
        let state = Arc::new(State::default());
        let (topic, its_state) = (topic.to_owned(), Arc::clone(&state));
        let thread = thread::spawn(move || its_state.write(name, &topic, &producer));
        Self { name, state, thread }
    }

    /// How many records have been acknowledged.
    pub(super) fn acknowledged(&self) -> usize {
        self.state.acknowledged.load(Ordering::Relaxed)
    }

    /// Deliveries without an outcome.
    pub(super) fn pending(&self) -> Vec<Delivery> {
        let window = self.state.window.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = window.iter().filter(|(_, delivery)| delivery.try_result().is_none());
        pending.map(|(_, delivery)| delivery.clone()).collect()
    }

    /// Sends no more as fast as possible, so that the log stays of a length that can be compared.
    pub(super) fn calm_down(&self) {
        self.state.calm.store(true, Ordering::Relaxed);
    }

    /// Sends no more. Gives what became of every record; one without an outcome fails the test.
    pub(super) fn end(self) -> Ledger {
        self.state.stop.store(true, Ordering::Relaxed);
        until("the outcome of every record", || self.thread.is_finished());
        self.thread.join().unwrap()
    }
}

impl State {
    fn write(&self, name: &'static str, topic: &str, producer: &Producer) -> Ledger {
        let mut ledger = Ledger::new(name);
        for number in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            if self.calm.load(Ordering::Relaxed) && number % 2 == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            let value = ledger.value(number);
            match block_on(producer.send(Record::to(topic).value(&value))) {
                Ok(delivery) => self.window().push_back((value, delivery)),
                Err(error) => ledger.push(Sent { value, outcome: Err(error) }),
            }
            while self.settle(&mut ledger, WINDOW) {}
        }
        while self.settle(&mut ledger, 0) {}
        block_on(producer.close(ours::LONG)).unwrap();
        ledger
    }

    /// Takes the oldest record's outcome: if it is there, or if more than `max` records wait.
    fn settle(&self, ledger: &mut Ledger, max: usize) -> bool {
        let (oldest, waiting) = {
            let window = self.window();
            (window.front().map(|(_, delivery)| delivery.clone()), window.len())
        };
        let Some(delivery) = oldest.filter(|it| waiting > max || it.try_result().is_some()) else {
            return false;
        };
        let outcome = block_on(delivery).map(|placed| (placed.partition, placed.offset));
        self.acknowledged.fetch_add(usize::from(outcome.is_ok()), Ordering::Relaxed);
        if let Some((value, _)) = self.window().pop_front() {
            ledger.push(Sent { value, outcome });
        }
        true
    }

    fn window(&self) -> std::sync::MutexGuard<'_, VecDeque<(String, Delivery)>> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handle of a producer is the same on both adapters; what turns its driver is not.
fn producer(adapter: Adapter, bootstrap: &str, settings: &[(&str, &str)]) -> Producer {
    let (client, config) = (ours::config(bootstrap, &[]), ours::producer_config(settings));
    match adapter {
        Adapter::Tokio => {
            let client = kafka_tokio::connect_on(ours::runtime().handle(), client).unwrap();
            client.producer(config).unwrap()
        }
        Adapter::Blocking => {
            let client = kafka_blocking::connect(client).unwrap();
            client.producer(config).unwrap().handle().clone()
        }
    }
}
