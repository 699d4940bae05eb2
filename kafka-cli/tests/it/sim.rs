//! `kafka sim`.

use crate::kafka::run;

fn sim(line: &str) -> String {
    let args: Vec<&str> = ["sim"].into_iter().chain(line.split_whitespace()).collect();
    let ended = run(&args, b"");
    assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.stderr);
    String::from_utf8(ended.stdout).expect("text")
}

#[test]
fn a_sweep_says_what_it_exercised() {
    let text = sim("run --seeds 2 --from 20 --jobs 2 --no-shrink");
    for part in [
        "runs 2",
        "invariants judged:",
        "I01 lost-write",
        "I38 determinism",
        "requests:",
        "2 runs, ",
        "driver turns per CPU second",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn only_the_faults_that_are_asked_for() {
    let text = sim("run --seeds 2 --from 1 --faults brk.kill,net. --no-shrink");
    let faults = text.split("faults: ").nth(1).and_then(|rest| rest.split("requests: ").next());
    let faults: Vec<&str> = faults.expect("a table").lines().skip(1).collect();
    let name = |line: &&str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let names: Vec<String> = faults.iter().map(name).collect();
    assert!(!names.is_empty(), "{text}");
    assert!(names.iter().all(|n| n.starts_with("net.") || n.starts_with("brk.kill")), "{names:?}");
}

#[test]
fn a_replay_is_the_same_each_time() {
    let traced = sim("replay 5 --trace --no-shrink");
    assert_eq!(traced, sim("replay 5 --trace --no-shrink"));
    assert!(traced.lines().count() > 1_000);
    assert_ne!(sim("replay 5 --no-shrink"), sim("replay 6 --no-shrink"));
}

#[test]
fn a_replay_takes_the_same_faults_as_the_run() {
    let all = sim("replay 5 --no-shrink");
    let some = sim("replay 5 --faults brk.,net. --no-shrink");
    assert_ne!(all, some);
    assert!(!some.contains("  resp."), "{some}");
}

#[test]
fn faults_that_there_are_not_are_an_error() {
    let ended = run(&["sim", "run", "--seeds", "1", "--faults", "nte.", "--no-shrink"], b"");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("nte."), "{}", ended.stderr);
}
