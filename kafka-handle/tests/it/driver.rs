//! The driver's end, and its sleep.

use std::pin::pin;
use std::time::Duration;

use kafka_handle::{Error, ErrorCode, ErrorKind, NewTopic, Record, StartAt};
use kafka_proto::ApiKey;
use kafka_sim::{At, Fault};

use crate::world::World;

const LONG: Duration = Duration::from_secs(30);

fn is_closed(error: &Error) -> bool {
    *error.kind() == ErrorKind::Closed
}

/// Lets the driver go after so many steps, as it goes when its task is aborted or panics.
fn lose_driver(world: &mut World, steps: usize) {
    for _ in 0..steps {
        if !world.step() {
            break;
        }
    }
    world.driver = None;
}

#[test]
fn whatever_waits_is_completed_when_the_driver_goes() {
    for steps in 0..60 {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[("linger.ms", "0")]);
        let admin = world.client.admin();
        let mut consumer = world.consumer(&[]);
        let poller = world.consumer(&[]);
        let poller_handle = poller.handle();
        let new = [NewTopic {
            name: "u".into(),
            partitions: Some(1),
            replication_factor: Some(1),
            configs: vec![],
        }];
        let partitions = [("t", 0, StartAt::End)];
        {
            let mut send = pin!(async { producer.send(Record::to("t").value("v")).await?.await });
            let mut create = pin!(admin.create_topics(&new));
            let mut assign = pin!(consumer.assign(&partitions));
            let first = (
                world.run_for(send.as_mut(), 0),
                world.run_for(create.as_mut(), 0),
                world.run_for(assign.as_mut(), 0),
            );
            assert!(first.0.is_none() && first.1.is_none() && first.2.is_none());
            lose_driver(&mut world, steps);
            let ended = |result: Option<Result<(), Error>>| match result {
                Some(Ok(())) => {}
                Some(Err(error)) => assert!(is_closed(&error), "{error}"),
                None => panic!("it waits for a driver that is gone, lost after {steps} steps"),
            };
            ended(world.run_for(send, 3).map(|result| result.map(drop)));
            ended(world.run_for(create, 3).map(|result| result.map(drop)));
            ended(world.run_for(assign, 3));
        }
        assert!(is_closed(&world.run(consumer.poll(LONG)).expect_err("closed")));
        world.run(poller_handle.close());
        assert!(is_closed(&world.run(producer.send(Record::to("t"))).expect_err("closed")));
        assert!(is_closed(&world.run(producer.send(Record::to("other"))).expect_err("closed")));
        world.run(producer.flush()).expect("nothing is left");
        world.run(producer.close(LONG)).expect("nothing is left");
        world.run(world.client.clone().close());
        let late = world.producer(&[]);
        assert!(is_closed(&world.run(late.send(Record::to("t"))).expect_err("closed")));
        let mut late = world.consumer(&[]);
        assert!(is_closed(&world.run(late.poll(LONG)).expect_err("closed")));
        while world.step() {}
        assert_eq!(world.connections(), 0, "lost after {steps} steps");
    }
}

#[test]
fn a_sender_in_line_for_memory_is_let_go() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[("buffer.memory", "8192"), ("linger.ms", "60000")]);
    let topic = world.run(producer.topic("t")).expect("a topic");
    let value = "x".repeat(3000);
    while topic.try_post(Record::new().value(&value)).is_ok() {}
    let mut first = pin!(topic.send(Record::new().value(&value)));
    let mut second = pin!(topic.send(Record::new().value(&value)));
    assert!(
        world.run_for(first.as_mut(), 0).is_none() && world.run_for(second.as_mut(), 0).is_none()
    );
    world.driver = None;
    for sender in [first, second] {
        assert!(is_closed(&world.run_for(sender, 3).expect("let go").expect_err("closed")));
    }
}

#[test]
fn posted_failures_wait_for_the_flush() {
    let refuse = || Fault::Refuse { at: At::any(), code: ErrorCode::TOPIC_AUTHORIZATION_FAILED };
    // The first of a batch, and another one.
    for (posted, fails) in [([true, false], true), ([false, true], true), ([false, false], false)] {
        let mut world = World::with_topic("t", 1);
        let producer = world.producer(&[("linger.ms", "60000")]);
        let topic = world.run(producer.topic("t")).expect("a topic");
        for post in posted {
            if post {
                world.run(topic.post(Record::new())).expect("accepted");
            } else {
                drop(world.run(topic.send(Record::new())).expect("accepted"));
            }
        }
        world.cluster.fail_next(ApiKey::Produce, refuse());
        assert_eq!(world.run(producer.flush()).is_err(), fails, "{posted:?}");
        assert!(world.run(producer.flush()).is_ok());
    }
}

#[test]
fn an_idle_client_sleeps() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[]);
    let delivery = world.run(producer.send(Record::to("t").value("v"))).expect("accepted");
    world.run(delivery).expect("delivered");
    // For ten minutes: what is left are the age of metadata and the idleness of connections.
    let end = world.now() + Duration::from_secs(600);
    let mut steps = 0;
    while world.now() < end {
        while world.step() {
            steps += 1;
        }
        if !world.pass_time() {
            break;
        }
    }
    assert!(steps < 100, "{steps}");
}

#[test]
fn without_handles_the_client_ends() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[("linger.ms", "60000")]);
    let topic = world.run(producer.topic("t")).expect("a topic");
    let delivery = world.run(topic.send(Record::new().value("v"))).expect("accepted");
    let other = World::new();
    drop(std::mem::replace(&mut world.client, other.client));
    drop(producer);
    while world.step() {}
    assert!(world.driver.is_some(), "a handle is left");
    drop(topic);
    world.run(delivery).expect("delivered in the background");
    while world.step() {}
    assert!(world.driver.is_none());
    assert_eq!(world.connections(), 0);
    while world.pass_time() && !world.is_idle() {
        while world.step() {}
    }
}
