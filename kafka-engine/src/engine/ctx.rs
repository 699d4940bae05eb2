//! What every part of the engine is handed: the time, the settings, randomness, timers and a sink for outputs.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::command::Reply;
use crate::config::Config;
use crate::engine::timers::Timers;
use crate::error::Error;
use crate::id::OpId;
use crate::io::{Event, Output};
use crate::time::Instant;
use crate::transitions::{EngineState, Transitions};

/// Every backoff is at least this long, whatever was configured: what is to be tried again at the very instant at which
/// it has failed would be tried for ever without time going on.
const BACKOFF_MIN: Duration = Duration::from_millis(1);

/// Passed down by `&mut` to whatever handles an input.
#[derive(Debug)]
pub(crate) struct Ctx {
    /// The instant of the input being handled; it never goes back.
    pub(crate) now: Instant,
    /// The client-wide settings.
    pub(crate) config: Arc<Config>,
    /// All deadlines.
    pub(crate) timers: Timers,
    /// What is to be done, in order.
    pub(crate) outputs: VecDeque<Output>,
    /// What has gone on, for whoever wants to know.
    pub(crate) transitions: Transitions,
    rng: ChaCha8Rng,
}

impl Ctx {
    pub(crate) fn new(config: Arc<Config>, seed: [u8; 32], now: Instant) -> Self {
        Self {
            now,
            config,
            timers: Timers::default(),
            outputs: VecDeque::new(),
            transitions: Transitions::default(),
            rng: ChaCha8Rng::from_seed(seed),
        }
    }

    pub(crate) fn emit(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// Counts that some part has gone into a state.
    pub(crate) fn enter(&mut self, state: EngineState) {
        self.transitions.enter(state);
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    pub(crate) fn done(&mut self, op: OpId, result: Result<Reply, Error>) {
        self.event(Event::Done { op, result });
    }

    /// A number below `bound`, which must not be 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let draw = self.rng.next_u64();
        draw.checked_rem(bound as u64).unwrap_or(0) as usize
    }

    /// How long to wait before attempt `failures + 1`: `base` doubled with each failure up to `max`,
    /// then 20 % more or less (KIP-144, KIP-580).
    pub(crate) fn backoff(&mut self, base: Duration, max: Duration, failures: u32) -> Duration {
        let doubled = base.saturating_mul(
            1u32.checked_shl(failures.saturating_sub(1).min(20)).unwrap_or(u32::MAX),
        );
        let capped = doubled.min(max.max(base));
        let per_mille = 800 + self.below(401) as u32;
        let capped = if mutant!("backoff_too_short") { capped / 10 } else { capped };
        (capped.saturating_mul(per_mille) / 1000).max(BACKOFF_MIN)
    }

    /// The backoff before a request is tried again.
    pub(crate) fn retry_backoff(&mut self, failures: u32) -> Duration {
        self.backoff(self.config.retry_backoff, self.config.retry_backoff_max, failures)
    }
}
