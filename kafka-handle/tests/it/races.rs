//! What is asked for while something else is under way.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use kafka_handle::{Consumer, ConsumerHandle, ErrorKind, Record, Records, StartAt, Written};

use crate::world::World;

const LONG: Duration = Duration::from_secs(30);

#[test]
fn each_of_two_closes_is_answered() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[("linger.ms", "60000")]);
    let delivery = world.run(producer.send(Record::to("t").value("v"))).expect("accepted");
    let clone = producer.clone();
    let mut first = pin!(producer.close(LONG));
    let mut second = pin!(clone.close(LONG));
    assert!(world.run_for(first.as_mut(), 0).is_none());
    assert!(world.run_for(second.as_mut(), 0).is_none());
    world.run(second).expect("delivered");
    world.run(first).expect("delivered");
    assert!(delivery.try_result().expect("an outcome").is_ok());
}

#[test]
fn without_a_driver_what_was_sent_has_an_unknown_fate() {
    let mut world = World::with_topic("t", 1);
    let sender = world.producer(&[("linger.ms", "0")]);
    let waiter = world.producer(&[("linger.ms", "60000")]);
    let waits = world.run(waiter.send(Record::to("t").value("waits"))).expect("accepted");
    let sent = world.run(sender.send(Record::to("t").value("sent"))).expect("accepted");
    while world.log("t", 0).is_empty() {
        assert!(world.step() || world.pass_time());
    }
    assert_eq!(sent.try_result(), None);
    world.driver = None;
    for (delivery, written) in [(sent, Written::Unknown), (waits, Written::NotAppended)] {
        let error = delivery.try_result().expect("an outcome").expect_err("closed");
        assert_eq!((error.kind(), error.written()), (&ErrorKind::Closed, written));
    }
}

#[test]
fn memory_is_not_kept_by_what_lingers_elsewhere() {
    let mut world = World::with_topic("t", 9);
    let producer = world.producer(&[
        ("buffer.memory", "32768"),
        ("batch.size", "4000"),
        ("linger.ms", "3600000"),
        ("delivery.timeout.ms", "7200000"),
    ]);
    let topic = world.run(producer.topic("t")).expect("a topic");
    for partition in 0..8 {
        topic.try_post(Record::new().partition(partition).value("v")).expect("memory");
    }
    world.run(topic.post(Record::new().partition(8).value("v"))).expect("memory comes back");
    // By `try_send` too.
    while topic.try_post(Record::new().partition(0).value(&"x".repeat(3000))).is_err() {
        assert!(world.step(), "no memory comes back");
    }
}

/// A consumer of 20 records in partition 0 and one in partition 1, which is paused. It has fetched ahead as far as it
/// may, several times in partition 0, has been given three records of that, and then it is paused too.
fn paused_consumer(world: &mut World) -> Consumer {
    let producer = world.producer(&[("batch.size", "80"), ("linger.ms", "0")]);
    for n in 0..21 {
        let record = Record::to("t").partition(n / 20).value("v");
        let delivery = world.run(producer.send(record)).expect("accepted");
        world.run(delivery).expect("delivered");
    }
    let settings = [("max.poll.records", "3"), ("max.partition.fetch.bytes", "400")];
    let mut consumer = world.consumer(&settings);
    let assignment = [("t", 0, StartAt::Beginning), ("t", 1, StartAt::Beginning)];
    world.run(consumer.assign(&assignment)).expect("assigned");
    world.run(consumer.pause(&[("t", 1)])).expect("assigned");
    while world.step() {}
    assert_eq!(places(&world.run(consumer.poll(LONG)).expect("records")), [(0, 0), (0, 1), (0, 2)]);
    while world.step() {}
    world.run(consumer.pause(&[("t", 0)])).expect("assigned");
    consumer
}

fn places(records: &Records) -> Vec<(i32, i64)> {
    records.iter().map(|record| (record.partition, record.offset)).collect()
}

#[test]
fn a_partition_that_is_resumed_during_a_poll_keeps_its_order() {
    let mut world = World::with_topic("t", 2);
    let mut consumer = paused_consumer(&mut world);
    world.run(consumer.resume(&[("t", 1)])).expect("assigned");
    while world.step() {}
    // The poll sets the rest of the first run aside, for it is paused, and takes that of the other partition.
    let handle = consumer.handle();
    let mut resume = pin!(handle.resume(&[("t", 0)]));
    assert!(resume.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    world.turn_at_reading(2);
    let records = world.run_for(pin!(consumer.poll(LONG)), 0).expect("at once").expect("records");
    assert_eq!(places(&records), [(1, 0), (0, 3), (0, 4)]);
    world.run(resume).expect("assigned");
}

#[test]
fn what_a_seek_overtakes_is_not_handed_out() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[]);
    for _ in 0..10 {
        world.run(producer.post(Record::to("t").value("v"))).expect("accepted");
    }
    world.run(producer.flush()).expect("delivered");
    let mut consumer = world.consumer_of("t", &[("max.poll.records", "3")]);
    while world.step() {}
    let handle = consumer.handle();
    let mut seek = pin!(handle.seek("t", 0, StartAt::Offset(7)));
    assert!(seek.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    // The seek is carried out when the records have been found and not been handed out yet.
    world.turn_at_reading(2);
    let records = world.run(consumer.poll(LONG)).expect("records");
    assert_eq!(places(&records), [(0, 7), (0, 8), (0, 9)]);
    world.run(seek).expect("assigned");
    assert_eq!(consumer.position("t", 0), Some(10));
}

#[test]
fn a_sender_that_is_never_refused_lets_others_run() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[("batch.size", "100000"), ("linger.ms", "60000")]);
    let topic = world.run(producer.topic("t")).expect("a topic");
    let value = "x".repeat(10_000);
    let sends = async {
        for _ in 0..400 {
            topic.post(Record::new().value(&value)).await.expect("accepted");
        }
    };
    let (mut turns, mut sends) = (0, pin!(sends));
    while world.run_for(sends.as_mut(), 0).is_none() {
        turns += 1;
    }
    assert!((5..50).contains(&turns), "{turns}");
}

#[test]
fn an_end_hides_no_failure_from_a_stream() {
    let mut world = World::with_topic("t", 2);
    let settings = [("enable.partition.eof", "true"), ("auto.offset.reset", "none")];
    let mut consumer = world.consumer(&settings);
    let partitions = [("t", 0, StartAt::Offset(0)), ("t", 1, StartAt::Offset(1000))];
    world.run(consumer.assign(&partitions)).expect("assigned");
    while consumer.lag("t", 0).is_none() {
        assert!(world.step() || world.pass_time());
    }
    while world.step() {}
    let mut stream = consumer.stream();
    let error = world.run_for(pin!(stream.next()), 0).expect("at once").expect("no end");
    assert!(matches!(
        error.expect_err("no such offset").kind(),
        ErrorKind::OffsetOutOfRange { .. }
    ));
}

/// A waker that asks something of the engine, from another thread, for on its own it would never come back.
struct Curious {
    consumer: ConsumerHandle,
    /// Whether it was woken, and whether it was ever left without an answer.
    woken: AtomicBool,
    stuck: AtomicBool,
}

impl Wake for Curious {
    fn wake(self: Arc<Self>) {
        let (answer, answered) = mpsc::channel();
        let consumer = self.consumer.clone();
        std::thread::spawn(move || answer.send(consumer.position("t", 0)));
        self.woken.store(true, Ordering::Relaxed);
        self.stuck.fetch_or(answered.recv_timeout(LONG / 6).is_err(), Ordering::Relaxed);
    }
}

#[test]
fn a_waker_may_ask_when_a_producer_is_closed() {
    let mut world = World::with_topic("t", 1);
    let producer = world.producer(&[("buffer.memory", "8192"), ("linger.ms", "60000")]);
    let topic = world.run(producer.topic("t")).expect("a topic");
    let value = "x".repeat(3000);
    while topic.try_post(Record::new().value(&value)).is_ok() {}
    let curious = Arc::new(Curious {
        consumer: world.consumer(&[]).handle(),
        woken: AtomicBool::new(false),
        stuck: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&curious));
    let mut waits = Box::pin(topic.send(Record::new().value(&value)));
    assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    curious.woken.store(false, Ordering::Relaxed);
    let _ = world.run(producer.close(LONG));
    assert!(curious.woken.load(Ordering::Relaxed) && !curious.stuck.load(Ordering::Relaxed));
}
