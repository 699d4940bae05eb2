//! Sending records.

use std::collections::BTreeSet;
use std::time::Duration;

use kafka_handle::{
    Deliveries, ErrorKind, Record, TrySendError, Written, header, partition_for_key,
};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault};

use super::{Connect, LONG, World, join, poll_once, take, until, value_of};

pub async fn records_arrive_as_they_were_sent(connect: Connect) {
    let world = World::with_topic(connect, "t", 3);
    let producer = world.producer(&[]);
    let headers = [header("a", "1"), header("a", ""), (&b"null"[..], None)];
    let sent = [
        Record::to("t").partition(0).value("value only"),
        Record::to("t").partition(0).key("key only"),
        Record::to("t").partition(0),
        Record::to("t").partition(0).key("").value("").timestamp(1_234_567_890_123),
        Record::to("t").partition(0).key("k").value("v").headers(&headers),
    ];
    for record in sent {
        producer.post(record).await.expect("accepted");
    }
    producer.flush().await.expect("delivered");
    let mut consumer = world.consumer_of("t", &[]).await;
    let received = take(&mut consumer, sent.len()).await;
    for (offset, (sent, received)) in (0..).zip(sent.iter().zip(&received)) {
        assert_eq!((received.partition, received.offset, &*received.topic), (0, offset, "t"));
        assert_eq!(received.key.as_deref(), sent.key);
        assert_eq!(received.value.as_deref(), sent.value);
        let headers: Vec<_> =
            received.headers.iter().map(|(key, value)| (&key[..], value.as_deref())).collect();
        assert_eq!(headers, sent.headers);
        match sent.timestamp {
            Some(timestamp) => assert_eq!(received.timestamp, timestamp),
            None => assert!(received.timestamp > 1_500_000_000_000, "{}", received.timestamp),
        }
    }
    assert_eq!(received[4], received[4].clone().detach());
}

pub async fn deliveries_tell_where_records_are(connect: Connect) {
    let world = World::with_topic(connect, "t", 4);
    let producer = world.producer(&[("batch.size", "200")]);
    let mut deliveries = Vec::new();
    for n in 0..200 {
        let value = format!("{n}");
        deliveries.push(
            producer.send(Record::to("t").key(&value).value(&value)).await.expect("accepted"),
        );
    }
    for (n, delivery) in deliveries.into_iter().enumerate() {
        let expected = delivery.partition();
        let at = delivery.await.expect("delivered");
        assert_eq!(at.partition, expected);
        let offset = usize::try_from(at.offset.expect("an offset")).expect("not negative");
        assert_eq!(world.log("t", at.partition)[offset], n.to_string());
    }
}

pub async fn equal_keys_share_a_partition(connect: Connect) {
    let world = World::with_topic(connect, "t", 7);
    let topic = world.producer(&[]).topic("t").await.expect("a topic");
    assert_eq!((topic.name(), topic.partitions()), ("t", 7));
    for n in 0..50 {
        let key = format!("key {}", n % 10);
        let at =
            topic.send(Record::new().key(&key)).await.expect("accepted").await.expect("delivered");
        assert_eq!(at.partition, partition_for_key(key.as_bytes(), 7));
    }
}

pub async fn every_codec_makes_the_round_trip(connect: Connect) {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let world = World::with_topic(connect, "t", 1);
        let producer = world.producer(&[("compression.type", codec), ("batch.size", "4000")]);
        let values: Vec<String> =
            (0..500).map(|n| format!("{codec} {n} {}", "x".repeat(n % 100))).collect();
        for value in &values {
            producer.post(Record::to("t").value(value)).await.expect("accepted");
        }
        producer.flush().await.expect("delivered");
        let mut consumer = world.consumer_of("t", &[]).await;
        let received: Vec<String> =
            take(&mut consumer, values.len()).await.iter().map(value_of).collect();
        assert_eq!(received, values);
    }
}

pub async fn linger_sends_without_a_flush(connect: Connect) {
    for linger in ["0", "20"] {
        let world = World::with_topic(connect, "t", 1);
        let producer = world.producer(&[("linger.ms", linger)]);
        let delivery = producer.send(Record::to("t").value("v")).await.expect("accepted");
        delivery.await.expect("delivered");
        // And again, when the driver has parked.
        producer
            .send(Record::to("t").value("v"))
            .await
            .expect("accepted")
            .await
            .expect("delivered");
    }
}

pub async fn flush_is_a_cut(connect: Connect) {
    let world = World::with_topic(connect, "t", 2);
    let producer = world.producer(&[("linger.ms", "100000"), ("delivery.timeout.ms", "200000")]);
    producer.flush().await.expect("nothing to do");
    let before =
        producer.send(Record::to("t").partition(0).value("before")).await.expect("accepted");
    producer.flush().await.expect("delivered");
    assert!(before.try_result().expect("flushed").is_ok());
    let after = producer.send(Record::to("t").partition(1).value("after")).await.expect("accepted");
    assert_eq!(after.try_result(), None);
    producer.clone().flush().await.expect("delivered");
    assert!(after.try_result().expect("flushed").is_ok());
}

pub async fn posted_failures_show_at_flush(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[]);
    let refuse = || Fault::Refuse { at: At::any(), code: ErrorCode::TOPIC_AUTHORIZATION_FAILED };
    world.brokers.with(|cluster| cluster.fail_next(ApiKey::Produce, refuse()));
    producer.post(Record::to("t").value("posted")).await.expect("accepted");
    let error = producer.flush().await.expect_err("the broker refuses");
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Broker { code: ErrorCode::TOPIC_AUTHORIZATION_FAILED, .. }
        ),
        "{error}"
    );
    producer.flush().await.expect("told once");

    world.brokers.with(|cluster| cluster.fail_next(ApiKey::Produce, refuse()));
    let delivery = producer.send(Record::to("t").value("sent")).await.expect("accepted");
    producer.flush().await.expect("told by the delivery");
    let error = delivery.await.expect_err("the broker refuses");
    assert_eq!(error.written(), Written::NotAppended);
    assert_eq!(world.log("t", 0), Vec::<String>::new());
}

pub async fn what_can_not_be_sent_is_refused(connect: Connect) {
    let world = World::with_topic(connect, "t", 3);
    let producer = world.producer(&[("max.request.size", "1000")]);
    let topic = producer.topic("t").await.expect("a topic");
    let long = "x".repeat(1000);
    let kind_of = |result: Result<_, TrySendError>| match result.map(drop) {
        Err(TrySendError::Failed(error)) => error.kind().clone(),
        other => panic!("{other:?}"),
    };
    let too_large = kind_of(topic.try_send(Record::new().value(&long)));
    assert!(
        matches!(too_large, ErrorKind::RecordTooLarge { setting: "max.request.size", .. }),
        "{too_large:?}"
    );
    let unknown =
        |partition| ErrorKind::UnknownPartition { topic: "t".into(), partition, partitions: 3 };
    assert_eq!(kind_of(topic.try_send(Record::new().partition(-1))), unknown(-1));
    // A broker is asked for this one, and whoever tries next is told.
    assert_eq!(topic.try_send(Record::new().partition(3)).map(drop), Err(TrySendError::Full));
    let mut refused = None;
    until(|| match topic.try_send(Record::new().partition(4)) {
        Err(TrySendError::Failed(error)) => {
            refused = Some(error);
            true
        }
        _ => false,
    })
    .await;
    assert_eq!(refused.map(|error| error.kind().clone()), Some(unknown(4)));
    let error = topic.send(Record::new().partition(3)).await.map(drop).expect_err("not there");
    assert_eq!(*error.kind(), unknown(3));
    let negative = kind_of(topic.try_send(Record::new().timestamp(-1)));
    assert!(matches!(negative, ErrorKind::InvalidArgument { .. }), "{negative:?}");
    let elsewhere = kind_of(topic.try_send(Record::to("u")));
    assert!(matches!(elsewhere, ErrorKind::InvalidArgument { .. }), "{elsewhere:?}");
    topic.send(Record::to("t").value("short")).await.expect("accepted").await.expect("delivered");
}

pub async fn a_partition_that_was_added_is_sent_to(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[]);
    let to = |partition| Record::to("t").partition(partition).value("v");
    let add = |count| {
        world.brokers.with(|cluster| cluster.add_partitions("t", count)).expect("more of them");
    };
    producer.send(to(0)).await.expect("accepted").await.expect("delivered");
    add(2);
    producer.send(to(1)).await.expect("accepted").await.expect("delivered");
    add(3);
    producer.post(to(2)).await.expect("accepted");
    add(4);
    let mut deliveries = producer.send_all(&[to(3), to(0)]).await;
    while !deliveries.is_empty() {
        deliveries.next().await.expect("one each").expect("delivered");
    }
    add(10);
    let mut accepted = None;
    until(|| match producer.try_send(to(9)) {
        Ok(delivery) => {
            accepted = Some(delivery);
            true
        }
        Err(TrySendError::Full) => false,
        Err(error) => panic!("{error}"),
    })
    .await;
    assert_eq!(accepted.expect("accepted").await.expect("delivered").partition, 9);
    producer.flush().await.expect("delivered");
}

pub async fn try_send_is_full_until_the_topic_is_known(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[]);
    let record = Record::to("t").value("v");
    assert_eq!(producer.try_send(record).map(drop), Err(TrySendError::Full));
    let mut delivery = None;
    until(|| {
        delivery = producer.try_send(record).ok();
        delivery.is_some()
    })
    .await;
    delivery.expect("accepted").await.expect("delivered");
    assert_eq!(world.log("t", 0), ["v"]);

    let missing = Record::to("missing").value("v");
    let mut result = Ok(());
    until(|| {
        result = producer.try_send(missing).map(drop);
        result != Err(TrySendError::Full)
    })
    .await;
    let Err(TrySendError::Failed(error)) = result else { panic!("{result:?}") };
    assert!(
        matches!(error.kind(), ErrorKind::UnknownTopic { .. } | ErrorKind::TimedOut { .. }),
        "{error}"
    );
}

pub async fn send_waits_for_memory(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[("buffer.memory", "20000"), ("batch.size", "4000")]);
    let value = "x".repeat(1000);
    let mut deliveries = Deliveries::new();
    for _ in 0..500 {
        deliveries.push(producer.send(Record::to("t").value(&value)).await.expect("accepted"));
    }
    assert_eq!(deliveries.len(), 500);
    deliveries.all().await.expect("delivered");
    assert_eq!(world.log("t", 0).len(), 500);
}

pub async fn memory_that_never_comes_times_out(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer =
        world.producer(&[("buffer.memory", "10000"), ("max.block.ms", "50"), ("linger.ms", "0")]);
    let topic = producer.topic("t").await.expect("a topic");
    world.brokers.with(|cluster| cluster.fail_times(ApiKey::Produce, Fault::Delay(LONG), 100));
    let value = "x".repeat(1000);
    while topic.try_post(Record::new().value(&value)) != Err(TrySendError::Full) {}
    let error = topic.send(Record::new().value(&value)).await.expect_err("no memory");
    assert!(matches!(error.kind(), ErrorKind::TimedOut { .. }), "{error}");
    assert_eq!(error.written(), Written::NotAppended);
}

pub async fn senders_wait_in_line(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[("buffer.memory", "8000"), ("batch.size", "2000")]);
    let topic = producer.topic("t").await.expect("a topic");
    world.brokers.with(|cluster| {
        cluster.fail_next(ApiKey::Produce, Fault::Delay(Duration::from_millis(50)))
    });
    let value = "x".repeat(1500);
    while topic.try_post(Record::new().value(&value)) != Err(TrySendError::Full) {}
    let before = world.log("t", 0).len();
    let values: Vec<String> = (0..20).map(|n| format!("{n:02}{value}")).collect();
    // One in the middle of the line goes away before it is its turn.
    assert!(poll_once(topic.send(Record::new().value(&value))).is_none());
    let sends = values.iter().map(|value| {
        let topic = &topic;
        Box::pin(async move {
            topic
                .send(Record::new().value(value))
                .await
                .expect("accepted")
                .await
                .expect("delivered")
        }) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
    });
    join(sends.collect()).await;
    let log = world.log("t", 0);
    let in_line: Vec<&String> =
        log.iter().skip(before).filter(|logged| values.contains(logged)).collect();
    assert_eq!(in_line, values.iter().collect::<Vec<_>>());
}

pub async fn acks_none_knows_no_offset(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[("acks", "0")]);
    let delivery = producer.send(Record::to("t").value("v")).await.expect("accepted");
    assert_eq!(delivery.await.expect("sent").offset, None);
    until(|| world.log("t", 0) == ["v"]).await;
}

pub async fn many_senders_lose_nothing(connect: Connect) {
    let world = World::with_topic(connect, "t", 5);
    let producer = world.producer(&[("batch.size", "500")]);
    let senders = (0..8).map(|sender| {
        let producer = producer.clone();
        Box::pin(async move {
            let mut deliveries = Deliveries::new();
            for n in 0..300 {
                let value = format!("{sender}:{n:03}");
                deliveries.push(
                    producer
                        .send(Record::to("t").partition(sender % 5).value(&value))
                        .await
                        .expect("accepted"),
                );
            }
            deliveries.all().await.expect("delivered");
        }) as std::pin::Pin<Box<dyn Future<Output = ()> + Send>>
    });
    join(senders.collect()).await;
    for sender in 0..8 {
        let prefix = format!("{sender}:");
        let log = world.log("t", sender % 5);
        let mine: Vec<String> =
            log.into_iter().filter(|value| value.starts_with(&prefix)).collect();
        assert_eq!(mine, (0..300).map(|n| format!("{sender}:{n:03}")).collect::<Vec<_>>());
    }
}

pub async fn records_without_key_use_all_partitions(connect: Connect) {
    let world = World::with_topic(connect, "t", 3);
    let producer = world.producer(&[("batch.size", "1000")]);
    let value = "x".repeat(100);
    for _ in 0..1000 {
        producer.post(Record::to("t").value(&value)).await.expect("accepted");
    }
    producer.flush().await.expect("delivered");
    let counts: Vec<usize> = (0..3).map(|partition| world.log("t", partition).len()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 1000);
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

pub async fn send_all_keeps_order(connect: Connect) {
    let world = World::with_topic(connect, "t", 3);
    let producer = world.producer(&[("batch.size", "500"), ("buffer.memory", "30000")]);
    let values: Vec<String> = (0..2000).map(|n| n.to_string()).collect();
    let record = |(n, value): (usize, &'static str)| {
        Record::to("t").partition((n / 7 % 4) as i32).value(value)
    };
    let values: Vec<&'static str> = values.into_iter().map(|value| &*value.leak()).collect();
    let records: Vec<Record<'_>> = values.iter().copied().enumerate().map(record).collect();
    let mut deliveries = producer.send_all(&records).await;
    assert_eq!(deliveries.len(), 2000);
    let mut logged = BTreeSet::new();
    for record in &records {
        let result = deliveries.next().await.expect("one each");
        // Partition 3 does not exist: those fail, and the others are not held up.
        match result {
            Ok(at) => assert!(
                logged.insert((at.partition, at.offset)) && Some(at.partition) == record.partition
            ),
            Err(error) => assert!(
                record.partition == Some(3)
                    && matches!(error.kind(), ErrorKind::UnknownPartition { .. })
            ),
        }
    }
    assert!(deliveries.is_empty() && deliveries.next().await.is_none());
    for partition in 0..3 {
        let expected = records.iter().filter(|record| record.partition == Some(partition));
        let expected: Vec<_> = expected
            .map(|record| String::from_utf8_lossy(record.value.expect("a value")))
            .collect();
        assert_eq!(world.log("t", partition), expected);
    }
}

pub async fn a_cancelled_send_sends_nothing(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[]);
    for _ in 0..10 {
        assert!(poll_once(producer.send(Record::to("t").value("cancelled"))).is_none());
    }
    producer.send(Record::to("t").value("sent")).await.expect("accepted").await.expect("delivered");
    producer.flush().await.expect("delivered");
    assert_eq!(world.log("t", 0), ["sent"]);
}

pub async fn a_long_record_crosses_segments(connect: Connect) {
    let world = World::with_topic(connect, "t", 1);
    let producer = world.producer(&[("batch.size", "300000"), ("linger.ms", "20")]);
    let value: String = (0..400_000).map(|n| char::from(b'a' + (n % 23) as u8)).collect();
    let values = [&value[..10], &value[..70_000], &value[..], &value[..100_000], ""];
    for value in values {
        producer.post(Record::to("t").value(value)).await.expect("accepted");
    }
    producer.flush().await.expect("delivered");
    let mut consumer = world.consumer_of("t", &[]).await;
    let received: Vec<String> =
        take(&mut consumer, values.len()).await.iter().map(value_of).collect();
    assert_eq!(received, values);
}
