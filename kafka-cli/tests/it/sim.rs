//! `kafka sim`.

use std::io::{BufRead, BufReader, Read};

use rustix::process::Signal;

use crate::kafka::{end, run, signal, spawn};

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
        "engine transitions per CPU second",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn what_has_to_come_and_does_not_is_named_and_no_success() {
    let few = ["sim", "run", "--seeds", "2", "--from", "20", "--jobs", "2", "--no-shrink"];
    let ended = run(&few, b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.text().contains("never came"), "{}", ended.text());
    let ended = run(&[&few[..], &["--require-coverage"]].concat(), b"");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let never = ended.text().lines().last().expect("a line").strip_prefix("never came: ");
    let never: Vec<&str> = never.expect("what never came").split(", ").collect();
    for part in ["fault app.crash", "error CreateTopics INVALID_CONFIG", "state batch split"] {
        assert!(never.contains(&part), "{part} in {never:?}");
    }
    // Nothing can judge it, so nothing has to.
    assert!(never.iter().all(|part| !part.contains("E01")), "{never:?}");
    // What is not asked for never comes.
    let some = run(&[&few[..], &["--require-coverage", "--faults", "net."]].concat(), b"");
    assert_eq!((some.code, some.text()), (Some(2), ""), "{}", some.stderr);
}

/// The faults that came, by the table that is told of them.
fn faults(text: &str) -> Vec<String> {
    let table = text.split("faults: ").nth(1).and_then(|rest| rest.split("requests: ").next());
    let rows = table.expect("a table").lines().skip(1).filter(|row| !row.ends_with("NEVER"));
    rows.map(|row| row.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn only_the_faults_that_are_asked_for() {
    let text = sim("run --seeds 2 --from 1 --faults brk.kill,net. --no-shrink");
    let names = faults(&text);
    assert!(!names.is_empty(), "{text}");
    assert!(names.iter().all(|n| n.starts_with("net.") || n.starts_with("brk.kill")), "{names:?}");
}

#[test]
fn a_replay_is_the_same_each_time() {
    let traced = sim("replay 5 --trace --no-shrink");
    assert_eq!(traced, sim("replay 5 --trace --no-shrink"));
    assert!(traced.lines().count() > 1_000);
    // What was on the connections and what is judged, as one story, topics by their names.
    let lines: Vec<&str> =
        traced.lines().filter(|line| line.as_bytes().get(6) == Some(&b'.')).collect();
    assert!(lines.is_sorted_by_key(|line| line[..16].to_owned()));
    assert!(lines.iter().any(|line| line.contains(" Send { ") && line.contains("topic: t0,")));
    assert!(lines.iter().any(|line| line.contains(" connect")));
    assert_ne!(sim("replay 5 --no-shrink"), sim("replay 6 --no-shrink"));
}

#[test]
fn the_commit_is_that_of_the_binary_wherever_it_runs() {
    let commit = |dir: &std::path::Path| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kafka"));
        let output = command.args(["sim", "replay", "5", "--no-shrink"]).current_dir(dir).output();
        let text = String::from_utf8(output.expect("the binary").stdout).expect("text");
        let named = text.split_whitespace().find_map(|word| word.strip_prefix("commit="));
        named.expect("it names one").to_owned()
    };
    let here = commit(env!("CARGO_MANIFEST_DIR").as_ref());
    assert_eq!(commit(&std::env::temp_dir()), here);
    let digits = here.strip_suffix("-modified").unwrap_or(&here);
    let is_hash = digits.len() >= 10 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    assert!(is_hash || here == concat!("v", env!("CARGO_PKG_VERSION")), "{here}");
}

#[test]
fn a_replay_takes_the_same_faults_as_the_run() {
    let chosen = |name: &String| name.starts_with("brk.") || name.starts_with("net.");
    assert!(!faults(&sim("replay 5 --no-shrink")).iter().all(chosen));
    let some = faults(&sim("replay 5 --faults brk.,net. --no-shrink"));
    assert!(!some.is_empty() && some.iter().all(chosen), "{some:?}");
}

#[test]
fn an_interrupted_sweep_tells_what_it_has_and_is_no_success() {
    let mut child = spawn(&["sim", "run", "--seeds", "1000000", "--jobs", "2", "--no-shrink"]);
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    stderr.read_line(&mut said).expect("it says that it begins");
    assert!(said.contains("1000000 seeds from 1 on"), "{said}");
    signal(&child, Signal::INT);
    let ended = end(child);
    stderr.read_to_string(&mut said).expect("text");
    assert_eq!(ended.code, Some(130), "{said}");
    assert!(said.contains("interrupted after ") && said.contains(" of 1000000 seeds"), "{said}");
    assert!(ended.text().contains("invariants judged:"), "{}", ended.text());
}

#[test]
fn the_last_seed_there_is_can_be_run_and_none_behind_it() {
    let last = format!("run --from {} --seeds 1 --no-shrink", u64::MAX);
    assert!(sim(&last).contains("runs 1 "), "one run");
    for (from, seeds) in [(u64::MAX, 2), (2, u64::MAX)] {
        let (from, seeds) = (from.to_string(), seeds.to_string());
        let ended = run(&["sim", "run", "--from", &from, "--seeds", &seeds], b"");
        assert_eq!((ended.code, ended.text()), (Some(2), ""), "{}", ended.stderr);
        assert!(ended.stderr.contains("no seeds above 18446744073709551615"), "{}", ended.stderr);
    }
}

#[test]
fn faults_that_there_are_not_are_an_error() {
    for command in [&["sim", "run", "--seeds", "1"][..], &["sim", "replay", "5"]] {
        let ended = run(&[command, &["--no-shrink", "--faults", "net.,nte."]].concat(), b"");
        assert_eq!((ended.code, ended.text()), (Some(2), ""), "{}", ended.stderr);
        for part in ["'nte.'", "net.rst", "app.crash"] {
            assert!(ended.stderr.contains(part), "{part} in {}", ended.stderr);
        }
    }
}

#[test]
fn faults_that_no_run_has_are_an_error() {
    let none = ["sim", "run", "--seeds", "1", "--from", "20", "--faults", "app.crash"];
    let ended = run(&[&none[..], &["--no-shrink"]].concat(), b"");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("no run has met a fault"), "{}", ended.stderr);
}
