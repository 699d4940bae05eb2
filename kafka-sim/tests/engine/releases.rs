//! The engine with brokers of every release that it can work with.

use std::time::Duration;

use kafka_engine::{Command, DeleteBefore, NewTopic, OffsetSpec, Reply, StartAt};
use kafka_proto::releases::{RELEASES, Release};

use crate::rig::Rig;

/// The oldest release whose brokers the simulator can be.
const OLDEST: (u8, u8, u8) = (0, 11, 0);

fn rig(release: &'static Release) -> Rig {
    Rig::with_brokers(3, |options| options.release = release, |_| {})
}

#[test]
fn a_client_works_with_every_release() {
    for release in RELEASES.iter().filter(|release| release.version >= OLDEST) {
        let mut rig = rig(release);
        let deadline = rig.in_ms(30_000);
        let new = NewTopic {
            name: "t".into(),
            partitions: Some(2),
            replication_factor: Some(2),
            configs: Vec::new(),
        };
        let command = Command::CreateTopics { topics: vec![new], validate_only: false, deadline };
        let Reply::Created(created) = rig.run(command).unwrap() else { panic!("created") };
        let created = created[0].1.as_ref().unwrap();
        assert_eq!(created.id.is_zero(), release.version < (2, 8, 0), "{release}");

        let topic = rig.find("t").unwrap();
        rig.producer(|config| config.linger = Duration::from_millis(1));
        let values: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        values.iter().for_each(|value| rig.send(&topic, 0, value));
        rig.flush();
        rig.until(|rig| rig.reports.len() == values.len());
        assert!(rig.reports.iter().all(|report| report.result.is_ok()), "{release}");
        assert_eq!(rig.log("t", 0), values, "{release}");

        rig.consumer(|_| {});
        rig.assign("t", 0, StartAt::Beginning).unwrap();
        let read = rig.consume(values.len());
        let read: Vec<String> = read.into_iter().map(|(_, value)| value).collect();
        assert_eq!(read, values, "{release}");

        let deadline = rig.in_ms(30_000);
        let partitions = vec![("t".into(), 0, DeleteBefore::Offset(5))];
        rig.run(Command::DeleteRecords { partitions, deadline }).unwrap();
        let partitions = vec![("t".into(), 0, OffsetSpec::Earliest)];
        let command = Command::ListOffsets { partitions, deadline };
        let Reply::Offsets(found) = rig.run(command).unwrap() else { panic!("offsets") };
        assert_eq!(found[0].2.as_ref().unwrap().offset, Some(5), "{release}");
        let command = Command::DeleteTopics { topics: vec!["t".into()], deadline };
        let Reply::Deleted(deleted) = rig.run(command).unwrap() else { panic!("deleted") };
        assert!(deleted[0].1.is_ok(), "{release}");
    }
}

/// Metadata creates the topic, and says that there is no leader yet, or no topic.
#[test]
fn topics_are_created_by_asking_in_every_release() {
    for release in RELEASES.iter().filter(|release| release.version >= OLDEST) {
        let mut rig = rig(release);
        let topic = rig.find("t").unwrap();
        assert_eq!(topic.partitions.len(), 1, "{release}");
        assert_eq!(rig.cluster.topics().collect::<Vec<_>>(), [("t", 1)], "{release}");
    }
}

/// Leaders move while batches are on their way; brokers of 0.11 remember one batch of a producer only.
#[test]
fn leaders_move_under_a_producer_in_every_release() {
    for release in RELEASES.iter().filter(|release| release.version >= OLDEST) {
        let mut rig = rig(release);
        rig.cluster.create_topic("t", 1, 3).unwrap();
        let topic = rig.find("t").unwrap();
        rig.producer(|config| config.linger = Duration::ZERO);
        let mut values = Vec::new();
        for round in 0..9 {
            for n in 0..5 {
                values.push(format!("{round}.{n}"));
                rig.send(&topic, 0, &values[values.len() - 1]);
            }
            rig.cluster.move_leader("t", 0, round % 3 + 1).unwrap();
            rig.pass(Duration::from_millis(3));
        }
        rig.flush();
        rig.until(|rig| rig.reports.len() == values.len());
        let failed = rig.reports.iter().find(|report| report.result.is_err());
        assert!(failed.is_none(), "{release}: {:?}", failed.map(|it| (&it.value, &it.result)));
        assert_eq!(rig.log("t", 0), values, "{release}");
    }
}
