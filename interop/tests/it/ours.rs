//! Our client in the kit's own types. It writes with kafka-blocking and reads with kafka-tokio, so that each adapter has
//! its turn.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use kafka_interop::{Consumed, Record};
use kafka_tokio::{Config, ConsumedRecord, ConsumerConfig, ProducerConfig, StartAt};
use tokio::runtime::Runtime;

/// Longer than anything takes that goes well.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A record that was read: its offset, and the record with the partition and the timestamp that it has.
pub(crate) type Seen = (i64, Record);

/// What drives clients of kafka-tokio.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// The client's settings, with one key after the other set.
pub(crate) fn config(bootstrap: &str, settings: &[(&str, &str)]) -> Config {
    let mut config = Config::new(bootstrap).unwrap();
    settings.iter().for_each(|(key, value)| config.set(key, value).unwrap());
    config
}

/// A producer's settings, with one key after the other set.
pub(crate) fn producer_config(settings: &[(&str, &str)]) -> ProducerConfig {
    let mut config = ProducerConfig::default();
    settings.iter().for_each(|(key, value)| config.set(key, value).unwrap());
    config
}

/// A consumer's settings, with one key after the other set.
pub(crate) fn consumer_config(settings: &[(&str, &str)]) -> ConsumerConfig {
    let mut config = ConsumerConfig::default();
    settings.iter().for_each(|(key, value)| config.set(key, value).unwrap());
    config
}

/// Sends records in order, and gives the partition and offset of each.
pub(crate) fn write(
    bootstrap: &str,
    topic: &str,
    settings: &[(&str, &str)],
    records: &[Record],
) -> Vec<(i32, i64)> {
    let client = kafka_blocking::connect(config(bootstrap, &[])).unwrap();
    let producer = client.producer(producer_config(settings)).unwrap();
    let deliveries: Vec<_> = records.iter().map(|record| send(&producer, topic, record)).collect();
    let placed = deliveries.into_iter().map(|delivery| {
        let placed = delivery.wait().unwrap();
        (placed.partition, placed.offset.unwrap())
    });
    let placed = placed.collect();
    producer.close(LONG).unwrap();
    client.close();
    placed
}

fn send(
    producer: &kafka_blocking::Producer,
    topic: &str,
    record: &Record,
) -> kafka_blocking::Delivery {
    let headers: Vec<_> =
        record.headers.iter().map(|(key, value)| (key.as_bytes(), value.as_deref())).collect();
    let ours = kafka_blocking::Record {
        topic,
        partition: record.partition,
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        headers: &headers,
        timestamp: record.timestamp,
    };
    producer.send(ours).unwrap()
}

/// All that a topic has now, by partition, in the order in which it came.
pub(crate) fn read(bootstrap: &str, topic: &str, settings: &[(&str, &str)]) -> Vec<Seen> {
    let mut seen = runtime().block_on(async {
        let client = kafka_tokio::connect(config(bootstrap, &[])).unwrap();
        let mut config = consumer_config(settings);
        config.enable_partition_eof = true;
        let mut consumer = client.consumer(config).unwrap();
        consumer.assign_topics(&[topic], StartAt::Beginning).await.unwrap();
        let mut open: BTreeSet<i32> =
            consumer.assignment().into_iter().map(|(_, partition)| partition).collect();
        let mut seen = Vec::new();
        while !open.is_empty() {
            let records = consumer.poll(LONG).await.unwrap();
            assert!(!records.is_empty() || !records.ends().is_empty(), "nothing of {open:?}");
            seen.extend(records.iter().map(|record| from_ours(&record)));
            open.retain(|partition| records.ends().iter().all(|end| end.partition != *partition));
        }
        client.close().await;
        seen
    });
    seen.sort_by_key(|(_, record)| record.partition);
    seen
}

fn from_ours(record: &ConsumedRecord<'_>) -> Seen {
    let text = |key: &[u8]| String::from_utf8(key.to_vec()).unwrap();
    let headers = record.headers().map(|(key, value)| (text(key), value.map(<[u8]>::to_vec)));
    let seen = Record {
        partition: Some(record.partition),
        key: record.key.map(<[u8]>::to_vec),
        value: record.value.map(<[u8]>::to_vec),
        headers: headers.collect(),
        timestamp: Some(record.timestamp),
    };
    (record.offset, seen)
}

/// What the Java client read, in the same form and order.
pub(crate) fn from_java(consumed: &[Consumed]) -> Vec<Seen> {
    let mut seen: Vec<Seen> = consumed.iter().map(|it| (it.offset, it.record())).collect();
    seen.sort_by_key(|(_, record)| record.partition);
    seen
}
