//! What the cluster records of what really happens.

use std::time::Duration;

use kafka_proto::{ApiKey, ErrorCode, Uuid};
use kafka_sim::{At, ClusterOptions, Fault, Input, Time, Truth};

use crate::world::{World, batch, options, produce_request, sequenced};

fn leader(topic: Uuid, partition: i32, node: i32, leader_epoch: i32) -> Truth {
    Truth::Leader { topic, partition, node, leader_epoch }
}

fn plain(topic: Uuid, base_offset: i64, last_offset: i64, leader_epoch: i32) -> Truth {
    Truth::Append {
        topic,
        partition: 0,
        base_offset,
        last_offset,
        leader_epoch,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
    }
}

fn high_watermark(topic: Uuid, offset: i64) -> Truth {
    Truth::HighWatermark { topic, partition: 0, offset }
}

/// What was recorded since the last time, without the times.
fn taken(world: &mut World) -> Vec<Truth> {
    world.cluster.take_truth().into_iter().map(|(_, truth)| truth).collect()
}

#[test]
fn nothing_is_recorded_unless_asked_for() {
    let (mut world, conn) = World::with_topic();
    world.produce(conn, 12, batch(&["a"]));
    assert!(taken(&mut world).is_empty());
    world.cluster.record_truth(true);
    assert!(taken(&mut world).is_empty(), "what was before is not told");
    world.advance(7);
    world.produce(conn, 12, batch(&["b"]));
    let topic = world.cluster.topic_id("t").unwrap();
    let at = Time::from_millis(7);
    let told = vec![(at, plain(topic, 1, 1, 0)), (at, high_watermark(topic, 2))];
    assert_eq!(world.cluster.take_truth(), told);
    world.cluster.record_truth(false);
    world.produce(conn, 12, batch(&["c"]));
    assert!(taken(&mut world).is_empty());
}

#[test]
fn topics_come_grow_and_go() {
    let mut world = World::new(2);
    world.cluster.record_truth(true);
    let topic = world.cluster.create_topic("t", 2, 1).unwrap();
    let name = || "t".into();
    assert_eq!(
        taken(&mut world),
        [
            Truth::TopicCreated { topic, name: name(), partitions: 2 },
            leader(topic, 0, 1, 0),
            leader(topic, 1, 2, 0),
        ]
    );
    world.cluster.add_partitions("t", 3).unwrap();
    let grown = [Truth::PartitionsAdded { topic, partitions: 3 }];
    assert_eq!(taken(&mut world)[..1], grown);
    world.cluster.delete_topic("t").unwrap();
    assert_eq!(taken(&mut world), [Truth::TopicDeleted { topic }]);
    let again = world.cluster.create_topic("t", 1, 1).unwrap();
    assert_ne!(again, topic);
    let created = Truth::TopicCreated { topic: again, name: name(), partitions: 1 };
    assert_eq!(taken(&mut world)[0], created);
}

#[test]
fn what_becomes_of_a_log_is_told_in_order() {
    let mut world = World::new(2);
    let topic = world.cluster.create_topic("t", 1, 2).unwrap();
    let (first, _) = world.cluster.leader("t", 0).unwrap();
    let second = 3 - first;
    world.cluster.record_truth(true);
    let conn = world.connect(first);
    world.produce(conn, 12, sequenced(7, 1, 5, &["a", "b"]));
    world.produce(conn, 12, sequenced(7, 1, 5, &["a", "b"]));
    let appended = Truth::Append {
        topic,
        partition: 0,
        base_offset: 0,
        last_offset: 1,
        leader_epoch: 0,
        producer_id: 7,
        producer_epoch: 1,
        base_sequence: 5,
    };
    assert_eq!(taken(&mut world), [appended, high_watermark(topic, 2)], "a repetition is nothing");

    world.cluster.stop_node(first);
    assert_eq!(taken(&mut world), [leader(topic, 0, second, 1)]);
    let conn = world.connect(second);
    world.produce(conn, 12, batch(&["c"]));
    assert_eq!(taken(&mut world), [plain(topic, 2, 2, 1), high_watermark(topic, 3)]);

    world.cluster.trim("t", 0, 1).unwrap();
    assert_eq!(taken(&mut world), [Truth::LogStart { topic, partition: 0, offset: 1 }]);
    world.cluster.truncate("t", 0, 2).unwrap();
    let truncated = Truth::Truncated { topic, partition: 0, to: 2, leader_epoch: 2 };
    let told = [leader(topic, 0, second, 2), truncated, high_watermark(topic, 2)];
    assert_eq!(taken(&mut world), told);
    world.cluster.stop_node(second);
    assert_eq!(taken(&mut world), [leader(topic, 0, -1, 3)]);
}

#[test]
fn retention_is_told() {
    let mut world = World::with_options(ClusterOptions { retention_bytes: 1, ..options(1) });
    let topic = world.cluster.create_topic("t", 1, 1).unwrap();
    world.cluster.record_truth(true);
    let conn = world.connect(1);
    for value in ["a", "b"] {
        world.produce(conn, 12, batch(&[value]));
    }
    let start = Truth::LogStart { topic, partition: 0, offset: 1 };
    assert!(taken(&mut world).contains(&start));
}

/// Faults that meet a Produce at 7 ms, on a connection that ends at 50 ms: what is told, and when.
#[test]
fn what_faults_do_is_told_when_it_is_over() {
    let at = At::any;
    let code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    for (fault, told) in [
        (Fault::Refuse { at: at(), code }, &[7][..]),
        (Fault::FailAfter { at: at(), code }, &[7]),
        (Fault::Omit { at: at() }, &[7]),
        (Fault::Duplicate { at: at() }, &[7]),
        (Fault::CloseBefore, &[7]),
        (Fault::CloseAfter, &[7]),
        (Fault::Garbage, &[7]),
        (Fault::RepeatResponse, &[7]),
        (Fault::Swallow, &[50]),
        (Fault::Delay(Duration::from_millis(20)), &[27]),
        (Fault::Delay(Duration::from_millis(60)), &[50]),
        // The answer says so itself.
        (Fault::Throttle(Duration::from_millis(20)), &[]),
    ] {
        let (mut world, conn) = World::with_topic();
        world.cluster.record_truth(true);
        world.cluster.fail_next(ApiKey::Produce, fault.clone());
        world.advance(7);
        let request = produce_request(&world.cluster, 12, "t", 0, batch(&["a"]));
        world.send(conn, 12, &request);
        world.advance(20);
        world.advance(23);
        world.input(Input::Closed { conn });
        let truths = world.cluster.take_truth();
        let troubled = truths.iter().filter_map(|(at, truth)| match truth {
            Truth::Faulted { since } => Some((*since, *at)),
            _ => None,
        });
        let since = Time::from_millis(7);
        let told: Vec<_> = told.iter().map(|until| (since, Time::from_millis(*until))).collect();
        assert_eq!(troubled.collect::<Vec<_>>(), told, "{fault:?}");
    }
}
