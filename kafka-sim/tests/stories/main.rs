//! Bugs that other clients had, and our own, each the shortest schedule that shows it.

mod names;
mod ours;
mod reading;
mod sending;

use std::collections::BTreeSet;

use kafka_handle::Acks;
use kafka_proto::ApiKey;
use kafka_sim::Fault;
use kafka_sim::story::{Became, Step, Story};

use crate::names::{BUGS, WAITING};

/// What the steps leave open is tried in a few ways.
const SEEDS: std::ops::Range<u64> = 0..3;

fn stories() -> Vec<Story> {
    [sending::stories(), reading::stories()].concat()
}

fn check(stories: &[Story]) {
    let mut failed = Vec::new();
    for story in stories {
        for seed in SEEDS {
            let problems = story.tell(seed);
            if !problems.is_empty() {
                failed.push(format!("{} (seed {seed}): {problems:#?}", story.name));
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn bugs_of_producers_are_not_here() {
    check(&sending::stories());
}

#[test]
fn bugs_of_consumers_are_not_here() {
    check(&reading::stories());
}

#[test]
fn bugs_of_our_own_are_gone() {
    check(&ours::stories());
}

#[test]
fn acks_that_rule_idempotence_out_promise_none() {
    let story = Story::new("a request is lost on its way back")
        .producer(|config| {
            config.acks = Acks::Leader;
            config.max_in_flight = 1;
        })
        .then(Step::Fault(ApiKey::Produce, Fault::CloseAfter))
        .then(Step::Send(0, 1..=1))
        .then(Step::Settle)
        .then(Step::Became(1..=1, Became::Acked))
        .then(Step::Log(0, vec![1, 1]));
    check(&[story]);
}

#[test]
fn every_bug_has_a_story_or_waits_for_something() {
    let told: BTreeSet<&str> = stories().iter().map(|story| story.name).collect();
    let waiting: BTreeSet<&str> = WAITING.iter().map(|(name, _)| *name).collect();
    let bugs: BTreeSet<&str> = BUGS.iter().copied().collect();
    assert_eq!(told.len(), stories().len(), "a name is used twice");
    assert_eq!(told.intersection(&waiting).count(), 0, "it no longer waits");
    let named: BTreeSet<&str> = told.union(&waiting).copied().collect();
    assert_eq!(named, bugs);
}

#[test]
fn a_story_that_does_not_hold_says_where() {
    let story = Story::new("wrong")
        .then(Step::Send(0, 1..=2))
        .then(Step::Settle)
        .then(Step::Became(1..=2, Became::Unknown))
        .then(Step::Log(0, vec![2, 1]));
    let problems = story.tell(1);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("step 3, Became(1..=2, Unknown): they have become {1: "));
    assert_eq!(problems[1], "step 4, Log(0, [2, 1]): it is [1, 2]");
}

#[test]
fn a_story_whose_faults_do_not_come_is_another_story() {
    let deleted = |times| Step::Faults(ApiKey::DeleteTopics, Fault::CloseBefore, times);
    let sent = |story: Story| story.then(Step::Send(0, 1..=1)).then(Step::Settle);
    let told = |step| sent(Story::new("about deleting topics").then(step)).tell(1);
    assert_eq!(told(deleted(2)), ["no request has met 2 x DeleteTopics CloseBefore"]);
    assert_eq!(told(deleted(u32::MAX)), [""; 0]);
    assert_eq!(told(Step::Cut(3)), ["step 1, Cut(3): there is no connection"]);
    let left = Story::new("about something else").then(deleted(1)).then(Step::NoMoreFaults);
    assert_eq!(sent(left).tell(1), [""; 0]);
    // What comes is waited for, and what does not come is told in the end.
    let met = Story::new("about sending").then(Step::Send(0, 1..=1));
    let met = met.then(Step::Fault(ApiKey::Produce, Fault::CloseAfter)).then(deleted(1));
    assert_eq!(met.then(Step::Meet).tell(1), ["no request has met 1 x DeleteTopics CloseBefore"]);
}
