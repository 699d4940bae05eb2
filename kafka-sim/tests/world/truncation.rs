//! What an application sees of a log that loses records under it.

use std::time::Duration;

use kafka_handle::{Client, Consumer, ConsumerConfig, ProducerConfig, Record, StartAt};
use kafka_sim::world::WorldHandle;

use super::{Outcome, client, world};

/// Appends so many numbers to partition 0 of `t`, each a batch of its own.
async fn append(client: &Client, numbers: std::ops::Range<u32>) -> Outcome<()> {
    let producer = client.producer(ProducerConfig::default())?;
    for number in numbers {
        let value = number.to_string();
        producer.send(Record::to("t").partition(0).value(&value)).await?.await?;
    }
    producer.close(Duration::from_secs(60)).await?;
    Ok(())
}

/// Polls until so many numbers and truncations have come.
async fn poll(
    consumer: &mut Consumer,
    numbers: usize,
    truncations: usize,
) -> Outcome<(Vec<u32>, Vec<(i64, i64)>)> {
    let (mut seen, mut told) = (Vec::new(), Vec::new());
    while seen.len() < numbers || told.len() < truncations {
        let records = consumer.poll(Duration::from_secs(60)).await?;
        told.extend(records.truncations().iter().map(|lost| (lost.from, lost.to)));
        for record in &records {
            seen.push(std::str::from_utf8(record.value.unwrap_or_default())?.parse()?);
        }
    }
    Ok((seen, told))
}

/// Twenty of thirty records are handed out, and the rest is about to be, when all from `end` on is lost and ten others
/// come: which numbers follow, and what is told.
fn check(end: i64, expected: Vec<u32>, told: &[(i64, i64)]) {
    let mut world = world(5);
    let sim: WorldHandle = world.handle();
    let (count, lost) = (expected.len(), told.len());
    let result = world.run(async move {
        let client = client(&sim)?;
        append(&client, 0..30).await?;
        let config = ConsumerConfig { max_poll_records: 20, ..ConsumerConfig::default() };
        let mut consumer = client.consumer(config)?;
        consumer.assign(&[("t", 0, StartAt::Beginning)]).await?;
        let (numbers, _) = poll(&mut consumer, 20, 0).await?;
        assert_eq!(numbers, (0..20).collect::<Vec<_>>());
        sim.cluster(|cluster| cluster.truncate("t", 0, end)).unwrap();
        append(&client, 100..110).await?;
        sim.sleep(Duration::from_secs(5)).await;
        let seen = poll(&mut consumer, count, lost).await?;
        client.close().await;
        Outcome::Ok(seen)
    });
    assert_eq!(result.unwrap().unwrap(), (expected, told.to_vec()), "lost from {end} on");
}

#[test]
fn a_poll_tells_of_records_that_it_gave_and_that_are_lost() {
    check(12, (100..110).collect(), &[(20, 12)]);
}

#[test]
fn what_was_not_handed_out_is_lost_without_a_word() {
    check(25, (20..25).chain(100..110).collect(), &[]);
}
