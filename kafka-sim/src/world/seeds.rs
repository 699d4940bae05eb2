//! The same run with one seed after the other, and the seed that fails by name.

use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The environment variable that has [`run_seeds`] run one seed alone.
pub const SEED_VARIABLE: &str = "KAFKA_SIM_SEED";

/// The environment variable that has every [`World`](super::World) [print its trace](super::World::print_trace).
pub const TRACE_VARIABLE: &str = "KAFKA_SIM_TRACE";

/// One seed of so many, from the first on, is run twice although it passes.
const TWICE_EVERY: usize = 50;

/// Runs with every seed, in order, until one fails: with an error, or by a panic. The seed that fails is run once more,
/// and [`SeedFailed::again`] says whether it failed the same way: if not, the run takes something from outside of its world.
/// So that this shows before anything fails, the first seed and every 50th behind it are run twice even if they pass, and a
/// seed with which something else happens the second time fails as [`Cause::Differed`].
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
/// ends with `seed 411: 3 of 100 are missing (the same when run again; KAFKA_SIM_SEED=411 runs it alone, KAFKA_SIM_TRACE=1 prints its steps)`, and
/// `KAFKA_SIM_SEED=411 KAFKA_SIM_TRACE=1 cargo test transfers_are_safe` is the same run again, step by step.
///
/// `run` makes a [`World`](super::World) of its own for each seed, from nothing but the seed: what it takes from outside,
/// such as a counter that goes on from seed to seed, makes runs differ that should not. What it changes outside before
/// it panics stays changed.
///
/// What happened is compared by the [traces](super::World::trace_hash) of the worlds that ended in a run, on its own thread.
/// A world that is leaked (by a cycle of [`Arc`](std::sync::Arc)s, say) or that ends on another thread is not among them,
/// nor is what a service does without the network or the time of its world: a difference there goes unnoticed.
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
    /// What happened when it was run once more.
    pub again: Again,
}

/// What comes of a seed when it is run once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Again {
    /// It fails, and the [traces](super::World::trace_hash) of its worlds are the same.
    Same,
    /// Something else has happened.
    Otherwise,
    /// It passes; or it had passed the first time.
    Passed,
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Same => return f.write_str("the same when run again"),
            Self::Otherwise => "something else happened when it was run again",
            Self::Passed => "it passed the other time",
        };
        write!(f, "{what}: {OUTSIDE}")
    }
}

/// Why two runs of a seed differ.
const OUTSIDE: &str = "the run takes something from outside, such as the order of a std HashMap, Instant::now or a thread";

/// How a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause<E> {
    /// It ended with an error.
    Failed(E),
    /// It panicked, with this message: an assertion, most often.
    Panicked(String),
    /// It passed, and passed again, but something else happened the second time: no seed says anything of such a run.
    Differed,
}

impl<E: fmt::Display> fmt::Display for SeedFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, cause, again } = self;
        match cause {
            Cause::Differed => write!(f, "seed {seed} is not the same run each time")?,
            Cause::Failed(error) => write!(f, "seed {seed}: {error}")?,
            Cause::Panicked(message) => write!(f, "seed {seed} panicked: {message}")?,
        }
        let alone = format_args!("{SEED_VARIABLE}={seed} runs it alone");
        write!(f, " ({again}; {alone}, {TRACE_VARIABLE}=1 prints its steps)")
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
    for (index, seed) in seeds.into_iter().enumerate() {
        let (first, hash) = one(|| run(seed));
        if first.is_none() && !index.is_multiple_of(TWICE_EVERY) {
            continue;
        }
        PRINTED.set(false);
        let (second, other_hash) = one(|| run(seed));
        PRINTED.set(true);
        let (cause, again) = match (first, second) {
            (None, None) if hash == other_hash => continue,
            (None, None) => (Cause::Differed, Again::Otherwise),
            (Some(cause), None) | (None, Some(cause)) => (cause, Again::Passed),
            (Some(cause), Some(_)) if hash == other_hash => (cause, Again::Same),
            (Some(cause), Some(_)) => (cause, Again::Otherwise),
        };
        return Err(SeedFailed { seed, cause, again });
    }
    Ok(())
}

/// How a run failed, if it did, and a hash of all that happened in its worlds.
fn one<E>(run: impl FnOnce() -> Result<(), E>) -> (Option<Cause<E>>, u64) {
    HASH.set(0);
    let cause = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(Cause::Failed(error)),
        Err(payload) => Some(Cause::Panicked(message(payload.as_ref()))),
    };
    (cause, HASH.get())
}

thread_local! {
    /// Of the worlds that have ended on this thread since a run began. It changes nothing in a world.
    static HASH: Cell<u64> = const { Cell::new(0) };
    /// Whether worlds print their traces, if they are to: the second run of a seed would only print the first one's again.
    static PRINTED: Cell<bool> = const { Cell::new(true) };
}

/// A world has ended.
pub(super) fn ended(trace_hash: u64) {
    // A world may be dropped by what a thread drops at its very end, when nobody compares any more.
    let _ = HASH.try_with(|hash| hash.set(hash.get().rotate_left(5) ^ trace_hash));
}

/// Whether a world is to print its trace from its beginning.
pub(super) fn prints_trace() -> bool {
    std::env::var_os(TRACE_VARIABLE).is_some() && PRINTED.get()
}

/// What a panic said.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use kafka_handle::Config;

    use super::*;
    use crate::world::{World, WorldOptions};

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
        // What fails is run once more, and so is the first.
        let first = (last > 5).then_some(5);
        let twice = expected.is_err().then_some(last);
        assert_eq!(seen, first.into_iter().chain(5..=last).chain(twice).collect::<Vec<_>>());
    }

    fn told(seed: u64, how: &str) -> String {
        let again =
            format!("KAFKA_SIM_SEED={seed} runs it alone, KAFKA_SIM_TRACE=1 prints its steps");
        format!("seed {seed}{how} (the same when run again; {again})")
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

    #[test]
    fn a_run_that_takes_something_from_outside_is_told() {
        let world = |wait: u64| {
            let mut world = World::new(WorldOptions::default());
            world.run_for(Duration::from_millis(wait)).unwrap();
            let sim = world.handle();
            sim.client("app", Config::new(&sim.bootstrap()).unwrap()).unwrap();
        };
        for (waits, passes, expected) in [
            ([5, 5], [false, false], Again::Same),
            ([5, 6], [false, false], Again::Otherwise),
            ([5, 5], [false, true], Again::Passed),
            ([5, 5], [true, false], Again::Passed),
        ] {
            let mut run = 0;
            let failed = run_all([9], |_| {
                world(waits[run]);
                run += 1;
                if passes[run - 1] { Ok(()) } else { Err("lost") }
            });
            let failed = failed.unwrap_err();
            assert_eq!((failed.again, run), (expected, 2));
            assert_eq!(failed.to_string().contains("a std HashMap"), expected != Again::Same);
        }
    }

    /// The runs that were made of 120 seeds from 0 on, and how they ended: of a service that sleeps as long as it is told.
    fn sleeps(milliseconds: impl Fn(u64) -> u64) -> (u64, Option<String>) {
        let mut runs = 0;
        let outcome = run_all(0..120, |seed| {
            runs += 1;
            let mut world = World::new(WorldOptions { seed, ..WorldOptions::default() });
            let sim = world.handle();
            let pause = Duration::from_millis(milliseconds(seed));
            let served = world.run(async move {
                sim.sleep(pause).await;
                sim.client("app", Config::new(&sim.bootstrap())?).map(drop)
            });
            served.map_err(|stuck| stuck.to_string())?.map_err(|error| error.to_string())
        });
        (runs, outcome.err().map(|failed| failed.to_string()))
    }

    #[test]
    fn a_service_that_is_another_one_each_time_is_told_though_it_passes() {
        // Seeds 0, 50 and 100 are run twice.
        assert_eq!(sleeps(|seed| seed), (123, None));
        let outside = AtomicU64::new(0);
        let (runs, told) = sleeps(|_| outside.fetch_add(1, Ordering::Relaxed));
        assert_eq!(runs, 2);
        let expected = "seed 0 is not the same run each time (something else happened when it was run again: the run takes \
                        something from outside, such as the order of a std HashMap, Instant::now or a thread; \
                        KAFKA_SIM_SEED=0 runs it alone, KAFKA_SIM_TRACE=1 prints its steps)";
        assert_eq!(told.as_deref(), Some(expected));
        // From the 30th run on only: the next that is run twice shows it.
        let (runs, told) = sleeps(|_| outside.fetch_add(1, Ordering::Relaxed).max(40));
        assert_eq!(runs, 53, "{told:?}");
        assert!(told.is_some_and(|told| told.starts_with("seed 50 ")));
    }
}
