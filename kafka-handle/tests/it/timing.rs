//! What waits for time, which is virtual here: nothing in it is a guess.

use std::time::Duration;

use kafka_handle::{ErrorKind, Fault, Record, StartAt, TrySendError, Written};
use kafka_proto::ApiKey;

use crate::world::World;

#[test]
fn timeouts_are_kept_to_the_nanosecond() {
    let second = Duration::from_secs(1);
    let mut world = World::with_topic("t", 1);
    world.down = true;
    let start = world.now();
    let error =
        world.run(world.client.admin().timeout(second).list_topics()).expect_err("nobody is there");
    assert_eq!((error.fault(), world.now()), (Fault::Network, start + second));

    let producer = world.producer(&[("max.block.ms", "2000")]);
    let start = world.now();
    let error = world.run(producer.send(Record::to("t"))).expect_err("nobody is there");
    assert!(
        matches!(error.kind(), ErrorKind::TimedOut { .. } | ErrorKind::NoBroker { .. }),
        "{error}"
    );
    assert_eq!((error.written(), world.now()), (Written::NotAppended, start + second + second));

    let mut consumer = world.consumer(&[]);
    let start = world.now();
    assert!(world.run(consumer.poll(second)).expect("nothing").is_empty());
    assert_eq!(world.now(), start + second);
    let start = world.now();
    assert!(world.run(consumer.poll(Duration::ZERO)).expect("nothing").is_empty());
    assert_eq!(world.now(), start);
}

#[test]
fn memory_is_waited_for_no_longer_than_max_block() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[
        ("buffer.memory", "8192"),
        ("max.block.ms", "3000"),
        ("linger.ms", "100000"),
    ]);
    let topic = world.run(producer.topic("t")).expect("a topic");
    let value = "x".repeat(3000);
    while topic.try_post(Record::new().value(&value)) != Err(TrySendError::Full) {}
    world.cluster.fail_times(ApiKey::Produce, kafka_sim::Fault::Swallow, 100);
    let start = world.now();
    let error = world.run(topic.send(Record::new().value(&value))).expect_err("no memory");
    assert!(error.to_string().contains("max.block.ms"), "{error}");
    assert_eq!(world.now(), start + Duration::from_secs(3));
}

#[test]
fn linger_is_no_shorter_and_no_longer() {
    for linger in [0, 5, 250] {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[("linger.ms", &linger.to_string())]);
        let topic = world.run(producer.topic("t")).expect("a topic");
        let warm_up = world.run(topic.send(Record::new())).expect("accepted");
        world.run(warm_up).expect("delivered");
        let start = world.now();
        let delivery = world.run(topic.send(Record::new())).expect("accepted");
        world.run(delivery).expect("delivered");
        assert_eq!(world.now(), start + Duration::from_millis(linger), "{linger}");
    }
}

#[test]
fn a_waiting_poll_hears_of_a_record_at_once() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[("linger.ms", "0")]);
    let mut consumer = world.consumer_of("t", &[]);
    assert!(world.run(consumer.poll(Duration::from_secs(3))).expect("nothing").is_empty());
    let start = world.now();
    let delivery = world.run(producer.send(Record::to("t").value("v"))).expect("accepted");
    world.run(delivery).expect("delivered");
    assert_eq!(world.run(consumer.poll(Duration::from_secs(3))).expect("a record").len(), 1);
    assert_eq!(world.now(), start);
}

#[test]
fn partitions_without_a_leader_are_avoided() {
    let mut world = World::with_topic("t", 4);
    for partition in [0, 1, 3] {
        world.cluster.depose_leader("t", partition).expect("a partition");
    }
    let producer = world.producer(&[("batch.size", "100"), ("linger.ms", "0")]);
    for n in 0..50 {
        let delivery =
            world.run(producer.send(Record::to("t").value(&n.to_string()))).expect("accepted");
        assert_eq!(delivery.partition(), 2);
        world.run(delivery).expect("delivered");
    }
    assert_eq!(world.log("t", 2).len(), 50);
}

#[test]
fn a_batch_that_was_moved_on_from_does_not_linger() {
    let mut world = World::with_topic("t", 3);
    let producer = world.producer(&[("batch.size", "1000"), ("linger.ms", "60000")]);
    let start = world.now();
    let value = "x".repeat(100);
    for _ in 0..100 {
        world.run(producer.post(Record::to("t").value(&value))).expect("accepted");
    }
    while world.step() {}
    let delivered: usize = (0..3).map(|partition| world.log("t", partition).len()).sum();
    assert_eq!(world.now(), start);
    // All but those of the batch that is being filled.
    assert!((90..100).contains(&delivered), "{delivered}");
}

#[test]
fn a_consumer_starts_at_the_end_that_there_was() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[("linger.ms", "0")]);
    let send = |world: &mut World, value: &str| {
        let delivery = world.run(producer.send(Record::to("t").value(value))).expect("accepted");
        world.run(delivery).expect("delivered");
    };
    send(&mut world, "before");
    let mut consumer = world.consumer(&[]);
    world.run(consumer.assign(&[("t", 0, StartAt::Default)])).expect("assigned");
    while consumer.position("t", 0).is_none() {
        assert!(world.step() || world.pass_time());
    }
    send(&mut world, "after");
    let records = world.run(consumer.poll(Duration::from_secs(3))).expect("a record");
    let values: Vec<_> = records.iter().map(|record| record.value).collect();
    assert_eq!(values, [Some(&b"after"[..])]);
}
