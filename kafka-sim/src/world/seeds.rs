//! The same run with one seed after the other, and the seed that fails by name.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The environment variable that has [`run_seeds`] run one seed alone.
pub const SEED_VARIABLE: &str = "KAFKA_SIM_SEED";

/// The environment variable that has every [`World`](super::World) [print its trace](super::World::print_trace).
pub const TRACE_VARIABLE: &str = "KAFKA_SIM_TRACE";

/// Runs with every seed, in order, until one fails: with an error, or by a panic.
///
/// Where the environment variable `KAFKA_SIM_SEED` ([`SEED_VARIABLE`]) has a number, that seed alone is run, whatever
/// `seeds` are: that is how a failure is looked into. In a test,
///
/// ```no_run
/// # fn transfer(seed: u64) -> Result<(), String> { Ok(()) }
/// use kafka_sim::world::run_seeds;
///
/// #[test]
/// fn transfers_are_safe() {
///     run_seeds(0..1_000, transfer).unwrap();
/// }
/// ```
///
/// ends with `seed 411: 3 of 100 are missing (KAFKA_SIM_SEED=411 runs it alone, KAFKA_SIM_TRACE=1 prints its steps)`, and
/// `KAFKA_SIM_SEED=411 KAFKA_SIM_TRACE=1 cargo test transfers_are_safe` is the same run again, step by step.
///
/// `run` makes a [`World`](super::World) of its own for each seed, from nothing but the seed: what it takes from outside,
/// such as a counter that goes on from seed to seed, makes runs differ that should not. What it changes outside before
/// it panics stays changed.
///
/// # Errors
/// The first seed that failed; the ones behind it were not run.
///
/// # Panics
/// `KAFKA_SIM_SEED` is no number: a test that ran other seeds instead would say something else than what was asked.
pub fn run_seeds<E>(
    seeds: impl IntoIterator<Item = u64>,
    run: impl FnMut(u64) -> Result<(), E>,
) -> Result<(), SeedFailed<E>> {
    match std::env::var(SEED_VARIABLE) {
        Ok(text) => match text.trim().parse() {
            Ok(seed) => run_all([seed], run),
            Err(_) => panic!("{SEED_VARIABLE}={text} is no seed"),
        },
        Err(_) => run_all(seeds, run),
    }
}

/// The seed with which a run failed, and how.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeedFailed<E> {
    /// The seed.
    pub seed: u64,
    /// What happened.
    pub cause: Cause<E>,
}

/// How a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause<E> {
    /// It ended with an error.
    Failed(E),
    /// It panicked, with this message: an assertion, most often.
    Panicked(String),
}

impl<E: fmt::Display> fmt::Display for SeedFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, cause } = self;
        match cause {
            Cause::Failed(error) => write!(f, "seed {seed}: {error}")?,
            Cause::Panicked(message) => write!(f, "seed {seed} panicked: {message}")?,
        }
        write!(f, " ({SEED_VARIABLE}={seed} runs it alone, {TRACE_VARIABLE}=1 prints its steps)")
    }
}

/// As [`Display`](fmt::Display): it is what a test says that unwraps it, or returns it.
impl<E: fmt::Display> fmt::Debug for SeedFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: fmt::Display> Error for SeedFailed<E> {}

fn run_all<E>(
    seeds: impl IntoIterator<Item = u64>,
    mut run: impl FnMut(u64) -> Result<(), E>,
) -> Result<(), SeedFailed<E>> {
    for seed in seeds {
        let cause = match catch_unwind(AssertUnwindSafe(|| run(seed))) {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => Cause::Failed(error),
            Err(payload) => Cause::Panicked(message(payload.as_ref())),
        };
        return Err(SeedFailed { seed, cause });
    }
    Ok(())
}

/// What a panic said.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seeds that were run, and what comes of it.
    fn check(run: fn(u64) -> Result<(), &'static str>, expected: Result<(), &str>, last: u64) {
        let mut seen = Vec::new();
        let outcome = run_all(5..10, |seed| {
            seen.push(seed);
            run(seed)
        });
        assert_eq!(
            outcome.map_err(|failed| format!("{failed:?}")),
            expected.map_err(str::to_owned)
        );
        assert_eq!(seen, (5..=last).collect::<Vec<_>>());
    }

    fn told(seed: u64, how: &str) -> String {
        let again =
            format!("KAFKA_SIM_SEED={seed} runs it alone, KAFKA_SIM_TRACE=1 prints its steps");
        format!("seed {seed}{how} ({again})")
    }

    #[test]
    fn the_first_seed_that_fails_is_named() {
        check(|_| Ok(()), Ok(()), 9);
        let failed = &told(7, ": lost");
        check(|seed| if seed < 7 { Ok(()) } else { Err("lost") }, Err(failed), 7);
        let panicked = &told(8, " panicked: 8 of 5");
        let panics = |seed| {
            assert!(seed < 8, "{seed} of 5");
            Ok(())
        };
        check(panics, Err(panicked), 8);
        let plain = &told(5, " panicked: plain");
        check(|_| panic!("plain"), Err(plain), 5);
    }
}
