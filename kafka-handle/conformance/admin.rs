//! Topics and offsets.

use kafka_handle::{ErrorKind, NewTopic, OffsetSpec, Record};

use super::{Connect, World};

pub async fn topics_come_and_go(connect: Connect) {
    let world = World::new(connect, 1);
    let admin = world.client.admin();
    let new = |name: &str, partitions| NewTopic {
        name: name.into(),
        partitions: Some(partitions),
        replication_factor: Some(1),
        configs: vec![("retention.ms".into(), "1000".into())],
    };
    let would = admin.validate_topics(&[new("a", 2)]).await.expect("an answer");
    assert!(would[0].1.is_ok(), "{would:?}");
    assert!(admin.list_topics().await.expect("an answer").is_empty());
    let created = admin
        .create_topics(&[new("b", 2), new("a", 3), new("bad name", 1)])
        .await
        .expect("an answer");
    assert_eq!(created.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["b", "a", "bad name"]);
    assert_eq!(created[1].1.as_ref().expect("created").partitions, Some(3));
    assert!(matches!(
        created[2].1.as_ref().expect_err("a bad name").kind(),
        ErrorKind::Broker { .. }
    ));
    let again = admin.create_topics(&[new("a", 3)]).await.expect("an answer");
    assert!(again[0].1.is_err());
    let listed = admin.list_topics().await.expect("an answer");
    assert_eq!(listed.iter().map(|topic| &*topic.name).collect::<Vec<_>>(), ["a", "b"]);
    let described = admin.describe_topics(&["b", "missing"]).await.expect("an answer");
    assert_eq!(described[0].1.as_ref().expect("it exists").partitions.len(), 2);
    assert!(described[1].1.is_err());
    let deleted = admin.delete_topics(&["a", "missing"]).await.expect("an answer");
    assert!(deleted[0].1.is_ok() && deleted[1].1.is_err());
    assert_eq!(admin.list_topics().await.expect("an answer").len(), 1);
}

pub async fn offsets_are_looked_up(connect: Connect) {
    let world = World::with_topic(connect, "t", 2);
    let producer = world.producer(&[]);
    for n in 0..10 {
        let record = Record::to("t").partition(0).timestamp(1_000_000 + n);
        producer.post(record).await.expect("accepted");
    }
    producer.flush().await.expect("delivered");
    let asked = [
        ("t", 0, OffsetSpec::Latest),
        ("t", 1, OffsetSpec::Earliest),
        ("t", 0, OffsetSpec::Earliest),
        ("t", 0, OffsetSpec::Timestamp(1_000_004)),
        ("t", 0, OffsetSpec::Timestamp(2_000_000)),
        ("t", 9, OffsetSpec::Latest),
    ];
    let found = world.client.admin().list_offsets(&asked).await.expect("an answer");
    let offsets: Vec<Option<Option<i64>>> = found
        .iter()
        .map(|(_, _, result)| result.as_ref().ok().map(|listed| listed.offset))
        .collect();
    assert_eq!(
        offsets,
        [Some(Some(10)), Some(Some(0)), Some(Some(0)), Some(Some(4)), Some(None), None],
        "{found:?}"
    );
    assert_eq!(
        found.iter().map(|(_, partition, _)| *partition).collect::<Vec<_>>(),
        [0, 1, 0, 0, 0, 9]
    );
}
