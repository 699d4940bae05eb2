//! Logs that lose records in unclean elections: a consumer goes back to just where they were lost, and is told.

use std::time::Duration;

use kafka_engine::config::AutoOffsetReset;
use kafka_engine::{Command, StartAt};
use kafka_proto::{ApiKey, VersionRange};

use crate::rig::{CONSUMER, Rig};

/// Three nodes, and a consumer of partition 0 of `t` that speaks Fetch up to this version.
fn rig(version: i16, reset: AutoOffsetReset) -> Rig {
    let mut rig = Rig::new(3);
    rig.cluster.create_topic("t", 1, 3).unwrap();
    rig.cluster.set_versions(ApiKey::Fetch, Some(VersionRange::new(4, version)));
    rig.producer(|config| config.batch_bytes = 250);
    append(&mut rig, "a", 30);
    rig.consumer(|config| config.auto_offset_reset = reset);
    rig
}

/// Appends so many records named after `name` and their number, in batches of ten.
fn append(rig: &mut Rig, name: &str, count: usize) {
    let topic = rig.find("t").unwrap();
    let before = rig.reports.len();
    for n in 0..count {
        rig.send(&topic, 0, &format!("{name}{n:07}"));
        if n % 10 == 9 {
            rig.flush();
        }
    }
    rig.flush();
    rig.until(|rig| rig.reports.len() == before + count);
}

fn values(name: &str, first: usize, offset: i64, count: usize) -> Vec<(i64, String)> {
    (0..count).map(|n| (offset + n as i64, format!("{name}{:07}", first + n))).collect()
}

/// All that comes within ten seconds.
fn take(rig: &mut Rig) -> (Vec<(i64, String)>, Vec<String>) {
    let (mut records, mut notes) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        rig.pass(Duration::from_millis(100));
        let (more, told) = rig.take();
        records.extend(more);
        notes.extend(told);
    }
    (records, notes)
}

fn pause(rig: &mut Rig, paused: bool) {
    let (consumer, partitions) = (CONSUMER, vec![("t".into(), 0)]);
    rig.run(match paused {
        true => Command::Pause { consumer, partitions },
        false => Command::Resume { consumer, partitions },
    })
    .unwrap();
}

#[test]
fn what_was_lost_is_told_and_nothing_before_it_comes_again() {
    for reset in [AutoOffsetReset::Earliest, AutoOffsetReset::Latest] {
        for version in [9, 11, 12, 13, 17] {
            for regrown in [0, 5, 10, 30] {
                let mut rig = rig(version, reset);
                rig.assign("t", 0, StartAt::Beginning).unwrap();
                assert_eq!(rig.consume(30), values("a", 0, 0, 30));
                pause(&mut rig, true);
                rig.cluster.truncate("t", 0, 20).unwrap();
                append(&mut rig, "b", regrown);
                pause(&mut rig, false);
                let (records, notes) = take(&mut rig);
                let context = format!("{reset:?}, version {version}, {regrown} more");
                assert_eq!(notes, ["back from 30 to 20"], "{context}");
                assert_eq!(records, values("b", 0, 20, regrown), "{context}");
                append(&mut rig, "c", 5);
                let behind = 20 + regrown as i64;
                assert_eq!(rig.consume(5), values("c", 0, behind, 5), "{context}");
            }
        }
    }
}

#[test]
fn a_fetch_that_waits_meanwhile_makes_no_difference() {
    for version in [10, 12, 17] {
        let mut rig = rig(version, AutoOffsetReset::Earliest);
        rig.assign("t", 0, StartAt::Beginning).unwrap();
        rig.consume(30);
        rig.pass(Duration::from_millis(1200));
        rig.cluster.truncate("t", 0, 10).unwrap();
        let (records, notes) = take(&mut rig);
        assert_eq!((records, notes), (vec![], vec!["back from 30 to 10".to_string()]));
        append(&mut rig, "b", 30);
        assert_eq!(rig.consume(30), values("b", 0, 10, 30));
    }
}

#[test]
fn without_a_policy_it_is_an_error_until_a_seek() {
    let mut rig = rig(17, AutoOffsetReset::None);
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.consume(30);
    rig.cluster.truncate("t", 0, 20).unwrap();
    append(&mut rig, "b", 20);
    let (records, notes) = take(&mut rig);
    assert_eq!(records, []);
    let told = "t-0 has lost its records from offset 20 on, the position was 30, and auto.offset.reset is none";
    assert!(notes.len() > 10 && notes.iter().all(|note| note == told), "{notes:?}");
    assert_eq!(rig.engine.position(CONSUMER, "t", 0), Some(30));
    let to = StartAt::Offset(20);
    rig.run(Command::Seek { consumer: CONSUMER, partition: ("t".into(), 0), to }).unwrap();
    assert_eq!(rig.consume(20), values("b", 0, 20, 20));
}

#[test]
fn what_was_fetched_and_not_handed_out_is_fetched_anew() {
    let mut rig = rig(17, AutoOffsetReset::Earliest);
    rig.assign("t", 0, StartAt::Offset(5)).unwrap();
    rig.pass(Duration::from_millis(1200));
    rig.cluster.truncate("t", 0, 20).unwrap();
    append(&mut rig, "b", 30);
    rig.pass(Duration::from_secs(5));
    let (records, notes) = take(&mut rig);
    assert_eq!(notes, Vec::<String>::new(), "nothing that was handed out is lost");
    assert_eq!(records, [values("a", 5, 5, 15), values("b", 0, 20, 30)].concat());
}

#[test]
fn each_truncation_is_told_of() {
    let mut rig = rig(17, AutoOffsetReset::Latest);
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.consume(30);
    for (name, end) in [("b", 20), ("c", 10), ("d", 30), ("e", 0)] {
        rig.cluster.truncate("t", 0, end).unwrap();
        append(&mut rig, name, 40);
        let (records, _) = take(&mut rig);
        assert_eq!(records, values(name, 0, end, 40), "{name}");
    }
}

#[test]
fn new_leaders_that_lost_nothing_are_followed_without_a_word() {
    for version in [8, 11, 12, 17] {
        let mut rig = rig(version, AutoOffsetReset::None);
        rig.assign("t", 0, StartAt::Beginning).unwrap();
        let mut records = rig.consume(30);
        let mut expected = values("a", 0, 0, 30);
        for (turn, node) in [1, 2, 3, 1, 2].into_iter().enumerate() {
            rig.cluster.move_leader("t", 0, node).unwrap();
            append(&mut rig, "b", 10);
            expected.extend(values("b", 0, 30 + 10 * turn as i64, 10));
            let (more, notes) = take(&mut rig);
            assert_eq!(notes, Vec::<String>::new(), "version {version}");
            records.extend(more);
        }
        assert_eq!(records, expected, "version {version}");
    }
}
