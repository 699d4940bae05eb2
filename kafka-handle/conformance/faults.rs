//! What goes wrong on the way.

use std::time::Duration;

use kafka_handle::{Deliveries, ErrorKind, Fault as Blame, Record, StartAt, Written};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault};

use super::{Connect, World, config, take, value_of};

pub async fn a_cut_connection_costs_no_record(connect: Connect) {
    let faults = [
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::Refuse { at: At::any(), code: ErrorCode::NOT_LEADER_OR_FOLLOWER },
        Fault::FailAfter { at: At::any(), code: ErrorCode::REQUEST_TIMED_OUT },
        Fault::Omit { at: At::any() },
    ];
    for fault in faults {
        let world = World::with_topic(connect, "t", 1);
        let producer = world.producer(&[("batch.size", "200")]);
        let mut deliveries = Deliveries::new();
        for n in 0..300 {
            if n % 100 == 50 {
                world.brokers.with(|cluster| cluster.fail_next(ApiKey::Produce, fault.clone()));
            }
            deliveries.push(
                producer.send(Record::to("t").value(&n.to_string())).await.expect("accepted"),
            );
        }
        deliveries.all().await.expect("delivered");
        assert_eq!(
            world.log("t", 0),
            (0..300).map(|n| n.to_string()).collect::<Vec<_>>(),
            "{fault:?}"
        );
        assert_eq!(world.brokers.with(|cluster| cluster.pending_faults()), 0);

        world.brokers.with(|cluster| cluster.fail_times(ApiKey::Fetch, fault.clone(), 3));
        let mut consumer = world
            .consumer_of("t", &[("max.poll.records", "20"), ("max.partition.fetch.bytes", "500")])
            .await;
        let received: Vec<String> = take(&mut consumer, 300).await.iter().map(value_of).collect();
        assert_eq!(received, (0..300).map(|n| n.to_string()).collect::<Vec<_>>(), "{fault:?}");
    }
}

pub async fn leaders_move_under_load(connect: Connect) {
    let world = World::new(connect, 3);
    world.create("t", 3, 3);
    let producer = world.producer(&[("batch.size", "200")]);
    let mut consumer = world.consumer_of("t", &[]).await;
    let mut deliveries = Deliveries::new();
    for n in 0..300 {
        if n % 30 == 0 {
            let (partition, node) = (n / 30 % 3, n / 30 % 3 + 1);
            world
                .brokers
                .with(|cluster| cluster.move_leader("t", partition, node))
                .expect("a replica");
        }
        deliveries.push(
            producer
                .send(Record::to("t").partition(n % 3).value(&n.to_string()))
                .await
                .expect("accepted"),
        );
    }
    deliveries.all().await.expect("delivered");
    let received = super::by_partition(&take(&mut consumer, 300).await);
    for partition in 0..3 {
        let expected: Vec<String> =
            (0..300).filter(|n| n % 3 == partition).map(|n| n.to_string()).collect();
        assert_eq!(world.log("t", partition), expected);
        assert_eq!(received[&partition], expected);
    }
}

pub async fn a_killed_broker_comes_back(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[]);
    let mut consumer = world.consumer_of("t", &[]).await;
    producer
        .send(Record::to("t").value("before"))
        .await
        .expect("accepted")
        .await
        .expect("delivered");
    world.brokers.kill_node(1);
    let delivery = producer.send(Record::to("t").value("meanwhile")).await.expect("accepted");
    assert_eq!(value_of(&take(&mut consumer, 1).await[0]), "before");
    assert!(consumer.poll(Duration::from_millis(100)).await.expect("nothing").is_empty());
    assert_eq!(delivery.try_result(), None);
    world.brokers.start_node(1).expect("the same port");
    delivery.await.expect("delivered");
    assert_eq!(value_of(&take(&mut consumer, 1).await[0]), "meanwhile");
}

pub async fn nonsense_ends_a_connection_and_not_the_client(connect: Connect) {
    for fault in
        [Fault::Garbage, Fault::WrongCorrelationId, Fault::HugeLength, Fault::RepeatResponse]
    {
        let world = World::with_topic(connect, "t", 1);
        let producer = world.producer(&[]);
        let mut consumer = world.consumer_of("t", &[]).await;
        for (n, api) in [ApiKey::Metadata, ApiKey::Produce, ApiKey::Fetch, ApiKey::Produce]
            .into_iter()
            .enumerate()
        {
            world.brokers.with(|cluster| cluster.fail_next(api, fault.clone()));
            producer
                .send(Record::to("t").value(&n.to_string()))
                .await
                .expect("accepted")
                .await
                .expect("delivered");
            assert_eq!(value_of(&take(&mut consumer, 1).await[0]), n.to_string(), "{fault:?}");
        }
        assert_eq!(world.log("t", 0), ["0", "1", "2", "3"], "{fault:?}");
    }
}

pub async fn nobody_listens_is_told_with_the_cause(connect: Connect) {
    let world = World::new(connect, 1);
    let address = world.brokers.bootstrap();
    world.brokers.stop();
    let client = connect(config(&address)).expect("settings that can be used");
    let error = client
        .admin()
        .timeout(Duration::from_millis(300))
        .list_topics()
        .await
        .expect_err("nobody listens");
    assert_eq!(error.fault(), Blame::Network);
    assert!(
        error.to_string().contains(&address) && error.to_string().contains("refused"),
        "{error}"
    );
}

pub async fn a_topic_that_is_missing_is_named(connect: Connect) {
    let world = World::new(connect, 1);
    let producer = world.producer(&[("max.block.ms", "500")]);
    let error = producer.send(Record::to("missing")).await.expect_err("no such topic");
    assert!(error.to_string().contains("missing"), "{error}");
    assert_eq!(error.written(), Written::NotAppended);
    let error = world
        .consumer(&[])
        .assign(&[("missing", 0, StartAt::End)])
        .await
        .expect_err("no such topic");
    assert!(
        matches!(error.kind(), ErrorKind::UnknownTopic { .. } | ErrorKind::TimedOut { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("missing"), "{error}");
}

pub async fn a_deleted_topic_fails_its_records(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[("delivery.timeout.ms", "2000")]);
    producer.send(Record::to("t").value("0")).await.expect("accepted").await.expect("delivered");
    world.brokers.with(|cluster| cluster.delete_topic("t")).expect("a topic");
    let delivery = producer.send(Record::to("t").value("1")).await.expect("accepted");
    let error = delivery.await.expect_err("deleted");
    assert_eq!(error.written(), Written::NotAppended, "{error}");
    // Another of the same name is another topic; its first records are not lost to the memory of the old one.
    world.create("t", 1, 1);
    let delivery = producer.send(Record::to("t").value("2")).await.expect("accepted");
    delivery.await.expect("delivered");
    assert_eq!(world.log("t", 0), ["2"]);
}
