//! The table against what brokers answered, and inference from answers good, bad and strange.

use std::{string::String, vec, vec::Vec};

use super::*;

/// Entries of an answer.
type Answer = Vec<(i16, VersionRange)>;

static ANSWERS: &str = include_str!("../../tests/vectors/broker_api_versions.txt");

/// The name in front of each line of the file, and the answer behind it.
fn answers() -> impl Iterator<Item = (&'static str, Answer)> {
    ANSWERS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (name, answer) = line.split_once(": ").expect("a name");
        let entry = |entry: &str| {
            let (key, range) = entry.split_once(':').expect("a key");
            let (min, max) = range.split_once('-').expect("a range");
            let [key, min, max] = [key, min, max].map(|number| number.parse().expect("a number"));
            (key, VersionRange::new(min, max))
        };
        (name, answer.split_whitespace().map(entry).collect())
    })
}

fn answer_of(name: &str) -> Answer {
    answers().find(|(other, _)| *other == name).expect("a line of that name").1
}

/// What is inferred, as text.
fn inferred(answer: &[(i16, VersionRange)]) -> String {
    infer(answer).map_or("none".into(), |inferred| std::format!("{inferred}"))
}

#[test]
fn the_table_is_what_brokers_answer() {
    let mut releases = RELEASES.iter();
    for (name, answer) in answers().filter(|(name, _)| !name.ends_with(" kraft")) {
        let named = releases.next().expect("a release for each line");
        assert_eq!(release(name), Some(named), "{name}");
        let table: Answer = named.ranges().map(|(api, range)| (api.to_i16(), range)).collect();
        assert_eq!(table, answer, "{name}");
    }
    assert_eq!(releases.next(), None, "a line for each release");
}

#[test]
fn releases_are_in_order_and_newest_versions_never_go_down() {
    for pair in RELEASES.windows(2) {
        let [older, newer] = pair else { continue };
        assert!(older.version < newer.version, "{older} {newer}");
        for (api, range) in older.ranges() {
            let later = newer.range(api);
            assert!(later.is_empty() || range.max <= later.max, "{api} in {newer}");
            assert!(api.versions().contains(range.max), "{api} in {older}");
        }
    }
    assert!(ApiKey::ALL.iter().enumerate().all(|(i, api)| usize::try_from(api.to_i16()) == Ok(i)));
}

#[test]
fn names_are_found() {
    let check = |asked: &str, found: Option<&str>| {
        assert_eq!(release(asked).map(|release| release.name), found, "{asked}");
    };
    check("2.8", Some("2.8"));
    check("2.8.2", Some("2.8"));
    check("4.4.0", Some("4.4"));
    check("0.10.1", Some("0.10.1"));
    check("0.10.1.1", Some("0.10.1"));
    check("0.9.0.1", Some("0.9"));
    check("0.9", Some("0.9"));
    check("0.11.0", Some("0.11"));
    // The oldest that it fits.
    check("0.8", Some("0.8.0"));
    check("0.10", Some("0.10.0"));
    check("3", Some("3.0"));
    for unknown in
        ["", "2.9", "5.0", "0.7", "2.8.", ".8", "2.8.2.1", "0.10.1.1.1", "2.x", "+2.8", "999.1"]
    {
        check(unknown, None);
    }
}

#[test]
fn each_answer_infers_its_own_release() {
    for (name, answer) in answers() {
        let expected = match release(name.trim_end_matches(" kraft")) {
            Some(release) if !release.answers_api_versions() => continue,
            // All that was new in 3.4 is spoken with ZooKeeper only.
            Some(_) if name == "3.4.1 kraft" => "like 3.3 to 3.4".into(),
            Some(release) if name.ends_with(" kraft") => std::format!("like {release}"),
            Some(release) => std::format!("{release}"),
            None => panic!("{name} is no release"),
        };
        assert_eq!(inferred(&answer), expected, "{name}");
    }
}

#[test]
fn an_api_more_or_less_changes_nothing_but_certainty() {
    // Neighbours that differ in a single API.
    let alike =
        [("3.5", "3.6", ApiKey::AddPartitionsToTxn), ("4.2", "4.3", ApiKey::DescribeLogDirs)];
    for (name, full) in answers().filter(|(name, _)| !name.ends_with(" kraft")) {
        let Some(own) = release(name).filter(|own| own.answers_api_versions()) else { continue };
        for missing in 0..full.len() {
            let mut answer = full.clone();
            let (gone, _) = answer.remove(missing);
            let twins = alike.iter().find(|(older, newer, api)| {
                [*older, *newer].contains(&own.name) && api.to_i16() == gone
            });
            let expected = match twins {
                Some((older, newer, _)) => std::format!("like {older} to {newer}"),
                None => std::format!("like {own}"),
            };
            assert_eq!(inferred(&answer), expected, "{name} without {gone}");
        }
        let with_vendors = [full, vec![(10_001, VersionRange::new(0, 3))]].concat();
        assert_eq!(inferred(&with_vendors), std::format!("like {own}"), "{name}");
    }
}

#[test]
fn oldest_versions_say_nothing() {
    for (name, mut answer) in answers().filter(|(name, _)| !name.ends_with(" kraft")) {
        let Some(own) = release(name).filter(|release| release.answers_api_versions()) else {
            continue;
        };
        for (key, range) in &mut answer {
            if *key == ApiKey::Produce.to_i16() {
                range.min = range.max;
            }
        }
        assert_eq!(inferred(&answer), std::format!("{own}"), "{name}");
        for (_, range) in &mut answer {
            range.min = 0;
        }
        let inferred = infer(&answer).map(|inferred| inferred.release);
        assert_eq!(inferred, Some(own), "{name}");
    }
}

#[test]
fn what_no_release_answers() {
    let check = |start: &str, changes: &[(ApiKey, i16)], expected: &str| {
        let mut answer = answer_of(start);
        for (api, max) in changes {
            for (key, range) in &mut answer {
                if *key == api.to_i16() {
                    range.max = *max;
                }
            }
        }
        assert_eq!(inferred(&answer), expected, "{start} with {changes:?}");
    };
    // Builds on the way to a release, and to one that nobody knows yet.
    check("2.4.1", &[(ApiKey::JoinGroup, 7)], "after 2.4, before 2.5");
    check("4.4.0", &[(ApiKey::Fetch, 19)], "newer than 4.4");
    // A proxy that holds one API back, and one that runs ahead.
    check("3.9.1", &[(ApiKey::Fetch, 11)], "at least 2.6");
    check("2.4.1", &[(ApiKey::JoinGroup, 9)], "at least 2.4");
    // Older than any answer can be.
    check("0.10.0.1", &[(ApiKey::Fetch, 1)], "none");

    let mut newer = answer_of("4.4.0");
    newer.push((95, VersionRange::new(0, 0)));
    assert_eq!(inferred(&newer), "newer than 4.4");
    // Two vendors' own: AutoMQ's, and one of Confluent's.
    for key in [515, 10_000] {
        let vendors = [answer_of("4.4.0"), vec![(key, VersionRange::new(0, 1))]].concat();
        assert_eq!(inferred(&vendors), "like 4.4", "{key}");
    }
}

#[test]
fn answers_with_nonsense_in_them() {
    let good = answer_of("3.7.2");
    let check = |more: Answer, expected: &str| {
        for answer in [[good.clone(), more.clone()].concat(), [more.clone(), good.clone()].concat()]
        {
            assert_eq!(inferred(&answer), expected, "{more:?}");
        }
    };
    check(vec![], "3.7");
    check(good.clone(), "3.7");
    check(vec![(-1, VersionRange::new(0, 9)), (i16::MIN, VersionRange::new(0, 9))], "3.7");
    check(vec![(i16::MAX, VersionRange::new(5, 2)), (95, VersionRange::new(0, -1))], "3.7");
    check(vec![(i16::MAX, VersionRange::new(i16::MIN, i16::MAX))], "like 3.7");
    // What only one of two entries allows is not there; what none allows is an API less.
    check(vec![(1, VersionRange::new(0, i16::MAX))], "3.7");
    check(vec![(1, VersionRange::new(9, 3))], "like 3.7");
    check(vec![(68, VersionRange::new(1, 5))], "like 3.7");

    assert_eq!(infer(&[]), None);
    assert_eq!(infer(&[(1, VersionRange::new(3, 2)), (5000, VersionRange::new(0, 1))]), None);
    assert_eq!(inferred(&[(0, VersionRange::new(0, 7))]), "like 2.1 to 2.3");
}
