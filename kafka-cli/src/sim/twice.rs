//! A run made twice: the same must happen both times.

use kafka_sim::Time;
use kafka_sim::check::{Invariant, Violation};
use kafka_sim::sweep::Outcome;

/// Makes a run once more, and has its outcome tell whether the same happened. `again` makes it, with its trace if told so.
pub(crate) fn compare(outcome: &mut Outcome, mut again: impl FnMut(bool) -> Outcome) {
    let second = again(!outcome.trace.is_empty());
    let tally = outcome.report.summary.judged.entry(Invariant::Determinism).or_default();
    tally.judged += 1;
    let (one, other) = (outcome.trace_hash, second.trace_hash);
    if one == other {
        return;
    }
    tally.violated += 1;
    let differs = if outcome.trace.is_empty() {
        // Nobody has kept the lines of these two; others may differ elsewhere, or not at all.
        let first = again(true);
        first_difference(&first.trace, &again(true).trace)
    } else {
        first_difference(&outcome.trace, &second.trace)
    };
    let what = format!("trace {one:016x}, and {other:016x} the second time; {differs}");
    outcome.report.violations.push(Violation::new(Invariant::Determinism, Time::ZERO, what));
}

/// Where two traces part.
fn first_difference(one: &[String], other: &[String]) -> String {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    match (one.get(same), other.get(same)) {
        (None, None) => "two runs with a trace have the same one".to_owned(),
        (one, other) => {
            let line = |line: Option<&String>| line.map_or("nothing", String::as_str).to_owned();
            let (number, one, other) = (same.saturating_add(1), line(one), line(other));
            format!("of two traces line {number} differs first:\n    {one}\n    {other}")
        }
    }
}

#[cfg(test)]
mod tests {
    use kafka_sim::sweep::{Plan, run};

    use super::*;

    /// What is said of a run of seed 1 that is a run of `seeds` when it is made again.
    fn told(trace: bool, seeds: &[u64]) -> Option<String> {
        let short = |seed| {
            let mut plan = Plan::draw(seed).keep(&[], &[1]);
            plan.safety = std::time::Duration::from_secs(1);
            plan
        };
        let mut outcome = run(&short(1), trace);
        let mut seeds = seeds.iter();
        compare(&mut outcome, |trace| run(&short(*seeds.next().expect("a run")), trace));
        assert_eq!(seeds.next(), None, "runs that were not made");
        let tally = outcome.report.summary.judged.get(&Invariant::Determinism);
        let found = outcome.report.violations.pop();
        let violated = u64::from(found.is_some());
        assert_eq!(tally.map(|tally| (tally.judged, tally.violated)), Some((1, violated)));
        found.map(|violation| {
            assert_eq!(violation.invariant, Invariant::Determinism);
            violation.what
        })
    }

    #[test]
    fn a_run_that_is_another_one_the_second_time_is_told() {
        for trace in [false, true] {
            assert_eq!(told(trace, &[1]), None);
        }
        for (trace, seeds) in [(true, &[2][..]), (false, &[2, 1, 2])] {
            let what = told(trace, seeds).expect("a violation");
            assert!(what.contains("line ") && what.contains(" differs first:\n"), "{what}");
        }
        let what = told(false, &[2, 3, 3]).expect("a violation");
        assert!(what.ends_with("two runs with a trace have the same one"), "{what}");
    }

    #[test]
    fn the_first_line_that_differs_is_named() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (one, other, expected) in [
            ("a b c", "a x y", "line 2 differs first:\n    b\n    x"),
            ("a b c", "a b", "line 3 differs first:\n    c\n    nothing"),
            ("a b", "a b", "the same one"),
        ] {
            let told = first_difference(&lines(one), &lines(other));
            assert!(told.ends_with(expected), "{told}");
        }
    }
}
