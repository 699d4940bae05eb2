//! Beginnings and ends.

use std::time::Duration;

use kafka_handle::{ErrorKind, Record, TrySendError};
use kafka_proto::ApiKey;
use kafka_sim::Fault;

use super::{Connect, LONG, World, join, poll_once, take, until};

pub async fn close_delivers_what_was_accepted(connect: Connect) {
    let world = World::with_topic(connect, "t", 2);
    let producer = world.producer(&[("linger.ms", "100000"), ("delivery.timeout.ms", "200000")]);
    let clone = producer.clone();
    let topic = producer.topic("t").await.expect("a topic");
    let mut deliveries = Vec::new();
    for n in 0..10 {
        deliveries.push(
            topic
                .send(Record::new().partition(n % 2).value(&n.to_string()))
                .await
                .expect("accepted"),
        );
    }
    producer.close(LONG).await.expect("delivered");
    assert!(deliveries.iter().all(|delivery| delivery.try_result().expect("an outcome").is_ok()));
    assert_eq!(world.log("t", 0).len() + world.log("t", 1).len(), 10);
    let error = clone.send(Record::to("t")).await.expect_err("closed");
    assert_eq!(*error.kind(), ErrorKind::Closed);
    let Err(TrySendError::Failed(error)) = topic.try_send(Record::new()) else { panic!("closed") };
    assert_eq!(*error.kind(), ErrorKind::Closed);
    let error = clone.topic("other").await.expect_err("closed");
    assert_eq!(*error.kind(), ErrorKind::Closed);
    clone.close(LONG).await.expect("again is nothing");
    clone.flush().await.expect("nothing to do");
}

pub async fn dropping_a_producer_delivers_too(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[("linger.ms", "100000"), ("delivery.timeout.ms", "200000")]);
    producer.post(Record::to("t").value("v")).await.expect("accepted");
    let delivery = producer.send(Record::to("t").value("w")).await.expect("accepted");
    drop(producer);
    delivery.await.expect("delivered");
    assert_eq!(world.log("t", 0), ["v", "w"]);
}

pub async fn close_gives_up_at_its_timeout(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[]);
    let topic = producer.topic("t").await.expect("a topic");
    world.brokers.with(|cluster| cluster.fail_times(ApiKey::Produce, Fault::Delay(LONG), 100));
    let delivery = topic.send(Record::new().value("v")).await.expect("accepted");
    topic.post(Record::new().value("w")).await.expect("accepted");
    producer.close(Duration::from_millis(50)).await.expect_err("a posted record failed");
    assert!(delivery.try_result().expect("an outcome").is_err());
}

pub async fn a_closed_client_completes_everything(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[("linger.ms", "100000"), ("delivery.timeout.ms", "200000")]);
    let delivery = producer.send(Record::to("t").value("v")).await.expect("accepted");
    let mut consumer = world.consumer_of("t", &[]).await;
    assert!(poll_once(consumer.poll(LONG)).is_none());
    world.client.close().await;
    assert_eq!(*delivery.await.expect_err("closed").kind(), ErrorKind::Closed);
    let closed = |error: kafka_handle::Error| assert_eq!(*error.kind(), ErrorKind::Closed);
    closed(producer.send(Record::to("t")).await.expect_err("closed"));
    closed(producer.send(Record::to("u")).await.expect_err("closed"));
    closed(consumer.poll(LONG).await.expect_err("closed"));
    closed(world.client.admin().list_topics().await.expect_err("closed"));
    assert!(consumer.stream().next().await.is_none());
    producer.flush().await.expect("nothing is left");
    world.client.close().await;
    until(|| world.brokers.with(|cluster| cluster.connections()) == 0).await;
    let late = world.client.producer(Default::default()).expect("settings that can be used");
    closed(late.send(Record::to("t")).await.expect_err("closed"));
}

pub async fn dropping_every_handle_closes_the_connections(connect: Connect) {
    let World { brokers, client, .. } = {
        let world = World::with_topic(connect, "t", 1);
        let mut consumer = world.consumer_of("t", &[]).await;
        let producer = world.producer(&[]);
        producer.post(Record::to("t").value("v")).await.expect("accepted");
        take(&mut consumer, 1).await;
        producer.post(Record::to("t").value("w")).await.expect("accepted");
        world
    };
    assert!(brokers.with(|cluster| cluster.connections()) > 0);
    drop(client);
    until(|| brokers.with(|cluster| cluster.connections()) == 0).await;
    assert_eq!(brokers.with(|cluster| cluster.log("t", 0).count()), 2);
}

pub async fn two_clients_do_not_meet(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let other = world.another_client();
    let producer = other.producer(Default::default()).expect("settings that can be used");
    world.client.close().await;
    producer.send(Record::to("t").value("v")).await.expect("accepted").await.expect("delivered");
    assert_eq!(other.cluster().topics.len(), 1);
}

pub async fn a_closed_consumer_ends_its_polls(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let mut consumer = world.consumer_of("t", &[]).await;
    let handle = consumer.handle();
    let polls = async { consumer.poll(LONG).await.expect_err("closed").kind().clone() };
    let closes = async {
        handle.close().await;
        ErrorKind::Closed
    };
    assert_eq!(
        join(vec![Box::pin(polls), Box::pin(closes)]).await,
        [ErrorKind::Closed, ErrorKind::Closed]
    );
    assert!(consumer.stream().next().await.is_none());
    assert_eq!(consumer.position("t", 0), None);
    // The client goes on.
    let mut another = world.consumer_of("t", &[]).await;
    assert!(another.poll(Duration::from_millis(10)).await.expect("nothing").is_empty());
}
