//! What all handles of a client and its driver share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use kafka_engine::config::Config;
use kafka_engine::{
    Cluster, Command, ConsumerKey, Engine, Error, ErrorKind, Input, Instant, OpId, Output,
    ProducerKey,
};

use crate::clock::Clock;
use crate::mailbox::{Letter, Mailbox, Urgency};
use crate::op::Answer;
use crate::sync::lock;

/// The engine and its surroundings. The lock of `core` and that of `mailbox` are never held together.
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) mailbox: Mailbox,
    core: Mutex<Core>,
    cluster: Mutex<Arc<Cluster>>,
    next_op: AtomicU64,
    next_producer: AtomicU32,
    next_consumer: AtomicU32,
    /// Where the numbers that spread load come from.
    draws: AtomicU64,
}

/// The engine, and what it wants done that the driver has not taken yet.
pub(crate) struct Core {
    pub(crate) engine: Engine,
    pub(crate) outputs: VecDeque<Output>,
    /// When the engine wants a tick.
    pub(crate) until: Option<Instant>,
    /// What `until` was when the driver looked last.
    pub(crate) seen_until: Option<Instant>,
}

impl Core {
    /// Takes everything out of the engine that it wants done.
    pub(crate) fn drain(&mut self) {
        loop {
            match self.engine.poll() {
                Output::Wait { until, .. } => {
                    self.until = until;
                    return;
                }
                output => self.outputs.push_back(output),
            }
        }
    }

    /// Whether the driver, if it sleeps, sleeps too long.
    fn needs_driver(&self) -> bool {
        let sooner = match (self.until, self.seen_until) {
            (Some(until), Some(seen)) => until < seen,
            (Some(_), None) => true,
            (None, _) => false,
        };
        sooner || !self.outputs.is_empty()
    }
}

impl Shared {
    pub(crate) fn new(config: Config, seed: [u8; 32], clock: Arc<dyn Clock>) -> Self {
        let config = Arc::new(config);
        let first_draw = seed
            .as_chunks()
            .0
            .iter()
            .fold(0, |folded: u64, word| folded.rotate_left(17) ^ u64::from_le_bytes(*word));
        let engine = Engine::new(Arc::clone(&config), seed, clock.now());
        let cluster = engine.cluster();
        Self {
            config,
            clock,
            mailbox: Mailbox::default(),
            core: Mutex::new(Core {
                engine,
                outputs: VecDeque::new(),
                until: None,
                seen_until: None,
            }),
            cluster: Mutex::new(cluster),
            next_op: AtomicU64::new(1),
            next_producer: AtomicU32::new(1),
            next_consumer: AtomicU32::new(1),
            draws: AtomicU64::new(first_draw),
        }
    }

    /// A random number that follows from the seed (SplitMix64): good enough to spread load.
    pub(crate) fn random(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.draws.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Locks the engine. `None`: a panic has left it in pieces, so the client is as good as closed.
    pub(crate) fn core(&self) -> Option<MutexGuard<'_, Core>> {
        self.core.lock().ok()
    }

    /// Calls the engine from a handle, and lets the driver know if there is something for it to do then.
    pub(crate) fn with_engine<T>(&self, call: impl FnOnce(&mut Engine) -> T) -> Result<T, Error> {
        let mut core = self.core().ok_or_else(|| Error::new(ErrorKind::Closed))?;
        let result = call(&mut core.engine);
        core.drain();
        let needs_driver = core.needs_driver();
        drop(core);
        if needs_driver {
            self.mailbox.nudge();
        }
        Ok(result)
    }

    /// Looks something up in the engine; nothing changes there.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Engine) -> T) -> Option<T> {
        self.core().map(|core| look(&core.engine))
    }

    pub(crate) fn cluster(&self) -> Arc<Cluster> {
        Arc::clone(&lock(&self.cluster))
    }

    pub(crate) fn publish(&self, cluster: Arc<Cluster>) {
        let before = std::mem::replace(&mut *lock(&self.cluster), cluster);
        drop(before);
    }

    pub(crate) fn next_op(&self) -> OpId {
        OpId(self.next_op.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn next_producer(&self) -> ProducerKey {
        ProducerKey(self.next_producer.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn next_consumer(&self) -> ConsumerKey {
        ConsumerKey(self.next_consumer.fetch_add(1, Ordering::Relaxed))
    }

    /// Tells the engine of something that happened, at once. After the driver's end nobody listens.
    pub(crate) fn report(&self, input: Input) {
        self.report_by(input, Urgency::Now);
    }

    pub(crate) fn report_by(&self, input: Input, urgency: Urgency) {
        let _ = self.mailbox.send(Letter::Input(input), urgency);
    }

    /// Gives a command whose answer, if any, goes to `answer`.
    pub(crate) fn command(&self, command: Command, answer: Answer) {
        let op = self.next_op();
        if let Err(Letter::Command { answer, .. }) =
            self.mailbox.send(Letter::Command { op, command, answer }, Urgency::Now)
        {
            answer.give(Err(Error::new(ErrorKind::Closed)));
        }
    }
}

/// Held by every handle: when the last one goes, the driver may end.
pub(crate) struct ClientOwner {
    pub(crate) shared: Arc<Shared>,
}

impl Drop for ClientOwner {
    fn drop(&mut self) {
        self.shared.mailbox.abandon();
    }
}
