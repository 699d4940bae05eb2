//! Consuming records.

use std::time::Duration;

use kafka_handle::{ErrorKind, Record, StartAt};

use super::{Connect, LONG, World, by_partition, poll_once, take, value_of};

/// A world with a topic of one partition and the numbers from 0 in it, in batches of a few.
async fn world_of_numbers(connect: Connect, count: usize) -> World {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[("batch.size", "300")]);
    for n in 0..count {
        producer.post(Record::to("t").value(&n.to_string())).await.expect("accepted");
    }
    producer.flush().await.expect("delivered");
    world
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

pub async fn polls_are_as_long_as_they_may_be(connect: Connect) {
    let world = world_of_numbers(connect, 1000).await;
    for max in [1, 7, 333] {
        let mut consumer = world.consumer_of("t", &[("max.poll.records", &max.to_string())]).await;
        let mut next = 0;
        while next < 1000 {
            let records = consumer.poll(LONG).await.expect("records");
            assert!((1..=max).contains(&records.len()), "{}", records.len());
            assert_eq!(records.iter().len(), records.iter().count());
            for record in &records {
                assert_eq!(
                    (record.offset, record.value),
                    (next, Some(next.to_string().as_bytes()))
                );
                next += 1;
            }
            assert_eq!(consumer.position("t", 0), Some(next));
        }
        assert!(consumer.poll(Duration::ZERO).await.expect("nothing").is_empty());
    }
}

pub async fn positions_move_by_hand_out_only(connect: Connect) {
    let world = world_of_numbers(connect, 100).await;
    let mut consumer = world.consumer_of("t", &[("max.poll.records", "10")]).await;
    take(&mut consumer, 10).await;
    assert_eq!(consumer.position("t", 0), Some(10));
    // What a poll that was given up may have looked at was not handed out.
    let mut handed = 10;
    for _ in 0..200 {
        if let Some(records) = poll_once(consumer.poll(LONG)) {
            handed += records.expect("records").len() as i64;
        }
        assert_eq!(consumer.position("t", 0), Some(handed));
        if handed == 100 {
            break;
        }
    }
    take(&mut consumer, usize::try_from(100 - handed).expect("no more than there are")).await;
    assert_eq!(consumer.position("t", 0), Some(100));
}

pub async fn a_stream_hands_out_one_by_one(connect: Connect) {
    let world = world_of_numbers(connect, 50).await;
    let mut consumer = world.consumer_of("t", &[]).await;
    let handle = consumer.handle();
    let mut stream = consumer.stream();
    for n in 0..50 {
        let record = stream.next().await.expect("no end").expect("a record");
        assert_eq!((record.offset, value_of(&record)), (n, n.to_string()));
        assert_eq!(handle.position("t", 0), Some(n + 1));
    }
    assert!(poll_once(stream.next()).is_none());
    handle.seek("t", 0, StartAt::Offset(48)).await.expect("assigned");
    // Left in the middle of a batch, poll goes on where the stream was.
    assert_eq!(stream.next().await.expect("no end").expect("a record").offset, 48);
    assert_eq!(take(&mut consumer, 1).await[0].offset, 49);
}

pub async fn seek_leaves_nothing_of_before(connect: Connect) {
    let world = world_of_numbers(connect, 1000).await;
    let mut consumer = world.consumer_of("t", &[("max.poll.records", "3")]).await;
    take(&mut consumer, 3).await;
    for to in [500, 3, 997, 0, 250] {
        consumer.seek("t", 0, StartAt::Offset(to)).await.expect("assigned");
        let records = take(&mut consumer, 3).await;
        let offsets: Vec<i64> = records.iter().map(|record| record.offset).collect();
        assert_eq!(offsets, [to, to + 1, to + 2]);
    }
    let error = consumer.seek("t", 1, StartAt::Beginning).await.expect_err("not assigned");
    assert_eq!(*error.kind(), ErrorKind::NotAssigned { topic: "t".into(), partition: 1 });
}

pub async fn a_paused_partition_is_silent_and_loses_nothing(connect: Connect) {
    let world = World::with_topic(connect, "t", 2);
    let producer = world.producer(&[]);
    for n in 0..100 {
        producer
            .post(Record::to("t").partition(n % 2).value(&n.to_string()))
            .await
            .expect("accepted");
    }
    producer.flush().await.expect("delivered");
    let mut consumer = world.consumer_of("t", &[("max.poll.records", "5")]).await;
    let mut all = take(&mut consumer, 20).await;
    consumer.pause(&[("t", 0)]).await.expect("assigned");
    let before = all.iter().filter(|record| record.partition == 0).count();
    let rest = take(&mut consumer, 50 - (all.len() - before)).await;
    assert!(rest.iter().all(|record| record.partition == 1));
    all.extend(rest);
    assert!(consumer.poll(Duration::from_millis(20)).await.expect("nothing").is_empty());
    consumer.resume(&[("t", 0)]).await.expect("assigned");
    all.extend(take(&mut consumer, 50 - before).await);
    let evens = (0..100).step_by(2).map(|n| n.to_string()).collect::<Vec<_>>();
    let odds = (1..100).step_by(2).map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(by_partition(&all), [(0, evens), (1, odds)].into());
}

pub async fn wake_ends_a_poll(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let mut consumer = world.consumer_of("t", &[]).await;
    let handle = consumer.handle();
    handle.wake();
    assert!(consumer.poll(LONG).await.expect("woken").is_empty());
    let woken = std::thread::spawn(move || handle.wake());
    assert!(consumer.poll(LONG).await.expect("woken").is_empty());
    woken.join().expect("no panic");
}

pub async fn the_end_of_a_partition_is_told_once(connect: Connect) {
    let world = world_of_numbers(connect, 10).await;
    let mut consumer = world.consumer_of("t", &[("enable.partition.eof", "true")]).await;
    let mut received = 0;
    let end = loop {
        let records = consumer.poll(LONG).await.expect("records");
        received += records.len();
        if let [end] = records.ends() {
            break end.clone();
        }
    };
    assert_eq!((received, &*end.topic, end.partition, end.offset), (10, "t", 0, 10));
    let records = consumer.poll(Duration::from_millis(200)).await.expect("nothing");
    assert!(records.is_empty() && records.ends().is_empty());
    let producer = world.producer(&[]);
    producer.send(Record::to("t").value("10")).await.expect("accepted").await.expect("delivered");
    let mut ends = Vec::new();
    while ends.is_empty() {
        let records = consumer.poll(LONG).await.expect("records");
        ends.extend(records.ends().iter().map(|end| end.offset));
    }
    assert_eq!(ends, [11]);
}

pub async fn starting_points_are_kept(connect: Connect) {
    let world = world_of_numbers(connect, 20).await;
    let cases = [
        (StartAt::Beginning, "latest", 0),
        (StartAt::Offset(7), "latest", 7),
        (StartAt::Offset(100), "earliest", 0),
        (StartAt::Default, "earliest", 0),
        (StartAt::Timestamp(0), "latest", 0),
    ];
    for (start, reset, expected) in cases {
        let mut consumer = world.consumer(&[("auto.offset.reset", reset)]);
        consumer.assign(&[("t", 0, start)]).await.expect("a partition that exists");
        assert_eq!(consumer.assignment(), [("t".into(), 0)]);
        assert_eq!(take(&mut consumer, 1).await[0].offset, expected, "{start:?}");
    }
    let mut consumer = world.consumer(&[("enable.partition.eof", "true")]);
    consumer.assign(&[("t", 0, StartAt::End)]).await.expect("a partition that exists");
    let records = consumer.poll(LONG).await.expect("the end");
    assert_eq!((records.len(), records.ends()[0].offset), (0, 20));
}

pub async fn a_batch_is_entered_in_its_middle(connect: Connect) {
    for codec in ["none", "lz4"] {
        let world = World::with_topic(connect, "t", 1);
        let producer = world.producer(&[("compression.type", codec), ("linger.ms", "1000")]);
        for n in 0..100 {
            producer.post(Record::to("t").value(&n.to_string())).await.expect("accepted");
        }
        producer.flush().await.expect("delivered");
        for start in [1, 50, 99] {
            let mut consumer = world.consumer(&[]);
            consumer
                .assign(&[("t", 0, StartAt::Offset(start))])
                .await
                .expect("a partition that exists");
            let start = usize::try_from(start).expect("not negative");
            let received: Vec<String> =
                take(&mut consumer, 100 - start).await.iter().map(value_of).collect();
            assert_eq!(received, numbers(start..100));
        }
    }
}

pub async fn poll_waits_for_what_comes(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let mut consumer = world.consumer_of("t", &[("fetch.max.wait.ms", "10000")]).await;
    assert!(consumer.poll(Duration::from_millis(30)).await.expect("nothing").is_empty());
    let producer = world.producer(&[]);
    for n in 0..20 {
        producer
            .send(Record::to("t").value(&n.to_string()))
            .await
            .expect("accepted")
            .await
            .expect("delivered");
        assert_eq!(value_of(&take(&mut consumer, 1).await[0]), n.to_string());
    }
}

pub async fn reset_none_is_an_error(connect: Connect) {
    let world = world_of_numbers(connect, 5).await;
    let mut consumer = world.consumer(&[("auto.offset.reset", "none")]);
    consumer.assign(&[("t", 0, StartAt::Offset(50))]).await.expect("a partition that exists");
    for _ in 0..3 {
        let error = consumer.poll(LONG).await.expect_err("out of range");
        assert!(matches!(error.kind(), ErrorKind::OffsetOutOfRange { offset: 50, .. }), "{error}");
    }
    consumer.seek("t", 0, StartAt::Offset(3)).await.expect("assigned");
    assert_eq!(take(&mut consumer, 1).await[0].offset, 3);
    let error =
        world.consumer(&[]).assign(&[("t", 9, StartAt::End)]).await.expect_err("no such partition");
    assert_eq!(
        *error.kind(),
        ErrorKind::UnknownPartition { topic: "t".into(), partition: 9, partitions: 1 }
    );
}

pub async fn topics_are_assigned_whole(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let mut consumer = world.consumer_of("t", &[]).await;
    world.brokers.with(|cluster| cluster.add_partitions("t", 3)).expect("two more");
    consumer.assign_topics(&["t"], StartAt::Beginning).await.expect("a topic that exists");
    let producer = world.producer(&[]);
    for partition in 0..3 {
        producer.post(Record::to("t").partition(partition).value("v")).await.expect("accepted");
    }
    assert_eq!(by_partition(&take(&mut consumer, 3).await).len(), 3);
}

pub async fn lag_counts_down(connect: Connect) {
    let world = world_of_numbers(connect, 30).await;
    let mut consumer = world.consumer_of("t", &[("max.poll.records", "10")]).await;
    for left in [20, 10, 0] {
        take(&mut consumer, 10).await;
        assert_eq!(consumer.lag("t", 0), Some(left));
    }
    assert_eq!(consumer.handle().lag("t", 1), None);
}

pub async fn reassignment_drops_what_is_not_named(connect: Connect) {
    let world = World::with_topic(connect, "t", 2);
    let producer = world.producer(&[]);
    for n in 0..40 {
        producer
            .post(Record::to("t").partition(n % 2).value(&n.to_string()))
            .await
            .expect("accepted");
    }
    producer.flush().await.expect("delivered");
    let mut consumer = world.consumer_of("t", &[("max.poll.records", "5")]).await;
    let first = take(&mut consumer, 10).await;
    let next = first.iter().filter(|record| record.partition == 1).count();
    consumer.assign(&[("t", 1, StartAt::Default)]).await.expect("a partition that exists");
    // `Default` keeps the position where there is one; without one there would be nothing from `latest`.
    if next > 0 {
        let rest = take(&mut consumer, 20 - next).await;
        assert!(rest.iter().all(|record| record.partition == 1));
        assert_eq!(rest[0].offset, i64::try_from(next).expect("a few"));
    }
    consumer.assign(&[("t", 0, StartAt::Beginning)]).await.expect("a partition that exists");
    assert_eq!(take(&mut consumer, 20).await.len(), 20);
    assert_eq!(consumer.assignment(), [("t".into(), 0)]);
}
