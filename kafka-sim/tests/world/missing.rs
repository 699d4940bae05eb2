//! Partitions that a producer does not know of, at the times when it counts.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use kafka_handle::{
    ConsumerConfig, Error, ErrorKind, Producer, ProducerConfig, Record, StartAt, TrySendError,
};
use kafka_sim::Time;
use kafka_sim::world::WorldHandle;

use crate::{Outcome, client, world};

fn grow(sim: &WorldHandle, partitions: i32) {
    sim.cluster(|cluster| cluster.add_partitions("t", partitions)).unwrap();
}

fn to(partition: i32) -> Record<'static> {
    Record::to("t").partition(partition).value("v")
}

fn is_unknown(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::UnknownPartition { .. })
}

async fn tried(sim: &WorldHandle, producer: &Producer, partition: i32) -> Result<(), Error> {
    loop {
        match producer.try_send(to(partition)) {
            Ok(_) => return Ok(()),
            Err(TrySendError::Full) => sim.sleep(Duration::from_millis(100)).await,
            Err(TrySendError::Failed(error)) => return Err(error),
        }
    }
}

#[test]
fn it_is_unknown_however_little_time_there_is() {
    let mut world = world(1);
    let sim = world.handle();
    let story = async move {
        let client = client(&sim)?;
        let config =
            ProducerConfig { max_block: Duration::from_millis(500), ..ProducerConfig::default() };
        let producer = client.producer(config)?;
        producer.send(to(0)).await?.await?;
        let error = producer.send(to(3)).await.map(drop).unwrap_err();
        assert!(is_unknown(&error), "{error}");
        sim.sleep(Duration::from_secs(5)).await;
        let error = tried(&sim, &producer, 4).await.unwrap_err();
        assert!(is_unknown(&error), "{error}");
        Outcome::Ok(())
    };
    world.run(story).unwrap().unwrap();
}

#[test]
fn what_was_said_long_ago_is_asked_again() {
    let mut world = world(1);
    let sim = world.handle();
    let story = async move {
        let producer = client(&sim)?.producer(ProducerConfig::default())?;
        producer.send(to(0)).await?.await?;
        assert_eq!(producer.try_send(to(3)).map(drop), Err(TrySendError::Full));
        sim.sleep(Duration::from_secs(10)).await;
        grow(&sim, 4);
        sim.sleep(Duration::from_secs(40)).await;
        // The answer of then, and a question.
        let error = tried(&sim, &producer, 3).await.unwrap_err();
        assert!(is_unknown(&error), "{error}");
        sim.sleep(Duration::from_secs(1)).await;
        assert!(producer.try_send(to(3)).is_ok());
        // It says nothing of another partition.
        assert_eq!(producer.try_send(to(99)).map(drop), Err(TrySendError::Full));
        sim.sleep(Duration::from_secs(10)).await;
        grow(&sim, 6);
        tried(&sim, &producer, 5).await?;
        Outcome::Ok(())
    };
    world.run(story).unwrap().unwrap();
}

#[test]
fn a_failure_is_told_to_whoever_asked_and_lately_to_others() {
    let mut world = world(1);
    let sim = world.handle();
    let story = async move {
        let producer = client(&sim)?.producer(ProducerConfig::default())?;
        producer.send(to(0)).await?.await?;
        let full = |partition| {
            assert_eq!(producer.try_send(to(partition)).map(drop), Err(TrySendError::Full));
        };
        let all = |change: fn(&WorldHandle, i32)| (1..=3).for_each(|node| change(&sim, node));
        all(|sim, node| _ = sim.kill_node(node));
        full(4);
        let mut told = [0, 0];
        while told.contains(&0) {
            assert!(sim.now() < Time::from_millis(300_000), "{told:?}");
            for (partition, told) in [3, 4].into_iter().zip(&mut told) {
                if let Err(TrySendError::Failed(error)) = producer.try_send(to(partition)) {
                    assert!(matches!(error.kind(), ErrorKind::TimedOut { .. }), "{error}");
                    *told += 1;
                }
            }
            sim.sleep(Duration::from_millis(100)).await;
        }
        sim.sleep(Duration::from_secs(130)).await;
        // Nor is it told for ever.
        full(4);
        sim.sleep(Duration::from_secs(130)).await;
        all(|sim, node| sim.start_node(node));
        grow(&sim, 7);
        tried(&sim, &producer, 4).await?;
        // Others are told only lately.
        all(|sim, node| _ = sim.kill_node(node));
        full(9);
        sim.sleep(Duration::from_secs(70)).await;
        all(|sim, node| sim.start_node(node));
        grow(&sim, 9);
        tried(&sim, &producer, 8).await?;
        Outcome::Ok(())
    };
    world.run(story).unwrap().unwrap();
}

#[test]
fn a_sender_that_was_not_polled_takes_nothing_back() {
    let mut world = world(1);
    let sim = world.handle();
    let story = async move {
        let client = client(&sim)?;
        let producer = client.producer(ProducerConfig::default())?;
        let mut first = pin!(producer.send(to(0)));
        // It asks for the topic, and then it is left lying.
        let polled = poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await;
        assert!(polled);
        sim.sleep(Duration::from_secs(5)).await;
        grow(&sim, 5);
        let mut consumer = client.consumer(ConsumerConfig::default())?;
        consumer.assign(&[("t", 4, StartAt::Beginning)]).await?;
        first.await?.await?;
        assert!(producer.try_send(to(4)).is_ok());
        producer.send(to(3)).await?.await?;
        // Nor does one that looked for a partition say now that it is not there.
        let mut fifth = pin!(producer.send(to(5)));
        let polled = poll_fn(|cx| Poll::Ready(fifth.as_mut().poll(cx).is_pending())).await;
        assert!(polled);
        sim.sleep(Duration::from_secs(5)).await;
        grow(&sim, 6);
        fifth.await?.await?;
        Outcome::Ok(())
    };
    world.run(story).unwrap().unwrap();
}
