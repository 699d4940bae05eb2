//! Futures that are dropped at every step that they can be dropped at (F84), and what must still be so afterwards.

use std::pin::pin;
use std::time::Duration;

use kafka_handle::{NewTopic, Record, StartAt};

use crate::world::World;

const LONG: Duration = Duration::from_secs(30);

/// Tells a story for 0, 1, 2 ... steps until it gets to its end. The story says whether it did.
fn at_every_step(mut story: impl FnMut(usize) -> bool) {
    let told = (0..10_000).find(|steps| story(*steps));
    assert!(told.is_some_and(|steps| steps > 0), "the story never waits, or never ends: {told:?}");
}

#[test]
fn a_send_is_all_or_nothing() {
    at_every_step(|steps| {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[]);
        let done =
            world.run_for(pin!(producer.send(Record::to("t").value("maybe"))), steps).is_some();
        let after = world.run(producer.send(Record::to("t").value("surely"))).expect("accepted");
        world.run(after).expect("delivered");
        world.run(producer.flush()).expect("delivered");
        let expected: &[&str] = if done { &["maybe", "surely"] } else { &["surely"] };
        assert_eq!(world.log("t", 0), expected, "after {steps} steps");
        done
    });
}

#[test]
fn a_send_that_waits_for_memory_leaves_the_line() {
    at_every_step(|steps| {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[("buffer.memory", "8192"), ("batch.size", "4000")]);
        let topic = world.run(producer.topic("t")).expect("a topic");
        let value = "x".repeat(3000);
        let mut expected = 0;
        while topic.try_post(Record::new().value(&value)).is_ok() {
            expected += 1;
        }
        let done = world.run_for(pin!(topic.send(Record::new().value(&value))), steps).is_some();
        expected += usize::from(done);
        for _ in 0..5 {
            world.run(topic.post(Record::new().value(&value))).expect("accepted");
            expected += 1;
        }
        world.run(producer.flush()).expect("delivered");
        assert_eq!(world.log("t", 0).len(), expected, "after {steps} steps");
        done
    });
}

#[test]
fn a_poll_hands_out_when_it_returns() {
    at_every_step(|steps| {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[("batch.size", "100")]);
        for n in 0..10 {
            world.run(producer.post(Record::to("t").value(&n.to_string()))).expect("accepted");
        }
        world.run(producer.flush()).expect("delivered");
        let mut consumer = world.consumer_of("t", &[("max.poll.records", "3")]);
        let mut offsets = Vec::new();
        let done = world
            .run_for(pin!(consumer.poll(LONG)), steps)
            .map(|records| records.expect("records"));
        offsets.extend(done.iter().flatten_records());
        while offsets.len() < 10 {
            let records = world.run(consumer.poll(LONG)).expect("records");
            offsets.extend([&records].into_iter().flatten_records());
        }
        assert_eq!(offsets, (0..10).collect::<Vec<_>>(), "after {steps} steps");
        done.is_some()
    });
}

/// Offsets of many polls in a row.
trait FlattenRecords {
    fn flatten_records(self) -> impl Iterator<Item = i64>;
}

impl<'a, I: Iterator<Item = &'a kafka_handle::Records>> FlattenRecords for I {
    fn flatten_records(self) -> impl Iterator<Item = i64> {
        self.flat_map(|records| records.iter().map(|record| record.offset))
    }
}

#[test]
fn a_stream_skips_nothing() {
    at_every_step(|steps| {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[]);
        for n in 0..3 {
            world.run(producer.post(Record::to("t").value(&n.to_string()))).expect("accepted");
        }
        world.run(producer.flush()).expect("delivered");
        let mut consumer = world.consumer_of("t", &[]);
        let mut stream = consumer.stream();
        let first = world.run_for(pin!(stream.next()), steps);
        let next = if first.is_some() { 1 } else { 0 };
        let second = world.run(stream.next()).expect("no end").expect("a record");
        assert_eq!(second.offset, next, "after {steps} steps");
        first.is_some()
    });
}

#[test]
fn a_flush_and_a_close_go_on_unseen() {
    at_every_step(|steps| {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[("linger.ms", "60000")]);
        let delivery = world.run(producer.send(Record::to("t").value("v"))).expect("accepted");
        let done = world.run_for(pin!(producer.flush()), steps).is_some();
        if steps % 2 == 0 {
            let _ = world.run_for(pin!(producer.close(LONG)), steps);
        }
        world.run(delivery).expect("delivered");
        done
    });
}

#[test]
fn an_assignment_is_made_or_not() {
    at_every_step(|steps| {
        let mut world = World::with_topic("t", 2);
        let mut consumer = world.consumer(&[]);
        let partitions = [("t", 0, StartAt::Beginning), ("t", 1, StartAt::Beginning)];
        let done = world.run_for(pin!(consumer.assign(&partitions)), steps).is_some();
        while world.step() {}
        assert!(matches!(consumer.assignment().len(), 0 | 2));
        world.run(consumer.assign(&[("t", 1, StartAt::End)])).expect("assigned");
        assert_eq!(consumer.assignment(), [("t".into(), 1)]);
        done
    });
}

#[test]
fn what_was_not_sent_is_withdrawn() {
    let mut world = World::new();
    let admin = world.client.admin();
    let new = |name: &str| NewTopic {
        name: name.into(),
        partitions: Some(1),
        replication_factor: Some(1),
        configs: Vec::new(),
    };
    let withdrawn = [new("withdrawn")];
    assert!(world.run_for(pin!(admin.create_topics(&withdrawn)), 0).is_none());
    world.run(admin.create_topics(&[new("wanted")])).expect("an answer");
    assert_eq!(world.cluster.topics().map(|(name, _)| name).collect::<Vec<_>>(), ["wanted"]);
}

#[test]
fn a_closed_client_closes_though_nobody_waits() {
    at_every_step(|steps| {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[]);
        let delivery = world.run(producer.send(Record::to("t").value("v"))).expect("accepted");
        let client = world.client.clone();
        let done = world.run_for(pin!(client.close()), steps).is_some();
        while world.step() {}
        assert!(world.driver.is_none());
        assert!(delivery.try_result().is_some());
        assert_eq!(world.connections(), 0);
        done
    });
}
