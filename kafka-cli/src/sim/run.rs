//! `kafka sim run`.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Args;
use kafka_sim::check::{Summary, Violation};
use kafka_sim::sweep::{Outcome, Plan, run};

use super::{plan, report, twice};
use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::perf::cost::Stopwatch;
use crate::progress;

/// One run in so many is made twice: the same must happen both times.
const TWICE_EVERY: u64 = 20;

/// Failures that are made smaller; a broken build would keep at it for hours.
const SHRUNK_MAX: usize = 3;

/// Options of `kafka sim run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// How many seeds.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,

    /// The first seed.
    #[arg(long, value_name = "S", default_value_t = 1)]
    from: u64,

    /// Only faults whose names begin with one of these, such as `net.,brk.kill`. The summary of a run has all names.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = super::fault)]
    faults: Vec<String>,

    /// Runs at the same time; as many as there are processors if not given.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,

    /// Fail, and name what never came, if that is any kind of fault, any error code, any invariant that had something to
    /// judge, or any state of the client: 1,500 seeds have them all.
    #[arg(long, conflicts_with = "faults")]
    require_coverage: bool,

    /// Don't look for smaller failures.
    #[arg(long)]
    no_shrink: bool,
}

/// All runs together.
#[derive(Default)]
struct Total {
    summary: Summary,
    simulated: Duration,
    busy: Duration,
    failed: BTreeMap<u64, Vec<Violation>>,
}

/// Runs all seeds and tells what came of them.
pub(crate) fn sweep(options: &Run, interrupt: &Interrupt) -> Result<(), Failure> {
    // So that no worker counts beyond the last number there is.
    if options.from.checked_add(options.seeds.saturating_sub(1)).is_none() {
        let Run { seeds, from, .. } = options;
        let what = format!("{seeds} from {from} on: there are no seeds above {}", u64::MAX);
        return Err(Failure::Usage(what));
    }
    // Who waits for the end of it wants to know that it has begun, and can't see the bar in a log.
    say(format_args!(
        "{} seeds from {} on, commit {}",
        options.seeds,
        options.from,
        report::BUILT_FROM
    ));
    let watch = Stopwatch::start();
    let total = run_all(options, interrupt);
    let cost = watch.stop();
    let mut lines = Output::new();
    for (at, (seed, violations)) in total.failed.iter().enumerate() {
        let smaller = (!options.no_shrink && at < SHRUNK_MAX).then_some(interrupt);
        lines.line(report::failure(*seed, &options.faults, violations, smaller))?;
    }
    lines.line(&total.summary)?;
    lines.line(line(&total, cost.cpu.unwrap_or(cost.wall)))?;
    let never: Vec<String> =
        if options.require_coverage { total.summary.never().collect() } else { Vec::new() };
    if !never.is_empty() {
        lines.line(format_args!("never came: {}", never.join(", ")))?;
    }
    lines.flush()?;
    let runs = total.summary.runs;
    if runs < options.seeds && interrupt.is_told() {
        return Err(Failure::Interrupted(format!(
            "interrupted after {runs} of {} seeds",
            options.seeds
        )));
    }
    if !total.failed.is_empty() || !never.is_empty() {
        return Err(Failure::Said);
    }
    if total.summary.faults_injected() == 0 && runs > 0 && !options.faults.is_empty() {
        // All holds where nothing goes wrong: that is not what was to be shown.
        let names = options.faults.join(",");
        return Err(Failure::Usage(format!(
            "no run has met a fault whose name begins with {names}"
        )));
    }
    Ok(())
}

fn run_all(options: &Run, interrupt: &Interrupt) -> Total {
    let next = AtomicU64::new(0);
    let jobs =
        options.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let bar = progress::bar("seeds", options.seeds);
    let mut total = Total::default();
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..jobs {
            let (tell, next) = (tell.clone(), &next);
            scope.spawn(move || {
                while !interrupt.is_told() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let seed = options.from.checked_add(index).filter(|_| index < options.seeds);
                    let Some(seed) = seed else { return };
                    if tell.send(one(seed, options)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        for (plan, outcome) in told {
            bar.inc(1);
            total.add(&plan, outcome);
        }
    });
    total
}

fn one(seed: u64, options: &Run) -> (Plan, Outcome) {
    let plan = plan(seed, &options.faults);
    let mut outcome = run(&plan, false);
    if seed.is_multiple_of(TWICE_EVERY) {
        twice::compare(&mut outcome, |trace| run(&plan, trace));
    }
    (plan, outcome)
}

impl Total {
    fn add(&mut self, plan: &Plan, outcome: Outcome) {
        self.simulated += outcome.simulated;
        self.busy += outcome.busy;
        self.summary.merge(&outcome.report.summary);
        if !outcome.report.violations.is_empty() {
            self.failed.insert(plan.seed, outcome.report.violations);
        }
    }
}

/// What it came to, in numbers.
fn line(total: &Total, cpu: Duration) -> String {
    let hours = |duration: Duration| duration.as_secs_f64() / 3600.0;
    let seconds = cpu.as_secs_f64().max(0.001);
    let records = total.summary.records.sent + total.summary.records.delivered;
    let requests: u64 = total.summary.requests.values().sum();
    format!(
        "{} runs, {} failed; {} faults; {:.1} simulated hours, {:.1} of them with every client busy: {:.0} per CPU minute\n\
         {seconds:.1} CPU seconds: {:.0} records, {:.0} requests, {:.0} driver turns, {:.0} engine transitions per CPU second",
        total.summary.runs,
        total.failed.len(),
        total.summary.faults_injected(),
        hours(total.simulated),
        hours(total.busy),
        hours(total.busy) * 60.0 / seconds,
        records as f64 / seconds,
        requests as f64 / seconds,
        total.summary.turns as f64 / seconds,
        total.summary.states.values().sum::<u64>() as f64 / seconds,
    )
}
